//! The domain as stories and tables: what a user would notice.

mod amounts;
mod books;
mod bounds;
mod business;
mod common;
mod delivered;
mod doc;
mod fields;
mod golden;
mod hostile;
mod kinds;
mod newer;
mod orders;
mod placing;
mod receipts;
mod redo;
mod resolve;
mod roles;
mod rules;
mod set_up;
mod status;
