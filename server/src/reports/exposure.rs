//! What a customer owes on orders that stand, as the credit rule asks.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, Id, OrderId},
    money::{Amount, Currency},
    rules::Owed,
};

/// The open amount and currency of every order of the customer that counts, as `Owed::of` says.
pub async fn exposure(
    conn: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<(OrderId, Owed)>, sqlx::Error> {
    let open: Vec<(Uuid, Decimal, String)> = sqlx::query_as(
        "select order_id, open, currency from report.orders
         where customer_id = $1 and open <> 0
           and (agreed_status in ('placed', 'confirmed') or agreed_status = 'cancelled' and due <> 0)",
    )
    .bind(customer.uuid())
    .fetch_all(conn)
    .await?;
    open.into_iter()
        .map(|(order, open, currency)| {
            let currency: Currency = currency.parse().map_err(|bad| sqlx::Error::Decode(Box::new(bad)))?;
            Ok((OrderId::new(order), Owed { amount: Amount::new(open), currency }))
        })
        .collect()
}
