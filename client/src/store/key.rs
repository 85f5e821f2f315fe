//! The keys of encrypted files, as long as this program runs, by data directory: whoever opens a file anywhere in the
//! program does so by the key that somebody's PIN gave once.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;

/// 32 random bytes; what SQLCipher encrypts the pages by.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub [u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// As SQLCipher takes a key that needs no more work: it must not be shown.
    pub fn pragma(&self) -> String {
        format!("x'{}'", hex::encode(self.0))
    }
}

static KNOWN: Mutex<BTreeMap<PathBuf, Key>> = Mutex::new(BTreeMap::new());

/// From now on files in this directory are opened by it, where they are encrypted.
pub fn give(dir: &Path, key: Key) {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(whole(dir), key);
}

pub fn of(dir: &Path) -> Option<Key> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&whole(dir)).cloned()
}

pub fn forget(dir: &Path) {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).remove(&whole(dir));
}

/// The file begins as no plain one does.
pub fn is_encrypted(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && &head != super::open::MAGIC
}

/// The first thing on a new connection.
pub fn apply(conn: &Connection, path: &Path) -> rusqlite::Result<()> {
    match path.parent().and_then(of).filter(|_| is_encrypted(path)) {
        Some(key) => conn.pragma_update(None, "key", key.pragma()),
        None => Ok(()),
    }
}

fn whole(dir: &Path) -> PathBuf {
    fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned())
}
