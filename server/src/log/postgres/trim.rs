//! Giving up the first positions of the log.

use sqlx::PgPool;
use waybill_shared::chain::Cursor;

use super::shape;
use crate::log::LogError;

/// Rows deleted in one transaction, so that nobody waits for it and a crash loses little of the work.
const AT_ONCE: i64 = 10_000;

/// Where the log begins is moved first, for good; deleting what lies before it is housework, which the next trim
/// goes on with where this one was cut off.
pub async fn trim(pool: &PgPool, upto: u64) -> Result<Option<Cursor>, LogError> {
    let upto = shape::position(upto);
    sqlx::query(
        "update sync.trimmed t set pos = f.pos, chain = f.chain from sync.feed f where f.pos = $1 and t.pos < $1",
    )
    .bind(upto)
    .execute(pool)
    .await?;
    let (pos, chain): (i64, Vec<u8>) =
        sqlx::query_as("select pos, chain from sync.trimmed").fetch_one(pool).await?;
    if pos < upto {
        return Ok(None);
    }
    let first: Option<i64> = sqlx::query_scalar("select min(pos) from sync.feed").fetch_one(pool).await?;
    let mut at = first.unwrap_or(pos + 1);
    while at <= pos {
        let next = at.saturating_add(AT_ONCE).min(pos + 1);
        sqlx::query("delete from sync.feed where pos < $1").bind(next).execute(pool).await?;
        at = next;
    }
    Ok(Some(Cursor { pos: pos.unsigned_abs(), chain: shape::hash(&chain)? }))
}
