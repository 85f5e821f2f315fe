//! Whether the file is still the one that it was. A copy of it, or one put back from a backup, looks the same
//! inside; what the file system says of it differs. A copy must not give numbers that the first one gives too.

use std::{fs, path::Path, time::UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, params};

/// A file that never said which one it is counts as itself.
pub fn is_copy(conn: &Connection, path: &Path) -> rusqlite::Result<bool> {
    let known: Option<String> =
        conn.query_row("SELECT value FROM local WHERE key = 'file'", [], |row| row.get(0)).optional()?;
    Ok(known.is_some_and(|known| known != which(path)))
}

pub fn remember(conn: &Connection, path: &Path) -> rusqlite::Result<()> {
    conn.execute("INSERT OR REPLACE INTO local VALUES ('file', ?1)", params![which(path)]).map(drop)
}

/// Its number, because a copy may have been made in the same moment, and its birth, because the number of a
/// file that is gone is given again. Not the disk: its number is another after a restart.
pub fn which(path: &Path) -> String {
    let Ok(meta) = fs::metadata(path) else { return String::new() };
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&meta);
    #[cfg(not(unix))]
    let number = 0;
    let born = meta.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{number}-{}", born.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_told_from_the_file_itself_wherever_that_is_moved() {
        let dir = tempfile::tempdir().unwrap();
        let (path, moved, copy) = (dir.path().join("one"), dir.path().join("moved"), dir.path().join("copy"));
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("CREATE TABLE local (key TEXT PRIMARY KEY, value BLOB NOT NULL)").unwrap();
        assert!(!is_copy(&conn, &path).unwrap(), "nothing is known of it yet");
        remember(&conn, &path).unwrap();
        assert!(!is_copy(&conn, &path).unwrap());
        fs::copy(&path, &copy).unwrap();
        assert!(is_copy(&conn, &copy).unwrap());
        // A backup put back under the old name.
        fs::rename(&path, &moved).unwrap();
        fs::rename(&copy, &path).unwrap();
        assert!(!is_copy(&conn, &moved).unwrap());
        assert!(is_copy(&conn, &path).unwrap());
    }
}
