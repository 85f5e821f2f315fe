//! The end of the log, read once for all connections. Notifications wake the reader, its clock guarantees it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use waybill_shared::{
    chain::Cursor,
    kind::DocAddr,
    session::server::{FeedEntry, Sees},
};

use crate::log::{Fed, Head, Log, LogError, PAGE, Stretch, postgres::MOVED};

/// Positions kept in memory, and their bytes.
const LONGEST: usize = 20_000;
const LARGEST: usize = 4 * PAGE;

const AT_ONCE: usize = 1_000;
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Tail<L> {
    log: Arc<L>,
    recent: Mutex<Recent>,
    head: watch::Sender<Head>,
    /// One reads at a time, so that nothing is remembered twice.
    reading: tokio::sync::Mutex<()>,
    asking: Arc<Semaphore>,
}

#[derive(Debug)]
struct Recent {
    /// Behind this, without a gap, up to the head.
    from: Cursor,
    entries: VecDeque<Fed>,
    bytes: usize,
}

/// What follows a position.
#[derive(Debug)]
pub struct Following {
    pub entries: Vec<Arc<FeedEntry>>,
    pub upto: Cursor,
    pub head: Head,
}

impl<L: Log> Tail<L> {
    /// `asking`: for whoever asks the log.
    pub async fn new(log: Arc<L>, asking: Arc<Semaphore>) -> Result<Self, LogError> {
        let head = log.head().await?;
        Ok(Self {
            log,
            recent: Mutex::new(Recent::from(head.cursor)),
            head: watch::Sender::new(head),
            reading: Default::default(),
            asking,
        })
    }

    /// Changes when the log has moved on and this knows how.
    pub fn heads(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    /// How many are told when it moves on.
    pub fn followers(&self) -> usize {
        self.head.receiver_count()
    }

    /// At most `limit` entries after where somebody stands: from memory where it reaches, else from the log, only of
    /// what is seen. `None`: the log does not have that, because it was trimmed or is another one.
    pub async fn after(
        &self,
        after: Cursor,
        limit: usize,
        sees: &Sees,
    ) -> Result<Option<Following>, LogError> {
        if after.pos >= self.head.borrow().cursor.pos {
            // Whoever asks may have seen the log further on than this has.
            self.catch_up().await?;
        }
        let known = self.head.borrow().clone();
        let following = self.between(after, limit, sees, known.clone()).await?;
        if following.is_some() {
            return Ok(following);
        }
        // It may be this that stands elsewhere than the log does.
        self.catch_up().await?;
        let head = self.head.borrow().clone();
        if head.cursor == known.cursor { Ok(None) } else { self.between(after, limit, sees, head).await }
    }

    /// What follows, up to where the log is thought to end.
    async fn between(
        &self,
        after: Cursor,
        limit: usize,
        sees: &Sees,
        head: Head,
    ) -> Result<Option<Following>, LogError> {
        if after == head.cursor {
            return Ok(Some(Following { entries: Vec::new(), upto: head.cursor, head }));
        }
        if let Some(fed) = self.remembered(after, limit) {
            let fed = fed.into_iter().take_while(|fed| fed.cursor.pos <= head.cursor.pos);
            let (cursors, entries): (Vec<Cursor>, _) = fed.map(|fed| (fed.cursor, fed.entry)).unzip();
            return Ok(cursors.last().map(|upto| Following { entries, upto: *upto, head }));
        }
        if after.pos >= head.cursor.pos {
            return Ok(None);
        }
        let _turn = self.asking.acquire().await;
        let stretch = self.log.stretch(after.pos, head.cursor.pos, limit, sees).await?;
        // Asked behind the reading: meanwhile the log may have become another.
        if !self.log.has(after).await? {
            return Ok(None);
        }
        Ok(stretch.map(|Stretch { entries, upto }| Following { entries, upto, head }))
    }

    /// The log stands here: whoever was told so reads on behind it, and what is remembered must be of the same log.
    pub async fn is_of_log_at(&self, head: Cursor) -> Result<(), LogError> {
        let known = self.head.borrow().cursor;
        if known != head && !self.log.has(known).await? {
            self.catch_up().await?;
        }
        Ok(())
    }

    /// Brings it up to the end of the log.
    pub async fn catch_up(&self) -> Result<(), LogError> {
        let _alone = self.reading.lock().await;
        let head = self.log.head().await?;
        let known = self.head.borrow().cursor;
        if head.cursor == known {
            return Ok(());
        }
        // Nobody listens, or the log is another one: start over from its end.
        if self.head.receiver_count() == 0 || !self.read_on(known, head.cursor).await? {
            *self.recent() = Recent::from(head.cursor);
        }
        self.head.send_replace(head);
        Ok(())
    }

    /// Remembers what came after `known`; `false`: the log does not go on from there.
    async fn read_on(&self, known: Cursor, head: Cursor) -> Result<bool, LogError> {
        let mut at = known.pos;
        while at < head.pos {
            let fed = self.log.feed(at, AT_ONCE).await?;
            let (Some(first), Some(last)) = (fed.first(), fed.last()) else { return Ok(false) };
            if first.cursor.pos != at + 1 {
                return Ok(false);
            }
            at = last.cursor.pos;
            self.recent().extend(fed.into_iter().filter(|fed| fed.cursor.pos <= head.pos));
        }
        self.log.has(known).await
    }

    /// Only behind a position whose chain is remembered too: it says that both mean the same log.
    fn remembered(&self, after: Cursor, limit: usize) -> Option<Vec<Fed>> {
        let recent = self.recent();
        let passed = usize::try_from(after.pos.checked_sub(recent.from.pos)?).ok()?;
        let stands = match passed.checked_sub(1) {
            None => recent.from,
            Some(last) => recent.entries.get(last)?.cursor,
        };
        (stands == after).then(|| recent.entries.range(passed..).take(limit).cloned().collect())
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the log until it is stopped.
    pub async fn follow(
        self: Arc<Self>,
        pool: PgPool,
        mut moves: watch::Receiver<u64>,
        stop: CancellationToken,
    ) {
        let mut listener = None;
        let mut intake_runs = true;
        loop {
            if listener.is_none() {
                listener = listen(&pool).await;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                // Our own batches.
                moved = moves.changed(), if intake_runs => intake_runs = moved.is_ok(),
                heard = hear(&mut listener) => {
                    if !heard {
                        listener = None;
                    }
                }
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            if let Err(error) = self.catch_up().await {
                tracing::warn!(%error, "the log could not be followed; trying again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

impl Recent {
    fn from(from: Cursor) -> Self {
        Self { from, entries: VecDeque::new(), bytes: 0 }
    }

    fn extend(&mut self, fed: impl IntoIterator<Item = Fed>) {
        // Some of it may be here from an attempt that failed halfway.
        let last = self.entries.back().map_or(self.from.pos, |fed| fed.cursor.pos);
        for fed in fed.into_iter().filter(|fed| fed.cursor.pos > last) {
            if fed.entry.opens.is_some() {
                fed.entry.changes.iter().for_each(|opening| self.forget(opening.doc));
            }
            self.bytes += size(&fed);
            self.entries.push_back(fed);
        }
        while self.entries.len() > LONGEST || self.bytes > LARGEST {
            let Some(gone) = self.entries.pop_front() else { return };
            self.bytes -= size(&gone);
            self.from = gone.cursor;
        }
    }

    /// It was made anew: what it said before goes here as in the log.
    fn forget(&mut self, doc: DocAddr) {
        for fed in &mut self.entries {
            if fed.entry.changes.iter().any(|change| change.doc == doc && !change.bytes.is_empty()) {
                self.bytes -= size(fed);
                let changes = &mut Arc::make_mut(&mut fed.entry).changes;
                changes.iter_mut().filter(|change| change.doc == doc).for_each(|change| change.bytes.clear());
                self.bytes += size(fed);
            }
        }
    }
}

fn size(fed: &Fed) -> usize {
    fed.entry.changes.iter().map(|change| change.bytes.len()).sum()
}

async fn listen(pool: &PgPool) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(pool).await.ok()?;
    listener.listen(MOVED).await.ok()?;
    Some(listener)
}

/// `false`: the connection is gone.
async fn hear(listener: &mut Option<PgListener>) -> bool {
    match listener {
        Some(listener) => listener.recv().await.is_ok(),
        None => std::future::pending().await,
    }
}
