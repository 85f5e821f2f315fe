//! Servers of different versions beside each other: whose tables these are, and who works on them.

use sqlx::PgPool;
use waybill_migrations::{LAST, LEAST};

/// How the tables stand to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    Same,
    /// They are to be brought up to date; these servers are at work on them, each with the last step that it knows.
    Older {
        servers: Vec<i64>,
    },
    /// A newer server brought them to this version. Whoever knows the step `least` works on them.
    Newer {
        version: i64,
        least: i64,
    },
}

pub async fn stand(pool: &PgPool) -> Result<Stand, sqlx::Error> {
    let version: i64 = match has(pool, "public._sqlx_migrations").await? {
        true => {
            sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations where success")
                .fetch_one(pool)
                .await?
        }
        false => 0,
    };
    if version > LAST {
        // What it says of other tables than these, because a newer server was cut off between the two, says nothing.
        let said: Option<i64> = match has(pool, "sync.tables").await? {
            true => {
                sqlx::query_scalar("select least from sync.tables where version = $1")
                    .bind(version)
                    .fetch_optional(pool)
                    .await?
            }
            false => None,
        };
        return Ok(Stand::Newer { version, least: said.unwrap_or(version) });
    }
    if version == LAST {
        return Ok(Stand::Same);
    }
    Ok(Stand::Older { servers: servers(pool, version).await? })
}

/// Those that hold the lock of their number. Who does not say what it knows, knows the tables as they are.
async fn servers(pool: &PgPool, version: i64) -> Result<Vec<i64>, sqlx::Error> {
    if !has(pool, "sync.server").await? {
        return Ok(Vec::new());
    }
    // By the row as it is: the column is younger than the table.
    sqlx::query_scalar(
        "select coalesce((to_jsonb(s) ->> 'knows')::bigint, $1) from sync.server s
         where not pg_try_advisory_xact_lock(key)",
    )
    .bind(version)
    .fetch_all(pool)
    .await
}

async fn has(pool: &PgPool, table: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select to_regclass($1) is not null").bind(table).fetch_one(pool).await
}

/// There is nothing to bring up to date.
pub async fn is_settled(pool: &PgPool) -> Result<bool, sqlx::Error> {
    match stand(pool).await? {
        Stand::Newer { .. } => Ok(true),
        Stand::Older { .. } => Ok(false),
        Stand::Same => {
            sqlx::query_scalar("select version >= $1 and least >= $2 from sync.tables")
                .bind(LAST)
                .bind(LEAST)
                .fetch_one(pool)
                .await
        }
    }
}

/// The tables are this program's.
pub async fn settled(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update sync.tables set version = greatest(version, $1), least = greatest(least, $2)
         where version < $1 or least < $2",
    )
    .bind(LAST)
    .bind(LEAST)
    .execute(pool)
    .await?;
    Ok(())
}
