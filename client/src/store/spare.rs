//! What there is one row of (what the device knows of itself, the names, the account) stands twice in the file, so that
//! what rotted in one place is taken from the other.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};
use waybill_shared::{protocol::codec::encode, session::store::StoreError};

use super::{
    read, sum,
    words::{self, told},
};

/// One such row.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    what: &'static str,
    /// In words, for whom both are damaged.
    called: &'static str,
    get: &'static str,
    put: &'static str,
}

pub const META: Row = Row {
    what: "meta",
    called: "What this device knows of itself",
    get: "SELECT body FROM meta",
    put: "INSERT OR REPLACE INTO meta VALUES (1, ?1)",
};
pub const NAMES: Row = Row {
    what: "names",
    called: "The list of names",
    get: "SELECT body FROM names",
    put: "INSERT OR REPLACE INTO names VALUES (1, ?1)",
};
pub const LOCAL: Row = Row {
    what: "account",
    called: "Who is signed in on this device",
    get: "SELECT value FROM local WHERE key = 'account'",
    put: "INSERT OR REPLACE INTO local VALUES ('account', ?1)",
};
pub const ALL: [Row; 3] = [META, NAMES, LOCAL];

struct Found {
    /// The one that is whole; `None`: neither is.
    body: Option<Vec<u8>>,
    damaged: bool,
}

/// `None`: there is none.
pub fn read<T: DeserializeOwned>(conn: &Connection, row: Row) -> Result<Option<T>, StoreError> {
    let Some(found) = find(conn, row)? else { return Ok(None) };
    let Some(body) = found.body else { return Err(words::unreadable(row.called, "both copies rotted")) };
    ciborium::from_reader(body.as_slice()).map(Some).map_err(|error| words::unreadable(row.called, error))
}

/// The same, for what can be as if it had never been there.
pub fn read_if_whole<T: DeserializeOwned>(conn: &Connection, row: Row) -> Result<Option<T>, StoreError> {
    let body = find(conn, row)?.and_then(|found| found.body);
    Ok(body.and_then(|body| ciborium::from_reader(body.as_slice()).ok()))
}

pub fn write<T: Serialize>(conn: &Connection, row: Row, value: &T) -> rusqlite::Result<()> {
    put(conn, row, &encode(value))
}

/// One of the two is damaged.
pub fn is_damaged(conn: &Connection, row: Row) -> Result<bool, StoreError> {
    Ok(find(conn, row)?.is_some_and(|found| found.damaged))
}

/// The one that is whole.
pub fn whole(conn: &Connection, row: Row) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(find(conn, row)?.and_then(|found| found.body))
}

/// What stands once only, as in a file from before, stands twice.
pub fn fill(conn: &Connection) -> rusqlite::Result<()> {
    for row in ALL {
        let body: Option<Vec<u8>> = conn.query_row(row.get, [], |found| found.get(0)).optional()?;
        if let Some(body) = body {
            put(conn, row, &body)?;
        }
    }
    Ok(())
}

/// In both places.
pub fn put(conn: &Connection, row: Row, body: &[u8]) -> rusqlite::Result<()> {
    conn.prepare_cached(row.put)?.execute([body])?;
    conn.prepare_cached("INSERT OR REPLACE INTO spare VALUES (?1, ?2, ?3)")?
        .execute(params![row.what, body, sum::of(body)])
        .map(drop)
}

fn find(conn: &Connection, row: Row) -> Result<Option<Found>, StoreError> {
    let bytes =
        |at: &rusqlite::Row<'_>| Ok(at.get_ref(0)?.as_bytes().map(<[u8]>::to_vec).unwrap_or_default());
    let first: Option<Vec<u8>> =
        read::prepare(conn, row.get)?.query_row([], bytes).optional().map_err(told)?;
    let spare = read::prepare(conn, "SELECT body, sum FROM spare WHERE what = ?1")?
        .query_row([row.what], |at| Ok((bytes(at)?, at.get_ref(1)?.as_i64().ok())))
        .optional()
        .map_err(told)?;
    let is_whole = |body: &[u8], known: Option<i64>| known == Some(sum::of(body));
    let (body, damaged) = match (first, spare) {
        (None, None) => return Ok(None),
        // The name of the other one rotted.
        (Some(first), None) => (Some(first), true),
        (Some(first), Some((second, known))) if is_whole(&first, known) => {
            let differ = first != second;
            (Some(first), differ)
        }
        // Where they are the same, it is the sum that rotted.
        (Some(first), Some((second, _))) if first == second => (Some(first), true),
        (_, Some((second, known))) if is_whole(&second, known) => (Some(second), true),
        _ => (None, true),
    };
    Ok(Some(Found { body, damaged }))
}
