//! A log that fails by seed, in every way that a database over a network does.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;
use waybill_server::log::{
    Batch, Claim, CommitError, Fed, Head, Held, Loaded, Log, LogError, Noted, Page, Past, Stretch, Written,
    memory::MemoryLog,
};
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    id::{CustomerId, DeviceId, EditId, OrderId},
    kind::DocAddr,
    numbers::Number,
    protocol::frame::{DocHeads, SavedDoc},
    review::Decided,
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::{FeedEntry, ScopesNow, Sees},
};

use crate::world::dice::Dice;

/// Of a hundred commits or readings, how many end so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// A reading or commit takes up to so long.
    pub delay_ms: i64,
    /// A serialization error, or a connection lost before the commit.
    pub retry: f64,
    /// The answer to the commit is lost; it was written, or not.
    pub unknown: f64,
    /// No answer at all; it is written much later, if the log still stands there then.
    pub silent: f64,
    pub disk_full: f64,
    /// It cannot be read.
    pub unread: f64,
}

impl Plan {
    pub fn thrown(dice: &mut Dice) -> Self {
        let mut maybe =
            |percent: f64, most: i64| if dice.chance(percent) { dice.between(1, most) as f64 } else { 0.0 };
        let [retry, unknown, silent, disk_full, unread] =
            [maybe(60.0, 30), maybe(60.0, 30), maybe(40.0, 10), maybe(40.0, 15), maybe(40.0, 15)];
        Self {
            delay_ms: *dice.pick(&[0, 3, 40, 400]).unwrap_or(&3),
            retry,
            unknown,
            silent,
            disk_full,
            unread,
        }
    }
}

pub struct FaultyLog {
    inner: Arc<MemoryLog>,
    plan: Plan,
    dice: Mutex<Dice>,
    commits: watch::Sender<u64>,
    rests: watch::Sender<u64>,
    deadly: Mutex<Vec<EditId>>,
    noted: Mutex<Vec<Noted>>,
    refused: Mutex<BTreeSet<EditId>>,
    closed: AtomicBool,
    collisions: AtomicU64,
    besides: AtomicU64,
}

impl FaultyLog {
    pub fn over(inner: &Arc<MemoryLog>, plan: Plan, dice: Dice) -> Self {
        Self {
            inner: Arc::clone(inner),
            plan,
            dice: Mutex::new(dice),
            commits: watch::Sender::new(0),
            rests: watch::Sender::new(0),
            deadly: Mutex::default(),
            noted: Mutex::default(),
            refused: Mutex::default(),
            closed: AtomicBool::new(false),
            collisions: AtomicU64::new(0),
            besides: AtomicU64::new(0),
        }
    }

    /// From now on no batch is taken in which this edit stands, for a reason that is not to be told.
    pub fn refuses(&self, edit: EditId) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(edit);
    }

    /// Whether from now on no batch at all is taken, for a reason that is not to be told.
    pub fn refuses_everything(&self, refuses: bool) {
        self.closed.store(refuses, Ordering::Relaxed);
    }

    fn has_refused(&self, batch: &Batch) -> bool {
        if self.closed.load(Ordering::Relaxed) {
            return true;
        }
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        batch.entries.iter().any(|entry| entry.verdict.stands() && refused.contains(&entry.edit))
    }

    /// How often others had changed what a batch looked into.
    pub fn collisions(&self) -> u64 {
        self.collisions.load(Ordering::Relaxed)
    }

    /// How often a batch was written behind what others wrote meanwhile.
    pub fn besides(&self) -> u64 {
        self.besides.load(Ordering::Relaxed)
    }

    /// How many commits were begun.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// How often nothing was in work any more.
    pub fn rests(&self) -> watch::Receiver<u64> {
        self.rests.subscribe()
    }

    /// The edits that were said to have ended a server.
    pub fn deadly(&self) -> Vec<EditId> {
        self.deadly.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was ever said to be in work.
    pub fn noted(&self) -> Vec<Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn takes_its_time(&self) {
        let ms = self.dice().between(0, self.plan.delay_ms);
        tokio::time::sleep(Duration::from_millis(ms.unsigned_abs())).await;
    }

    async fn reads(&self) -> Result<(), LogError> {
        self.takes_its_time().await;
        if self.dice().chance(self.plan.unread) {
            return Err(LogError::Unavailable("as told".to_owned()));
        }
        Ok(())
    }
}

enum Fate {
    Written,
    Retry,
    Unknown { written: bool },
    Silent { after: Duration },
    DiskFull,
}

impl FaultyLog {
    fn fate(&self) -> Fate {
        let mut dice = self.dice();
        if dice.chance(self.plan.retry) {
            Fate::Retry
        } else if dice.chance(self.plan.unknown) {
            Fate::Unknown { written: dice.chance(50.0) }
        } else if dice.chance(self.plan.silent) {
            // Before or after whoever waits for it has given up.
            Fate::Silent { after: Duration::from_secs(dice.between(20, 40).unsigned_abs()) }
        } else if dice.chance(self.plan.disk_full) {
            Fate::DiskFull
        } else {
            Fate::Written
        }
    }
}

impl Log for FaultyLog {
    async fn commit(&self, batch: &Arc<Batch>) -> Result<Written, CommitError> {
        self.commits.send_modify(|commits| *commits += 1);
        let fate = self.fate();
        self.takes_its_time().await;
        let lost = || CommitError::Unknown("as told".to_owned());
        match fate {
            Fate::Written if self.has_refused(batch) => Err(CommitError::Unclear("as told".to_owned())),
            Fate::Written => {
                let outcome = self.inner.commit(batch).await;
                let met = match &outcome {
                    Ok(Written { others: Some(_), .. }) => Some(&self.besides),
                    Err(CommitError::Collision(_)) => Some(&self.collisions),
                    _ => None,
                };
                met.inspect(|met| _ = met.fetch_add(1, Ordering::Relaxed));
                outcome
            }
            Fate::Retry => Err(CommitError::Retry("as told".to_owned())),
            Fate::DiskFull => Err(CommitError::DiskFull),
            Fate::Unknown { written: false } => Err(lost()),
            Fate::Unknown { written: true } => self.inner.commit(batch).await.and_then(|_| Err(lost())),
            Fate::Silent { after } => {
                let (inner, batch) = (Arc::clone(&self.inner), Arc::clone(batch));
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    // The log may stand elsewhere by then: nobody listens any more.
                    let _ = inner.commit(&batch).await;
                });
                std::future::pending().await
            }
        }
    }

    async fn head(&self) -> Result<Head, LogError> {
        self.reads().await?;
        self.inner.head().await
    }

    async fn load(&self, docs: &[DocAddr], edits: &[EditId]) -> Result<Loaded, LogError> {
        self.reads().await?;
        self.inner.load(docs, edits).await
    }

    async fn claims(&self, hashes: &[(DocAddr, Hash)]) -> Result<Vec<Claim>, LogError> {
        self.reads().await?;
        self.inner.claims(hashes).await
    }

    async fn exposures(
        &self,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, OrderId, Owed)>, LogError> {
        self.reads().await?;
        self.inner.exposures(customers).await
    }

    async fn holders(&self, numbers: &[Number]) -> Result<Vec<(Number, DocAddr, String)>, LogError> {
        self.reads().await?;
        self.inner.holders(numbers).await
    }

    async fn has(&self, cursor: Cursor) -> Result<bool, LogError> {
        self.reads().await?;
        self.inner.has(cursor).await
    }

    async fn is_another(&self, epoch: u64, stood: Cursor) -> Result<bool, LogError> {
        self.inner.is_another(epoch, stood).await
    }

    async fn trim(&self, upto: u64) -> Result<Option<Cursor>, LogError> {
        self.inner.trim(upto).await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
        self.reads().await?;
        self.inner.feed(after, limit).await
    }

    async fn stretch(
        &self,
        after: u64,
        upto: u64,
        limit: usize,
        sees: &Sees,
    ) -> Result<Option<Stretch>, LogError> {
        self.reads().await?;
        self.inner.stretch(after, upto, limit, sees).await
    }

    async fn verdicts(&self, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
        self.reads().await?;
        self.inner.verdicts(edits).await
    }

    async fn scopes(&self, docs: &[DocAddr]) -> Result<ScopesNow, LogError> {
        self.reads().await?;
        self.inner.scopes(docs).await
    }

    async fn documents(
        &self,
        after: Option<DocAddr>,
        limit: usize,
        scopes: &Scopes,
    ) -> Result<Page, LogError> {
        self.reads().await?;
        self.inner.documents(after, limit, scopes).await
    }

    async fn fetch(&self, docs: &[DocAddr], scopes: &Scopes) -> Result<Page, LogError> {
        self.reads().await?;
        self.inner.fetch(docs, scopes).await
    }

    async fn as_of(&self, docs: &[DocAddr], pos: u64) -> Result<Vec<SavedDoc>, LogError> {
        self.inner.as_of(docs, pos).await
    }

    async fn heads(&self, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
        self.reads().await?;
        self.inner.heads(scope).await
    }

    async fn held(&self, edit: Option<EditId>, after: u64, limit: usize) -> Result<Vec<Held>, LogError> {
        self.reads().await?;
        self.inner.held(edit, after, limit).await
    }

    async fn decided(&self, edit: EditId) -> Result<Option<Decided>, LogError> {
        self.reads().await?;
        self.inner.decided(edit).await
    }

    async fn count_held(&self, device: Option<DeviceId>) -> Result<u64, LogError> {
        self.reads().await?;
        self.inner.count_held(device).await
    }

    async fn counter(&self, device: DeviceId) -> Result<u64, LogError> {
        self.reads().await?;
        self.inner.counter(device).await
    }

    async fn opened(&self) -> Result<Past, LogError> {
        let past = self.inner.opened().await?;
        self.deadly.lock().unwrap_or_else(PoisonError::into_inner).extend(past.deadly);
        Ok(past)
    }

    async fn in_work(&self, edits: &[Noted]) -> Result<(), LogError> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).extend(edits);
        self.inner.in_work(edits).await
    }

    async fn trying(&self, edit: Option<Noted>) -> Result<(), LogError> {
        self.inner.trying(edit).await
    }

    async fn at_rest(&self) -> Result<(), LogError> {
        let outcome = self.inner.at_rest().await;
        self.rests.send_modify(|rests| *rests += 1);
        outcome
    }

    async fn closed(&self) -> Result<(), LogError> {
        self.inner.closed().await
    }
}
