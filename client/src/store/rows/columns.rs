//! What stands in a column of a list: ids, names and codes, there and back.

use rusqlite::types::Value;
use uuid::Uuid;

/// An id column.
pub fn blob(id: impl Into<Uuid>) -> Value {
    Value::Blob(id.into().into_bytes().to_vec())
}

/// A column that may hold an id.
pub fn id<T: From<Uuid>>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, [u8; 16]>(column).map(|bytes| Uuid::from_bytes(bytes).into())
}

pub fn maybe_id<T: From<Uuid>>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|bytes| Uuid::from_bytes(bytes).into()))
}

/// A column holding text that the domain parses.
pub fn parsed<T: std::str::FromStr>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// What a column names; also what only a newer program knows.
pub fn named<T>(row: &rusqlite::Row<'_>, column: &str, of: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    of(&name).ok_or(rusqlite::Error::InvalidQuery)
}

/// The element of a table that a column numbers; the first where a newer program wrote a number that is not
/// known here.
pub fn coded<T: Copy>(row: &rusqlite::Row<'_>, column: &str, table: &[T]) -> rusqlite::Result<T> {
    let code: i64 = row.get(column)?;
    usize::try_from(code)
        .ok()
        .and_then(|code| table.get(code))
        .or(table.first())
        .copied()
        .ok_or(rusqlite::Error::InvalidQuery)
}

/// The number of an element in its table.
pub fn code<T: PartialEq>(value: &T, table: &[T]) -> i64 {
    table.iter().position(|known| known == value).and_then(|at| i64::try_from(at).ok()).unwrap_or(0)
}
