//! The domain of Waybill, with no I/O: what is written in documents, who may write it, and how devices and
//! server agree on it. Time and randomness are arguments of every function.

pub mod attachment;
pub mod chain;
pub mod command;
pub mod content;
pub mod customer;
pub mod digest;
pub mod doc;
pub mod edit;
pub mod erasure;
pub mod exit;
pub mod finding;
pub mod generation;
pub mod history;
pub mod id;
pub mod kind;
pub mod location;
pub mod make;
pub mod money;
pub mod notes;
pub mod numbers;
pub mod open;
pub mod order;
pub mod product;
pub mod protocol;
pub mod quantity;
pub mod redo;
pub mod review;
pub mod rules;
pub mod scope;
pub mod session;
pub mod settings;
pub mod short;
pub mod texts;
pub mod time;
pub mod view;
