//! The log in memory, for the simulator and for tests of intake: the same promises as PostgreSQL, and faults
//! on demand.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    doc::{Doc, Hash},
    edit::Edit,
    id::{CustomerId, DeviceId, EditId, OrderId},
    kind::{DocAddr, DocKind},
    order::Order,
    protocol::frame::{DocHeads, SavedDoc},
    rules::Owed,
    scope::Scope,
    session::server::FeedEntry,
};

use super::{
    Batch, Claim, CommitError, Fed, Head, Known, Loaded, Log, LogError, NewEntry, PAGE, Page, Past, StoredDoc,
};

#[derive(Debug, Default)]
pub struct MemoryLog {
    state: Mutex<State>,
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
    /// A batch with this edit is not taken.
    Rejects(EditId),
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
    faults: VecDeque<Fault>,
    running: bool,
    trying: Option<EditId>,
    suspect: Option<EditId>,
}

#[derive(Clone, Debug, Default)]
struct Tables {
    cursor: Option<Cursor>,
    digests: BTreeMap<Scope, Digest>,
    numbers: u64,
    docs: BTreeMap<DocAddr, Stored>,
    edits: HashMap<EditId, (Known, Option<Arc<Edit>>)>,
    feed: BTreeMap<u64, Fed>,
    claimed: HashMap<(DocAddr, Hash), EditId>,
    counters: BTreeMap<DeviceId, u64>,
    open: BTreeMap<OrderId, (CustomerId, Owed)>,
}

#[derive(Clone, Debug)]
struct Stored {
    scope: Scope,
    heads: Vec<Hash>,
    version: u32,
    snap_version: u32,
    saved: Vec<u8>,
    after: Vec<u8>,
}

impl Stored {
    fn whole(&self) -> Vec<u8> {
        [self.saved.as_slice(), self.after.as_slice()].concat()
    }
}

impl MemoryLog {
    pub fn new() -> Self {
        Self::default()
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
    }

    /// A copy from `batches` ago is put back.
    pub fn restore(&self, batches: usize) {
        let mut state = self.lock();
        let keep = state.journal.len().saturating_sub(batches);
        state.forget_after(keep);
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

    /// Every document, for checkers.
    pub fn all_documents(&self) -> Vec<SavedDoc> {
        let state = self.lock();
        let saved =
            |(addr, doc): (&DocAddr, &Stored)| SavedDoc { doc: *addr, scope: doc.scope, saved: doc.whole() };
        state.tables.docs.iter().map(saved).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_after(&mut self, batches: usize) {
        self.journal.truncate(batches);
        self.synced = self.synced.min(batches);
        self.tables = Tables::default();
        for batch in &self.journal {
            self.tables.write(batch);
        }
    }

    fn commit(&mut self, batch: &Arc<Batch>) -> Result<(), CommitError> {
        if self.tables.head().cursor != batch.before {
            return Err(CommitError::Conflict);
        }
        let mut unknown = None;
        match self.faults.front() {
            Some(Fault::Rejects(edit))
                if batch.entries.iter().any(|entry| entry.edit == *edit && entry.verdict.stands()) =>
            {
                return Err(CommitError::Rejected("as told".to_owned()));
            }
            Some(Fault::Rejects(_)) | None => {}
            Some(_) => match self.faults.pop_front() {
                Some(Fault::Retry) => return Err(CommitError::Retry("as told".to_owned())),
                Some(Fault::DiskFull) => return Err(CommitError::DiskFull),
                Some(Fault::Unknown { written }) => unknown = Some(written),
                _ => {}
            },
        }
        if unknown != Some(false) {
            self.tables.write(batch);
            self.journal.push(Arc::clone(batch));
            if !self.lazy {
                self.synced = self.journal.len();
            }
        }
        unknown.map_or(Ok(()), |_| Err(CommitError::Unknown("as told".to_owned())))
    }
}

impl Tables {
    fn head(&self) -> Head {
        Head {
            cursor: self.cursor.unwrap_or(Cursor::START),
            digests: self.digests.clone(),
            numbers: self.numbers,
        }
    }

    fn write(&mut self, batch: &Batch) {
        self.cursor = Some(batch.after.cursor);
        self.digests.clone_from(&batch.after.digests);
        self.numbers = batch.after.numbers;
        for (device, counter) in &batch.counters {
            let known = self.counters.entry(*device).or_default();
            *known = (*known).max(*counter);
        }
        let mut changes: HashMap<DocAddr, Vec<u8>> = HashMap::new();
        for entry in &batch.entries {
            self.write_entry(entry);
            for change in &entry.changes {
                changes.entry(change.doc).or_default().extend_from_slice(&change.bytes);
            }
        }
        for update in &batch.docs {
            let new = Stored {
                scope: update.scope,
                heads: Vec::new(),
                version: 0,
                snap_version: 0,
                saved: Vec::new(),
                after: Vec::new(),
            };
            let stored = self.docs.entry(update.addr).or_insert(new);
            stored.heads.clone_from(&update.heads);
            stored.version = update.version;
            stored.snap_version = update.snap_version;
            match &update.snapshot {
                Some(saved) => {
                    stored.saved.clone_from(saved);
                    stored.after.clear();
                }
                None => stored.after.extend(changes.remove(&update.addr).unwrap_or_default()),
            }
            if update.addr.kind == DocKind::Order {
                let whole = stored.whole();
                self.note_open(update.addr, &whole);
            }
        }
    }

    fn write_entry(&mut self, entry: &NewEntry) {
        let known = Known {
            edit: entry.edit,
            attempt: entry.attempt,
            device: entry.device,
            verdict: entry.verdict.clone(),
            pos: entry.cursor.pos,
        };
        let body = match &entry.judged {
            Some(judged) => Some(Arc::clone(&judged.edit)),
            None => self.edits.get(&entry.edit).and_then(|(_, body)| body.clone()),
        };
        self.edits.insert(entry.edit, (known, body));
        for claim in &entry.claims {
            self.claimed.insert(*claim, entry.edit);
        }
        let fed = FeedEntry {
            pos: entry.cursor.pos,
            edit: entry.edit,
            attempt: entry.attempt,
            device: entry.device,
            verdict: entry.verdict.clone(),
            changes: entry.changes.clone(),
        };
        self.feed.insert(entry.cursor.pos, Fed { cursor: entry.cursor, entry: Arc::new(fed) });
    }

    fn note_open(&mut self, addr: DocAddr, saved: &[u8]) {
        let order = Doc::load(DocKind::Order, saved).and_then(|doc| doc.read::<Order>());
        let id = OrderId::new(addr.id);
        match order.ok().and_then(|order| Some((order.customer()?, Owed::of(&order)?))) {
            Some(open) => self.open.insert(id, open),
            None => self.open.remove(&id),
        };
    }

    fn page(&self, docs: Vec<SavedDoc>, last: bool) -> Page {
        Page { docs, at: self.head().cursor, last }
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

    async fn exposure(&self, customer: CustomerId) -> Result<Vec<(OrderId, Owed)>, LogError> {
        let state = self.lock();
        let open = state.tables.open.iter().filter(|(_, (of, _))| *of == customer);
        Ok(open.map(|(order, (_, owed))| (*order, *owed)).collect())
    }

    async fn commit(&self, batch: &Arc<Batch>) -> Result<(), CommitError> {
        self.lock().commit(batch)
    }

    async fn has(&self, cursor: Cursor) -> Result<bool, LogError> {
        let state = self.lock();
        let at = state.tables.feed.get(&cursor.pos).map(|entry| entry.cursor);
        Ok(cursor == Cursor::START || at == Some(cursor))
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
        let state = self.lock();
        let following = state.tables.feed.range(after.saturating_add(1)..);
        Ok(following.take(limit).map(|(_, entry)| entry.clone()).collect())
    }

    async fn verdicts(&self, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let entry =
            |id: &EditId| tables.feed.get(&tables.edits.get(id)?.0.pos).map(|fed| Arc::clone(&fed.entry));
        Ok(edits.iter().filter_map(entry).collect())
    }

    async fn documents(
        &self,
        after: Option<DocAddr>,
        limit: usize,
        scopes: &[Scope],
    ) -> Result<Page, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let mut docs = Vec::new();
        let mut size = 0;
        for (addr, doc) in &tables.docs {
            if after.is_some_and(|after| *addr <= after) || !scopes.contains(&doc.scope) {
                continue;
            }
            if size >= PAGE || docs.len() >= limit {
                return Ok(tables.page(docs, false));
            }
            let saved = doc.whole();
            size += saved.len();
            docs.push(SavedDoc { doc: *addr, scope: doc.scope, saved });
        }
        Ok(tables.page(docs, true))
    }

    async fn fetch(&self, docs: &[DocAddr], scopes: &[Scope]) -> Result<Page, LogError> {
        let state = self.lock();
        let tables = &state.tables;
        let saved = |addr: &DocAddr| {
            let doc = tables.docs.get(addr).filter(|doc| scopes.contains(&doc.scope))?;
            Some(SavedDoc { doc: *addr, scope: doc.scope, saved: doc.whole() })
        };
        Ok(tables.page(docs.iter().filter_map(saved).collect(), true))
    }

    async fn heads(&self, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
        let state = self.lock();
        let inside = state.tables.docs.iter().filter(|(_, doc)| doc.scope == scope);
        let heads = inside.map(|(addr, doc)| DocHeads { doc: *addr, heads: doc.heads.clone() }).collect();
        Ok((heads, state.tables.head().cursor))
    }

    async fn counter(&self, device: DeviceId) -> Result<u64, LogError> {
        Ok(self.lock().tables.counters.get(&device).copied().unwrap_or(0))
    }

    async fn opened(&self) -> Result<Past, LogError> {
        let mut state = self.lock();
        let tried = state.trying.take();
        let deadly = tried.filter(|_| tried == state.suspect);
        state.suspect = tried.or(state.suspect);
        Ok(Past { fell: std::mem::replace(&mut state.running, true), deadly })
    }

    async fn trying(&self, edit: Option<EditId>) -> Result<(), LogError> {
        self.lock().trying = edit;
        Ok(())
    }

    async fn closed(&self) -> Result<(), LogError> {
        let mut state = self.lock();
        (state.running, state.trying, state.suspect) = (false, None, None);
        Ok(())
    }
}
