//! Encrypting the file, and making it plain again: written anew under another name, and put in the place of the old one
//! when it is whole. Whatever step it is cut off at, one whole file stands under its name, and the next start goes on.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, params};

use super::{
    copied,
    key::{Key, is_encrypted},
    open::{self, OpenError},
    upgrade, wipe,
};

/// Being written.
fn new_of(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// The file that was, until its bytes are gone.
fn old_of(path: &Path) -> PathBuf {
    path.with_extension("old")
}

/// Makes the file what it is to be. Nobody may have it open.
pub fn agree(path: &Path, encrypted: bool, key: &Key) -> Result<(), OpenError> {
    let io = |error: io::Error| OpenError::Io { path: path.to_owned(), error: error.to_string() };
    tidy(path).map_err(io)?;
    if fs::metadata(path).is_ok_and(|meta| meta.len() > 0) && is_encrypted(path) != encrypted {
        write_new(path, encrypted, key).map_err(|error| OpenError::of(path, &error))?;
        put_in_place(path).map_err(io)?;
        tidy(path).map_err(io)?;
    }
    if encrypted {
        // Copies that upgrades left are as plain as it was.
        upgrade::overwrite_copies(path).map_err(io)?;
    }
    Ok(())
}

/// What was cut off leaves a half written file, or the one that was under another name.
fn tidy(path: &Path) -> io::Result<()> {
    let (new, old) = (new_of(path), old_of(path));
    for half in [new.clone(), new.with_extension("new-journal")] {
        remove(&half)?;
    }
    if !old.exists() {
        return Ok(());
    }
    // Both names of the same file: it was cut off before the new one took its place.
    if is_encrypted(&old) != is_encrypted(path) || fs::metadata(&old)?.len() == 0 {
        wipe::overwrite(&old)?;
    }
    remove(&old)
}

/// All of it under the other name, and on the disk.
fn write_new(path: &Path, encrypted: bool, key: &Key) -> rusqlite::Result<()> {
    let failed = |error: io::Error| {
        rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR),
            Some(error.to_string()),
        )
    };
    let new = new_of(path);
    open::make_file(&new).map_err(|error| failed(io::Error::other(error.to_string())))?;
    let conn = Connection::open(path)?;
    conn.busy_timeout(open::PATIENCE)?;
    if !encrypted {
        conn.pragma_update(None, "key", key.pragma())?;
    }
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // What stands in the write-ahead log is in the file afterwards, and there is no log. Refused while others read.
    let mode: String = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        ));
    }
    let is_copy = copied::is_copy(&conn, path)?;
    let (application, version): (i32, i64) = (
        conn.pragma_query_value(None, "application_id", |row| row.get(0))?,
        conn.pragma_query_value(None, "user_version", |row| row.get(0))?,
    );
    let opens = if encrypted { key.pragma() } else { String::new() };
    conn.execute("ATTACH DATABASE ?1 AS new KEY ?2", params![new.to_string_lossy(), opens])?;
    conn.query_row("SELECT sqlcipher_export('new')", [], |_| Ok(()))?;
    if !is_copy {
        // The same device's file, under another number of the file system.
        let which = copied::which(&new);
        conn.execute("INSERT OR REPLACE INTO new.local VALUES ('file', ?1)", params![which])?;
    }
    conn.pragma_update(Some("new"), "application_id", application)?;
    conn.pragma_update(Some("new"), "user_version", version)?;
    let sound: String = conn.query_row("PRAGMA new.quick_check(1)", [], |row| row.get(0))?;
    conn.execute("DETACH DATABASE new", [])?;
    if sound != "ok" {
        return Err(failed(io::Error::other(sound)));
    }
    File::open(&new).and_then(|file| file.sync_all()).map_err(failed)
}

/// The old one keeps another name until its bytes are overwritten.
fn put_in_place(path: &Path) -> io::Result<()> {
    link_old(path)?;
    fs::rename(new_of(path), path)?;
    sync_dir(path);
    Ok(())
}

fn link_old(path: &Path) -> io::Result<()> {
    fs::hard_link(path, old_of(path))?;
    sync_dir(path);
    Ok(())
}

/// Whether a directory can be told to be on the disk depends on the system.
fn sync_dir(path: &Path) {
    if let Some(dir) = path.parent() {
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key([7; 32]);
    const NAME: &[u8] = b"Weber Interiors";

    fn holds(path: &Path) -> bool {
        fs::read(path).is_ok_and(|bytes| bytes.windows(NAME.len()).any(|window| window == NAME))
    }

    fn file(dir: &Path) -> PathBuf {
        let path = dir.join("waybill.db");
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "journal_mode", "WAL").unwrap();
        conn.execute_batch(
            "CREATE TABLE local (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
             CREATE TABLE customer (row INTEGER PRIMARY KEY, name TEXT);
             CREATE VIRTUAL TABLE search USING fts5 (words, content = '', contentless_delete = 1, prefix = '2 3');
             INSERT INTO customer VALUES (3, 'Weber Interiors');
             INSERT INTO search (rowid, words) VALUES (3, 'Weber Interiors');
             PRAGMA user_version = 2; PRAGMA application_id = 77;",
        )
        .unwrap();
        copied::remember(&conn, &path).unwrap();
        drop(conn);
        path
    }

    /// What is asked of it, whether it is encrypted or not.
    fn is_whole(path: &Path) {
        let conn = Connection::open(path).unwrap();
        if is_encrypted(path) {
            conn.pragma_update(None, "key", KEY.pragma()).unwrap();
        }
        let found = "SELECT name FROM search JOIN customer ON row = search.rowid WHERE search MATCH 'web*'";
        let found: String = conn.query_row(found, [], |row| row.get(0)).unwrap();
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
        assert_eq!((found.as_str(), version, application), ("Weber Interiors", 2, 77));
        assert!(!copied::is_copy(&conn, path).unwrap(), "it is the same device's file");
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_encrypted_file_holds_no_customers_name_and_is_the_same_when_it_is_plain_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path());
        // An upgrade left a copy; somebody still holds the old file open.
        fs::copy(&path, upgrade::copy_of(&path, 1)).unwrap();
        let held = dir.path().join("held");
        fs::hard_link(&path, &held).unwrap();
        assert!(holds(&path));
        agree(&path, true, &KEY).unwrap();
        assert_eq!(names(dir.path()), ["held", "waybill.db"]);
        assert!(!holds(&path) && is_encrypted(&path));
        assert!(!holds(&held), "the old bytes were overwritten");
        is_whole(&path);
        agree(&path, true, &KEY).unwrap();
        agree(&path, false, &KEY).unwrap();
        assert!(holds(&path) && !is_encrypted(&path));
        is_whole(&path);
        assert!(agree(&path, true, &KEY).is_ok());
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "key", Key([8; 32]).pragma()).unwrap();
        assert!(
            conn.query_row("SELECT name FROM customer", [], |_| Ok(())).is_err(),
            "by another key nothing"
        );
    }

    #[test]
    fn cut_off_at_any_step_a_whole_file_stands_there_and_the_next_start_goes_on() {
        type Step = fn(&Path) -> io::Result<()>;
        let begun: Step = |path| fs::write(new_of(path), b"half of it");
        let written: Step = |path| write_new(path, true, &KEY).map_err(io::Error::other);
        let linked: Step = |path| link_old(path);
        let renamed: Step = |path| fs::rename(new_of(path), path);
        let overwritten: Step = |path| {
            let old = fs::OpenOptions::new().write(true).open(old_of(path))?;
            old.set_len(0)
        };
        let cuts: [&[Step]; 5] = [
            &[begun],
            &[written],
            &[written, linked],
            &[written, linked, renamed],
            &[written, linked, renamed, overwritten],
        ];
        for (nth, steps) in cuts.into_iter().enumerate() {
            let dir = tempfile::tempdir().unwrap();
            let path = file(dir.path());
            steps.iter().for_each(|step| step(&path).unwrap());
            is_whole(&path);
            agree(&path, true, &KEY).unwrap();
            is_whole(&path);
            assert!(is_encrypted(&path), "cut {nth}");
            assert_eq!(names(dir.path()), ["waybill.db"], "cut {nth}");
        }
    }
}
