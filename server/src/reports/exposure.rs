//! What customers owe on orders that stand, as the credit rule asks.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, Id, OrderId},
    money::{Amount, Currency},
    rules::Owed,
};

/// The open amount and currency of every order of the customers that counts, as `Owed::of` says.
pub async fn exposures(
    conn: &mut PgConnection,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, OrderId, Owed)>, sqlx::Error> {
    let customers: Vec<Uuid> = customers.iter().map(|customer| customer.uuid()).collect();
    let open: Vec<(Uuid, Uuid, Decimal, String)> = sqlx::query_as(
        "select customer_id, order_id, open, currency from report.orders
         where customer_id = any($1) and open <> 0
           and (agreed_status in ('placed', 'confirmed') or agreed_status = 'cancelled' and due <> 0)",
    )
    .bind(customers)
    .fetch_all(conn)
    .await?;
    open.into_iter()
        .map(|(customer, order, open, currency)| {
            let currency: Currency = currency.parse().map_err(|bad| sqlx::Error::Decode(Box::new(bad)))?;
            let owed = Owed { amount: Amount::new(open), currency };
            Ok((CustomerId::new(customer), OrderId::new(order), owed))
        })
        .collect()
}
