//! What a customer owes on orders that stand, as the credit rule asks.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, Id, OrderId},
    money::Amount,
};

/// The open amount of every placed or confirmed order of the customer on which one is open.
pub async fn exposure(
    conn: &mut PgConnection,
    customer: CustomerId,
) -> Result<Vec<(OrderId, Amount)>, sqlx::Error> {
    let open: Vec<(Uuid, Decimal)> = sqlx::query_as(
        "select order_id, open from report.orders
         where customer_id = $1 and agreed_status in ('placed', 'confirmed') and open <> 0",
    )
    .bind(customer.uuid())
    .fetch_all(conn)
    .await?;
    Ok(open.into_iter().map(|(order, open)| (OrderId::new(order), Amount::new(open))).collect())
}
