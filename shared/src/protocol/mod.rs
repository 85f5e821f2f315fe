//! What travels: CBOR frames over one WebSocket. PROTOCOL.md tells it to everyone else.

pub mod attachment;
pub mod batch;
pub mod codec;
pub mod frame;
pub mod limits;
pub mod push;
pub mod question;
pub mod range;

pub use codec::{BadFrame, decode, encode};
pub use frame::{ClientFrame, ServerFrame};

/// Where the socket is below the address of the server.
pub const PATH: &str = "/sync";

/// The version this program speaks.
pub const VERSION: u16 = 1;

/// Counts up with each release that knows commands which the one before did not. A client says it in its hello: of one that
/// knows more than the server, what the server never heard of waits.
pub const COMMANDS: u16 = 1;

/// The least version a server of this program serves.
pub const LEAST: u16 = 1;
