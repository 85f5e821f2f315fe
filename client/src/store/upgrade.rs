//! Bringing an older file up to date: a copy first, then every missing step in one transaction.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior, params};
use waybill_migrations::Migration;
use waybill_shared::time::Timestamp;

use super::{
    key,
    open::{APPLICATION, OpenError, make_file},
    spare, sum, wipe, write,
};

/// With this step rows have sums, and what there is one of stands twice.
const SUMS: i64 = 13;

/// Counts up when list rows or search words are made in another way: then they are made anew.
const ROWS: i64 = 3;

pub fn run(conn: &mut Connection, path: &Path, steps: &[Migration], now: Timestamp) -> Result<(), OpenError> {
    let told = |error: rusqlite::Error| OpenError::of(path, &error);
    let version = conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(told)?;
    let missing: Vec<&Migration> = steps.iter().filter(|step| step.version > version).collect();
    let rows = if version > 0 { rows_version(conn).map_err(told)? } else { ROWS };
    if missing.is_empty() && rows == ROWS {
        return Ok(());
    }
    if version > 0 {
        let copy = copy_of(path, version);
        // It holds what the file holds.
        make_file(&copy)?;
        // One from an earlier time gives way.
        if let Err(error) = std::fs::OpenOptions::new().write(true).truncate(true).open(&copy) {
            return Err(OpenError::Io { path: copy, error: error.to_string() });
        }
        copy_to(conn, path, &copy).map_err(told)?;
    }
    take(conn, &missing, rows, now).map_err(told)
}

fn take(conn: &mut Connection, missing: &[&Migration], rows: i64, now: Timestamp) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in missing {
        tx.execute_batch(step.sql)?;
        tx.pragma_update(None, "user_version", step.version)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    if missing.iter().any(|step| step.version == SUMS) {
        sum::fill(&tx)?;
        spare::fill(&tx)?;
    }
    if rows != ROWS {
        write::rebuild(&tx)?;
    }
    tx.execute("INSERT OR REPLACE INTO local VALUES ('rows', ?1)", params![ROWS])?;
    tx.execute("INSERT OR REPLACE INTO local VALUES ('upgraded', ?1)", params![now.ms()])?;
    tx.commit()?;
    // Into the file itself: whoever looks at its header sees the version it has.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// As it is, encrypted where the file is.
fn copy_to(conn: &Connection, path: &Path, copy: &Path) -> rusqlite::Result<()> {
    match path.parent().and_then(key::of).filter(|_| key::is_encrypted(path)) {
        None => conn.backup("main", copy, None),
        Some(key) => {
            let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
            conn.execute("ATTACH DATABASE ?1 AS copy KEY ?2", params![copy.to_string_lossy(), key.pragma()])?;
            let done = conn.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()));
            let done = done.and_then(|()| conn.pragma_update(Some("copy"), "user_version", version));
            conn.execute("DETACH DATABASE copy", [])?;
            done
        }
    }
}

/// Where the file as it was before the upgrade is kept.
pub fn copy_of(path: &Path, version: i64) -> PathBuf {
    path.with_extension(format!("v{version}.db"))
}

/// They hold what the people on this device may see no more.
pub fn drop_copies(path: &Path) -> std::io::Result<()> {
    for step in waybill_migrations::SQLITE {
        match std::fs::remove_file(copy_of(path, step.version)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// They hold in plain what the file no longer does.
pub fn overwrite_copies(path: &Path) -> std::io::Result<()> {
    for copy in waybill_migrations::SQLITE.iter().map(|step| copy_of(path, step.version)) {
        if copy.exists() && !key::is_encrypted(&copy) {
            wipe::overwrite(&copy)?;
            std::fs::remove_file(&copy)?;
        }
    }
    Ok(())
}

fn rows_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT coalesce((SELECT value FROM local WHERE key = 'rows'), 0)", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_600_000_000);
    const OLD: &[Migration] = &[Migration {
        version: 1,
        name: "old",
        sql: "CREATE TABLE local (key TEXT PRIMARY KEY, value BLOB NOT NULL);
              CREATE TABLE edit (id INTEGER PRIMARY KEY, words TEXT);
              INSERT INTO edit (words) VALUES ('a payment taken');",
    }];
    const ADDS: Migration = Migration {
        version: 2,
        name: "adds a column",
        sql: "ALTER TABLE edit ADD COLUMN state TEXT NOT NULL DEFAULT 'pending';",
    };
    const FAILS: Migration = Migration { version: 3, name: "fails", sql: "CREATE TABLE edit (id INTEGER);" };

    fn words(conn: &Connection, sql: &str) -> rusqlite::Result<String> {
        conn.query_row(sql, [], |row| row.get(0))
    }

    #[test]
    fn an_older_file_is_copied_then_brought_up_to_date_with_what_was_in_it() -> rusqlite::Result<()> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("waybill.db");
        run(&mut Connection::open(&path)?, &path, OLD, NOW).expect("is made");
        run(&mut Connection::open(&path)?, &path, &[OLD[0], ADDS], NOW).expect("is brought up to date");
        let now = Connection::open(&path)?;
        assert_eq!(words(&now, "SELECT words || ', ' || state FROM edit")?, "a payment taken, pending");
        let copy = Connection::open(copy_of(&path, 1))?;
        assert_eq!(words(&copy, "SELECT words FROM edit")?, "a payment taken");
        assert!(words(&copy, "SELECT state FROM edit").is_err(), "the copy is the file as it was");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(copy_of(&path, 1)).expect("is there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "nobody else may read the copy either");
        }
        Ok(())
    }

    #[test]
    fn rows_from_before_get_their_sums_and_what_there_is_one_of_stands_twice() -> rusqlite::Result<()> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("waybill.db");
        let known = waybill_migrations::SQLITE;
        let before: Vec<Migration> = known.iter().filter(|step| step.version < 12).copied().collect();
        let mut conn = Connection::open(&path)?;
        sum::install(&conn)?;
        run(&mut conn, &path, &before, NOW).expect("is made");
        conn.execute_batch(
            "INSERT INTO meta VALUES (1, x'a0');
             INSERT INTO edit (id, counter, state, told, since, resend, words, body)
             VALUES (x'01', 1, 'pending', 0, 2, 0, 'a payment taken', x'02');
             INSERT INTO document (kind, id, scopes, epoch, on_server, heads, confirmed)
             VALUES (1, x'03', '', 0, 0, x'', x'04');",
        )?;
        run(&mut conn, &path, known, NOW).expect("is brought up to date");
        let holds = |sql: String| conn.query_row(&sql, [], |row| row.get::<_, bool>(0));
        assert!(holds(format!("SELECT sum IS {} FROM edit", sum::EDIT))?);
        assert!(holds(format!(
            "SELECT sum IS {} AND shown_sum IS {} FROM document",
            sum::DOCUMENT,
            sum::SHOWN
        ))?);
        assert!(holds(
            "SELECT body IS x'a0' AND sum IS sum_of(body) FROM spare WHERE what = 'meta'".to_owned()
        )?);
        Ok(())
    }

    #[test]
    fn an_upgrade_that_fails_leaves_the_file_as_it_was() -> rusqlite::Result<()> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("waybill.db");
        run(&mut Connection::open(&path)?, &path, OLD, NOW).expect("is made");
        assert!(run(&mut Connection::open(&path)?, &path, &[OLD[0], ADDS, FAILS], NOW).is_err());
        let now = Connection::open(&path)?;
        let version: i64 = now.pragma_query_value(None, "user_version", |row| row.get(0))?;
        assert_eq!(version, 1);
        assert!(words(&now, "SELECT state FROM edit").is_err());
        Ok(())
    }
}
