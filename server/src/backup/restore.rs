//! Putting a backup back into an empty database: one thing, which is finished or not, whatever ends it on the way.

use std::{
    io,
    path::{Path, PathBuf},
};

use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool};
use uuid::Uuid;
use waybill_shared::id::Id;

use super::{
    file::{Piece, Reader},
    tables,
    unfinished::{self, Alone, Unfinished},
};
use crate::{
    check::{self, CheckError, Checked},
    database, epoch,
    erase::{
        self, EraseError, bytes,
        list::{self, Listed},
    },
    progress,
};

/// What is put back, and the list of what was erased since.
#[derive(Clone, Debug)]
pub struct Source {
    pub file: PathBuf,
    pub erasures: Option<PathBuf>,
}

/// What was put back, and what `check` found then.
#[derive(Debug)]
pub struct Restored {
    pub taken: String,
    pub program: String,
    pub pos: i64,
    pub rows: u64,
    /// Customers whose personal data was erased again; `None`: there was no list.
    pub erased: Option<usize>,
    /// Where something of theirs may still be, which this server may not clear.
    pub left: Vec<String>,
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
    #[error("another restore works on this database; wait for its end")]
    UnderWay,
    #[error(
        "the restore that was begun here had the list of erasures {0}, and without it what was erased would be back; \
         give it again with --erasures"
    )]
    WithoutList(String),
    #[error(
        "the restore that was begun here had another list of erasures, {noted}, with {missing} customers who are not on \
         this one, and what was erased of them would be back; give that one again with --erasures"
    )]
    OtherList { noted: String, missing: usize },
    #[error("the list of erasures, {}, cannot be read: {error}; nothing was changed", .list.display())]
    List { list: PathBuf, error: io::Error },
    #[error("what was erased since the backup could not be erased again: {0}")]
    Erase(#[from] EraseError),
    #[error(
        "the backup was made by a newer Waybill ({program}; its tables are at version {version}); restore it with that \
         version or a newer one"
    )]
    Newer { program: String, version: i64 },
    #[error("the backup cannot be read: {0}; nothing was changed")]
    Unreadable(#[from] io::Error),
    #[error("the backup is not as it was written: {0}; nothing was changed")]
    Damaged(String),
    /// Some of it is done: said again, it is done whole.
    #[error("{0}; give the same command again")]
    Begun(Box<RestoreError>),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

pub async fn restore(pool: &PgPool, from: &Source) -> Result<Restored, RestoreError> {
    // Read before anything is put back, so that what cannot be read is heard of while nothing has happened.
    let erasures = from.erasures.as_deref().map(read).transpose()?;
    let listed: Vec<Uuid> = erasures.iter().flatten().map(|listed| listed.customer.uuid()).collect();
    let mut file = Reader::open(&from.file)?;
    let Piece::Begin { program, taken, version, pos } = file.piece()? else {
        return Err(RestoreError::Damaged("it does not begin as one".to_owned()));
    };
    if waybill_migrations::POSTGRES.last().is_none_or(|latest| version > latest.version) {
        return Err(RestoreError::Newer { program, version });
    }
    let mut alone = Alone::with(pool).await?.ok_or(RestoreError::UnderWay)?;
    match unfinished::look(pool).await? {
        // What is here is what that one put back.
        Some(Unfinished { erasures: Some(list), .. }) if from.erasures.is_none() => {
            return Err(RestoreError::WithoutList(list));
        }
        Some(Unfinished { erasures: noted, .. }) => {
            let missing = alone.listed().await?.iter().filter(|customer| !listed.contains(customer)).count();
            if missing > 0 {
                return Err(RestoreError::OtherList { noted: noted.unwrap_or_default(), missing });
            }
            alone.begins(&from.file, from.erasures.as_deref(), &listed).await?;
        }
        None => {
            holds_nothing(pool).await?;
            alone.begins(&from.file, from.erasures.as_deref(), &listed).await?;
            // A server may have come before it could know.
            if let Err(error) = holds_nothing(pool).await {
                alone.finished().await?;
                return Err(error);
            }
        }
    }
    put_back(pool, alone, file, version, erasures.as_deref()).await.map(|(rows, left, checked)| Restored {
        taken,
        program,
        pos,
        rows,
        erased: erasures.as_ref().map(Vec::len),
        left,
        checked,
    })
}

/// From here on the database is another one when it fails.
async fn put_back(
    pool: &PgPool,
    alone: Alone,
    mut file: Reader,
    version: i64,
    erasures: Option<&[Listed]>,
) -> Result<(u64, Vec<String>, Checked), RestoreError> {
    let begun = |error: RestoreError| RestoreError::Begun(Box::new(error));
    // As the tables were when it was taken; later steps then change the data as they changed it elsewhere.
    let made = async {
        clear(pool).await?;
        Ok(database::migrate_to(pool, version).await?)
    };
    made.await.map_err(begun)?;
    let rows = match fill(pool, &mut file).await {
        Ok(rows) => rows,
        Err(error) => {
            let emptied = async {
                clear(pool).await?;
                database::migrate(pool).await?;
                Ok(alone.finished().await?)
            };
            return Err(emptied.await.map_or_else(begun, |()| error));
        }
    };
    let rest = async {
        database::migrate(pool).await?;
        let left = erase_again(pool, erasures.unwrap_or_default()).await?;
        let checked = check::check(pool).await?;
        alone.finished().await?;
        Ok((rows, left, checked))
    };
    rest.await.map_err(begun)
}

fn read(list: &Path) -> Result<Vec<Listed>, RestoreError> {
    list::read(list).map_err(|error| RestoreError::List { list: list.to_owned(), error })
}

/// The backup may hold what was erased since.
async fn erase_again(pool: &PgPool, erasures: &[Listed]) -> Result<Vec<String>, RestoreError> {
    for Listed { customer, at } in erasures {
        erase::carry_out(pool, *customer, *at).await?;
    }
    if erasures.is_empty() {
        return Ok(Vec::new());
    }
    let left = bytes::leave_nothing(pool).await?;
    for Listed { customer, .. } in erasures {
        erase::is_done(pool, *customer).await?;
    }
    Ok(left)
}

async fn holds_nothing(pool: &PgPool) -> Result<(), RestoreError> {
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
    // One that was cut off may have come as far as to have none of them.
    let all = "drop schema if exists account, sync, report cascade; drop table if exists _sqlx_migrations";
    pool.execute(all).await?;
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
                progress::step(bytes.iter().filter(|byte| **byte == b'\n').count());
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
