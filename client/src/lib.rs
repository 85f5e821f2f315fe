//! Waybill on a device.

pub mod desktop;
pub mod store;
