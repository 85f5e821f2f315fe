//! Documents in memory, each with what was last read and projected of it. What is not used for long goes.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use waybill_shared::{
    digest::Digest,
    doc::{Doc, DocError, Hash},
    kind::DocAddr,
    redo::{Stand, stands_at},
    scope::Scope,
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

/// Earlier stands kept of a document that is being worked on: devices that have not heard of the last changes
/// build on them, and forking a document costs twenty times what an edit on one at hand does.
const STANDS: usize = 4;

/// Documents that keep earlier stands: those written in last.
const WORKED_ON: usize = 1_024;

/// One document. Before anyone wrote in it, its skeleton at version 0.
#[derive(Clone, Debug)]
pub struct Slot {
    pub doc: Doc,
    pub view: Arc<View>,
    pub version: u32,
    pub snap_version: u32,
    /// As the report tables have them after the last batch.
    pub rows: Arc<Rows>,
    /// What it counts in its scope's digest after the last batch.
    pub digest: Digest,
    pub used: u64,
    /// Earlier stands, the latest first.
    lately: VecDeque<Stand>,
}

impl Slot {
    pub fn new(addr: DocAddr) -> Result<Self, DocError> {
        let doc = Doc::new(addr.kind);
        let view = Arc::new(View::read(&doc)?);
        let (rows, digest) = (Arc::default(), Digest::default());
        let lately = VecDeque::new();
        Ok(Self { doc, view, version: 0, snap_version: 0, rows, digest, used: 0, lately })
    }

    pub fn load(stored: &StoredDoc) -> Result<Self, DocError> {
        let doc = Doc::load(stored.addr.kind, &stored.saved)?;
        if doc.heads() != stored.heads {
            return Err(DocError::MissingDeps);
        }
        let view = View::read(&doc)?;
        Ok(Self {
            rows: Arc::new(reports::rows(stored.addr, &view)),
            digest: Digest::of(stored.addr, &stored.heads),
            doc,
            view: Arc::new(view),
            version: stored.version,
            snap_version: stored.snap_version,
            used: 0,
            lately: VecDeque::new(),
        })
    }

    /// The document as it was at these deps, if it is still at hand.
    pub fn lately(&self, deps: &[Hash]) -> Option<&Stand> {
        self.lately.iter().find(|stand| stands_at(&stand.doc, deps))
    }

    /// The document as it is now. `aside`: as the device has it that just wrote in it.
    pub fn renew(&mut self, now: Stand, aside: Option<Stand>) {
        let doc = std::mem::replace(&mut self.doc, now.doc);
        let view = std::mem::replace(&mut self.view, now.view);
        self.lately.push_front(Stand { doc, view });
        if let Some(aside) = aside {
            self.lately.push_front(aside);
        }
        self.lately.truncate(STANDS);
    }

    pub fn scope(&self) -> Scope {
        Scope::of(self.doc.kind())
    }

    /// After a batch changed it: what to write, and how its scope's digest moved.
    pub fn settle(&mut self, addr: DocAddr, entry: &mut Settling) {
        let heads = self.doc.heads().to_vec();
        let due = self.snap_version == 0 || self.version - self.snap_version >= SNAPSHOT_EVERY;
        let snapshot = due.then(|| self.doc.save());
        if due {
            self.snap_version = self.version;
        }
        let digest = Digest::of(addr, &heads);
        entry.digests.push((self.scope(), std::mem::replace(&mut self.digest, digest), digest));
        let rows = reports::rows(addr, &self.view);
        if rows != *self.rows {
            let rows = Arc::new(rows);
            let before = std::mem::replace(&mut self.rows, Arc::clone(&rows));
            entry.rows.push(reports::RowsChange { addr, before, after: rows });
        }
        entry.docs.push(DocUpdate {
            addr,
            scope: self.scope(),
            heads,
            version: self.version,
            snap_version: self.snap_version,
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
}

#[derive(Debug)]
pub struct Cache {
    slots: HashMap<DocAddr, Slot>,
    /// Which documents may keep earlier stands, and the batch that wrote in them, the longest ago first.
    worked_on: VecDeque<(DocAddr, u64)>,
    /// Stored, but they do not load: a defect. Nothing is written in them.
    broken: HashSet<DocAddr>,
    limit: usize,
}

impl Cache {
    pub fn new(limit: usize) -> Self {
        Self { slots: HashMap::new(), worked_on: VecDeque::new(), broken: HashSet::new(), limit }
    }

    pub fn has(&self, addr: &DocAddr) -> bool {
        self.slots.contains_key(addr) || self.broken.contains(addr)
    }

    pub fn get(&self, addr: &DocAddr) -> Option<&Slot> {
        self.slots.get(addr)
    }

    /// The view of a document that is looked at but not written.
    pub fn use_now(&mut self, addr: &DocAddr, batch: u64) -> Option<Arc<View>> {
        let slot = self.slots.get_mut(addr)?;
        slot.used = batch;
        Some(Arc::clone(&slot.view))
    }

    pub fn take(&mut self, addr: &DocAddr) -> Option<Slot> {
        self.slots.remove(addr)
    }

    pub fn put(&mut self, addr: DocAddr, slot: Slot) {
        if !slot.lately.is_empty() {
            self.worked_on.push_back((addr, slot.used));
        }
        self.slots.insert(addr, slot);
        while self.worked_on.len() > WORKED_ON {
            let Some((addr, batch)) = self.worked_on.pop_front() else { return };
            if let Some(slot) = self.slots.get_mut(&addr).filter(|slot| slot.used == batch) {
                slot.lately = VecDeque::new();
            }
        }
    }

    /// What the log has of it; `None`: nothing.
    pub fn take_in(&mut self, addr: DocAddr, stored: Option<&StoredDoc>) {
        let slot = stored.map_or_else(|| Slot::new(addr), Slot::load);
        match slot {
            Ok(slot) => self.put(addr, slot),
            Err(error) => {
                if stored.is_some() {
                    tracing::error!(document = %addr, %error, "a stored document does not load");
                }
                self.broken.insert(addr);
            }
        }
    }

    pub fn clear(&mut self) {
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
    }
}
