//! Looking through a large file while it is in use, beside the writer, so that opening it does not wait for that.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::InterruptHandle;

use super::{
    damage,
    open::{self, OpenError},
};

/// What is wrong with a file.
#[derive(Debug)]
pub enum Found {
    /// The file itself: in these words.
    Broken(String),
    /// Something in it, which can be put right.
    Rotten,
}

/// Ends when this is dropped: what was not looked at by then is looked at another time.
pub struct Looking {
    over: Arc<AtomicBool>,
    interrupt: InterruptHandle,
}

impl Looking {
    /// On a thread of its own, with a connection that cannot write. Says once what it found, if it is anything.
    pub fn begin(path: PathBuf, found: impl FnOnce(Found) + Send + 'static) -> Result<Self, OpenError> {
        let conn = open::reader(&path).map_err(|error| OpenError::of(&path, &error))?;
        let looking = Self { over: Arc::default(), interrupt: conn.get_interrupt_handle() };
        let over = Arc::clone(&looking.over);
        std::thread::spawn(move || {
            let is_over = || over.load(Ordering::Acquire);
            let looked = if is_over() { Ok(()) } else { open::look_through(&conn, &path) };
            let looked = looked.and_then(|()| {
                if is_over() {
                    return Ok(false);
                }
                damage::is_any(&conn).map_err(|error| OpenError::of(&path, &error))
            });
            match looked {
                Err(error @ OpenError::Damaged { .. }) => found(Found::Broken(error.to_string())),
                Ok(true) => found(Found::Rotten),
                Err(error) if !is_over() => {
                    tracing::warn!(%error, "the local file could not be looked through");
                }
                _ => {}
            }
        });
        Ok(looking)
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.interrupt.interrupt();
    }
}
