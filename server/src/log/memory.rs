//! The log in memory, for the simulator and for tests of intake: the same promises as PostgreSQL, and faults
//! on demand.

mod tables;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tables::{Stored, Tables};
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    edit::{Edit, Verdict},
    id::{CustomerId, DeviceId, EditId, OrderId},
    kind::DocAddr,
    numbers::Number,
    protocol::frame::{DocHeads, SavedDoc},
    review::{Decided, Review},
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::{FeedEntry, ScopesNow, Sees},
    time::Timestamp,
};

use super::{
    Batch, Claim, Collision, CommitError, Fed, Head, Held, Known, Loaded, Log, LogError, NewEntry, Noted,
    PAGE, Page, Past, StoredDoc, Stretch, Written,
    ended::{Ended, Led},
};

/// As one server has it.
#[derive(Debug, Default)]
pub struct MemoryLog {
    state: Arc<Mutex<State>>,
    server: usize,
}

/// What a server noted, should it end now.
#[derive(Debug, Default)]
struct Life {
    running: bool,
    /// Judged alone.
    trying: Option<Noted>,
    in_work: Vec<Noted>,
    /// What was last said to be in work.
    noted: Vec<Noted>,
    /// In work when it ended before.
    suspects: Vec<Noted>,
}

/// What is to go wrong with a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Retry,
    /// The answer is lost; it was written, or not.
    Unknown {
        written: bool,
    },
    DiskFull,
}

#[derive(Debug, Default)]
struct State {
    tables: Tables,
    /// Every batch, so that a crash can forget the last ones.
    journal: Vec<Arc<Batch>>,
    /// How many batches of the journal are on the disk.
    synced: usize,
    /// Batches are on the disk as soon as they are acknowledged.
    lazy: bool,
    /// Another database has the data than the one that was written to, and nobody has noticed.
    taken_over: bool,
    /// The last number that an admin confirmed: written by itself, and on the disk at once.
    confirmed: u64,
    /// When the last batch was taken, be it gone by now.
    latest: Timestamp,
    faults: VecDeque<Fault>,
    rejected: BTreeSet<EditId>,
    /// Of these no verdict at all is taken.
    unwritable: BTreeSet<EditId>,
    lives: BTreeMap<usize, Life>,
    /// Said to have ended a server.
    aside: Vec<Noted>,
}

impl MemoryLog {
    pub fn new() -> Self {
        Self::default()
    }

    /// The same log, as one more server has it.
    #[must_use]
    pub fn beside(&self, server: usize) -> Self {
        Self { state: Arc::clone(&self.state), server }
    }

    /// From now on batches are acknowledged before they are on the disk, as with `synchronous_commit` off:
    /// only `sync` puts them there.
    pub fn be_lazy(&self) {
        self.lock().lazy = true;
    }

    pub fn sync(&self) {
        let mut state = self.lock();
        state.synced = state.journal.len();
    }

    /// Power fails: batches that are not on the disk are gone.
    pub fn crash(&self) {
        let mut state = self.lock();
        let synced = state.synced;
        state.forget_after(synced);
        state.tables.numbers = state.tables.numbers.max(state.confirmed);
    }

    /// A copy from `batches` ago is put back, by `restore`, which says so.
    pub fn restore(&self, batches: usize, at: Timestamp) {
        self.lose(batches);
        self.begin_epoch(at);
    }

    /// A copy without the last batches took over, and nobody says so.
    pub fn lose(&self, batches: usize) {
        let mut state = self.lock();
        let keep = state.journal.len().saturating_sub(batches);
        state.forget_after(keep);
        state.confirmed = 0;
        state.taken_over = true;
    }

    /// As a server does when it starts.
    pub fn look(&self) {
        let mut state = self.lock();
        if state.taken_over {
            let latest = state.latest;
            state.begin_epoch(latest);
        }
    }

    /// Where it was trimmed.
    pub fn begins_after(&self) -> u64 {
        self.lock().tables.trimmed.pos
    }

    /// The last batch that was written, if it is this one: whoever did not hear so may look it up.
    pub fn has_written(&self, batch: &Batch) -> Option<Written> {
        let state = self.lock();
        let last = state.journal.last()?;
        let first = |batch: &Batch| batch.entries.first().map(|entry| (entry.edit, entry.attempt));
        let others = || state.tables.others(batch.before);
        (first(last) == first(batch)).then(|| Written {
            batch: Arc::clone(last),
            others: if last.before == batch.before { None } else { others() },
        })
    }

    pub fn begin_epoch(&self, at: Timestamp) {
        self.lock().begin_epoch(at);
    }

    /// An admin's word: the last number printed is this one.
    pub fn confirm_numbers(&self, last: u64) {
        let mut state = self.lock();
        state.confirmed = last;
        state.tables.numbers = state.tables.numbers.max(last);
        state.tables.numbers_wait = false;
    }

    /// From now on no batch is taken in which this edit stands.
    pub fn rejects(&self, edit: EditId) {
        self.lock().rejected.insert(edit);
    }

    /// From now on no batch is taken that speaks of this edit, not even to say that it is a defect.
    pub fn rejects_all_of(&self, edit: EditId) {
        self.lock().unwritable.insert(edit);
    }

    pub fn fail_next(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// How many batches were written.
    pub fn batches(&self) -> usize {
        self.lock().journal.len()
    }

    /// Every edit with what was last said of it, for checkers.
    pub fn edits(&self) -> Vec<(Known, Option<Arc<Edit>>)> {
        let mut edits: Vec<_> = self.lock().tables.edits.values().cloned().collect();
        edits.sort_by_key(|(known, _)| known.edit);
        edits
    }

    /// What managers decided, for checkers.
    pub fn reviews(&self) -> Vec<Review> {
        self.lock().tables.reviews.values().map(|(review, _)| review.clone()).collect()
    }

    /// Every document, for checkers.
    pub fn all_documents(&self) -> Vec<SavedDoc> {
        let state = self.lock();
        let saved = |(addr, doc): (&DocAddr, &Stored)| SavedDoc {
            doc: *addr,
            scopes: doc.scopes.clone(),
            saved: doc.whole(),
        };
        state.tables.docs.iter().map(saved).collect()
    }

    /// Of this server.
    fn notes<R>(&self, note: impl FnOnce(&mut Life) -> R) -> R {
        note(self.lock().lives.entry(self.server).or_default())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin_epoch(&mut self, at: Timestamp) {
        self.taken_over = false;
        self.tables.begin_epoch(at);
    }

    fn forget_after(&mut self, batches: usize) {
        self.journal.truncate(batches);
        self.synced = self.synced.min(batches);
        let Tables { trimmed, epoch, since, numbers_wait, .. } = std::mem::take(&mut self.tables);
        // Neither was in a batch.
        (self.tables.epoch, self.tables.since, self.tables.numbers_wait) = (epoch, since, numbers_wait);
        for batch in &self.journal {
            self.tables.write(batch);
        }
        // A copy from before it was trimmed goes back further.
        self.tables.trim(trimmed.pos);
    }

    fn commit(&mut self, batch: &Arc<Batch>) -> Result<Written, CommitError> {
        let head = self.tables.head();
        if head.epoch != batch.after.epoch || self.taken_over {
            return Err(CommitError::Conflict);
        }
        let mut written = Written { batch: Arc::clone(batch), others: None };
        if head.cursor != batch.before {
            let others = self.tables.others(batch.before).ok_or(CommitError::Conflict)?;
            if batch.looked.clashes_with(&others) {
                return Err(CommitError::Collision(Box::new(Collision { others, head })));
            }
            written = Written { batch: Arc::new(batch.behind(&head)), others: Some(others) };
        }
        let batch = &written.batch;
        let rejected = |entry: &NewEntry| {
            self.unwritable.contains(&entry.edit)
                || (entry.verdict.stands() && self.rejected.contains(&entry.edit))
        };
        if batch.entries.iter().any(rejected) {
            return Err(CommitError::Rejected("as told".to_owned()));
        }
        let unknown = match self.faults.pop_front() {
            Some(Fault::Retry) => return Err(CommitError::Retry("as told".to_owned())),
            Some(Fault::DiskFull) => return Err(CommitError::DiskFull),
            Some(Fault::Unknown { written }) => Some(written),
            None => None,
        };
        if unknown != Some(false) {
            self.latest = batch.at;
            self.tables.write(batch);
            self.journal.push(Arc::clone(batch));
            if !self.lazy {
                self.synced = self.journal.len();
            }
        }
        match unknown {
            None => Ok(written),
            Some(_) => Err(CommitError::Unknown("as told".to_owned())),
        }
    }
}

impl Log for MemoryLog {
    async fn head(&self) -> Result<Head, LogError> {
        Ok(self.lock().tables.head())
    }

    async fn load(&self, docs: &[DocAddr], edits: &[EditId]) -> Result<Loaded, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let stored = |addr: &DocAddr| {
            tables.docs.get(addr).map(|doc| StoredDoc {
                addr: *addr,
                heads: doc.heads.clone(),
                version: doc.version,
                snap_version: doc.snap_version,
                opened: doc.opened,
                saved: doc.whole(),
            })
        };
        Ok(Loaded {
            docs: docs.iter().filter_map(stored).collect(),
            edits: edits
                .iter()
                .filter_map(|id| tables.edits.get(id))
                .map(|(known, _)| known.clone())
                .collect(),
        })
    }

    async fn claims(&self, hashes: &[(DocAddr, Hash)]) -> Result<Vec<Claim>, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let claim = |(doc, hash): &(DocAddr, Hash)| {
            let edit = tables.claimed.get(&(*doc, *hash))?;
            let (by, _) = tables.edits.get(edit)?;
            Some(Claim { doc: *doc, hash: *hash, by: by.clone() })
        };
        Ok(hashes.iter().filter_map(claim).collect())
    }

    async fn exposures(
        &self,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, OrderId, Owed)>, LogError> {
        let state = self.lock();
        let open = state.tables.open.iter().filter(|(_, (of, _))| customers.contains(of));
        Ok(open.map(|(order, (of, owed))| (*of, *order, *owed)).collect())
    }

    async fn holders(&self, numbers: &[Number]) -> Result<Vec<(Number, DocAddr, String)>, LogError> {
        let state = self.lock();
        let named = state.tables.named.iter().filter(|(_, (number, _))| numbers.contains(number));
        Ok(named.map(|(addr, (number, name))| (number.clone(), *addr, name.clone())).collect())
    }

    async fn commit(&self, batch: &Arc<Batch>) -> Result<Written, CommitError> {
        self.lock().commit(batch)
    }

    async fn has(&self, cursor: Cursor) -> Result<bool, LogError> {
        let state = self.lock();
        Ok(state.tables.at(cursor.pos) == Some(cursor))
    }

    async fn is_another(&self, epoch: u64, stood: Cursor) -> Result<bool, LogError> {
        let mut state = self.lock();
        let (tables, latest) = (&state.tables, state.latest);
        let gone = stood.pos > tables.trimmed.pos && tables.at(stood.pos) != Some(stood);
        let another = gone && epoch == tables.epoch || state.taken_over;
        if another {
            state.begin_epoch(latest);
        }
        Ok(another)
    }

    async fn trim(&self, upto: u64) -> Result<Option<Cursor>, LogError> {
        Ok(self.lock().tables.trim(upto))
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
        let state = self.lock();
        let from = after.max(state.tables.trimmed.pos).saturating_add(1);
        let following = state.tables.feed.range(from..);
        Ok(following.take(limit).map(|(_, fed)| state.tables.told(fed, false)).collect())
    }

    async fn stretch(
        &self,
        after: u64,
        upto: u64,
        limit: usize,
        sees: &Sees,
    ) -> Result<Option<Stretch>, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        if after < tables.trimmed.pos {
            return Ok(None);
        }
        let mut stretch = None;
        for (_, fed) in tables.feed.range(after + 1..=upto.max(after + 1)) {
            let Fed { cursor, entry } = tables.told(fed, false);
            let stretch = stretch.get_or_insert_with(|| Stretch { entries: Vec::new(), upto: cursor });
            if stretch.entries.len() == limit {
                break;
            }
            stretch.upto = cursor;
            stretch.entries.extend(Some(entry).filter(|entry| sees.sees(entry)));
        }
        Ok(stretch)
    }

    async fn verdicts(&self, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let entry = |id: &EditId| {
            let fed = tables.feed.get(&tables.edits.get(id)?.0.pos)?;
            Some(tables.told(fed, true).entry)
        };
        Ok(edits.iter().filter_map(entry).collect())
    }

    async fn scopes(&self, docs: &[DocAddr]) -> Result<ScopesNow, LogError> {
        let state = self.lock();
        let now = |addr: &DocAddr| Some((*addr, state.tables.docs.get(addr)?.scopes.clone()));
        Ok(docs.iter().filter_map(now).collect())
    }

    async fn documents(
        &self,
        after: Option<DocAddr>,
        limit: usize,
        scopes: &Scopes,
    ) -> Result<Page, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let mut docs = Vec::new();
        let mut size = 0;
        for (addr, doc) in &tables.docs {
            if after.is_some_and(|after| *addr <= after) || !doc.scopes.meets(scopes) {
                continue;
            }
            if size >= PAGE || docs.len() >= limit {
                return Ok(tables.page(docs, false));
            }
            let saved = doc.whole();
            size += saved.len();
            docs.push(SavedDoc { doc: *addr, scopes: doc.scopes.clone(), saved });
        }
        Ok(tables.page(docs, true))
    }

    async fn fetch(&self, docs: &[DocAddr], scopes: &Scopes) -> Result<Page, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let (mut fit, mut size) = (Vec::new(), 0);
        for addr in docs {
            let Some(doc) = tables.docs.get(addr).filter(|doc| doc.scopes.meets(scopes)) else { continue };
            if size >= PAGE {
                return Ok(tables.page(fit, false));
            }
            let saved = doc.whole();
            size += saved.len();
            fit.push(SavedDoc { doc: *addr, scopes: doc.scopes.clone(), saved });
        }
        Ok(tables.page(fit, true))
    }

    async fn as_of(&self, docs: &[DocAddr], pos: u64) -> Result<Vec<SavedDoc>, LogError> {
        let state = self.lock();
        Ok(docs.iter().filter_map(|addr| state.tables.as_of(*addr, pos)).collect())
    }

    async fn heads(&self, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
        let state = self.lock();
        let inside = state.tables.docs.iter().filter(|(_, doc)| doc.scopes.contains(scope));
        let heads = inside.map(|(addr, doc)| DocHeads { doc: *addr, heads: doc.heads.clone() }).collect();
        Ok((heads, state.tables.head().cursor))
    }

    async fn held(&self, edit: Option<EditId>, after: u64, limit: usize) -> Result<Vec<Held>, LogError> {
        let state = self.lock();
        let waits = |(known, body): &(Known, Option<Arc<Edit>>)| {
            let asked = edit.is_none_or(|edit| edit == known.edit) && known.pos > after;
            let held = matches!(known.verdict, Verdict::Held { .. });
            let edit = body.clone().filter(|_| asked && held)?;
            Some(Held { known: known.clone(), edit })
        };
        let mut held: Vec<Held> = state.tables.edits.values().filter_map(waits).collect();
        held.sort_by_key(|held| held.known.pos);
        held.truncate(limit);
        Ok(held)
    }

    async fn count_held(&self, device: Option<DeviceId>) -> Result<u64, LogError> {
        let state = self.lock();
        let of_device = |(known, _): &&(Known, Option<Arc<Edit>>)| {
            device.is_none_or(|device| known.device == device)
                && matches!(known.verdict, Verdict::Held { .. })
        };
        Ok(state.tables.edits.values().filter(of_device).count() as u64)
    }

    async fn decided(&self, edit: EditId) -> Result<Option<Decided>, LogError> {
        Ok(self.lock().tables.reviews.get(&edit).map(|(review, at)| review.decided(*at)))
    }

    async fn counter(&self, device: DeviceId) -> Result<u64, LogError> {
        Ok(self.lock().tables.counters.get(&device).copied().unwrap_or(0))
    }

    async fn opened(&self) -> Result<Past, LogError> {
        self.look();
        let mut state = self.lock();
        // The others live. Whom one of them suspects is suspected.
        let suspects = state.lives.values().flat_map(|life| life.suspects.clone()).collect();
        let Life { running: fell, trying, in_work, .. } =
            state.lives.remove(&self.server).unwrap_or_default();
        let ended = Ended { trying, in_work, suspects, aside: std::mem::take(&mut state.aside) };
        let edits = &state.tables.edits;
        let known: Vec<Known> =
            ended.edits().iter().filter_map(|id| edits.get(id)).map(|(known, _)| known.clone()).collect();
        let Led { past, suspects, aside } = ended.led_to(fell, &known);
        state.lives.insert(self.server, Life { running: true, suspects, ..Life::default() });
        state.aside = aside;
        Ok(past)
    }

    async fn in_work(&self, edits: &[Noted]) -> Result<(), LogError> {
        self.notes(|life| {
            let before = std::mem::replace(&mut life.noted, edits.to_vec());
            life.in_work = [before, edits.to_vec()].concat();
        });
        Ok(())
    }

    async fn trying(&self, edit: Option<Noted>) -> Result<(), LogError> {
        self.notes(|life| life.trying = edit);
        Ok(())
    }

    async fn at_rest(&self) -> Result<(), LogError> {
        self.notes(|life| (life.noted, life.in_work, life.trying) = Default::default());
        Ok(())
    }

    async fn closed(&self) -> Result<(), LogError> {
        self.lock().lives.remove(&self.server);
        Ok(())
    }
}
