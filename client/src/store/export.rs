//! Saving unsent edits out of a file that this program does not open for use: one of a newer version, or a
//! damaged one. Only reads; what does not read is counted and passed over.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, types::ValueRef};
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
    sum, words,
};

/// What a file of unsent edits holds; its form is for people and programs that put them in again.
#[derive(Debug, Serialize)]
pub struct Exported {
    pub format: &'static str,
    pub exported: Timestamp,
    pub device: Option<Meta>,
    pub edits: Vec<ExportedEdit>,
    /// Entries whose bytes rotted, as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<ExportedDamage>,
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

/// Its columns by their names: numbers as they are, all else in hexadecimal.
#[derive(Debug, Serialize)]
pub struct ExportedDamage {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    pub columns: BTreeMap<&'static str, String>,
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
    let lost = |error: rusqlite::Error| match OpenError::of(&path, &error) {
        OpenError::Damaged { path, found } => OpenError::Lost { path, found },
        other => other,
    };
    let conn = open::reader(&path).map_err(lost)?;
    let exported = collect(&conn, now).map_err(|error| match lost(error) {
        // It opens, and the tables are not there.
        OpenError::Io { path, error } => OpenError::Lost { path, found: error },
        other => other,
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
    let sums = knows_sums(conn)?;
    for row in 1..=last {
        match one(conn, row, sums) {
            Ok(found) => edits.extend(found),
            Err(_) => unreadable += 1,
        }
    }
    let damaged = if sums { damaged(conn)? } else { Vec::new() };
    let device: Option<Vec<u8>> = conn.query_row("SELECT body FROM meta", [], |row| row.get(0)).ok();
    Ok(Exported {
        format: "waybill-unsent/1",
        exported: now,
        device: device.and_then(|body| ciborium::from_reader(body.as_slice()).ok()),
        edits,
        damaged,
        unreadable,
    })
}

/// A file from before has none, and of a later version all are taken as they are where the columns are others.
fn knows_sums(conn: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('edit') WHERE name = 'sum') \
        AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'damaged_edit')";
    conn.query_row(sql, [], |row| row.get(0))
}

const COLUMNS: [&str; 9] = ["id", "counter", "state", "told", "since", "pos", "words", "body", "verdict"];

/// Those set aside, and those still where they were.
fn damaged(conn: &Connection) -> rusqlite::Result<Vec<ExportedDamage>> {
    let columns = COLUMNS.join(", ");
    let unsent = "state IS NOT 'accepted' AND state IS NOT 'rewritten' AND state IS NOT 'discarded'";
    let sql = format!(
        "SELECT {columns} FROM damaged_edit WHERE {unsent} \
         UNION ALL SELECT {columns} FROM edit NOT INDEXED WHERE sum IS NOT {} AND {unsent}",
        sum::EDIT
    );
    let mut statement = conn.prepare(&sql)?;
    let mut found = statement.query([])?;
    let mut all = Vec::new();
    while let Ok(Some(row)) = found.next() {
        let mut columns = BTreeMap::new();
        for (nth, column) in COLUMNS.into_iter().enumerate() {
            let value = match row.get_ref(nth)? {
                ValueRef::Null => continue,
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => hex::encode(bytes),
            };
            columns.insert(column, value);
        }
        all.push(ExportedDamage { words: row.get(6).ok(), columns });
    }
    Ok(all)
}

fn one(conn: &Connection, row: i64, sums: bool) -> rusqlite::Result<Option<ExportedEdit>> {
    // What is damaged stands apart.
    let whole = if sums { format!("AND sum IS {}", sum::EDIT) } else { String::new() };
    let sql = format!(
        "SELECT state, since, words, body, verdict FROM edit WHERE row = ?1 \
        AND state NOT IN ('accepted', 'rewritten', 'discarded') {whole}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
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
        let damaged = match self.damaged.len() {
            0 => String::new(),
            1 => " 1 damaged entry is in it as it is, byte by byte.".to_owned(),
            n => format!(" {n} damaged entries are in it as they are, byte by byte."),
        };
        format!("Saved {entries} not yet sent in {}.{damaged}{lost}", to.display())
    }
}
