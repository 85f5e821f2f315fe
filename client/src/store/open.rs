//! Opening the file: what is refused, and how a connection is set up.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use waybill_migrations::SQLITE;
use waybill_shared::time::Timestamp;

use super::{key, sum, upgrade, words};
use crate::pin::Book;

/// Marks a database as Waybill's: “WayB”.
pub const APPLICATION: i32 = 0x5761_7942;

pub const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A file up to this size is looked through at every start; a larger one after an unclean end, and else while it
/// is in use.
const QUICKLY_CHECKED: u64 = 16 * 1024 * 1024;

/// How long a connection waits for another one.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What is left of the write-ahead log when it begins anew, in bytes.
const LARGEST_LOG: i64 = 16 * 1024 * 1024;

/// Why the file was not opened. It was not touched.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "Waybill is already running on {}. Use that one, or close it first.", .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "{} was written by a newer version of Waybill (file version {version}, this one knows {known}). It is \
         left as it is: start the newer version, or save what was not sent with `waybill export-unsent FILE`.",
        path.display()
    )]
    Newer { path: PathBuf, version: i64, known: i64 },
    #[error("{} was written by an older version of Waybill. Start this one on it once.", .0.display())]
    Older(PathBuf),
    #[error("{}: {} ({found})", path.display(), words::DAMAGED)]
    Damaged { path: PathBuf, found: String },
    #[error(
        "{} does not read at all, so nothing can be saved from it ({found}). Keep a copy for whoever may repair it, \
         move it away, and sign in again: what the server has comes back.",
        path.display()
    )]
    Lost { path: PathBuf, found: String },
    #[error(
        "{} is encrypted, and opens by the PIN of somebody who works on this device.", .0.display()
    )]
    Sealed(PathBuf),
    #[error("{0}")]
    Unread(String),
    #[error("{} exists already: give another name.", .0.display())]
    Taken(PathBuf),
    #[error("{} is not a file of Waybill. Give another directory with --data.", .0.display())]
    Foreign(PathBuf),
    #[error("{} cannot be opened: {error}. Check that it is there and that you may write to it.", path.display())]
    Io { path: PathBuf, error: String },
}

impl OpenError {
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path: path.to_owned(), found: error.to_string() }
            }
            _ => Self::Io { path: path.to_owned(), error: words::told_short(error) },
        }
    }
}

/// Whether a file of this size is looked through at every start.
pub fn is_small(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.len() <= QUICKLY_CHECKED)
}

/// The latest version of the tables that this program knows.
pub fn known() -> i64 {
    SQLITE.last().map_or(0, |migration| migration.version)
}

pub fn make_dir(dir: &Path) -> Result<(), OpenError> {
    let io = |error: std::io::Error| OpenError::Io { path: dir.to_owned(), error: error.to_string() };
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(io)?;
    }
    Ok(())
}

/// The connection that writes.
pub struct Writer {
    pub conn: Connection,
    /// All of the file was looked through.
    pub looked_through: bool,
    /// There is no room on the disk, not even to begin: it only reads.
    pub read_only: bool,
}

/// With the tables brought up to date.
pub fn writer(path: &Path, left_open: bool, now: Timestamp) -> Result<Writer, OpenError> {
    let mut thoroughly = left_open || is_small(path) || !path.exists();
    if fs::metadata(path).is_ok_and(|meta| meta.len() > 0) {
        // An upgrade writes much of the file anew.
        if look(path, thoroughly)? < known() && !thoroughly {
            thoroughly = true;
            look(path, thoroughly)?;
        }
    }
    make_file(path)?;
    let connect = || -> rusqlite::Result<Connection> {
        let conn = Connection::open(path)?;
        set_up(&conn, path)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        // Checkpoints run beside the writer, so that no edit waits for one.
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        conn.pragma_update(None, "journal_size_limit", LARGEST_LOG)?;
        // What is forgotten is not to be found in the file afterwards.
        conn.pragma_update(None, "secure_delete", true)?;
        Ok(conn)
    };
    let mut conn = match connect() {
        Ok(conn) => conn,
        Err(error) if lacks_room(&error) => {
            let conn = alone(path).map_err(|_| OpenError::of(path, &error))?;
            let version: i64 = conn
                .pragma_query_value(None, "user_version", |row| row.get(0))
                .map_err(|error| OpenError::of(path, &error))?;
            if version < known() {
                return Err(OpenError::of(path, &error));
            }
            return Ok(Writer { conn, looked_through: thoroughly, read_only: true });
        }
        Err(error) => return Err(OpenError::of(path, &error)),
    };
    upgrade::run(&mut conn, path, SQLITE, now)?;
    Ok(Writer { conn, looked_through: thoroughly, read_only: false })
}

/// Once it was made it is never empty again: what it held is gone, and a new one in its place would say that nothing
/// waits.
pub fn is_not_emptied(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(meta) if meta.len() == 0 => {
            Err(OpenError::Damaged { path: path.to_owned(), found: "it is empty".to_owned() })
        }
        _ => Ok(()),
    }
}

/// It holds customers and the token: nobody else on this machine may read it.
pub(super) fn make_file(path: &Path) -> Result<(), OpenError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| OpenError::Io { path: path.to_owned(), error: error.to_string() })
}

/// A connection beside the writer.
pub fn beside(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    set_up(&conn, path)?;
    Ok(conn)
}

/// A connection that can only read, for panels, scripts and for files that must not be touched.
pub fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let connect = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        set_up(&conn, path)?;
        conn.pragma_update(None, "query_only", true)?;
        // It begins with the first question.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(conn)
    };
    match connect() {
        Err(error) if lacks_room(&error) => alone(path).map_err(|_| error),
        connected => connected,
    }
}

/// SQLite makes a file beside this one before it reads, and a full disk has no room for it.
fn lacks_room(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(CannotOpen | DiskFull | SystemIoFailure))
}

/// A connection that only reads and needs no room on the disk. As long as it lives no other program reads the file;
/// whoever else is in this one reads by the same.
fn alone(path: &Path) -> rusqlite::Result<Connection> {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let conn = if fs::metadata(log).map_or(0, |meta| meta.len()) == 0 {
        // All that was committed is in the file itself.
        let mut name = String::from("file:");
        for byte in path.to_string_lossy().bytes() {
            match byte {
                b'/' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    name.push(char::from(byte))
                }
                other => name.push_str(&format!("%{other:02X}")),
            }
        }
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(format!("{name}?immutable=1"), flags)?
    } else {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // Keeps in memory what else would be that file.
        match cfg!(unix) {
            true => Connection::open_with_flags_and_vfs(path, flags, "unix-excl")?,
            false => Connection::open_with_flags(path, flags)?,
        }
    };
    set_up(&conn, path)?;
    if !cfg!(unix) {
        conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(conn)
}

fn set_up(conn: &Connection, path: &Path) -> rusqlite::Result<()> {
    key::apply(conn, path)?;
    sum::install(conn)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.busy_timeout(PATIENCE)?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

/// Looks at the file through a connection that cannot write; gives the version of its tables.
pub fn look(path: &Path, thoroughly: bool) -> Result<i64, OpenError> {
    let damaged = |found: String| OpenError::Damaged { path: path.to_owned(), found };
    // The very first start may have ended before it wrote anything.
    if fs::metadata(path).is_ok_and(|meta| meta.len() == 0) {
        return Ok(0);
    }
    let mut head = [0; 16];
    fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut head))
        .map_err(|error| damaged(format!("its beginning does not read: {error}")))?;
    let dir = path.parent().unwrap_or(path);
    if &head != MAGIC && key::of(dir).is_none() {
        return Err(match Book::open(dir).is_sealed() {
            true => OpenError::Sealed(path.to_owned()),
            false => damaged("it does not begin as it should".to_owned()),
        });
    }
    let conn = reader(path).map_err(|error| OpenError::of(path, &error))?;
    let pragma = |name: &str| -> Result<i64, OpenError> {
        conn.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| OpenError::of(path, &error))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    if application != i64::from(APPLICATION) {
        let tables: i64 = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| OpenError::of(path, &error))?;
        // The same, once SQLite has begun.
        return if tables == 0 { Ok(0) } else { Err(OpenError::Foreign(path.to_owned())) };
    }
    if version > known() {
        return Err(OpenError::Newer { path: path.to_owned(), version, known: known() });
    }
    if thoroughly {
        look_through(&conn, path)?;
    }
    Ok(version)
}

/// Every page of it. What a single row holds is not looked at here: that has a sum.
pub fn look_through(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let mut check = conn.prepare("PRAGMA quick_check").map_err(|error| OpenError::of(path, &error))?;
    let found: Vec<String> = check
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .map_err(|error| OpenError::of(path, &error))?;
    match found.into_iter().find(|found| found != "ok" && !is_of_a_row(found)) {
        None => Ok(()),
        Some(found) => Err(OpenError::Damaged { path: path.to_owned(), found }),
    }
}

/// A value that cannot stand in its column, in a table whose rows have a sum.
fn is_of_a_row(found: &str) -> bool {
    ["edit", "document"].iter().any(|table| {
        *found == format!("CHECK constraint failed in {table}")
            || found.starts_with(&format!("NULL value in {table}."))
    })
}
