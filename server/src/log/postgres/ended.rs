//! What is noted of edits in work, in `sync.run`, `sync.in_work` and `sync.set_aside`.

use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::id::{EditId, Id};

use super::{read, shape};
use crate::log::{
    LogError, Noted, Past,
    ended::{Ended, Led},
};

pub async fn opened(pool: &PgPool) -> Result<Past, LogError> {
    type Run = (bool, Option<Uuid>, Option<i32>, Vec<Uuid>, Vec<i32>);
    let mut tx = pool.begin().await?;
    let (fell, trying, attempt, suspects, attempts): Run = sqlx::query_as(
        "select running, trying, trying_attempt, suspects, suspect_attempts from sync.run for update",
    )
    .fetch_one(&mut *tx)
    .await?;
    let in_work: Option<(Vec<Uuid>, Vec<i32>)> =
        sqlx::query_as("delete from sync.in_work returning edits, attempts").fetch_optional(&mut *tx).await?;
    let aside: Vec<(Uuid, i32)> =
        sqlx::query_as("delete from sync.set_aside returning edit, attempt").fetch_all(&mut *tx).await?;
    let ended = Ended {
        trying: trying.map(|edit| noted(edit, attempt.unwrap_or(0))),
        in_work: in_work.map_or_else(Vec::new, |(edits, attempts)| all_noted(edits, attempts)),
        suspects: all_noted(suspects, attempts),
        aside: aside.into_iter().map(|(edit, attempt)| noted(edit, attempt)).collect(),
    };
    let known = read::known(&mut tx, &ended.edits()).await?;
    let Led { past, suspects, aside } = ended.led_to(fell, &known);
    let (edits, attempts) = columns(&suspects);
    sqlx::query(
        "update sync.run set running = true, trying = null, trying_attempt = null, suspects = $1,
             suspect_attempts = $2",
    )
    .bind(edits)
    .bind(attempts)
    .execute(&mut *tx)
    .await?;
    let (edits, attempts) = columns(&aside);
    sqlx::query("insert into sync.set_aside (edit, attempt) select * from unnest($1::uuid[], $2::integer[])")
        .bind(edits)
        .bind(attempts)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(past)
}

pub async fn in_work(pool: &PgPool, all: &[Noted]) -> Result<(), sqlx::Error> {
    let (edits, attempts) = columns(all);
    sqlx::query(
        "insert into sync.in_work (edits, attempts) values ($1, $2)
         on conflict (the_one) do update set edits = excluded.edits, attempts = excluded.attempts",
    )
    .bind(edits)
    .bind(attempts)
    .execute(pool)
    .await?;
    Ok(())
}

pub async fn trying(pool: &PgPool, edit: Option<Noted>) -> Result<(), sqlx::Error> {
    sqlx::query("update sync.run set trying = $1, trying_attempt = $2")
        .bind(edit.map(|noted| noted.edit.uuid()))
        .bind(edit.map(|noted| shape::small(noted.attempt)))
        .execute(pool)
        .await?;
    Ok(())
}

pub async fn at_rest(pool: &PgPool) -> Result<(), sqlx::Error> {
    // The row that survives everything is written only if there is something to forget.
    sqlx::query(
        "with forgotten as (update sync.in_work set edits = '{}', attempts = '{}')
         update sync.run set trying = null, trying_attempt = null where trying is not null",
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// What is set aside stays so.
pub async fn closed(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update sync.run set running = false, trying = null, trying_attempt = null, suspects = '{}',
             suspect_attempts = '{}'",
    )
    .execute(pool)
    .await?;
    Ok(())
}

fn columns(all: &[Noted]) -> (Vec<Uuid>, Vec<i32>) {
    all.iter().map(|noted| (noted.edit.uuid(), shape::small(noted.attempt))).unzip()
}

/// An edit without an attempt was noted by an older server: it is taken for the first.
fn all_noted(edits: Vec<Uuid>, attempts: Vec<i32>) -> Vec<Noted> {
    let attempts = attempts.into_iter().chain(std::iter::repeat(0));
    edits.into_iter().zip(attempts).map(|(edit, attempt)| noted(edit, attempt)).collect()
}

fn noted(edit: Uuid, attempt: i32) -> Noted {
    Noted { edit: EditId::new(edit), attempt: attempt.unsigned_abs() }
}
