//! Waybill on a device.

pub mod desktop;
pub mod engine;
pub mod revenue;
pub mod store;
