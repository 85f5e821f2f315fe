//! One engine at a time has the file: a lock that ends with the process, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::open::OpenError;

const NAME: &str = "waybill.lock";
const OPEN: &str = "open\n";

#[derive(Debug)]
pub struct Lock {
    file: File,
    left_open: bool,
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
        let left_open = file.read_to_string(&mut mark).is_err() || !mark.is_empty();
        Ok(Self { file, left_open })
    }

    /// The last engine ended without closing the file.
    pub fn was_left_open(&self) -> bool {
        self.left_open
    }

    /// The mark is a hint for the next start and may be missed, as on a full disk.
    pub fn mark_open(&self) {
        let mut file = &self.file;
        let _ = file.rewind().and_then(|()| file.write_all(OPEN.as_bytes()));
    }

    pub fn mark_closed(&self) {
        let _ = self.file.set_len(0);
    }
}
