//! Reports: rows computed from documents alone, written in the same transaction as the log, so that they are
//! exact at every position of it.

mod catalogue;
mod column;
mod exposure;
pub mod held;
mod holders;
mod ledger;
mod order;
mod rows;
mod table;
mod tables;
mod words;

use waybill_shared::{kind::DocAddr, view::View};

pub use exposure::exposures;
pub use held::HeldRows;
pub use holders::holders;
pub use rows::{Difference, How, Rows, RowsChange, write};
pub use tables::{CustomerRow, LineRow, LocationRow, OrderRow, PaymentRow, ProductRow, RevenueRow};

/// The projection: pure, and the only place where report rows come from.
pub fn rows(addr: DocAddr, view: &View) -> Rows {
    match view {
        View::Order(order) => order::rows(addr.id, order),
        View::Product(product) => catalogue::product(addr.id, product),
        View::Customer(customer) => catalogue::customer(addr.id, customer),
        View::Location(location) => catalogue::location(addr.id, location),
        View::ProductTerms(_)
        | View::CustomerTerms(_)
        | View::Notes(_)
        | View::Settings(_)
        | View::Newer(_) => Rows::default(),
    }
}
