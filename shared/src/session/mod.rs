//! The sessions of device and server as plain state machines: an event and the time in, effects out.

pub mod store;
