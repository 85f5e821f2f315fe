//! A device's disk: what is committed may still be in the page cache; only `sync` makes it last.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use waybill_shared::{
    doc::Hash,
    erasure,
    id::{CustomerId, CustomerTermsId, EditId, OrderId, SettingsId},
    kind::DocAddr,
    numbers::{self, Number},
    order::Order,
    protocol::{codec::encode, frame::Names},
    rules::{Credit, Owed},
    scope::{Scope, Scopes},
    session::store::{EditState, Meta, Store, StoreError, StoredDoc, StoredEdit, Write, WriteDoc},
    settings::Settings,
    view::View,
};

/// A file as it is at one moment: what a backup or a copy of it holds.
#[derive(Clone)]
pub struct File {
    meta: Meta,
    names: Names,
    docs: BTreeMap<DocAddr, Rc<Row>>,
    edits: BTreeMap<EditId, Rc<StoredEdit>>,
    pending: BTreeSet<(u64, EditId)>,
    stale: BTreeSet<DocAddr>,
    /// Entries whose bytes rotted.
    rotted: BTreeMap<EditId, Rc<StoredEdit>>,
}

/// A document with what lists keep of it.
struct Row {
    stored: StoredDoc,
    heads: Vec<Hash>,
    on_server: bool,
    view: View,
    owes: Option<(CustomerId, Owed)>,
}

/// What running programs see, and what a power cut leaves.
pub struct Disk {
    seen: File,
    /// What the file would be after each commit that is not synced yet; the last is what is seen.
    cached: Vec<File>,
    durable: File,
}

impl Default for File {
    fn default() -> Self {
        let names = Names {
            version: 0,
            since: 0,
            people: Vec::new(),
            devices: Vec::new(),
            here: Vec::new(),
            encrypt: false,
        };
        Self {
            meta: Meta::default(),
            names,
            docs: BTreeMap::new(),
            edits: BTreeMap::new(),
            pending: BTreeSet::new(),
            stale: BTreeSet::new(),
            rotted: BTreeMap::new(),
        }
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::from(File::default())
    }
}

impl From<File> for Disk {
    fn from(file: File) -> Self {
        Self { seen: file.clone(), cached: Vec::new(), durable: file }
    }
}

impl Disk {
    /// All of it or nothing, seen at once; on the disk only after `sync`.
    pub fn commit(&mut self, writes: &[Write]) {
        for write in writes {
            self.seen.write(write);
        }
        self.cached.push(self.seen.clone());
    }

    /// A byte of it rots: it is set aside with the next commit.
    pub fn rots(&mut self, id: EditId) {
        if let Some(stored) = self.seen.edits.remove(&id) {
            self.seen.pending.remove(&(stored.edit.counter, id));
            self.seen.rotted.insert(id, stored);
        }
    }

    pub fn sync(&mut self) {
        if let Some(last) = self.cached.pop() {
            self.durable = last;
            self.cached.clear();
        }
    }

    /// Power fails: of the commits that were not synced the first `kept` reached the disk.
    pub fn lose_power(&mut self, kept: usize) {
        let kept = kept.min(self.cached.len());
        if let Some(reached) = kept.checked_sub(1).and_then(|last| self.cached.get(last)) {
            self.durable = reached.clone();
        }
        self.cached.clear();
        self.seen = self.durable.clone();
    }

    pub fn unsynced(&self) -> usize {
        self.cached.len()
    }

    /// What a backup made now holds.
    pub fn file(&self) -> File {
        self.durable.clone()
    }

    /// As the running program sees it.
    pub fn seen(&self) -> &File {
        &self.seen
    }
}

impl File {
    fn write(&mut self, write: &Write) {
        match write {
            Write::Meta(meta) => self.meta = (**meta).clone(),
            Write::Names(names) => self.names = names.clone(),
            Write::Document(doc) => {
                if doc.replaced {
                    self.stale.remove(&doc.addr);
                }
                self.docs.insert(doc.addr, Rc::new(Row::of(doc)));
            }
            Write::Edit(stored) => {
                let id = stored.edit.id;
                if let Some(was) = self.edits.insert(id, Rc::new((**stored).clone())) {
                    self.pending.remove(&(was.edit.counter, id));
                }
                if stored.state == EditState::Pending {
                    self.pending.insert((stored.edit.counter, id));
                }
            }
            Write::MarkStale => {
                self.stale =
                    self.docs.iter().filter(|(_, row)| row.on_server).map(|(addr, _)| *addr).collect();
            }
            Write::Forget(addr) => {
                self.docs.remove(addr);
                self.stale.remove(addr);
            }
        }
    }

    pub fn edits(&self) -> impl Iterator<Item = &StoredEdit> {
        self.edits.values().map(|stored| &**stored)
    }

    /// In the order of their counters.
    fn ordered(&self, which: impl Fn(&StoredEdit) -> bool) -> Vec<StoredEdit> {
        let mut edits: Vec<StoredEdit> = self.edits().filter(|stored| which(stored)).cloned().collect();
        edits.sort_by_key(|stored| stored.edit.counter);
        edits
    }

    pub fn stored(&self, id: EditId) -> Option<&StoredEdit> {
        self.edits.get(&id).map(|stored| &**stored)
    }

    /// It rotted, and is kept as it is.
    pub fn is_set_aside(&self, id: EditId) -> bool {
        self.rotted.contains_key(&id)
    }

    /// Every document with its scopes, its confirmed heads and what is shown of it.
    pub fn documents(&self) -> impl Iterator<Item = (DocAddr, &Scopes, &[Hash], &View)> {
        self.docs.iter().map(|(addr, row)| (*addr, &row.stored.scopes, row.heads.as_slice(), &row.view))
    }

    /// These words stand somewhere in it.
    pub fn tells(&self, words: &str) -> bool {
        let stands = |bytes: &[u8]| bytes.windows(words.len()).any(|window| window == words.as_bytes());
        let docs = self
            .docs
            .values()
            .any(|row| stands(&row.stored.confirmed) || row.stored.shown.as_deref().is_some_and(stands));
        docs || self.edits().any(|stored| stands(&encode(stored)))
    }

    pub fn view(&self, addr: DocAddr) -> Option<&View> {
        self.docs.get(&addr).map(|row| &row.view)
    }

    pub fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl Row {
    fn of(doc: &WriteDoc) -> Self {
        Self {
            stored: StoredDoc {
                scopes: doc.scopes.clone(),
                confirmed: doc.confirmed.save(),
                shown: doc.shown.as_ref().map(waybill_shared::doc::Doc::save),
            },
            heads: doc.heads().to_vec(),
            on_server: !doc.confirmed.is_blank(),
            owes: match &doc.view {
                View::Order(order) => owes(order),
                _ => None,
            },
            view: doc.view.clone(),
        }
    }
}

fn owes(order: &Order) -> Option<(CustomerId, Owed)> {
    Some((order.customer()?, Owed::of(order)?))
}

impl Store for Disk {
    fn meta(&self) -> Result<Meta, StoreError> {
        Ok(self.seen.meta.clone())
    }

    fn names(&self) -> Result<Names, StoreError> {
        Ok(self.seen.names.clone())
    }

    fn document(&self, addr: DocAddr) -> Result<Option<StoredDoc>, StoreError> {
        Ok(self.seen.docs.get(&addr).map(|row| row.stored.clone()))
    }

    fn edit(&self, id: EditId) -> Result<Option<StoredEdit>, StoreError> {
        Ok(self.seen.stored(id).cloned())
    }

    fn pending(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError> {
        let pending = self.seen.pending.iter().filter(|(counter, _)| *counter > after).take(limit);
        Ok(pending.filter_map(|(_, id)| self.seen.stored(*id).cloned()).collect())
    }

    fn pending_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        let pending = self.seen.pending.iter().filter_map(|(_, id)| self.seen.stored(*id));
        Ok(pending.filter(|stored| stored.edit.docs().any(|doc| doc == addr)).cloned().collect())
    }

    fn count_pending(&self) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.seen.pending.len()).unwrap_or(u32::MAX))
    }

    fn untold_discards(&self) -> Result<Vec<EditId>, StoreError> {
        let untold = self.seen.ordered(|stored| stored.state == EditState::Discarded { told: false });
        Ok(untold.into_iter().map(|stored| stored.edit.id).collect())
    }

    fn kept(&self) -> Result<Vec<StoredEdit>, StoreError> {
        let kept = |stored: &StoredEdit| matches!(stored.state, EditState::Accepted | EditState::Rewritten);
        Ok(self.seen.ordered(kept))
    }

    fn listed(&self) -> Result<Vec<StoredEdit>, StoreError> {
        let listed = |stored: &StoredEdit| matches!(stored.state, EditState::Attention { .. });
        Ok(self.seen.ordered(listed))
    }

    fn all_concerning(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        Ok(self.seen.ordered(|stored| erasure::concerns(&stored.edit).any(|doc| doc == addr)))
    }

    fn to_resend(&self, after: u64, limit: usize) -> Result<Vec<StoredEdit>, StoreError> {
        let mut edits = self.seen.ordered(|stored| stored.resend && stored.edit.counter > after);
        edits.truncate(limit);
        Ok(edits)
    }

    fn heads(&self, scope: Scope) -> Result<Vec<(DocAddr, Vec<Hash>)>, StoreError> {
        let inside =
            self.seen.docs.iter().filter(|(_, row)| row.on_server && row.stored.scopes.contains(scope));
        Ok(inside.map(|(addr, row)| (*addr, row.heads.clone())).collect())
    }

    fn in_scopes(&self, scopes: &Scopes) -> Result<Vec<(DocAddr, Scopes)>, StoreError> {
        let inside = self.seen.docs.iter().filter(|(_, row)| row.on_server);
        let inside = inside.map(|(addr, row)| (*addr, row.stored.scopes.clone()));
        Ok(inside.filter(|(_, held)| held.meets(scopes)).collect())
    }

    fn listed_on(&self, addr: DocAddr) -> Result<Vec<StoredEdit>, StoreError> {
        let listed = |stored: &&StoredEdit| matches!(stored.state, EditState::Attention { .. });
        let on_it =
            self.seen.edits().filter(listed).filter(|stored| stored.edit.docs().any(|doc| doc == addr));
        let mut edits: Vec<_> = on_it.cloned().collect();
        edits.sort_by_key(|stored| stored.edit.counter);
        Ok(edits)
    }

    fn stale(&self) -> Result<Vec<DocAddr>, StoreError> {
        Ok(self.seen.stale.iter().copied().collect())
    }

    fn credit(&self, customer: CustomerId, except: OrderId) -> Result<Option<Credit>, StoreError> {
        let terms = self.seen.view(CustomerTermsId::of(customer).into());
        let Some(View::CustomerTerms(terms)) = terms else { return Ok(None) };
        let business = match self.seen.view(SettingsId::ONLY.into()) {
            Some(View::Settings(settings)) => settings.fields.currency,
            _ => Settings::default().fields.currency,
        };
        let owed = self.seen.docs.iter().filter_map(|(addr, row)| Some((OrderId::from(addr.id), row.owes?)));
        let owed = owed.filter(|(_, (who, _))| *who == customer).map(|(order, (_, owed))| (order, owed));
        Ok(Some(Credit::new(&terms.fields, business, owed, except)))
    }

    fn numbered(&self, number: &Number, besides: DocAddr) -> Result<Option<String>, StoreError> {
        let docs = self.seen.docs.iter().filter(|(addr, _)| **addr != besides && addr.kind == number.kind);
        let mut views = docs.map(|(_, row)| &row.view);
        let found = views.find(|view| Number::of(view).as_ref() == Some(number));
        Ok(found.map(|view| numbers::name(view).to_owned()))
    }
}
