//! Waybill on a device.

pub mod attach;
pub mod booked_at;
pub mod cli;
pub mod desktop;
pub mod engine;
pub mod pin;
pub mod revenue;
pub mod store;
