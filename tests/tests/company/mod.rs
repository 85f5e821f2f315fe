//! A demo company of a few days in a real PostgreSQL.
#![allow(dead_code, reason = "every test file uses its own part of this")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;
use waybill_server::{
    database,
    demo::{self, Loaded},
    postgres::EmbeddedPostgres,
};
use waybill_shared::{kind::DocKind, time::Timestamp};
use waybill_tests::serving::start_postgres;

/// A PostgreSQL of its own, stopped and removed when dropped.
pub struct Cluster {
    pub postgres: EmbeddedPostgres,
    // After the cluster, which must have stopped when its files go.
    _dir: TempDir,
}

impl Cluster {
    pub async fn start() -> Self {
        let started = tokio::task::spawn_blocking(|| {
            let dir = tempfile::tempdir().unwrap();
            let postgres = start_postgres(dir.path());
            Self { postgres, _dir: dir }
        });
        started.await.unwrap()
    }

    /// A database with all tables, and nothing in them.
    pub async fn database(&self, name: &str) -> PgPool {
        let pool = PgPool::connect_with(self.postgres.create_database(name).await.unwrap()).await.unwrap();
        database::migrate(&pool).await.unwrap();
        pool
    }

    /// A company of three days.
    pub async fn company(&self) -> PgPool {
        let pool = self.database("company").await;
        load(&pool, 7, 3).await;
        pool
    }

    /// A corner of it: a few of everything.
    pub async fn corner(&self) -> PgPool {
        let pool = self.database("corner").await;
        let mut story = demo::tell(7, friday(), 2);
        let mut seen: BTreeMap<DocKind, BTreeSet<Uuid>> = BTreeMap::new();
        story.edits.retain(|edit| {
            let doc = edit.parts[0].doc;
            let seen = seen.entry(doc.kind).or_default();
            seen.contains(&doc.id) || (seen.len() < 30 && seen.insert(doc.id))
        });
        demo::load(&pool, story, 7).await.unwrap();
        pool
    }
}

pub fn friday() -> Timestamp {
    let now: DateTime<Utc> = "2026-10-16T15:30:00Z".parse().unwrap();
    Timestamp::from_unix_ms(now.timestamp_millis())
}

pub async fn load(pool: &PgPool, seed: u64, days: u64) -> Loaded {
    demo::load(pool, demo::tell(seed, friday(), days), seed).await.unwrap()
}

pub async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// One line of text out of a query.
pub async fn text(pool: &PgPool, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}
