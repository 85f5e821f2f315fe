//! Whose numbers products' and customers' are, and which place's a code is, as the rule on numbers asks.

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    kind::{DocAddr, DocKind},
    numbers::Number,
};

fn number(kind: DocKind) -> i16 {
    u8::from(kind).into()
}

/// All who have one of these, with the name of each.
pub async fn holders(
    conn: &mut PgConnection,
    numbers: &[Number],
) -> Result<Vec<(Number, DocAddr, String)>, sqlx::Error> {
    let keys = |kind| -> Vec<&str> {
        numbers.iter().filter(|number| number.kind == kind).map(|number| number.key.as_str()).collect()
    };
    let found: Vec<(i16, String, Uuid, String)> = sqlx::query_as(
        "select $4, report.number_key(number), product_id, name from report.products
         where report.number_key(number) = any ($1)
         union all
         select $5, report.number_key(number), customer_id, name from report.customers
         where report.number_key(number) = any ($2)
         union all
         select $6, report.number_key(code), location_id, name from report.locations
         where report.number_key(code) = any ($3)",
    )
    .bind(keys(DocKind::Product))
    .bind(keys(DocKind::Customer))
    .bind(keys(DocKind::Location))
    .bind(number(DocKind::Product))
    .bind(number(DocKind::Customer))
    .bind(number(DocKind::Location))
    .fetch_all(conn)
    .await?;
    let read = |(kind, key, id, name): (i16, String, Uuid, String)| {
        let kind = [DocKind::Product, DocKind::Customer, DocKind::Location]
            .into_iter()
            .find(|of| number(*of) == kind)?;
        Some((Number { kind, key }, DocAddr::new(kind, id), name))
    };
    Ok(found.into_iter().filter_map(read).collect())
}
