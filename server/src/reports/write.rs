//! Writing what changed in report rows, and nothing else.

use std::{cmp::Ordering, collections::BTreeMap};

use sqlx::PgConnection;
use waybill_shared::kind::DocAddr;

use super::{
    CustomerRow, LineRow, LocationRow, OrderRow, OrderRows, PaymentRow, ProductRow, RevenueRow, Rows,
    RowsChange, table::Row,
};

/// Brings the report tables from `before` to `after` of every change, in the caller's transaction. Several
/// changes of one document count as one from the first `before` to the last `after`.
pub async fn write(conn: &mut PgConnection, changes: &[RowsChange]) -> Result<(), sqlx::Error> {
    let mut documents: BTreeMap<DocAddr, (&Rows, &Rows)> = BTreeMap::new();
    for change in changes {
        let entry = documents.entry(change.addr).or_insert((&change.before, &change.after));
        entry.1 = &change.after;
    }

    let mut orders = Differences::<OrderRow>::default();
    let mut lines = Differences::<LineRow>::default();
    let mut payments = Differences::<PaymentRow>::default();
    let mut revenue = Differences::<RevenueRow>::default();
    let mut products = Differences::<ProductRow>::default();
    let mut customers = Differences::<CustomerRow>::default();
    let mut locations = Differences::<LocationRow>::default();
    for (before, after) in documents.values().filter(|(before, after)| before != after) {
        let (was, is) = (order(before), order(after));
        orders.add(was.map(|o| &o.order), is.map(|o| &o.order));
        lines.add(was.iter().flat_map(|o| &o.lines), is.iter().flat_map(|o| &o.lines));
        payments.add(was.iter().flat_map(|o| &o.payments), is.iter().flat_map(|o| &o.payments));
        revenue.add(was.iter().flat_map(|o| &o.revenue), is.iter().flat_map(|o| &o.revenue));
        products.add(product(before), product(after));
        customers.add(customer(before), customer(after));
        locations.add(location(before), location(after));
    }

    orders.write(conn).await?;
    lines.write(conn).await?;
    payments.write(conn).await?;
    revenue.write(conn).await?;
    products.write(conn).await?;
    customers.write(conn).await?;
    locations.write(conn).await
}

/// What is to be written to one table, and what is to go from it.
struct Differences<'a, R> {
    put: Vec<&'a R>,
    gone: Vec<&'a R>,
}

impl<R> Default for Differences<'_, R> {
    fn default() -> Self {
        Self { put: Vec::new(), gone: Vec::new() }
    }
}

impl<'a, R: Row> Differences<'a, R> {
    /// Both in the order of their keys.
    fn add(&mut self, before: impl IntoIterator<Item = &'a R>, after: impl IntoIterator<Item = &'a R>) {
        let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(was), Some(is)) => was.key().cmp(&is.key()),
            };
            match order {
                Ordering::Less => self.gone.extend(before.next()),
                Ordering::Greater => self.put.extend(after.next()),
                Ordering::Equal => {
                    let (was, is) = (before.next(), after.next());
                    if was != is {
                        self.put.extend(is);
                    }
                }
            }
        }
    }

    async fn write(&self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !self.gone.is_empty() {
            R::delete(&self.gone).execute(&mut *conn).await?;
        }
        if !self.put.is_empty() {
            R::upsert(&self.put).execute(conn).await?;
        }
        Ok(())
    }
}

fn order(rows: &Rows) -> Option<&OrderRows> {
    if let Rows::Order(order) = rows { Some(order) } else { None }
}

fn product(rows: &Rows) -> Option<&ProductRow> {
    if let Rows::Product(product) = rows { Some(product) } else { None }
}

fn customer(rows: &Rows) -> Option<&CustomerRow> {
    if let Rows::Customer(customer) = rows { Some(customer) } else { None }
}

fn location(rows: &Rows) -> Option<&LocationRow> {
    if let Rows::Location(location) = rows { Some(location) } else { None }
}
