//! What SQLite says, in the user's words.

use rusqlite::{Error, ErrorCode};
use waybill_shared::session::store::StoreError;

pub fn told(error: Error) -> StoreError {
    let words = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "The disk of this device is full, so nothing was saved. Free some space and do it again."
                .to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DAMAGED.to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "The local file is in use by another program. Close that, then do it again.".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "The local file cannot be written: check the rights on its directory.".to_owned()
        }
        Some(ErrorCode::SystemIoFailure) => {
            "The disk of this device did not take the data, so nothing was saved. Check the disk and do it \
             again."
                .to_owned()
        }
        _ => format!("The local file did not answer as it should: {error}."),
    };
    StoreError(words)
}

/// As a clause of a sentence that names the file.
pub fn told_short(error: &Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds it".to_owned(),
        _ => error.to_string(),
    }
}

pub const DAMAGED: &str = "The local file is damaged. It is left as it is; save what was not sent with \
    `waybill export-unsent FILE`, then move it away and sign in again.";

/// Something in the file that does not read: a defect, or damage that SQLite does not see. How it looks stands in the
/// log: to its user it says nothing.
pub fn unreadable(what: &str, error: impl std::fmt::Display) -> StoreError {
    tracing::error!(%error, "{what} in the local file does not read");
    StoreError(format!("{what} does not read. {DAMAGED}"))
}

pub const DAMAGED_DOCUMENT: &str = "A record on this device is damaged. It is fetched from the server again: run \
    `waybill sync`, or start Waybill again, while this device is connected.";

/// On a full disk the file is read alone.
pub const FULL: &str = "The disk of this device is full, so nothing can be saved. Free some space, and start Waybill \
    again.";
