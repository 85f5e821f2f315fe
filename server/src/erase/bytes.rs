//! What PostgreSQL leaves behind of rows that were changed: old versions in its tables, in its statistics and in its
//! write-ahead log.

use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool};

/// Tables in which something personal may have stood.
const TABLES: [&str; 13] = [
    "sync.edit",
    "sync.feed",
    "sync.change",
    "sync.snapshot",
    "sync.archive",
    "sync.review",
    "report.orders",
    "report.order_lines",
    "report.payments",
    "report.revenue",
    "report.customers",
    "report.held_payments",
    "report.held_goods",
];

/// Segments of the write-ahead log that are written over at most.
const SEGMENTS: i64 = 256;

/// Writes the tables anew, which others wait for, and lets the old write-ahead log go. What this server may not do
/// there is given back in words.
pub async fn leave_nothing(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    let mut conn = pool.acquire().await?;
    for table in TABLES {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(format!("vacuum (full, analyze) {table}")))).await?;
    }
    let mut left = Vec::new();
    // Samples of what stood in the columns.
    if let Err(error) = conn.execute("vacuum full pg_catalog.pg_statistic").await {
        left.push(format!("PostgreSQL's statistics (VACUUM FULL pg_statistic: {})", words(&error)));
    }
    if let Err(error) = log_goes(&mut conn).await {
        left.push(format!("PostgreSQL's write-ahead log, until it is written over ({})", words(&error)));
    }
    Ok(left)
}

/// Segments that are kept to be used again hold what they held. Each is used now, and then none is kept.
async fn log_goes(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    conn.execute("alter system set wal_recycle = off").await?;
    conn.execute("select pg_reload_conf()").await?;
    let gone = write_over(conn).await;
    conn.execute("alter system reset wal_recycle").await?;
    conn.execute("select pg_reload_conf()").await?;
    gone
}

async fn write_over(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let segments: i64 =
        sqlx::query_scalar("select count(*) from pg_ls_waldir()").fetch_one(&mut *conn).await?;
    for _ in 0..segments.min(SEGMENTS) + 1 {
        // An empty segment is not left for the next one.
        conn.execute("select pg_logical_emit_message(false, 'waybill', '')").await?;
        conn.execute("select pg_switch_wal()").await?;
    }
    for _ in 0..2 {
        conn.execute("checkpoint").await?;
    }
    Ok(())
}

fn words(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
