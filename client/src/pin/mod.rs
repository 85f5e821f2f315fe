//! The PIN by which a person begins to work on a device that they are enrolled on, also without network: what makes a
//! good one, how wrong ones are counted, and the file beside the database that holds what it is known by.

mod attempts;
mod book;
mod opening;
mod rules;
mod seal;

use serde::{Deserialize, Serialize};

pub use attempts::{ALLOWED, Attempts, Gate, Moment};
pub use book::{Book, FILE};
pub use opening::{NotLetIn, Run, let_in, open_sealed};
pub use rules::{LEAST, LEAST_ENCRYPTED, against};

/// What somebody typed. Never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pin(pub String);

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin")
    }
}
