//! The domain as stories and tables: what a user would notice.

mod amounts;
mod common;
mod golden;
mod hostile;
mod orders;
mod redo;
mod roles;
mod rules;
mod status;
