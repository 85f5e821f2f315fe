//! The file on this device: one SQLite database that one engine writes and many panels read.

mod attachments;
mod convert;
mod copied;
mod damage;
mod export;
pub mod key;
mod local;
mod lock;
mod looking;
mod open;
mod prepare;
mod read;
mod reader;
mod rows;
mod search;
mod spare;
mod sum;
#[cfg(test)]
mod sweep;
mod unsent;
mod upgrade;
mod wipe;
mod words;
mod write;

use std::{
    cell::Cell,
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, config::DbConfig};
use waybill_shared::{
    kind::DocAddr,
    session::store::{StoreError, Write},
    settings::Settings,
    time::Timestamp,
};

pub use attachments::{Fetches, FileHere, NewFile, Unsent};
pub use damage::Damage;
pub use export::{Exported, ExportedEdit, export_unsent, free_name};
pub use local::{Account, Local};
pub use looking::{Found as Wrong, Looking};
pub use open::OpenError;
pub use reader::{
    Attention, BACK_REMEDY, Damaged, ELSEWHERE, Found, ListQuery, NotesHere, OrderFilter, OrderList,
    OrderSort, Reader, Sum, Waiting, back_words, entries, orders::OrderQuery,
};
pub use rows::{CustomerRow, LocationRow, OrderRow, ProductRow};
pub use wipe::{forget_note, note};

use crate::pin::Book;
pub use lock::Lock;
pub use words::FULL;
use words::told;

/// How long accepted edits are kept, to be pushed again to a server that was restored.
pub const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The name of the file in the data directory.
pub const FILE: &str = "waybill.db";

pub fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Whether the file opens by somebody's PIN only: it is encrypted, or will be when it is next opened.
pub fn is_sealed(dir: &Path) -> bool {
    let book = Book::open(dir);
    book.is_sealed() && (book.encrypts() || key::is_encrypted(&file(dir)))
}

/// Makes the file what the company wants, before anybody opens it; by a key that a PIN gave.
pub fn convert(dir: &Path, encrypted: bool, key: &key::Key) -> Result<(), OpenError> {
    convert::agree(&file(dir), encrypted, key)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    pub waiting: u32,
    /// Since when the first of them waits.
    pub since: Option<Timestamp>,
    pub attention: u32,
    /// Of these, entries that were damaged here before the server had them.
    pub set_aside: u32,
}

/// The one connection that writes.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    dir: PathBuf,
    lock: Lock,
    /// All of the file was looked through when it was opened.
    looked_through: bool,
    /// Something was forgotten and may still be in the write-ahead log.
    unwiped: bool,
    /// The disk is full: it can only be read.
    read_only: bool,
    /// Something that was read did not hold.
    doubt: Cell<bool>,
    /// What does not hold is read as if it were not there.
    lenient: Cell<bool>,
}

impl Store {
    /// Opens the file in `dir`, or makes it. Refuses a second writer, a file of a newer version, one that is found
    /// damaged; none of these is written to. A large one that was closed in order is looked through by `look`.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, OpenError> {
        open::make_dir(dir)?;
        let lock = Lock::take(dir)?;
        wipe::finish(dir)
            .map_err(|error| OpenError::Io { path: dir.to_owned(), error: error.to_string() })?;
        if key::of(dir).is_none() && is_sealed(dir) {
            return Err(OpenError::Sealed(file(dir)));
        }
        if lock.was_used() {
            open::is_not_emptied(&file(dir))?;
        }
        let open::Writer { conn, looked_through, read_only } =
            open::writer(&file(dir), lock.was_left_open(), now)?;
        lock.mark_open();
        let mut store = Self {
            conn,
            dir: dir.to_owned(),
            lock,
            looked_through,
            // The last run may have ended before this was done.
            unwiped: !read_only,
            read_only,
            doubt: Cell::default(),
            lenient: Cell::default(),
        };
        store.wipe_forgotten();
        Ok(store)
    }

    /// The disk was full when it was opened: everything can be read, and nothing is written until it is opened again.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// All of the file was looked through when it was opened.
    pub fn is_looked_through(&self) -> bool {
        self.looked_through
    }

    /// Looks through what was not looked through at opening, beside this, for as long as what is given back lives.
    pub fn look(
        &self,
        found: impl FnOnce(looking::Found) + Send + 'static,
    ) -> Result<Option<Looking>, OpenError> {
        if self.looked_through { Ok(None) } else { Looking::begin(file(&self.dir), found).map(Some) }
    }

    /// Lets go of a damaged file and leaves it as it is: what waits in its log is not moved into it, and the next
    /// start looks through it first.
    pub fn abandon(self) {
        let kept = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        if let Err(error) = kept.and_then(|_| self.conn.close().map_err(|(_, error)| error)) {
            tracing::warn!(%error, "the damaged file was not closed in order");
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// All of it or nothing. When this returns, it is on the disk.
    pub fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        if writes.is_empty() {
            return Ok(());
        }
        self.transaction(|conn| write::all(conn, writes))?;
        self.unwiped |= writes.iter().any(write::leaves_nothing);
        self.wipe_forgotten();
        Ok(())
    }

    /// What was forgotten leaves the write-ahead log too, as soon as no reader needs it, and the copies of the file
    /// that upgrades left.
    fn wipe_forgotten(&mut self) {
        if !self.unwiped {
            return;
        }
        let at_once = self.conn.busy_timeout(Duration::from_millis(100)).and_then(|()| {
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
        });
        let _ = self.conn.busy_timeout(open::PATIENCE);
        match at_once {
            Ok(busy) => self.unwiped = busy || upgrade::drop_copies(&file(&self.dir)).is_err(),
            Err(error) => tracing::warn!(%error, "what was forgotten is still in the write-ahead log"),
        }
    }

    /// Forgets edits that were settled longer ago than they are kept, with what only those attached that were given up.
    pub fn prune(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.read_only {
            return Ok(());
        }
        let before = now.plus_ms(-KEPT_MS).ms();
        self.wipe_forgotten();
        let due: bool = self.conn.query_row(SETTLED_BEFORE, [before], |row| row.get(0)).map_err(told)?;
        if !due {
            return Ok(());
        }
        let orphans = attachments::orphans(&self.conn, before)?;
        self.transaction(|conn| {
            attachments::drop_orphans(conn, &orphans)?;
            conn.execute(DROP_STRUCK, [before])?;
            conn.execute(DROP_SETTLED, [before]).map(drop)
        })
    }

    /// Whether this file is a copy of the one that it was when last asked.
    pub fn is_copy(&self) -> Result<bool, StoreError> {
        copied::is_copy(&self.conn, &file(&self.dir)).map_err(told)
    }

    /// From now on this file counts as itself.
    pub fn is_itself(&mut self) -> Result<(), StoreError> {
        let path = file(&self.dir);
        self.transaction(|conn| copied::remember(conn, &path))
    }

    pub fn settings(&self) -> Result<Settings, StoreError> {
        read::settings(&self.conn)
    }

    /// What this program keeps for itself beside the session's data.
    pub fn local(&self) -> Result<Local, StoreError> {
        local::read(&self.conn)
    }

    pub fn set_local(&mut self, local: &Local) -> Result<(), StoreError> {
        self.transaction(|conn| local::write(conn, local))
    }

    /// Makes every list row and the search index anew from the documents.
    pub fn rebuild_rows(&mut self) -> Result<(), StoreError> {
        self.transaction(write::rebuild)
    }

    /// Documents that a list calls not yet sent though nothing entered on them waits, or the other way round.
    pub fn wrongly_told(&self) -> Result<BTreeSet<DocAddr>, StoreError> {
        unsent::wrongly_told(&self.conn)
    }

    /// What waits and what needs attention, counted.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        let count = "SELECT (SELECT count(*) FROM edit WHERE state = 'pending'), \
            (SELECT since FROM edit WHERE state = 'pending' ORDER BY counter LIMIT 1), \
            (SELECT count(*) FROM edit WHERE state = 'attention') + (SELECT count(*) FROM damaged_edit WHERE NOT struck), \
            (SELECT count(*) FROM damaged_edit WHERE NOT struck AND state NOT IN ('accepted', 'rewritten'))";
        read::prepare(&self.conn, count)?
            .query_row([], |row| {
                Ok(Tally {
                    waiting: row.get(0)?,
                    since: row.get::<_, Option<i64>>(1)?.map(Timestamp::from_unix_ms),
                    attention: row.get(2)?,
                    set_aside: row.get(3)?,
                })
            })
            .map_err(told)
    }

    pub fn revision(&self) -> Result<u64, StoreError> {
        reader::revision(&self.conn)
    }

    /// Nothing of it stays but a note, whose words are given back.
    pub fn wipe(self, by: &str) -> Result<String, StoreError> {
        // Whatever it says: the file goes.
        let _ = self.conn.close();
        let wiped = wipe::wipe(&self.dir, by);
        key::forget(&self.dir);
        self.lock.mark_closed();
        wiped.map_err(|error| StoreError(format!("The data could not be removed whole: {error}.")))
    }

    /// Sees to it that an orderly end is known as such at the next start.
    pub fn close(self) -> Result<(), StoreError> {
        self.conn.close().map_err(|(_, error)| told(error))?;
        self.lock.mark_closed();
        Ok(())
    }

    fn transaction(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        if self.read_only {
            return Err(StoreError(words::FULL.to_owned()));
        }
        let tx =
            self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(told)?;
        write(&tx).map_err(told)?;
        tx.prepare_cached("UPDATE revision SET number = number + 1")
            .and_then(|mut bump| bump.execute([]))
            .map_err(told)?;
        tx.commit().map_err(told)
    }
}

/// Moves what was committed from the write-ahead log into the file, beside the writer and without holding
/// it up. Returns whether there was anything.
pub fn checkpoint(dir: &Path) -> Result<(), StoreError> {
    let conn = open::beside(&file(dir)).map_err(told)?;
    conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(told)
}

const SETTLED_BEFORE: &str = "SELECT EXISTS (SELECT 1 FROM edit WHERE since < ?1 \
    AND (state IN ('accepted', 'rewritten') OR (state = 'discarded' AND told = 1))) \
    OR EXISTS (SELECT 1 FROM damaged_edit WHERE struck AND found < ?1)";
/// What its user has read of is kept as long as what was accepted.
const DROP_STRUCK: &str = "DELETE FROM damaged_edit WHERE struck AND found < ?1";
const DROP_SETTLED: &str = "DELETE FROM edit WHERE since < ?1 \
    AND (state IN ('accepted', 'rewritten') OR (state = 'discarded' AND told = 1))";
