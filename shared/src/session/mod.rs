//! The sessions of device and server as plain state machines: an event and the time in, effects out.

pub mod device;
mod door;
pub mod enter;
mod entries;
mod later;
mod mend;
mod open;
mod page;
mod scopes;
pub mod server;
pub mod store;
pub mod who;
mod whole;
pub mod words;
mod work;

pub use device::{Device, Effects, Notice};
pub use enter::{Action, EnterError, Entered};
pub use later::AFTER_MS as LATER_VERSION_MS;
pub use server::Server;

/// What both ends say when a device meets a server that is not its own.
pub const OTHER_COMPANY: &str = "This server belongs to another company than the data on this device. Nothing was sent and nothing was changed. Use the server that the data belongs to, or sign in here with another data directory (--data).";
