//! That a restore was begun and is not finished: noted before anything is put back, and taken out when everything has
//! been, what was erased since erased again, and looked through. Until then nothing else works on the database.

use std::path::{Path, PathBuf};

use sqlx::{Connection, Executor, PgConnection, PgPool};
use uuid::Uuid;

/// Beside the tables, which are put back, and outside of what backups hold.
const NOTE: &str = "create table if not exists public.waybill_restore (
        the_one  boolean primary key default true check (the_one),
        source   text not null,
        erasures text,
        listed   uuid[] not null default '{}'
    )";

/// An earlier version made it without.
const LISTED: &str =
    "alter table public.waybill_restore add column if not exists listed uuid[] not null default '{}'";

/// Of the one restore that may be under way: “WAYBREST”.
const LOCK: i64 = 0x5741_5942_5245_5354;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub source: String,
    pub erasures: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(
        "a restore of {} into this database was begun and is not finished, so what is in it may be what was erased \
         since: nothing else works on it until then. Let it come to its end, or if it was cut off do it again: \
         `waybill-server restore --from {}{}`",
        .0.source, .0.source, .0.erasures.as_ref().map(|list| format!(" --erasures {list}")).unwrap_or_default()
    )]
    Unfinished(Unfinished),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

/// Whoever works on the database asks first, and a server once more when it is known to live: so either the restore finds
/// it, or it the restore.
pub async fn refuse(pool: &PgPool) -> Result<(), Refused> {
    match look(pool).await? {
        Some(unfinished) => Err(Refused::Unfinished(unfinished)),
        None => Ok(()),
    }
}

pub async fn look(pool: &PgPool) -> Result<Option<Unfinished>, sqlx::Error> {
    let sql = "select to_regclass('public.waybill_restore') is not null";
    if !sqlx::query_scalar::<_, bool>(sql).fetch_one(pool).await? {
        return Ok(None);
    }
    let noted: Option<(String, Option<String>)> =
        sqlx::query_as("select source, erasures from public.waybill_restore").fetch_optional(pool).await?;
    Ok(noted.map(|(source, erasures)| Unfinished { source, erasures }))
}

/// Holds others off as long as it lives, which is no longer than this process does.
pub struct Alone(PgConnection);

impl Alone {
    /// `None`: another one is at it. Not one of the pool's connections, which may be but one.
    pub async fn with(pool: &PgPool) -> Result<Option<Alone>, sqlx::Error> {
        use sqlx::ConnectOptions;
        let mut conn = pool.connect_options().connect().await?;
        let sql = "select pg_try_advisory_lock($1)";
        let alone: bool = sqlx::query_scalar(sql).bind(LOCK).fetch_one(&mut conn).await?;
        Ok(alone.then_some(Alone(conn)))
    }

    /// The customers on the list of the one that was cut off.
    pub async fn listed(&mut self) -> Result<Vec<Uuid>, sqlx::Error> {
        self.0.execute(LISTED).await?;
        sqlx::query_scalar("select listed from public.waybill_restore").fetch_one(&mut self.0).await
    }

    /// `listed`: whom the list of erasures names.
    pub async fn begins(
        &mut self,
        source: &Path,
        erasures: Option<&Path>,
        listed: &[Uuid],
    ) -> Result<(), sqlx::Error> {
        let mut tx = self.0.begin().await?;
        tx.execute(NOTE).await?;
        tx.execute(LISTED).await?;
        sqlx::query(
            "insert into public.waybill_restore (source, erasures, listed) values ($1, $2, $3)
             on conflict (the_one) do update
                 set source = excluded.source, erasures = excluded.erasures, listed = excluded.listed",
        )
        .bind(whole(source).display().to_string())
        .bind(erasures.map(|list| whole(list).display().to_string()))
        .bind(listed)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    pub async fn finished(mut self) -> Result<(), sqlx::Error> {
        self.0.execute("drop table public.waybill_restore").await?;
        self.0.close().await
    }
}

/// It may be read in another directory.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
