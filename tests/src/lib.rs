//! The world that Waybill is tested in.

pub mod protocol_doc;
