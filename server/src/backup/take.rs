//! Taking a backup.

use std::{fmt, path::Path};

use anyhow::Context;
use chrono::{SecondsFormat, Utc};
use futures_util::TryStreamExt;
use sqlx::PgPool;

use crate::progress;

use super::{
    file::{Piece, Writer},
    tables,
};

#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Where the log stood.
    pub pos: i64,
    pub rows: u64,
    pub bytes: u64,
}

/// All of it as it is at one moment. Nobody waits for it.
pub async fn take(pool: &PgPool, place: &Path) -> anyhow::Result<Taken> {
    let writing = || format!("{} cannot be written", place.display());
    let mut tx = pool.begin_with("begin isolation level repeatable read read only").await?;
    let (pos, version): (i64, i64) = sqlx::query_as(
        "select pos, (select max(version) from _sqlx_migrations where success) from sync.head",
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut file = Writer::create(place).with_context(writing)?;
    let taken = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let program = env!("CARGO_PKG_VERSION").to_owned();
    file.piece(&Piece::Begin { program, taken, version, pos }).with_context(writing)?;
    let mut rows = 0;
    for table in tables::all(&mut tx).await? {
        let copy = format!("copy {} ({}) to stdout", table.name, table.columns.join(", "));
        file.piece(&Piece::Table { name: table.name, columns: table.columns }).with_context(writing)?;
        let mut data = tx.copy_out_raw(&copy).await?;
        while let Some(bytes) = data.try_next().await? {
            let more = bytes.iter().filter(|byte| **byte == b'\n').count();
            rows += more as u64;
            progress::step(more);
            file.bytes(&bytes).with_context(writing)?;
        }
        file.bytes(&[]).with_context(writing)?;
    }
    let sequences: Vec<(String, i64)> = sqlx::query_as(
        "select format('%I.%I', schemaname, sequencename), last_value from pg_sequences
         where schemaname in ('account', 'sync', 'report') and last_value is not null",
    )
    .fetch_all(&mut *tx)
    .await?;
    for (name, last) in sequences {
        file.piece(&Piece::Sequence { name, last }).with_context(writing)?;
    }
    file.piece(&Piece::End { rows }).with_context(writing)?;
    let bytes = file.finish().with_context(writing)?;
    tx.rollback().await?;
    Ok(Taken { pos, rows, bytes })
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows up to log position {}, {} bytes", self.rows, self.pos, self.bytes)
    }
}
