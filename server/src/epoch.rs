//! When the log has become another one: what is begun then, and what becomes of the numbers that the server gives.

use sqlx::{Executor, PgConnection, PgPool, Postgres};
use waybill_shared::chain::Cursor;

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

/// In this epoch the log was proven to stand here. If it does not go there and was not begun anew since, that is news: it
/// was put back, or a replica without the last commits took over. The epoch may be one that was lost with the log.
pub async fn met(pool: &PgPool, told_in: u64, stood: Cursor) -> Result<(), LogError> {
    let mut tx = pool.begin().await?;
    let number = lock(&mut tx).await?.unsigned_abs();
    if told_in < number || !lacks(&mut tx, stood).await? {
        return Ok(());
    }
    sqlx::query("update sync.epoch set number = greatest(number, $1)")
        .bind(i64::try_from(told_in).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
    begin(&mut *tx).await?;
    tx.commit().await?;
    alarm("a device hands back this server's proof of a position that the log does not have");
    Ok(())
}

/// The log does not have this any more, and not because it was trimmed.
async fn lacks(conn: &mut PgConnection, stood: Cursor) -> Result<bool, sqlx::Error> {
    let trimmed: i64 = sqlx::query_scalar("select pos from sync.trimmed").fetch_one(&mut *conn).await?;
    Ok(stood.pos > trimmed.unsigned_abs() && !has(conn, stood).await?)
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
        Some(written) => lacks(&mut tx, written).await?,
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
