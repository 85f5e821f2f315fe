//! List rows: what a list shows of a document, computed when the document is written. Here stands which kinds have one;
//! whatever goes over all lists goes over `ALL`.

mod columns;
mod customer_row;
mod list;
mod location_row;
mod order_row;
mod product_row;

use rusqlite::Connection;
use uuid::Uuid;
use waybill_shared::view::View;

pub use columns::{id, parsed};
pub use customer_row::CustomerRow;
pub use list::{Entry, List, Listed, Ranked};
pub use location_row::LocationRow;
pub use order_row::OrderRow;
#[cfg(test)]
pub use order_row::{GOODS, MONEY};
pub use product_row::ProductRow;

macro_rules! lists {
    ($($kind:ident $row:ident)* [$($unlisted:ident)*]) => {
        pub const ALL: &[List] = &[$(<$row as Listed>::LIST),*];

        /// What a list shows of a document. `None`: no list shows any of its kind.
        pub fn entry(id: Uuid, view: &View, pending: bool) -> Option<Entry> {
            match view {
                $(View::$kind(document) => Some(Entry::of::<$row>(id, document, pending)),)*
                $(View::$unlisted(_) |)* View::Newer(_) => None,
            }
        }
    };
}

lists! {
    Order OrderRow
    Customer CustomerRow
    Product ProductRow
    Location LocationRow
    // Kinds that no list shows.
    [ProductTerms CustomerTerms Notes Settings]
}

/// Takes a document out of the search; its row goes with the document.
pub fn forget(conn: &Connection, at: i64) -> rusqlite::Result<()> {
    ALL.iter().filter_map(|list| list.index).try_for_each(|index| index.drop(conn, at))
}

/// Takes the words of documents that were forgotten out of the search for good.
pub fn wipe(conn: &Connection) -> rusqlite::Result<()> {
    ALL.iter().filter_map(|list| list.index).try_for_each(|index| index.wipe(conn))
}

/// Empties every list, and what is found by it.
pub fn clear(conn: &Connection) -> rusqlite::Result<()> {
    for list in ALL {
        if let Some(index) = list.index {
            index.clear(conn)?;
        }
        conn.execute(&format!("DELETE FROM {}", list.table), [])?;
    }
    Ok(())
}
