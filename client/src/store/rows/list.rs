//! What is said of a list: its table and columns, and the words by which its documents are found. One writer serves all.

use rusqlite::{Connection, params, params_from_iter, types::Value};
use uuid::Uuid;
use waybill_shared::{document::Document, kind::DocKind};

use super::columns::blob;
use crate::store::search::{Index, Words};

/// A kind of document that lists show, each document as one row. Nothing here has a default but what follows from the
/// rest: whoever adds a list decides.
pub trait Listed: Sized + 'static {
    type Of: Document;

    /// A migration makes it. Beside `COLUMNS` it has `row`, which is the document's and goes with it, `id`, `pending`,
    /// and `search` where there are words.
    const TABLE: &'static str;
    const COLUMNS: &'static [Column<Self>];

    /// The column of the number or code that is nobody else's. The list has a column `name` then.
    const NUMBERED: Option<&'static str>;

    /// `None`: nothing of it is searched for.
    const SEARCH: Option<Search<Self::Of>>;

    /// What a row has several of.
    const BESIDE: &'static [Beside<Self>];

    fn of(id: Uuid, document: &Self::Of, pending: bool) -> Self;

    fn read(conn: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self>;

    const LIST: List = List {
        kind: Self::Of::KIND,
        table: Self::TABLE,
        numbered: Self::NUMBERED,
        index: match &Self::SEARCH {
            Some(search) => Some(search.index),
            None => None,
        },
    };
}

/// A list whose index keeps names apart, so that what is meant by its name is found before what is only mentioned. It
/// has columns `name` and `retired`.
pub trait Ranked: Listed {
    /// That exactly this one was typed: of the row `l` and what was typed, `?3`.
    const MEANT: &'static str;

    const INDEX: &'static str = match &Self::SEARCH {
        Some(Search { index: Index { table, named: true }, .. }) => table,
        _ => panic!("does not compile: no index of this list keeps names apart"),
    };
}

/// What a column is called, and what stands in it.
pub type Column<R> = (&'static str, fn(&R) -> Value);

/// The words of a document, and the index that holds them.
pub struct Search<D> {
    pub index: Index,
    pub words: fn(&D) -> Words,
}

/// A table of `row` and one more column. Its rows go with the row of the list.
pub struct Beside<R: Listed> {
    pub table: &'static str,
    pub column: &'static str,
    pub values: fn(&R, &R::Of) -> Vec<Value>,
}

/// A list, whatever it is of. Its names are not from outside.
#[derive(Clone, Copy, Debug)]
pub struct List {
    pub kind: DocKind,
    pub table: &'static str,
    pub numbered: Option<&'static str>,
    pub index: Option<Index>,
}

/// The row of one document, as it goes into the file.
pub struct Entry {
    pub list: List,
    pub columns: Vec<(&'static str, Value)>,
    pub words: Option<(Index, Words)>,
    /// Each with its table and column.
    pub beside: Vec<(&'static str, &'static str, Vec<Value>)>,
}

impl Entry {
    pub fn of<R: Listed>(id: Uuid, document: &R::Of, pending: bool) -> Self {
        let row = R::of(id, document, pending);
        let words = R::SEARCH.map(|search| (search.index, (search.words)(document)));
        let mut columns = vec![("id", blob(id)), ("pending", pending.into())];
        columns.extend(R::COLUMNS.iter().map(|(name, value)| (*name, value(&row))));
        columns.extend(words.iter().map(|(_, words)| ("search", words.hash().into())));
        let beside = R::BESIDE.iter().map(|more| (more.table, more.column, (more.values)(&row, document)));
        Self { list: R::LIST, columns, words, beside: beside.collect() }
    }

    /// In the place of what stood there.
    pub fn write(&self, conn: &Connection, at: i64) -> rusqlite::Result<()> {
        let table = self.list.table;
        // Before the row itself, which tells the words that stand there.
        if let Some((index, words)) = &self.words {
            index.put(conn, table, at, words)?;
        }
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let put = format!(
            "INSERT OR REPLACE INTO {table} (row, {}) VALUES (?{})",
            names.join(", "),
            ", ?".repeat(names.len())
        );
        let row = Value::Integer(at);
        let values = std::iter::once(&row).chain(self.columns.iter().map(|(_, value)| value));
        conn.prepare_cached(&put)?.execute(params_from_iter(values))?;
        // Behind the row, which took away what stood beside it.
        for (table, column, values) in self.beside.iter().filter(|(_, _, values)| !values.is_empty()) {
            let put = format!("INSERT OR IGNORE INTO {table} (row, {column}) VALUES (?1, ?2)");
            let mut put = conn.prepare_cached(&put)?;
            values.iter().try_for_each(|value| put.execute(params![at, value]).map(drop))?;
        }
        Ok(())
    }
}
