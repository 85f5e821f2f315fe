//! The log in PostgreSQL: schema `sync`.

mod alarm;
mod beside;
mod commit;
mod documents;
mod ended;
mod feed;
mod generations;
mod read;
mod scoping;
pub mod shape;
mod trim;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool};
use tokio::sync::Mutex;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    id::{CustomerId, DeviceId, EditId, Entropy, OrderId},
    kind::DocAddr,
    numbers::Number,
    protocol::frame::{DocHeads, SavedDoc},
    review::Decided,
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::{FeedEntry, ScopesNow, Sees},
};

pub use commit::LOCK;
pub use feed::has;
pub use scoping::give as give_scopes;

use alarm::Alarm;

use super::{
    Batch, Claim, CommitError, Fed, Head, Held, Loaded, Log, LogError, Noted, Page, Past, Stretch, Written,
};
use crate::{epoch, sync::OsEntropy};

/// On this channel every commit of a batch wakes those who wait for the log to move on.
pub const MOVED: &str = "waybill_log";

#[derive(Debug)]
pub struct PostgresLog {
    pool: PgPool,
    /// Of its own: batches are written one after the other, and their statements stay prepared.
    writer: Mutex<Option<PgConnection>>,
    /// Under which this server notes what it has in work. Its writer holds the lock of this number, which ends with
    /// the process: so others know that it lives.
    key: AtomicI64,
    /// What was last said to be in work.
    noted: Mutex<Vec<Noted>>,
    alarm: Alarm,
}

impl PostgresLog {
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            writer: Mutex::new(None),
            key: AtomicI64::new(0),
            noted: Mutex::default(),
            alarm: Alarm::default(),
        }
    }

    /// The SQLSTATE of a defect of this program, if one was met in reading or writing and no batch was written
    /// since.
    pub fn defect(&self) -> Option<String> {
        self.alarm.on()
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        // Plans made for the tables as they happen to be now would scan the young log.
        let options = self.pool.connect_options().as_ref().clone();
        let mut conn = options
            .options([("plan_cache_mode", "force_generic_plan")])
            .application_name("waybill-intake")
            .connect()
            .await?;
        // Shared, because a connection that was given up may still be there.
        sqlx::query("select pg_advisory_lock_shared($1)").bind(self.key()).execute(&mut conn).await?;
        Ok(conn)
    }

    fn key(&self) -> i64 {
        self.key.load(Ordering::Acquire)
    }

    /// A life under a new number. If there was one before it has ended, and not in order.
    async fn begin(&self) -> Result<i64, sqlx::Error> {
        let mut writer = self.writer.lock().await;
        if let Some(mut before) = writer.take() {
            before.execute("select pg_advisory_unlock_all()").await?;
            before.close().await?;
        }
        let mut key = [0; 8];
        OsEntropy.fill(&mut key);
        self.key.store(i64::from_be_bytes(key), Ordering::Release);
        *writer = Some(self.connect().await?);
        Ok(self.key())
    }
}

impl Log for PostgresLog {
    async fn head(&self) -> Result<Head, LogError> {
        self.alarm.read(read::head(&mut *self.pool.acquire().await?).await)
    }

    async fn load(&self, docs: &[DocAddr], edits: &[EditId]) -> Result<Loaded, LogError> {
        if docs.is_empty() && edits.is_empty() {
            return Ok(Loaded::default());
        }
        let mut conn = self.pool.acquire().await?;
        let docs = if docs.is_empty() { Ok(Vec::new()) } else { documents::stored(&mut conn, docs).await };
        let edits = if edits.is_empty() { Ok(Vec::new()) } else { read::known(&mut conn, edits).await };
        Ok(Loaded { docs: self.alarm.read(docs)?, edits: self.alarm.read(edits)? })
    }

    async fn claims(&self, hashes: &[(DocAddr, Hash)]) -> Result<Vec<Claim>, LogError> {
        self.alarm.read(read::claims(&mut *self.pool.acquire().await?, hashes).await)
    }

    async fn exposures(
        &self,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, OrderId, Owed)>, LogError> {
        let asked = crate::reports::exposures(&mut *self.pool.acquire().await?, customers).await;
        self.alarm.read(asked.map_err(LogError::from))
    }

    async fn holders(&self, numbers: &[Number]) -> Result<Vec<(Number, DocAddr, String)>, LogError> {
        let asked = crate::reports::holders(&mut *self.pool.acquire().await?, numbers).await;
        self.alarm.read(asked.map_err(LogError::from))
    }

    async fn commit(&self, batch: &Arc<Batch>) -> Result<Written, CommitError> {
        let mut writer = self.writer.lock().await;
        let mut conn = match writer.take() {
            Some(conn) => conn,
            None => self.connect().await.map_err(|error| CommitError::Retry(error.to_string()))?,
        };
        let outcome = commit::write(&mut conn, batch).await;
        // After anything unexpected the connection is not used again: its transaction ends with it.
        if matches!(
            outcome,
            Ok(_) | Err(CommitError::Conflict | CommitError::Collision(_) | CommitError::Outdated)
        ) {
            *writer = Some(conn);
        }
        self.alarm.written(outcome.as_ref().err());
        outcome
    }

    async fn has(&self, cursor: Cursor) -> Result<bool, LogError> {
        let asked = feed::has(&mut *self.pool.acquire().await?, cursor).await;
        self.alarm.read(asked.map_err(LogError::from))
    }

    async fn is_another(&self, epoch: u64, stood: Cursor) -> Result<bool, LogError> {
        self.alarm.read(epoch::look(&self.pool, Some((epoch, stood))).await)
    }

    async fn trim(&self, upto: u64) -> Result<Option<Cursor>, LogError> {
        self.alarm.read(trim::trim(&self.pool, upto).await)
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
        self.alarm.read(feed::feed(&mut *self.pool.acquire().await?, after, limit).await)
    }

    async fn stretch(
        &self,
        after: u64,
        upto: u64,
        limit: usize,
        sees: &Sees,
    ) -> Result<Option<Stretch>, LogError> {
        self.alarm.read(feed::stretch(&mut *self.pool.acquire().await?, after, upto, limit, sees).await)
    }

    async fn verdicts(&self, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
        self.alarm.read(feed::verdicts(&mut *self.pool.acquire().await?, edits).await)
    }

    async fn scopes(&self, docs: &[DocAddr]) -> Result<ScopesNow, LogError> {
        if docs.is_empty() {
            return Ok(ScopesNow::new());
        }
        self.alarm.read(documents::scopes(&mut *self.pool.acquire().await?, docs).await)
    }

    async fn documents(
        &self,
        after: Option<DocAddr>,
        limit: usize,
        scopes: &Scopes,
    ) -> Result<Page, LogError> {
        self.alarm.read(documents::documents(&self.pool, after, limit, scopes).await)
    }

    async fn fetch(&self, docs: &[DocAddr], scopes: &Scopes) -> Result<Page, LogError> {
        self.alarm.read(documents::fetch(&self.pool, docs, scopes).await)
    }

    async fn as_of(&self, docs: &[DocAddr], pos: u64) -> Result<Vec<SavedDoc>, LogError> {
        self.alarm.read(documents::as_of(&self.pool, docs, pos).await)
    }

    async fn heads(&self, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
        self.alarm.read(documents::heads(&self.pool, scope).await)
    }

    async fn held(&self, edit: Option<EditId>, after: u64, limit: usize) -> Result<Vec<Held>, LogError> {
        self.alarm.read(read::held(&mut *self.pool.acquire().await?, edit, after, limit).await)
    }

    async fn decided(&self, edit: EditId) -> Result<Option<Decided>, LogError> {
        self.alarm.read(read::decided(&mut *self.pool.acquire().await?, edit).await)
    }

    async fn count_held(&self, device: Option<DeviceId>) -> Result<u64, LogError> {
        let asked = read::count_held(&mut *self.pool.acquire().await?, device).await;
        self.alarm.read(asked.map_err(LogError::from))
    }

    async fn counter(&self, device: DeviceId) -> Result<u64, LogError> {
        let asked = read::counter(&mut *self.pool.acquire().await?, device).await;
        self.alarm.read(asked.map_err(LogError::from))
    }

    async fn opened(&self) -> Result<Past, LogError> {
        epoch::look(&self.pool, None).await?;
        let key = self.begin().await?;
        let past = ended::opened(&self.pool, key).await?;
        self.noted.lock().await.clear();
        Ok(past)
    }

    async fn in_work(&self, edits: &[Noted]) -> Result<(), LogError> {
        // The batch before may still be on its way, and is in work as long.
        let mut noted = self.noted.lock().await;
        let all = [noted.as_slice(), edits].concat();
        *noted = edits.to_vec();
        Ok(ended::in_work(&self.pool, self.key(), &all).await?)
    }

    async fn trying(&self, edit: Option<Noted>) -> Result<(), LogError> {
        Ok(ended::trying(&self.pool, self.key(), edit).await?)
    }

    async fn at_rest(&self) -> Result<(), LogError> {
        self.noted.lock().await.clear();
        Ok(ended::at_rest(&self.pool, self.key()).await?)
    }

    async fn closed(&self) -> Result<(), LogError> {
        Ok(ended::closed(&self.pool, self.key()).await?)
    }
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        if let Some(state) = alarm::defect(&error) {
            return Self::Defect(state);
        }
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Unreadable(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
