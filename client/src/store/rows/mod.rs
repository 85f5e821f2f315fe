//! List rows: what a list shows of a document, computed when the document is written.

mod customer_row;
mod location_row;
mod order_row;
mod product_row;

use std::collections::BTreeSet;

use rusqlite::Connection;
use uuid::Uuid;
use waybill_shared::view::View;

pub use customer_row::CustomerRow;
pub use location_row::LocationRow;
pub use order_row::OrderRow;
#[cfg(test)]
pub use order_row::{GOODS, MONEY};
pub use product_row::ProductRow;

use super::search::{CUSTOMERS, ORDERS, PRODUCTS, Words};

/// The row of one document, with its words for the search.
pub enum Row {
    /// And the products and the customer that it names.
    Order(Box<OrderRow>, Words, BTreeSet<Uuid>),
    Customer(Box<CustomerRow>, Words),
    Product(Box<ProductRow>, Words),
    Location(Box<LocationRow>),
    /// Documents that no list shows.
    None,
}

impl Row {
    pub fn of(id: Uuid, view: &View, pending: bool) -> Self {
        match view {
            View::Order(order) => {
                let row = OrderRow::of(id.into(), order, pending);
                let names = order_row::names(order, row.state);
                Self::Order(Box::new(row), order_row::words(order), names)
            }
            View::Customer(customer) => Self::Customer(
                Box::new(CustomerRow::of(id.into(), customer, pending)),
                customer_row::words(customer),
            ),
            View::Product(product) => Self::Product(
                Box::new(ProductRow::of(id.into(), product, pending)),
                product_row::words(product),
            ),
            View::Location(location) => {
                Self::Location(Box::new(LocationRow::of(id.into(), location, pending)))
            }
            View::ProductTerms(_)
            | View::CustomerTerms(_)
            | View::Notes(_)
            | View::Settings(_)
            | View::Newer(_) => Self::None,
        }
    }

    pub fn write(&self, conn: &Connection, at: i64) -> rusqlite::Result<()> {
        match self {
            Self::Order(row, words, names) => {
                ORDERS.put(conn, at, words)?;
                row.write(conn, at, words.hash())?;
                order_row::write_names(conn, at, names)
            }
            Self::Customer(row, words) => {
                CUSTOMERS.put(conn, at, words)?;
                row.write(conn, at, words.hash())
            }
            Self::Product(row, words) => {
                PRODUCTS.put(conn, at, words)?;
                row.write(conn, at, words.hash())
            }
            Self::Location(row) => row.write(conn, at),
            Self::None => Ok(()),
        }
    }
}

/// Takes a document out of the search; its row goes with the document.
pub fn forget(conn: &Connection, at: i64) -> rusqlite::Result<()> {
    for index in [ORDERS, CUSTOMERS, PRODUCTS] {
        index.drop(conn, at)?;
    }
    Ok(())
}

/// Takes the words of documents that were forgotten out of the search for good.
pub fn wipe(conn: &Connection) -> rusqlite::Result<()> {
    [ORDERS, CUSTOMERS, PRODUCTS].iter().try_for_each(|index| index.wipe(conn))
}

/// An id column.
fn blob(id: impl Into<Uuid>) -> [u8; 16] {
    id.into().into_bytes()
}

/// A column that may hold an id.
pub(super) fn id<T: From<Uuid>>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, [u8; 16]>(column).map(|bytes| Uuid::from_bytes(bytes).into())
}

fn maybe_id<T: From<Uuid>>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(|bytes| Uuid::from_bytes(bytes).into()))
}

/// A column holding text that the domain parses.
pub(super) fn parsed<T: std::str::FromStr>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// What a column names; also what only a newer program knows.
fn named<T>(row: &rusqlite::Row<'_>, column: &str, of: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    of(&name).ok_or(rusqlite::Error::InvalidQuery)
}

/// The element of a table that a column numbers; the first where a newer program wrote a number that is not
/// known here.
fn coded<T: Copy>(row: &rusqlite::Row<'_>, column: &str, table: &[T]) -> rusqlite::Result<T> {
    let code: i64 = row.get(column)?;
    usize::try_from(code)
        .ok()
        .and_then(|code| table.get(code))
        .or(table.first())
        .copied()
        .ok_or(rusqlite::Error::InvalidQuery)
}

/// The number of an element in its table.
fn code<T: PartialEq>(value: &T, table: &[T]) -> i64 {
    table.iter().position(|known| known == value).and_then(|at| i64::try_from(at).ok()).unwrap_or(0)
}
