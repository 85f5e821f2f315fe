//! Waybill on a device.

pub mod desktop;
