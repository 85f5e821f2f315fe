//! Saving unsent edits out of a file that this program does not open for use: one of a newer version, or a
//! damaged one. Only reads; what does not read is counted and passed over.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use serde::Serialize;
use waybill_shared::{
    edit::{Edit, Verdict},
    protocol::codec::encode,
    session::store::Meta,
    time::Timestamp,
};

use super::{
    key,
    open::{self, OpenError},
    words,
};

/// What a file of unsent edits holds; its form is for people and programs that put them in again.
#[derive(Debug, Serialize)]
pub struct Exported {
    pub format: &'static str,
    pub exported: Timestamp,
    pub device: Option<Meta>,
    pub edits: Vec<ExportedEdit>,
    /// Rows of the file that could not be read.
    pub unreadable: u64,
}

#[derive(Debug, Serialize)]
pub struct ExportedEdit {
    pub state: String,
    pub since: Timestamp,
    pub words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The edit as CBOR in hexadecimal, where a newer version wrote it and it does not read here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Writes what was not sent from the file in `dir` to `to`: CBOR if it ends in `.cbor`, else JSON.
pub fn export_unsent(dir: &Path, to: &Path, now: Timestamp) -> Result<Exported, OpenError> {
    let path = super::file(dir);
    let io = |path: &Path, error: String| OpenError::Io { path: path.to_owned(), error };
    if !path.exists() {
        return Err(io(&path, "there is no such file".to_owned()));
    }
    if key::of(dir).is_none() && super::is_sealed(dir) {
        return Err(OpenError::Sealed(path));
    }
    let conn = open::reader(&path).map_err(|error| io(&path, error.to_string()))?;
    let exported = collect(&conn, now).map_err(|error| OpenError::Damaged {
        path: path.clone(),
        found: format!("nothing of it reads: {error}"),
    })?;
    let bytes = if to.extension().is_some_and(|extension| extension == "cbor") {
        encode(&exported)
    } else {
        let mut json = serde_json::to_vec_pretty(&exported).map_err(|error| io(to, error.to_string()))?;
        json.push(b'\n');
        json
    };
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(to)?;
        std::io::Write::write_all(&mut file, &bytes)?;
        file.sync_all()
    };
    write().map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => OpenError::Taken(to.to_owned()),
        _ => io(to, error.to_string()),
    })?;
    Ok(exported)
}

/// A file beside the data that is not there yet, where nobody gives a name.
pub fn free_name(dir: &Path) -> PathBuf {
    let names =
        std::iter::once("unsent.json".to_owned()).chain((2..).map(|nth| format!("unsent-{nth}.json")));
    names.map(|name| dir.join(name)).find(|path| !path.exists()).unwrap_or_else(|| dir.join("unsent.json"))
}

fn collect(conn: &Connection, now: Timestamp) -> rusqlite::Result<Exported> {
    // Row by row and by number, so that one damaged page does not hide those behind it.
    let last: i64 = conn.query_row("SELECT coalesce(max(row), 0) FROM edit", [], |row| row.get(0))?;
    let mut edits = Vec::new();
    let mut unreadable = 0;
    for row in 1..=last {
        match one(conn, row) {
            Ok(found) => edits.extend(found),
            Err(_) => unreadable += 1,
        }
    }
    let device: Option<Vec<u8>> = conn.query_row("SELECT body FROM meta", [], |row| row.get(0)).ok();
    Ok(Exported {
        format: "waybill-unsent/1",
        exported: now,
        device: device.and_then(|body| ciborium::from_reader(body.as_slice()).ok()),
        edits,
        unreadable,
    })
}

fn one(conn: &Connection, row: i64) -> rusqlite::Result<Option<ExportedEdit>> {
    let sql = "SELECT state, since, words, body, verdict FROM edit WHERE row = ?1 \
        AND state NOT IN ('accepted', 'rewritten', 'discarded')";
    let mut statement = conn.prepare_cached(sql)?;
    let mut found = statement.query([row])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let body: Vec<u8> = row.get(3)?;
    let verdict: Option<Vec<u8>> = row.get(4)?;
    let edit: Option<Edit> = ciborium::from_reader(body.as_slice()).ok();
    Ok(Some(ExportedEdit {
        state: row.get(0)?,
        since: Timestamp::from_unix_ms(row.get(1)?),
        words: row.get(2)?,
        raw: edit.is_none().then(|| hex::encode(&body)),
        edit,
        verdict: verdict.and_then(|verdict| ciborium::from_reader(verdict.as_slice()).ok()),
    }))
}

impl Exported {
    /// One sentence of what was saved.
    pub fn words(&self, to: &Path) -> String {
        let count = self.edits.len();
        let entries = if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
        let lost = match self.unreadable {
            0 => String::new(),
            rows => format!(" {rows} rows of the file could not be read: {}", words::DAMAGED),
        };
        format!("Saved {entries} not yet sent in {}.{lost}", to.display())
    }
}
