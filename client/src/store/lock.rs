//! One engine at a time has the file: a lock that ends with the process, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::open::OpenError;

const NAME: &str = "waybill.lock";
const OPEN: &str = "open\n";
const CLOSED: &str = "closed\n";

#[derive(Debug)]
pub struct Lock {
    file: File,
    left_open: bool,
    was_used: bool,
}

impl Lock {
    pub fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(NAME);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| OpenError::Io { path: path.clone(), error: error.to_string() })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => {
                return Err(OpenError::Io { path, error: error.to_string() });
            }
        }
        let mut mark = String::new();
        // A mark that does not read counts as one: then the file is looked through.
        let was_used = file.read_to_string(&mut mark).is_err() || !mark.is_empty();
        Ok(Self { file, left_open: was_used && mark != CLOSED, was_used })
    }

    /// The last engine ended without closing the file.
    pub fn was_left_open(&self) -> bool {
        self.left_open
    }

    /// An engine had the file before: it was made, and holds something.
    pub fn was_used(&self) -> bool {
        self.was_used
    }

    /// The mark is a hint for the next start and may be missed, as on a full disk.
    pub fn mark_open(&self) {
        self.mark(OPEN);
    }

    pub fn mark_closed(&self) {
        self.mark(CLOSED);
    }

    fn mark(&self, mark: &str) {
        let mut file = &self.file;
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(mark.as_bytes()));
    }
}
