//! Budgets of what a client may send. What is above gets a stated answer, never a crash.

/// Bytes of one frame from a client.
pub const CLIENT_FRAME: usize = 1024 * 1024;

/// Bytes of one frame from the server; a batch stays far below.
pub const SERVER_FRAME: usize = 32 * 1024 * 1024;

/// Bytes a compressed batch may unpack to.
pub const BATCH_UNPACKED: usize = 64 * 1024 * 1024;

/// How deep CBOR may nest.
pub const NESTING: usize = 24;

/// Edits in one push.
pub const EDITS_IN_PUSH: usize = 256;

/// Parts of one edit.
pub const PARTS_IN_EDIT: usize = 64;

/// Earlier edits that one names as needed.
pub const AFTER: usize = 256;

/// Bytes of one edit as CBOR.
pub const EDIT: usize = 256 * 1024;

/// Bytes of a document as it is saved: what is larger takes nothing more in. It goes whole into one frame of the server's,
/// and every device that may see it has it in memory.
pub const DOCUMENT: usize = 16 * 1024 * 1024;

/// Deps of one part.
pub const DEPS_IN_PART: usize = 64;

/// Sockets of one device that were greeted.
pub const SOCKETS: usize = 4;

/// Edits that a device has under way without a verdict.
pub const IN_FLIGHT: usize = 256;

/// Smallest units in a quantity: a thousand million pieces, a million kilograms.
///
/// This and the two below keep what is computed of a line and of a payment within 28 digits, and shared out to
/// the last coin within 38.
pub const QUANTITY: i64 = 1_000_000_000;

/// A price for one, a cost, an amount off a line; in whole units of the currency.
pub const PRICE: i64 = 10_000_000_000;

/// A payment, or change given back; in smallest coins.
pub const COINS: i64 = 100_000_000_000_000;

/// Decimals of a price, an amount off a line, a tax rate.
pub const DECIMALS: u32 = 4;

/// Decimals of a discount in percent.
pub const PERCENT_DECIMALS: u32 = 3;

/// Bytes of one photo or paper at most, what a server takes of that where it does not say otherwise, and of each of
/// its chunks but the last.
pub const ATTACHMENT: usize = 50 * 1024 * 1024;
pub const ATTACHMENT_USUAL: u64 = 10 * 1024 * 1024;
pub const ATTACHMENT_CHUNK: usize = 64 * 1024;

/// Bytes of one question of a person as CBOR.
pub const QUESTION: usize = 16 * 1024;

/// Questions of a device that are not answered yet.
pub const QUESTIONS_UNDER_WAY: usize = 16;

/// Held entries in one answer, and devices or sign-ins in one.
pub const HELD_IN_PAGE: usize = 50;
pub const ROWS_IN_PAGE: usize = 200;

/// Documents asked for at once: whole, and as plain values.
pub const DOCS_IN_FETCH: usize = 256;
pub const DOCS_READ: usize = 16;
