//! What each server notes of edits in work, in `sync.server`, `sync.server_work` and `sync.set_aside`.

use sqlx::{Executor, PgPool};
use uuid::Uuid;
use waybill_shared::id::{EditId, Id};

use super::{read, shape};
use crate::log::{
    LogError, Noted, Past,
    ended::{Ended, Led},
};

/// What one server noted.
#[derive(sqlx::FromRow)]
struct Row {
    key: i64,
    /// Nobody holds its lock.
    fell: bool,
    trying: Option<Uuid>,
    trying_attempt: Option<i32>,
    suspects: Vec<Uuid>,
    suspect_attempts: Vec<i32>,
    edits: Vec<Uuid>,
    attempts: Vec<i32>,
}

/// This server begins, holding the lock of its `key`. What those left that fell is its to look after.
pub async fn opened(pool: &PgPool, key: i64) -> Result<Past, LogError> {
    let mut tx = pool.begin().await?;
    // Of several that begin at once one finds them.
    tx.execute("lock table sync.server in exclusive mode").await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select key, pg_try_advisory_xact_lock(key) as fell, trying, trying_attempt, suspects, suspect_attempts,
                coalesce(edits, '{}') as edits, coalesce(attempts, '{}') as attempts
         from sync.server left join sync.server_work using (key)",
    )
    .fetch_all(&mut *tx)
    .await?;
    let aside: Vec<(Uuid, i32)> =
        sqlx::query_as("delete from sync.set_aside returning edit, attempt").fetch_all(&mut *tx).await?;
    let fallen: Vec<i64> = rows.iter().filter(|row| row.fell).map(|row| row.key).collect();
    let ended = ended(rows, aside);
    let known = read::known(&mut tx, &ended.edits()).await?;
    let Led { past, suspects, aside } = ended.led_to(!fallen.is_empty(), &known);
    sqlx::query("delete from sync.server where key = any($1)").bind(fallen).execute(&mut *tx).await?;
    tx.execute("delete from sync.server_work where key not in (select key from sync.server)").await?;
    let (edits, attempts) = columns(&suspects)?;
    sqlx::query("insert into sync.server (key, suspects, suspect_attempts, knows) values ($1, $2, $3, $4)")
        .bind(key)
        .bind(edits)
        .bind(attempts)
        .bind(waybill_migrations::LAST)
        .execute(&mut *tx)
        .await?;
    let (edits, attempts) = columns(&aside)?;
    sqlx::query("insert into sync.set_aside (edit, attempt) select * from unnest($1::uuid[], $2::integer[])")
        .bind(edits)
        .bind(attempts)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(past)
}

/// All that fell since somebody last looked count as one end: they may have fallen together, as when the power went,
/// and an edit that was on its way to both is no more to blame for that. Whom a living one suspects is suspected.
fn ended(rows: Vec<Row>, aside: Vec<(Uuid, i32)>) -> Ended {
    let mut ended = Ended {
        aside: aside.into_iter().map(|(edit, attempt)| noted(edit, attempt)).collect(),
        ..Ended::default()
    };
    let mut tried = Vec::new();
    for row in rows {
        ended.suspects.extend(all_noted(row.suspects, row.suspect_attempts));
        if row.fell {
            ended.in_work.extend(all_noted(row.edits, row.attempts));
            tried.extend(row.trying.map(|edit| noted(edit, row.trying_attempt.unwrap_or(0))));
        }
    }
    match tried.as_slice() {
        [one] => ended.trying = Some(*one),
        _ => ended.in_work.extend(tried),
    }
    ended
}

pub async fn in_work(pool: &PgPool, key: i64, all: &[Noted]) -> Result<(), sqlx::Error> {
    let (edits, attempts) = columns(all)?;
    sqlx::query(
        "insert into sync.server_work (key, edits, attempts) values ($1, $2, $3)
         on conflict (key) do update set edits = excluded.edits, attempts = excluded.attempts",
    )
    .bind(key)
    .bind(edits)
    .bind(attempts)
    .execute(pool)
    .await?;
    Ok(())
}

pub async fn trying(pool: &PgPool, key: i64, edit: Option<Noted>) -> Result<(), sqlx::Error> {
    // Whoever began while PostgreSQL was away from this server took it for fallen, and its row with it.
    sqlx::query(
        "insert into sync.server (key, trying, trying_attempt, knows) values ($1, $2, $3, $4)
         on conflict (key) do update set trying = excluded.trying, trying_attempt = excluded.trying_attempt",
    )
    .bind(key)
    .bind(edit.map(|noted| noted.edit.uuid()))
    .bind(edit.map(|noted| shape::small(noted.attempt)).transpose()?)
    .bind(waybill_migrations::LAST)
    .execute(pool)
    .await?;
    Ok(())
}

pub async fn at_rest(pool: &PgPool, key: i64) -> Result<(), sqlx::Error> {
    // The row that survives everything is written only if there is something to forget.
    sqlx::query(
        "with forgotten as (update sync.server_work set edits = '{}', attempts = '{}' where key = $1)
         update sync.server set trying = null, trying_attempt = null where key = $1 and trying is not null",
    )
    .bind(key)
    .execute(pool)
    .await?;
    Ok(())
}

/// What is set aside stays so.
pub async fn closed(pool: &PgPool, key: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "with forgotten as (delete from sync.server_work where key = $1) delete from sync.server where key = $1",
    )
    .bind(key)
    .execute(pool)
    .await?;
    Ok(())
}

fn columns(all: &[Noted]) -> Result<(Vec<Uuid>, Vec<i32>), sqlx::Error> {
    let attempts = all.iter().map(|noted| shape::small(noted.attempt)).collect::<Result<_, _>>()?;
    Ok((all.iter().map(|noted| noted.edit.uuid()).collect(), attempts))
}

fn all_noted(edits: Vec<Uuid>, attempts: Vec<i32>) -> Vec<Noted> {
    edits.into_iter().zip(attempts).map(|(edit, attempt)| noted(edit, attempt)).collect()
}

fn noted(edit: Uuid, attempt: i32) -> Noted {
    Noted { edit: EditId::new(edit), attempt: attempt.unsigned_abs() }
}
