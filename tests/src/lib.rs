//! The world that Waybill is tested in, and the binary that is all of it.

pub mod demo;
pub mod protocol_doc;
pub mod real;
