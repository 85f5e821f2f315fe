//! What the log in memory holds, and how a batch changes it.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    doc::{Doc, Hash},
    edit::Edit,
    id::{CustomerId, DeviceId, EditId, OrderId},
    kind::{DocAddr, DocKind},
    order::Order,
    protocol::frame::SavedDoc,
    review::Review,
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::FeedEntry,
    time::Timestamp,
};

use crate::log::{Batch, Fed, Head, Known, NewEntry, Page};

#[derive(Clone, Debug)]
pub struct Tables {
    pub cursor: Option<Cursor>,
    pub digests: BTreeMap<Scope, Digest>,
    pub numbers: u64,
    pub numbers_wait: bool,
    pub epoch: u64,
    pub since: Option<Timestamp>,
    pub docs: BTreeMap<DocAddr, Stored>,
    pub edits: HashMap<EditId, (Known, Option<Arc<Edit>>)>,
    /// Those up to `trimmed` only tell of verdicts and changes.
    pub feed: BTreeMap<u64, Fed>,
    /// Where the log begins.
    pub trimmed: Cursor,
    pub claimed: HashMap<(DocAddr, Hash), EditId>,
    pub counters: BTreeMap<DeviceId, u64>,
    pub reviews: BTreeMap<EditId, Review>,
    pub open: BTreeMap<OrderId, (CustomerId, Owed)>,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            cursor: None,
            digests: BTreeMap::new(),
            numbers: 0,
            numbers_wait: false,
            epoch: 0,
            since: None,
            docs: BTreeMap::new(),
            edits: HashMap::new(),
            feed: BTreeMap::new(),
            trimmed: Cursor::START,
            claimed: HashMap::new(),
            counters: BTreeMap::new(),
            reviews: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }
}

impl Tables {
    pub fn head(&self) -> Head {
        Head {
            cursor: self.cursor.unwrap_or(Cursor::START),
            digests: self.digests.clone(),
            numbers: self.numbers,
            numbers_wait: self.numbers_wait,
            epoch: self.epoch,
            since: self.since,
        }
    }

    pub fn begin_epoch(&mut self, at: Timestamp) {
        (self.epoch, self.since, self.numbers_wait) = (self.epoch + 1, Some(at), true);
    }

    /// The cursor at a position, unless it was trimmed or is not there yet.
    pub fn at(&self, pos: u64) -> Option<Cursor> {
        match pos.cmp(&self.trimmed.pos) {
            Ordering::Less => None,
            Ordering::Equal => Some(self.trimmed),
            Ordering::Greater => self.feed.get(&pos).map(|fed| fed.cursor),
        }
    }

    pub fn trim(&mut self, upto: u64) -> Option<Cursor> {
        if upto > self.trimmed.pos {
            self.trimmed = self.at(upto)?;
        }
        Some(self.trimmed)
    }

    pub fn write(&mut self, batch: &Batch) {
        self.cursor = Some(batch.after.cursor);
        self.digests.clone_from(&batch.after.digests);
        self.numbers = self.numbers.max(batch.after.numbers);
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
                scopes: Scopes::NONE,
                heads: Vec::new(),
                version: 0,
                snap_version: 0,
                saved: Vec::new(),
                after: Vec::new(),
            };
            let stored = self.docs.entry(update.addr).or_insert(new);
            stored.heads.clone_from(&update.heads);
            stored.scopes.clone_from(&update.scopes);
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
        if let Some(review) = &entry.review {
            self.reviews.insert(entry.edit, review.clone());
        }
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
            moved: entry.moved.clone(),
            about: Vec::new(),
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

    /// The entry as it is read. `again`: its verdict is given once more.
    pub fn told(&self, fed: &Fed, again: bool) -> Fed {
        let body = self.edits.get(&fed.entry.edit).and_then(|(_, edit)| edit.as_deref());
        let Some(body) = body.filter(|_| again || !fed.entry.verdict.findings().is_empty()) else {
            return fed.clone();
        };
        let entry = FeedEntry { about: body.docs().collect(), ..(*fed.entry).clone() };
        Fed { cursor: fed.cursor, entry: Arc::new(entry) }
    }

    /// The document as it was at a position.
    pub fn as_of(&self, doc: DocAddr, pos: u64) -> Option<SavedDoc> {
        let changes = self.feed.range(..=pos).flat_map(|(_, fed)| &fed.entry.changes);
        let mut scopes = Scopes::NONE;
        let mut saved = Doc::new(doc.kind).save();
        for change in changes.filter(|change| change.doc == doc) {
            scopes.clone_from(&change.scopes);
            saved.extend_from_slice(&change.bytes);
        }
        (!scopes.is_empty()).then_some(SavedDoc { doc, scopes, saved })
    }

    pub fn page(&self, docs: Vec<SavedDoc>, last: bool) -> Page {
        Page { docs, at: self.head().cursor, last }
    }
}

#[derive(Clone, Debug)]
pub struct Stored {
    pub scopes: Scopes,
    pub heads: Vec<Hash>,
    pub version: u32,
    pub snap_version: u32,
    pub saved: Vec<u8>,
    pub after: Vec<u8>,
}

impl Stored {
    pub fn whole(&self) -> Vec<u8> {
        [self.saved.as_slice(), self.after.as_slice()].concat()
    }
}
