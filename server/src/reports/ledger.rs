//! The entries of an order's revenue ledger as rows.

use uuid::Uuid;
use waybill_shared::{
    id::{Id, LineId},
    order::{
        Order,
        revenue::{self, Measure, Worth},
    },
};

use super::{
    column::{self, Word, money},
    tables::RevenueRow,
};

/// In the order of their key: that of the measures' names.
pub fn rows(id: Uuid, order: &Order, worth: &Worth<'_>) -> Vec<RevenueRow> {
    let currency = order.currency().code();
    let row = |entry: revenue::Entry| RevenueRow {
        order_id: id,
        measure: measure(entry.measure),
        cause_id: entry.cause,
        line_key: entry.line.unwrap_or(LineId::NIL).uuid(),
        business_day: column::day(entry.day),
        month: column::month(entry.month),
        product_id: entry.product.map(Id::uuid),
        quantity: entry.quantity.decimal(),
        currency: currency.into(),
        net: money(entry.worth.net),
        tax: money(entry.worth.tax),
        gross: money(entry.worth.gross),
        takes_back: entry.takes_back,
    };
    revenue::entries(order, worth).into_iter().map(row).collect()
}

const fn measure(measure: Measure) -> Word {
    Word::Borrowed(match measure {
        Measure::Delivered => "delivered",
        Measure::Paid => "paid",
        Measure::Placed => "placed",
    })
}
