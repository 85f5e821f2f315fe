//! Whose numbers products' and customers' are, as the rule on numbers asks.

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    kind::{DocAddr, DocKind},
    numbers::Number,
};

/// All who have one of these, with the name of each.
pub async fn holders(
    conn: &mut PgConnection,
    numbers: &[Number],
) -> Result<Vec<(Number, DocAddr, String)>, sqlx::Error> {
    let keys = |kind| -> Vec<&str> {
        numbers.iter().filter(|number| number.kind == kind).map(|number| number.key.as_str()).collect()
    };
    let found: Vec<(bool, String, Uuid, String)> = sqlx::query_as(
        "select true, report.number_key(number), product_id, name from report.products
         where report.number_key(number) = any ($1)
         union all
         select false, report.number_key(number), customer_id, name from report.customers
         where report.number_key(number) = any ($2)",
    )
    .bind(keys(DocKind::Product))
    .bind(keys(DocKind::Customer))
    .fetch_all(conn)
    .await?;
    Ok(found
        .into_iter()
        .map(|(product, key, id, name)| {
            let kind = if product { DocKind::Product } else { DocKind::Customer };
            (Number { kind, key }, DocAddr::new(kind, id), name)
        })
        .collect())
}
