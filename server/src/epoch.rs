//! When the log has become another one: what is begun then, and what becomes of the numbers that the server gives.

use sqlx::{Executor, PgConnection, PgPool, Postgres};
use waybill_shared::{
    chain::Cursor,
    id::{DeviceId, Id},
};

use crate::{
    intake::number,
    log::{
        LogError,
        postgres::{LOCK, has},
    },
};

/// The log is not the one that devices knew: they hold what it lacks.
pub async fn begin(by: impl Executor<'_, Database = Postgres>) -> Result<(), sqlx::Error> {
    by.execute("select sync.begin_epoch()").await?;
    Ok(())
}

/// A device stands where the log does not go. If it said hello since this was last noticed, it is news: the log was
/// put back, or a replica without the last commits took over.
pub async fn met(pool: &PgPool, device: DeviceId, stands: Cursor) -> Result<(), LogError> {
    let mut tx = pool.begin().await?;
    let number = lock(&mut tx).await?;
    let news: bool = sqlx::query_scalar(
        "select $2 > (select pos from sync.trimmed) and epoch = $3 from account.device where id = $1",
    )
    .bind(device.uuid())
    .bind(i64::try_from(stands.pos).unwrap_or(i64::MAX))
    .bind(number)
    .fetch_optional(&mut *tx)
    .await?
    .unwrap_or(false);
    if news {
        begin(&mut *tx).await?;
        tx.commit().await?;
        alarm("a device stands where the log does not go");
    }
    Ok(())
}

/// What was written to the log in an epoch is gone, or PostgreSQL says that it was taken over or put back. `true`: a
/// new epoch was begun.
pub async fn look(pool: &PgPool, written: Option<(u64, Cursor)>) -> Result<bool, LogError> {
    let mut tx = pool.begin().await?;
    let number = lock(&mut tx).await?;
    // If it is not the same, somebody else has noticed.
    let written = written.filter(|(epoch, _)| *epoch == number.unsigned_abs()).map(|(_, cursor)| cursor);
    let moved: bool = sqlx::query_scalar("select coalesce(place <> sync.place(), false) from sync.epoch")
        .fetch_one(&mut *tx)
        .await?;
    let gone = match written {
        Some(written) => {
            let trimmed: i64 = sqlx::query_scalar("select pos from sync.trimmed").fetch_one(&mut *tx).await?;
            written.pos > trimmed.unsigned_abs() && !has(&mut tx, written).await?
        }
        None => false,
    };
    if !moved && !gone {
        return Ok(false);
    }
    begin(&mut *tx).await?;
    tx.commit().await?;
    alarm(if gone { "what this server wrote is gone" } else { "another PostgreSQL has the data" });
    Ok(true)
}

async fn lock(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select number from sync.epoch for update").fetch_one(conn).await
}

/// Said once for each time.
fn alarm(why: &'static str) {
    metrics::counter!("waybill_logs_replaced_total").increment(1);
    tracing::error!(
        why,
        "the log is not the one that devices knew, or may not be: it was put back, or another PostgreSQL took over. \
         Devices send again what it lacks; the server gives no numbers until `waybill-server numbers confirm`"
    );
}

/// The numbers that the server gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The last one that the log knows of.
    pub last: u64,
    pub wait: bool,
}

impl Numbers {
    pub fn last(&self) -> String {
        number(self.last)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    #[error("the log has given {} already, so a later one is the last; give that or a higher one", number(*.0))]
    Lower(u64),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

pub async fn numbers(pool: &PgPool) -> Result<Numbers, sqlx::Error> {
    let (last, wait): (i64, bool) =
        sqlx::query_as("select numbers, numbers_wait from sync.head, sync.epoch").fetch_one(pool).await?;
    Ok(Numbers { last: last.unsigned_abs(), wait })
}

/// The last number printed is this one: the server goes on behind it.
pub async fn confirm(pool: &PgPool, last: u64) -> Result<(), ConfirmError> {
    let mut tx = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let known: i64 = sqlx::query_scalar("select numbers from sync.head").fetch_one(&mut *tx).await?;
    if last < known.unsigned_abs() {
        return Err(ConfirmError::Lower(known.unsigned_abs()));
    }
    sqlx::query("update sync.head set numbers = $1")
        .bind(i64::try_from(last).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
    tx.execute("update sync.epoch set numbers_wait = false").await?;
    tx.commit().await?;
    Ok(())
}
