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
    generation::{Archived, Leaves},
    id::{CustomerId, DeviceId, EditId, OrderId},
    kind::{DocAddr, DocKind},
    numbers::{self, Number},
    order::Order,
    protocol::frame::SavedDoc,
    review::Review,
    rules::Owed,
    scope::{Scope, Scopes},
    session::server::FeedEntry,
    time::Timestamp,
    view::View,
};

use crate::log::{Batch, Fed, Head, Known, MOST_BESIDE, NewEntry, Others, Page};

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
    pub reviews: BTreeMap<EditId, (Review, Timestamp)>,
    pub open: BTreeMap<OrderId, (CustomerId, Owed)>,
    /// Products and customers by what they are called.
    pub named: BTreeMap<DocAddr, (Number, String)>,
    pub archive: BTreeMap<(DocAddr, String), Archived>,
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
            named: BTreeMap::new(),
            archive: BTreeMap::new(),
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

    /// What was written behind a position; `None`: it is not of this log, or too far back.
    pub fn others(&self, behind: Cursor) -> Option<Others> {
        let far = self.head().cursor.pos.saturating_sub(behind.pos) > MOST_BESIDE;
        if far || self.at(behind.pos) != Some(behind) {
            return None;
        }
        let mut others = Others::default();
        for fed in self.feed.range(behind.pos + 1..).map(|(_, fed)| &fed.entry) {
            others.edits.insert(fed.edit);
            others.devices.insert(fed.device);
            others.docs.extend(fed.changes.iter().map(|change| change.doc));
        }
        others.customers = others.docs.iter().filter_map(|addr| self.order(*addr)?.customer()).collect();
        others.named = others.docs.iter().filter_map(|addr| Some(self.named.get(addr)?.0.clone())).collect();
        others.numbers = self.numbers;
        Some(others)
    }

    fn order(&self, addr: DocAddr) -> Option<Order> {
        let stored = self.docs.get(&addr).filter(|_| addr.kind == DocKind::Order)?;
        Doc::load(addr.kind, &stored.whole()).and_then(|doc| doc.read::<Order>()).ok()
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
            self.write_entry(entry, batch.at);
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
                opened: 0,
                saved: Vec::new(),
                after: Vec::new(),
            };
            let stored = self.docs.entry(update.addr).or_insert(new);
            stored.heads.clone_from(&update.heads);
            stored.scopes.clone_from(&update.scopes);
            stored.version = update.version;
            stored.snap_version = update.snap_version;
            stored.opened = update.opened;
            match &update.snapshot {
                Some(saved) => {
                    stored.saved.clone_from(saved);
                    stored.after.clear();
                }
                None => stored.after.extend(changes.remove(&update.addr).unwrap_or_default()),
            }
            match update.addr.kind {
                DocKind::Order => {
                    let whole = stored.whole();
                    self.note_open(update.addr, &whole);
                }
                DocKind::Product | DocKind::Customer => {
                    let whole = stored.whole();
                    self.note_named(update.addr, &whole);
                }
                _ => {}
            }
        }
    }

    fn write_entry(&mut self, entry: &NewEntry, at: Timestamp) {
        let known = Known {
            edit: entry.edit,
            attempt: entry.attempt,
            device: entry.device,
            verdict: entry.verdict.clone(),
            pos: entry.cursor.pos,
            content: match &entry.judged {
                Some(judged) => judged.content,
                None => self.edits.get(&entry.edit).and_then(|(known, _)| known.content),
            },
        };
        let body = match &entry.judged {
            Some(judged) => Some(Arc::clone(&judged.edit)),
            None => self.edits.get(&entry.edit).and_then(|(_, body)| body.clone()),
        };
        self.edits.insert(entry.edit, (known, body));
        if let Some(review) = &entry.review {
            self.reviews.insert(entry.edit, (review.clone(), at));
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
            decided: entry.review.as_ref().map(|review| review.decided(at)),
            given: entry.given().to_vec(),
            changes: entry.changes.clone(),
            opens: entry.opens.as_ref().map(Leaves::why),
            moved: entry.moved.clone(),
            about: Vec::new(),
        };
        if let (Some(leaves), Some(opening)) = (&entry.opens, entry.changes.first()) {
            match leaves {
                Leaves::Archived(archived) => {
                    let old = archived.iter().map(|old| ((opening.doc, old.key.clone()), old.clone()));
                    self.archive.extend(old);
                }
                Leaves::Nothing => {
                    self.archive.retain(|(doc, _), _| *doc != opening.doc);
                    self.forget_content(opening.doc);
                }
            }
            self.blank(opening.doc);
        }
        self.feed.insert(entry.cursor.pos, Fed { cursor: entry.cursor, entry: Arc::new(fed) });
    }

    /// Whoever kept it cleans it, too: by its content it is not known again.
    fn forget_content(&mut self, doc: DocAddr) {
        for (known, edit) in self.edits.values_mut() {
            if edit.as_ref().is_some_and(|edit| edit.docs().any(|addr| addr == doc)) {
                known.content = None;
            }
        }
    }

    /// The changes of a document that is made anew.
    fn blank(&mut self, doc: DocAddr) {
        for fed in self.feed.values_mut() {
            if fed.entry.changes.iter().any(|change| change.doc == doc) {
                let changes = &mut Arc::make_mut(&mut fed.entry).changes;
                changes.iter_mut().filter(|change| change.doc == doc).for_each(|change| change.bytes.clear());
            }
        }
    }

    fn note_open(&mut self, addr: DocAddr, saved: &[u8]) {
        let order = Doc::load(DocKind::Order, saved).and_then(|doc| doc.read::<Order>());
        let id = OrderId::new(addr.id);
        match order.ok().and_then(|order| Some((order.customer()?, Owed::of(&order)?))) {
            Some(open) => self.open.insert(id, open),
            None => self.open.remove(&id),
        };
    }

    fn note_named(&mut self, addr: DocAddr, saved: &[u8]) {
        let view = Doc::load(addr.kind, saved).and_then(|doc| View::read(&doc));
        match view.ok().and_then(|view| Some((Number::of(&view)?, numbers::name(&view).to_owned()))) {
            Some(named) => self.named.insert(addr, named),
            None => self.named.remove(&addr),
        };
    }

    /// The entry as it is read. `again`: its verdict is given once more.
    pub fn told(&self, fed: &Fed, again: bool) -> Fed {
        let body = self.edits.get(&fed.entry.edit).and_then(|(_, edit)| edit.as_deref());
        let Some(body) = body.filter(|_| again || !fed.entry.verdict.findings().is_empty()) else {
            return self.without_the_whole(fed);
        };
        let entry = FeedEntry { about: body.docs().collect(), ..(*fed.entry).clone() };
        Fed { cursor: fed.cursor, entry: Arc::new(entry) }
    }

    /// A document that is made anew is read apart.
    fn without_the_whole(&self, fed: &Fed) -> Fed {
        let mut fed = fed.clone();
        if fed.entry.opens.is_some() {
            Arc::make_mut(&mut fed.entry).changes.iter_mut().for_each(|change| change.bytes.clear());
        }
        fed
    }

    /// The document as it was at a position. What was made anew since is left out.
    pub fn as_of(&self, doc: DocAddr, pos: u64) -> Option<SavedDoc> {
        let entries = self.feed.range(..=pos).map(|(_, fed)| &fed.entry);
        let changes = entries.flat_map(|entry| entry.changes.iter().map(|change| (entry.opens, change)));
        let mut scopes = Scopes::NONE;
        let mut saved = Doc::new(doc.kind).save();
        for (opens, change) in changes.filter(|(_, change)| change.doc == doc && !change.bytes.is_empty()) {
            scopes.clone_from(&change.scopes);
            if opens.is_some() {
                saved.clear();
            }
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
    pub opened: u32,
    pub saved: Vec<u8>,
    pub after: Vec<u8>,
}

impl Stored {
    pub fn whole(&self) -> Vec<u8> {
        [self.saved.as_slice(), self.after.as_slice()].concat()
    }
}
