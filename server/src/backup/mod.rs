//! A copy of everything that the database holds, in one file, taken while the server runs; and putting it back.
//!
//! The tables go out by COPY over the connection that is there anyway, all in one snapshot. PostgreSQL's own
//! pg_dump would have to be installed, found, and be no older than a database that may be somebody else's, and its
//! file tells neither which Waybill made it nor what was in it.

mod file;
mod restore;
mod tables;
mod take;
mod unfinished;

pub use restore::{RestoreError, Restored, Source, restore};
pub use take::{Taken, take};
pub use unfinished::{Refused, refuse};
