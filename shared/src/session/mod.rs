//! The sessions of device and server as plain state machines: an event and the time in, effects out.

pub mod device;
pub mod enter;
mod entries;
pub mod server;
pub mod store;
mod whole;
pub mod words;
mod work;

pub use device::{Device, Effects, Notice};
pub use enter::{Action, EnterError, Entered};
pub use server::Server;
