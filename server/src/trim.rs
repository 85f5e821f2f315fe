//! Giving up the beginning of the log: how far, and which devices stand before it.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use waybill_shared::chain::Cursor;

use crate::log::{Log, LogError, postgres::PostgresLog};

/// What a trim would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The last position that is given up.
    pub upto: u64,
    /// The last one that was given up before.
    pub begins: u64,
    pub head: u64,
    /// Devices in use that stood before it when they were last heard of: each loads all documents anew.
    pub behind: u64,
    pub devices: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// This position and all after it.
    From(u64),
    /// What was judged since then.
    Since(DateTime<Utc>),
}

#[derive(Debug, thiserror::Error)]
pub enum TrimError {
    #[error("the log ends at position {head}; give at most {} as --before", head + 1)]
    Beyond { head: u64 },
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

pub async fn plan(pool: &PgPool, keep: Keep) -> Result<Plan, TrimError> {
    let (head, begins): (i64, i64) =
        sqlx::query_as("select (select pos from sync.head), (select pos from sync.trimmed)")
            .fetch_one(pool)
            .await?;
    let (head, begins) = (head.unsigned_abs(), begins.unsigned_abs());
    let upto = match keep {
        Keep::From(pos) if pos > head + 1 => return Err(TrimError::Beyond { head }),
        Keep::From(pos) => pos.saturating_sub(1),
        Keep::Since(when) => {
            let first: Option<i64> =
                sqlx::query_scalar("select min(pos) from sync.edit where received >= $1")
                    .bind(when)
                    .fetch_one(pool)
                    .await?;
            first.map_or(head, |first| first.unsigned_abs().saturating_sub(1))
        }
    };
    let upto = upto.max(begins);
    let (behind, devices): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where stands_at < $1 and last_contact is not null), count(*)
         from account.device where revoked_at is null",
    )
    .bind(i64::try_from(upto).unwrap_or(i64::MAX))
    .fetch_one(pool)
    .await?;
    Ok(Plan { upto, begins, head, behind: behind.unsigned_abs(), devices: devices.unsigned_abs() })
}

pub async fn carry_out(pool: &PgPool, plan: &Plan) -> Result<Cursor, TrimError> {
    let begins = PostgresLog::new(pool.clone()).trim(plan.upto).await?;
    begins.ok_or(TrimError::Beyond { head: plan.head })
}
