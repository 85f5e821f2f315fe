//! What other servers wrote since a batch was prepared, read under the lock.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    id::{CustomerId, DeviceId, EditId},
    kind::DocKind,
    numbers::Number,
};

use super::{
    commit::nothing_written,
    feed::HAS,
    read::{HEAD, HeadRow},
    shape,
};
use crate::log::{Batch, Collision, CommitError, Head, LogError, MOST_BESIDE, Others, Written};

/// The batch as it stands behind them; the log has come so far.
pub async fn behind(conn: &mut PgConnection, batch: &Arc<Batch>, pos: u64) -> Result<Written, CommitError> {
    // Before anything is read: all who write wait.
    if pos.saturating_sub(batch.before.pos) > MOST_BESIDE {
        return Err(CommitError::Conflict);
    }
    let row = read(conn, batch.before).await.map_err(nothing_written)?;
    let Some((others, head)) = row.read().map_err(unread)? else { return Err(CommitError::Conflict) };
    if batch.looked.clashes_with(&others) {
        return Err(CommitError::Collision(Box::new(Collision { others, head })));
    }
    Ok(Written { batch: Arc::new(batch.behind(&head)), others: Some(others) })
}

fn unread(error: LogError) -> CommitError {
    match error {
        LogError::Defect(state) => CommitError::Defect(state),
        LogError::Unavailable(words) | LogError::Unreadable(words) => CommitError::Retry(words),
    }
}

/// What was written behind a position, and where the log stands then.
#[derive(sqlx::FromRow)]
struct Row {
    /// The position is of this log.
    has: bool,
    edits: Vec<Uuid>,
    devices: Vec<Uuid>,
    kinds: Vec<i16>,
    docs: Vec<Uuid>,
    customers: Vec<Uuid>,
    products_named: Vec<String>,
    customers_named: Vec<String>,
    locations_coded: Vec<String>,
    #[sqlx(flatten)]
    head: HeadRow,
}

/// In one round trip: all who write wait.
async fn read(conn: &mut PgConnection, behind: Cursor) -> Result<Row, sqlx::Error> {
    let sql = format!(
        "with docs as materialized (select distinct kind, id from sync.change where pos > $1),
              told as materialized (select edit, device from sync.feed where pos > $1)
         select {HAS} as has,
                array(select edit from told) as edits,
                array(select distinct device from told) as devices,
                array(select kind from docs order by kind, id) as kinds,
                array(select id from docs order by kind, id) as docs,
                array(select distinct customer_id from report.orders
                      where order_id in (select id from docs where kind = $3) and customer_id is not null) as customers,
                array(select report.number_key(number) from report.products
                      where product_id in (select id from docs where kind = $4)) as products_named,
                array(select report.number_key(number) from report.customers
                      where customer_id in (select id from docs where kind = $5)) as customers_named,
                array(select report.number_key(code) from report.locations
                      where location_id in (select id from docs where kind = $6)) as locations_coded,
                {HEAD}
         from sync.head cross join sync.epoch cross join sync.trimmed t"
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(shape::position(behind.pos))
        .bind(behind.chain.0.as_slice())
        .bind(i16::from(u8::from(DocKind::Order)))
        .bind(i16::from(u8::from(DocKind::Product)))
        .bind(i16::from(u8::from(DocKind::Customer)))
        .bind(i16::from(u8::from(DocKind::Location)))
        .fetch_one(conn)
        .await
}

impl Row {
    fn read(self) -> Result<Option<(Others, Head)>, LogError> {
        if !self.has {
            return Ok(None);
        }
        let head = self.head.read()?;
        let others = Others {
            // A kind that only a later version of this program knows: nothing here looks into it.
            docs: self
                .kinds
                .into_iter()
                .zip(self.docs)
                .filter_map(|(kind, id)| shape::addr(kind, id).ok())
                .collect(),
            edits: self.edits.into_iter().map(EditId::from).collect(),
            devices: self.devices.into_iter().map(DeviceId::from).collect(),
            customers: self.customers.into_iter().map(CustomerId::from).collect(),
            named: [
                (DocKind::Product, self.products_named),
                (DocKind::Customer, self.customers_named),
                (DocKind::Location, self.locations_coded),
            ]
            .into_iter()
            .flat_map(|(kind, keys)| keys.into_iter().map(move |key| Number { kind, key }))
            .collect(),
            numbers: head.numbers,
        };
        Ok(Some((others, head)))
    }
}
