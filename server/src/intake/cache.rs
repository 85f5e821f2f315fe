//! Documents in memory, each with what was last read and projected of it. What is not used for long goes.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use waybill_shared::{
    digest::Digest,
    doc::{Doc, DocError, Hash},
    generation::{Budget, Leaves, Next},
    kind::DocAddr,
    redo::{Stand, stands_at},
    scope::{Scope, Scopes},
    view::View,
};

use crate::{
    log::{DocUpdate, StoredDoc},
    reports::{self, Rows},
};

/// A new snapshot is due after this many changes.
const SNAPSHOT_EVERY: u32 = 12;

/// Slots used by one of this many last batches stay: they may be ahead of the log.
const IN_FLIGHT: u64 = 4;

/// Stands kept of a document as devices have it that write in it without knowing its last changes. What they
/// write next rests on them, and forking a document costs several times what an edit does.
const STANDS: usize = 3;

/// Documents that keep such stands: those written in last.
const WORKED_ON: usize = 1_024;

/// Of a change as it is stored, about: what was made anew is one, however much it says.
const BYTES_OF_A_CHANGE: u64 = 256;

/// What is known of one document. Before anyone wrote in it, its skeleton at version 0.
#[derive(Clone, Debug)]
pub struct Slot {
    pub view: Arc<View>,
    pub version: u32,
    pub snap_version: u32,
    pub generation: u32,
    /// Its generation was opened at this version.
    opened: u32,
    /// Of the last snapshot, in bytes.
    size: usize,
    /// Bytes of the changes since.
    grown: usize,
    /// As the report tables have them after the last batch.
    pub rows: Arc<Rows>,
    /// After the last entry that changed it; none before the first.
    pub scopes: Scopes,
    /// What it counts in the digests of these scopes after the last batch.
    pub counted: (Scopes, Digest),
    pub used: u64,
    /// As devices have it that are behind, the latest first.
    aside: VecDeque<Stand>,
}

impl Slot {
    pub fn new(addr: DocAddr) -> Result<(Doc, Self), DocError> {
        let doc = Doc::new(addr.kind);
        let view = Arc::new(View::read(&doc)?);
        let (rows, scopes, counted) = Default::default();
        let (version, snap_version, generation, opened, size, grown, used) = Default::default();
        let aside = VecDeque::new();
        let slot = Self {
            view,
            version,
            snap_version,
            generation,
            opened,
            size,
            grown,
            rows,
            scopes,
            counted,
            used,
            aside,
        };
        Ok((doc, slot))
    }

    pub fn load(stored: &StoredDoc) -> Result<(Doc, Self), DocError> {
        let doc = Doc::load(stored.addr.kind, &stored.saved)?;
        if doc.heads() != stored.heads {
            return Err(DocError::MissingDeps);
        }
        let view = View::read(&doc)?;
        let slot = Self {
            rows: Arc::new(reports::rows(stored.addr, &view)),
            counted: (Scopes::of(&view), Digest::of(stored.addr, &stored.heads)),
            scopes: Scopes::of(&view),
            view: Arc::new(view),
            version: stored.version,
            snap_version: stored.snap_version,
            generation: doc.generation(),
            opened: stored.opened,
            size: stored.saved.len(),
            grown: 0,
            used: 0,
            aside: VecDeque::new(),
        };
        Ok((doc, slot))
    }

    /// The document as a device has it that wrote in it at these deps, if it is still at hand.
    pub fn at(&self, deps: &[Hash]) -> Option<&Stand> {
        self.aside.iter().find(|stand| stands_at(&stand.doc, deps))
    }

    pub fn set_aside(&mut self, stand: Stand) {
        self.aside.push_front(stand);
        self.aside.truncate(STANDS);
    }

    /// What it costs to make the document from its changes, counted in these.
    pub fn weight(&self) -> u64 {
        u64::from(self.version - self.opened) + self.size as u64 / BYTES_OF_A_CHANGE
    }

    /// Judging what was made at these deps makes the document from its changes as it was there.
    pub fn has_to_make(&self, doc: &Doc, deps: &[Hash]) -> bool {
        !stands_at(doc, deps) && self.at(deps).is_none() && deps.iter().any(|dep| doc.has(*dep))
    }

    /// As it would be saved, about.
    pub const fn bytes(&self) -> usize {
        self.size + self.grown
    }

    pub const fn grows(&mut self, bytes: usize) {
        self.grown += bytes;
    }

    /// It has grown too large for what it says.
    pub fn is_overgrown(&self, budget: Budget) -> bool {
        budget.is_used_up(self.version - self.opened, self.size)
    }

    /// The next generation of the document takes its place.
    pub fn renew(&mut self, addr: DocAddr, doc: &mut Doc, next: Next) -> Result<Opening, DocError> {
        let Next { doc: anew, leaves } = next;
        let view = View::read(&anew)?;
        let hash = anew.heads().first().copied().ok_or(DocError::MissingDeps)?;
        let saved = anew.save();
        *doc = anew;
        self.view = Arc::new(view);
        self.generation = doc.generation();
        self.version += 1;
        self.opened = self.version;
        // A snapshot is due: what it was taken from is gone.
        self.snap_version = 0;
        self.aside = VecDeque::new();
        let scopes = Scopes::of(&self.view);
        let was = std::mem::replace(&mut self.scopes, scopes.clone());
        let was = (was != scopes).then_some(was);
        Ok(Opening { addr, generation: self.generation, scopes, was, hash, saved, leaves })
    }

    /// After a batch changed it: what to write, and how the digests of its scopes moved.
    pub fn settle(&mut self, addr: DocAddr, doc: &Doc, entry: &mut Settling) {
        let heads = doc.heads().to_vec();
        let due = self.snap_version == 0 || self.version - self.snap_version >= SNAPSHOT_EVERY;
        let snapshot = due.then(|| doc.save());
        if let Some(saved) = &snapshot {
            (self.snap_version, self.size, self.grown) = (self.version, saved.len(), 0);
        }
        let digest = Digest::of(addr, &heads);
        let (before, was) = std::mem::replace(&mut self.counted, (self.scopes.clone(), digest));
        entry.digests.extend(before.iter().map(|scope| (scope, was, Digest::default())));
        entry.digests.extend(self.scopes.iter().map(|scope| (scope, Digest::default(), digest)));
        let rows = reports::rows(addr, &self.view);
        if rows != *self.rows {
            let rows = Arc::new(rows);
            let before = std::mem::replace(&mut self.rows, Arc::clone(&rows));
            entry.rows.push(reports::RowsChange { addr, before, after: rows });
        }
        entry.docs.push(DocUpdate {
            addr,
            scopes: self.scopes.clone(),
            heads,
            generation: self.generation,
            version: self.version,
            snap_version: self.snap_version,
            opened: self.opened,
            snapshot,
        });
    }
}

/// What the documents that a batch changed lead to.
#[derive(Debug, Default)]
pub struct Settling {
    pub docs: Vec<DocUpdate>,
    pub rows: Vec<reports::RowsChange>,
    pub digests: Vec<(Scope, Digest, Digest)>,
    pub opened: Vec<Opening>,
}

/// A document's next generation.
#[derive(Debug)]
pub struct Opening {
    pub addr: DocAddr,
    pub generation: u32,
    pub scopes: Scopes,
    /// Before that, where they were others: nobody had written in it.
    pub was: Option<Scopes>,
    pub hash: Hash,
    /// The document whole.
    pub saved: Vec<u8>,
    pub leaves: Leaves,
}

#[derive(Debug)]
pub struct Cache {
    /// Each with its slot.
    docs: HashMap<DocAddr, Doc>,
    slots: HashMap<DocAddr, Slot>,
    /// Which documents may keep stands aside, and the batch that wrote in them, the longest ago first.
    worked_on: VecDeque<(DocAddr, u64)>,
    /// Stored, but they do not load: a defect. Nothing is written in them.
    broken: HashSet<DocAddr>,
    limit: usize,
}

impl Cache {
    pub fn new(limit: usize) -> Self {
        Self {
            docs: HashMap::new(),
            slots: HashMap::new(),
            worked_on: VecDeque::new(),
            broken: HashSet::new(),
            limit,
        }
    }

    pub fn has(&self, addr: &DocAddr) -> bool {
        self.slots.contains_key(addr) || self.broken.contains(addr)
    }

    pub fn get(&self, addr: &DocAddr) -> Option<&Slot> {
        self.slots.get(addr)
    }

    pub fn doc(&self, addr: &DocAddr) -> Option<&Doc> {
        self.docs.get(addr)
    }

    /// The view of a document that is looked at but not written.
    pub fn use_now(&mut self, addr: &DocAddr, batch: u64) -> Option<Arc<View>> {
        let slot = self.slots.get_mut(addr)?;
        slot.used = batch;
        Some(Arc::clone(&slot.view))
    }

    pub fn take(&mut self, addr: &DocAddr) -> Option<(Doc, Slot)> {
        Some((self.docs.remove(addr)?, self.slots.remove(addr)?))
    }

    pub fn put(&mut self, addr: DocAddr, doc: Doc, slot: Slot) {
        if !slot.aside.is_empty() {
            self.worked_on.push_back((addr, slot.used));
        }
        self.docs.insert(addr, doc);
        self.slots.insert(addr, slot);
        while self.worked_on.len() > WORKED_ON {
            let Some((addr, batch)) = self.worked_on.pop_front() else { return };
            if let Some(slot) = self.slots.get_mut(&addr).filter(|slot| slot.used == batch) {
                slot.aside = VecDeque::new();
            }
        }
    }

    /// What the log has of it; `None`: nothing.
    pub fn take_in(&mut self, addr: DocAddr, stored: Option<&StoredDoc>) {
        let slot = stored.map_or_else(|| Slot::new(addr), Slot::load);
        match slot {
            Ok((doc, slot)) => self.put(addr, doc, slot),
            Err(error) => {
                if stored.is_some() {
                    tracing::error!(document = %addr, %error, "a stored document does not load");
                }
                self.broken.insert(addr);
            }
        }
    }

    pub fn forget(&mut self, addr: &DocAddr) {
        self.docs.remove(addr);
        self.slots.remove(addr);
        self.broken.remove(addr);
    }

    pub fn clear(&mut self) {
        self.docs.clear();
        self.slots.clear();
        self.worked_on.clear();
        self.broken.clear();
    }

    /// Lets the longest unused quarter go when there are too many.
    pub fn trim(&mut self, now: u64) {
        if self.broken.len() > self.limit {
            self.broken.clear();
        }
        if self.slots.len() <= self.limit {
            return;
        }
        let mut used: Vec<u64> = self.slots.values().map(|slot| slot.used).collect();
        let nth = used.len() / 4;
        let (_, oldest, _) = used.select_nth_unstable(nth);
        let keep_after = (*oldest).min(now.saturating_sub(IN_FLIGHT));
        self.slots.retain(|_, slot| slot.used > keep_after);
        self.docs.retain(|addr, _| self.slots.contains_key(addr));
    }
}
