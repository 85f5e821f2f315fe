//! Reports: rows computed from documents alone, written in the same transaction as the log, so that they are
//! exact at every position of it.

mod catalogue;
mod column;
mod exposure;
mod ledger;
mod order;
mod share;
mod table;
mod tables;
mod words;
mod write;

use waybill_shared::{kind::DocAddr, view::View};

pub use exposure::exposure;
pub use table::{Row, read};
pub use tables::{CustomerRow, LineRow, LocationRow, OrderRow, PaymentRow, ProductRow, RevenueRow};
pub use write::write;

/// All rows that one document has in the report tables, each list in the order of its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Rows {
    #[default]
    None,
    Order(Box<OrderRows>),
    Product(Box<ProductRow>),
    Customer(Box<CustomerRow>),
    Location(Box<LocationRow>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderRows {
    pub order: OrderRow,
    pub lines: Vec<LineRow>,
    pub payments: Vec<PaymentRow>,
    pub revenue: Vec<RevenueRow>,
}

/// What one document's rows were, and what they are now.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsChange {
    pub addr: DocAddr,
    pub before: Rows,
    pub after: Rows,
}

/// The projection: pure, and the only place where report rows come from.
pub fn rows(addr: DocAddr, view: &View) -> Rows {
    match view {
        View::Order(order) => order::rows(addr.id, order),
        View::Product(product) => catalogue::product(addr.id, product),
        View::Customer(customer) => catalogue::customer(addr.id, customer),
        View::Location(location) => catalogue::location(addr.id, location),
        View::ProductTerms(_) | View::CustomerTerms(_) | View::Settings(_) => Rows::None,
    }
}
