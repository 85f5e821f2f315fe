//! Putting a backup back into an empty database.

use std::{io, path::Path};

use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool};

use super::{
    file::{Piece, Reader},
    tables,
};
use crate::{
    check::{self, CheckError, Checked},
    database, epoch,
};

/// What was put back, and what `check` found then.
#[derive(Debug)]
pub struct Restored {
    pub taken: String,
    pub program: String,
    pub pos: i64,
    pub rows: u64,
    pub checked: Checked,
}

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(
        "the database holds data already ({people} people, {pos} log positions); nothing was changed. Restore into an \
         empty one: give another --data-dir or --database-url"
    )]
    NotEmpty { people: i64, pos: i64 },
    #[error(
        "a server runs on this database, or was killed there; stop it first, or give another empty database"
    )]
    InUse,
    #[error(
        "the backup was made by a newer Waybill ({program}; its tables are at version {version}); restore it with that \
         version or a newer one"
    )]
    Newer { program: String, version: i64 },
    #[error("the backup cannot be read: {0}; nothing was changed")]
    Unreadable(#[from] io::Error),
    #[error("the backup is not as it was written: {0}; nothing was changed")]
    Damaged(String),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

pub async fn restore(pool: &PgPool, from: &Path) -> Result<Restored, RestoreError> {
    let mut file = Reader::open(from)?;
    let Piece::Begin { program, taken, version, pos } = file.piece()? else {
        return Err(RestoreError::Damaged("it does not begin as one".to_owned()));
    };
    if waybill_migrations::POSTGRES.last().is_none_or(|latest| version > latest.version) {
        return Err(RestoreError::Newer { program, version });
    }
    empty(pool).await?;
    // As the tables were when it was taken; later steps then change the data as they changed it elsewhere.
    clear(pool).await?;
    database::migrate_to(pool, version).await?;
    let filled = fill(pool, &mut file).await;
    let rows = match filled {
        Ok(rows) => rows,
        Err(error) => {
            clear(pool).await?;
            database::migrate(pool).await?;
            return Err(error);
        }
    };
    database::migrate(pool).await?;
    let checked = check::check(pool).await?;
    Ok(Restored { taken, program, pos, rows, checked })
}

async fn empty(pool: &PgPool) -> Result<(), RestoreError> {
    let (people, pos, running): (i64, i64, bool) = sqlx::query_as(
        "select (select count(*) from account.person), pos, running
                 or exists (select from sync.server where not pg_try_advisory_xact_lock(key))
             from sync.head, sync.run",
    )
    .fetch_one(pool)
    .await?;
    if people > 0 || pos > 0 {
        return Err(RestoreError::NotEmpty { people, pos });
    }
    if running {
        return Err(RestoreError::InUse);
    }
    Ok(())
}

async fn clear(pool: &PgPool) -> Result<(), sqlx::Error> {
    pool.execute("drop schema account, sync, report cascade; delete from _sqlx_migrations").await?;
    Ok(())
}

/// In one transaction: all of it or nothing.
async fn fill(pool: &PgPool, file: &mut Reader) -> Result<u64, RestoreError> {
    let mut tx = pool.begin().await?;
    // What the steps that made the tables put into them is in the backup too, as it was then.
    for table in tables::all(&mut tx).await?.iter().rev() {
        tx.execute(sqlx::raw_sql(AssertSqlSafe(format!("delete from {}", table.name)))).await?;
    }
    let mut rows = 0;
    loop {
        match file.piece()? {
            Piece::Begin { .. } => return Err(RestoreError::Damaged("it begins twice".to_owned())),
            Piece::Table { name, columns } => rows += copy(&mut tx, &name, &columns, file).await?,
            Piece::Sequence { name, last } => {
                sqlx::query("select setval($1::text::regclass, $2)")
                    .bind(name)
                    .bind(last)
                    .execute(&mut *tx)
                    .await?;
            }
            Piece::End { rows: expected } if expected == rows => break,
            Piece::End { rows: expected } => {
                return Err(RestoreError::Damaged(format!("it holds {rows} rows, not {expected}")));
            }
        }
    }
    mark(&mut tx).await?;
    tx.commit().await?;
    Ok(rows)
}

async fn copy(
    conn: &mut PgConnection,
    name: &str,
    columns: &[String],
    file: &mut Reader,
) -> Result<u64, RestoreError> {
    let mut into = conn.copy_in_raw(&format!("copy {name} ({}) from stdin", columns.join(", "))).await?;
    loop {
        match file.bytes() {
            Ok(bytes) if bytes.is_empty() => return Ok(into.finish().await?),
            Ok(bytes) => {
                into.send(bytes).await?;
            }
            Err(error) => {
                into.abort("the backup ends").await?;
                return Err(error.into());
            }
        }
    }
}

/// Devices, and whoever gives numbers, are to notice, whatever ends this process now.
async fn mark(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Before it is noticed: names are then sent again with this version.
    let version = "update account.names_version
         set version = greatest(version + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)";
    conn.execute(version).await?;
    epoch::begin(&mut *conn).await?;
    // What was in work on the server that it was taken from is in work nowhere.
    conn.execute(
        "do $$ begin if to_regclass('sync.server') is not null then delete from sync.server; end if; end $$;
         delete from sync.run; insert into sync.run default values",
    )
    .await?;
    Ok(())
}
