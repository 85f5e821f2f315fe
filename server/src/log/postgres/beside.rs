//! What other servers wrote since a batch was prepared, read under the lock.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    id::{CustomerId, DeviceId, EditId},
    kind::DocKind,
};

use super::{commit::nothing_written, feed::has, read, shape};
use crate::log::{Batch, Collision, CommitError, LogError, MOST_BESIDE, Others, Written};

/// The batch as it stands behind them; the log has come so far.
pub async fn behind(conn: &mut PgConnection, batch: &Arc<Batch>, pos: u64) -> Result<Written, CommitError> {
    // Before anything is read: all who write wait.
    if pos.saturating_sub(batch.before.pos) > MOST_BESIDE {
        return Err(CommitError::Conflict);
    }
    let others = others(conn, batch.before).await.map_err(nothing_written)?;
    let Some(mut others) = others else { return Err(CommitError::Conflict) };
    let head = read::head(conn).await.map_err(unread)?;
    others.numbers = head.numbers;
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

/// `None`: the position is not of this log.
async fn others(conn: &mut PgConnection, behind: Cursor) -> Result<Option<Others>, sqlx::Error> {
    if !has(conn, behind).await? {
        return Ok(None);
    }
    let rows: Vec<(i16, i16, Uuid)> = sqlx::query_as(
        "with docs as (select distinct kind, id from sync.change where pos > $1),
              told as (select edit, device from sync.feed where pos > $1)
         select 0::smallint as what, 0::smallint as kind, edit as id from told
         union all select distinct 1::smallint, 0::smallint, device from told
         union all select 2::smallint, kind, id from docs
         union all
         select distinct 3::smallint, 0::smallint, customer_id from report.orders
         where order_id in (select id from docs where kind = $2) and customer_id is not null",
    )
    .bind(shape::number(behind.pos))
    .bind(i16::from(u8::from(DocKind::Order)))
    .fetch_all(conn)
    .await?;
    let mut others = Others::default();
    for (what, kind, id) in rows {
        match what {
            0 => _ = others.edits.insert(EditId::from(id)),
            1 => _ = others.devices.insert(DeviceId::from(id)),
            // A kind that only a later version of this program knows: nothing here looks into it.
            2 => others.docs.extend(shape::addr(kind, id).ok()),
            _ => _ = others.customers.insert(CustomerId::from(id)),
        }
    }
    Ok(Some(others))
}
