//! What one step of the device session works on: documents and edits taken from the store, changed in
//! memory, and written back together.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{EditState, Meta, Store, StoreError, StoredEdit, Write, WriteDoc};
use crate::{
    digest::Digest,
    doc::{Actor, Doc, DocError, Hash},
    edit::{EditKind, Verdict},
    erasure,
    id::{EditId, Entropy},
    kind::DocAddr,
    make::make,
    protocol::frame::DocChange,
    scope::{Scope, Scopes},
    time::Timestamp,
    view::View,
};

pub(super) struct Work<'a> {
    pub store: &'a dyn Store,
    /// The corrected time.
    pub now: Timestamp,
    pub meta: Meta,
    docs: BTreeMap<DocAddr, WorkDoc>,
    edits: BTreeMap<EditId, StoredEdit>,
    touched: BTreeSet<EditId>,
    /// What is personal in these was erased.
    pub erased: BTreeSet<DocAddr>,
    rebased: BTreeSet<DocAddr>,
}

struct WorkDoc {
    scopes: Scopes,
    confirmed: Doc,
    shown: Option<Doc>,
    /// What it counts in the digests of these scopes so far.
    counted: (Scopes, Digest),
    /// The shown document is to be made again from the confirmed one and the pending edits.
    rebuild: bool,
    changed: bool,
    replaced: bool,
}

/// A document that does not read or apply is a defect of ours or of the file; its words go to the screen.
impl From<DocError> for StoreError {
    fn from(error: DocError) -> Self {
        Self(format!("A document in the local file does not read: {error}."))
    }
}

pub(super) fn counts(addr: DocAddr, doc: &Doc) -> Digest {
    if doc.is_blank() { Digest::default() } else { Digest::of(addr, doc.heads()) }
}

impl<'a> Work<'a> {
    pub fn new(store: &'a dyn Store, now: Timestamp) -> Result<Self, StoreError> {
        let meta = store.meta()?;
        Ok(Self {
            store,
            now: meta.now(now),
            meta,
            docs: BTreeMap::new(),
            edits: BTreeMap::new(),
            touched: BTreeSet::new(),
            erased: BTreeSet::new(),
            rebased: BTreeSet::new(),
        })
    }

    pub fn edit(&mut self, id: EditId) -> Result<Option<&mut StoredEdit>, StoreError> {
        if !self.edits.contains_key(&id)
            && let Some(stored) = self.store.edit(id)?
        {
            self.edits.insert(id, stored);
        }
        Ok(self.edits.get_mut(&id))
    }

    pub fn put_edit(&mut self, stored: StoredEdit) {
        self.touched.insert(stored.edit.id);
        self.edits.insert(stored.edit.id, stored);
    }

    /// Moves an edit into a state and marks its documents: what is shown of them changes with it.
    pub fn settle(&mut self, mut stored: StoredEdit, state: EditState, pos: Option<u64>) {
        stored.state = state;
        stored.resend = false;
        stored.since = self.now;
        stored.pos = pos.or(stored.pos);
        self.put_edit(stored);
    }

    pub fn shown(&mut self, addr: DocAddr) -> Result<(Doc, View), StoreError> {
        let doc = self.doc(addr)?;
        let shown = doc.shown.as_ref().unwrap_or(&doc.confirmed).clone();
        let view = View::read(&shown)?;
        Ok((shown, view))
    }

    pub fn confirmed_heads(&mut self, addr: DocAddr) -> Result<Vec<Hash>, StoreError> {
        Ok(self.doc(addr)?.confirmed.heads().to_vec())
    }

    /// The document left the scopes of this device, and is here only for what waits on it. While everything is
    /// loaded nobody knows.
    pub fn has_left(&mut self, addr: DocAddr) -> Result<bool, StoreError> {
        if self.meta.scopes.is_empty() || self.meta.loading.is_some() {
            return Ok(false);
        }
        let doc = self.doc(addr)?;
        Ok(doc.scopes.is_empty() && !doc.confirmed.is_blank())
    }

    pub fn is_erased(&mut self, addr: DocAddr) -> Result<bool, StoreError> {
        Ok(erasure::is_erased_in(&self.doc(addr)?.confirmed))
    }

    /// A later version began it.
    pub fn begins_otherwise(&mut self, addr: DocAddr) -> Result<bool, StoreError> {
        Ok(self.doc(addr)?.confirmed.begins_otherwise())
    }

    /// The server gave it to this device and has not taken it back.
    pub fn is_of_here(&mut self, addr: DocAddr) -> Result<bool, StoreError> {
        Ok(!self.doc(addr)?.scopes.is_empty())
    }

    pub fn show(&mut self, addr: DocAddr, shown: Doc) -> Result<(), StoreError> {
        let doc = self.doc(addr)?;
        doc.shown = Some(shown);
        doc.changed = true;
        Ok(())
    }

    pub fn rebuild(&mut self, addr: DocAddr) -> Result<(), StoreError> {
        self.doc(addr)?.rebuild = true;
        Ok(())
    }

    /// One entry on it waits less: what is said of the document changes with it, also where the entry changed nothing
    /// in it. Where it is not for this device to keep, this may have been the last.
    pub fn settled_on(&mut self, addr: DocAddr) -> Result<(), StoreError> {
        self.doc(addr)?.changed = true;
        Ok(())
    }

    /// Replaces what is confirmed of a document by what the server holds.
    pub fn replace(
        &mut self,
        addr: DocAddr,
        scopes: &Scopes,
        saved: &[u8],
        stale: bool,
    ) -> Result<(), StoreError> {
        let confirmed = Doc::load(addr.kind, saved)?;
        let doc = self.doc(addr)?;
        if stale {
            doc.counted = Default::default();
        }
        doc.scopes.clone_from(scopes);
        // Where it is what it was, what waits on it is what it was too, and is not sent once more.
        doc.rebuild |= stale || confirmed.heads() != doc.confirmed.heads();
        doc.confirmed = confirmed;
        doc.replaced = true;
        doc.changed = true;
        Ok(())
    }

    /// The server does not have this document, or not for this device: nothing of it is confirmed.
    pub fn unconfirm(&mut self, addr: DocAddr, stale: bool) -> Result<(), StoreError> {
        let doc = self.doc(addr)?;
        if stale {
            doc.counted = Default::default();
        }
        doc.scopes = Scopes::NONE;
        doc.confirmed = Doc::new(addr.kind);
        doc.replaced = true;
        doc.changed = true;
        doc.rebuild = true;
        self.hush(addr)
    }

    /// The document left the scopes of this device. It goes as soon as nothing entered on it waits for its verdict;
    /// what needs attention on it stays, without a word of what the document says.
    pub fn forget(&mut self, addr: DocAddr) -> Result<(), StoreError> {
        let doc = self.doc(addr)?;
        doc.scopes = Scopes::NONE;
        doc.changed = true;
        self.hush(addr)
    }

    /// What was said of entries on this document is said without a word of what it says.
    fn hush(&mut self, addr: DocAddr) -> Result<(), StoreError> {
        for stored in self.store.listed_on(addr)? {
            let Some(mut stored) = self.edit(stored.edit.id)?.cloned() else { continue };
            if let EditState::Attention { verdict } = &mut stored.state {
                *verdict = Verdict::without_contents(verdict);
                self.put_edit(stored);
            }
        }
        Ok(())
    }

    /// What was personal in these documents was erased: it goes from what was entered on them too.
    pub fn clean_erased(&mut self) -> Result<(), StoreError> {
        let erased = |doc: &WorkDoc| doc.replaced && erasure::is_erased_in(&doc.confirmed);
        let mut addrs = std::mem::take(&mut self.erased);
        addrs.extend(self.docs.iter().filter(|(_, doc)| erased(doc)).map(|(addr, _)| *addr));
        for addr in addrs {
            let mut ids: BTreeSet<EditId> =
                self.store.all_concerning(addr)?.iter().map(|stored| stored.edit.id).collect();
            ids.extend(
                self.edits
                    .values()
                    .filter(|one| erasure::concerns(&one.edit).any(|doc| doc == addr))
                    .map(|one| one.edit.id),
            );
            for id in ids {
                let Some(mut stored) = self.edit(id)?.cloned() else { continue };
                if stored.clean() {
                    if stored.state == EditState::Pending {
                        self.rebuild(addr)?;
                    }
                    self.put_edit(stored);
                }
            }
        }
        Ok(())
    }

    /// Takes one change from the server in. `false` when it rests on changes that are not here.
    pub fn take_in(&mut self, change: &DocChange) -> Result<bool, StoreError> {
        let DocChange { doc: addr, generation, scopes, bytes, .. } = change;
        let doc = self.doc(*addr)?;
        let here = doc.confirmed.generation();
        if *generation != here {
            // A document that was read later than the log is further than this.
            return Ok(*generation < here);
        }
        match doc.confirmed.apply(bytes) {
            Ok(_) => {}
            Err(DocError::MissingDeps) => return Ok(false),
            Err(DocError::Unreadable(_) | DocError::Unwritable(_) | DocError::NoMap(_) | DocError::Path) => {
                return Ok(false);
            }
            // The file was copied or restored: what is confirmed here is not what the server has.
            Err(DocError::Automerge(_) | DocError::BadChange(_)) => return Ok(false),
        }
        doc.changed = true;
        if !scopes.is_empty() {
            doc.scopes.clone_from(scopes);
        }
        if let Some(shown) = &mut doc.shown
            && shown.apply(bytes).is_err()
        {
            doc.rebuild = true;
        }
        Ok(true)
    }

    fn doc(&mut self, addr: DocAddr) -> Result<&mut WorkDoc, StoreError> {
        use std::collections::btree_map::Entry;
        match self.docs.entry(addr) {
            Entry::Occupied(held) => Ok(held.into_mut()),
            Entry::Vacant(empty) => {
                let (scopes, confirmed, shown) = match self.store.document(addr)? {
                    Some(stored) => {
                        let shown = match &stored.shown {
                            Some(saved) => Some(Doc::load(addr.kind, saved)?),
                            None => None,
                        };
                        (stored.scopes, Doc::load(addr.kind, &stored.confirmed)?, shown)
                    }
                    None => (Scopes::NONE, Doc::new(addr.kind), None),
                };
                let counted = (scopes.clone(), counts(addr, &confirmed));
                let doc = WorkDoc {
                    scopes,
                    confirmed,
                    shown,
                    counted,
                    rebuild: false,
                    changed: false,
                    replaced: false,
                };
                Ok(empty.insert(doc))
            }
        }
    }

    /// Pending edits with a part on this document as they are now, in the order of their counters.
    fn pending_on(&self, addr: DocAddr) -> Result<Vec<EditId>, StoreError> {
        let mut pending: BTreeMap<(u64, EditId), ()> = BTreeMap::new();
        for stored in self.store.pending_on(addr)? {
            if !self.edits.contains_key(&stored.edit.id) {
                pending.insert((stored.edit.counter, stored.edit.id), ());
            }
        }
        for stored in self.edits.values() {
            if stored.state == EditState::Pending && stored.edit.docs().any(|doc| doc == addr) {
                pending.insert((stored.edit.counter, stored.edit.id), ());
            }
        }
        Ok(pending.into_keys().map(|(_, id)| id).collect())
    }

    /// Runs pending edits again wherever what they were built on is no longer what it was. One that cannot
    /// be run again is left out of what is shown, whole, and goes up without its changes: only the server
    /// knows whether it took it already, and what speaks against it.
    pub fn rebuild_all(&mut self, entropy: &mut dyn Entropy) -> Result<(), StoreError> {
        let mut left_out = BTreeSet::new();
        loop {
            let groups = self.stale_groups()?;
            if groups.is_empty() {
                return Ok(());
            }
            for Group { docs, edits } in groups {
                let order = edits.into_iter().map(|(_, id)| id).filter(|id| !left_out.contains(id)).collect();
                let Some(id) = self.rerun(&docs, order, entropy)? else { continue };
                left_out.insert(id);
                self.leave_out(id)?;
            }
        }
    }

    /// What is to be built again, apart where no edit joins it: an edit that falls out makes only its own
    /// group begin anew, however many others wait.
    fn stale_groups(&mut self) -> Result<Vec<Group>, StoreError> {
        let stale: Vec<DocAddr> =
            self.docs.iter().filter(|(_, doc)| doc.rebuild).map(|(addr, _)| *addr).collect();
        let mut groups: Vec<Group> = Vec::new();
        for addr in stale {
            let mut group = Group { docs: BTreeSet::from([addr]), edits: BTreeSet::new() };
            let mut joining = BTreeSet::new();
            for id in self.pending_on(addr)? {
                if let Some(stored) = self.edit(id)? {
                    group.edits.insert((stored.edit.counter, id));
                    if stored.edit.docs().any(|doc| doc != addr) {
                        joining.insert((stored.edit.counter, id));
                    }
                }
            }
            if !joining.is_empty() {
                let others: Vec<Group> =
                    groups.extract_if(.., |other| !other.edits.is_disjoint(&joining)).collect();
                for other in others {
                    group.docs.extend(other.docs);
                    group.edits.extend(other.edits);
                }
            }
            groups.push(group);
        }
        Ok(groups)
    }

    fn leave_out(&mut self, id: EditId) -> Result<(), StoreError> {
        let Some(mut stored) = self.edit(id)?.cloned() else { return Ok(()) };
        let mut was_in = false;
        for part in &mut stored.edit.parts {
            was_in |= part.made.take().is_some();
            self.rebuild(part.doc)?;
        }
        stored.edit.attempt = stored.edit.attempt.saturating_add(u32::from(was_in));
        self.put_edit(stored);
        Ok(())
    }

    /// One try: `Some` names an edit that cannot be run again, and nothing was changed.
    fn rerun(
        &mut self,
        stale: &BTreeSet<DocAddr>,
        order: Vec<EditId>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<EditId>, StoreError> {
        let mut shown: BTreeMap<DocAddr, (Doc, View, Actor)> = BTreeMap::new();
        let mut remade = Vec::new();
        for id in order {
            let Some(mut stored) = self.edit(id)?.cloned() else { continue };
            let edit = stored.edit.clone();
            // Left out before: it comes back whole or not at all.
            let is_out = edit.parts.iter().any(|part| part.made.is_none());
            if is_out && !edit.docs().all(|doc| stale.contains(&doc)) {
                continue;
            }
            for (index, part) in stored.edit.parts.iter_mut().enumerate() {
                if !stale.contains(&part.doc) {
                    continue;
                }
                let (doc, view, actor) = match shown.remove(&part.doc) {
                    Some(held) => held,
                    None => {
                        let confirmed = self.doc(part.doc)?.confirmed.clone();
                        let view = View::read(&confirmed)?;
                        (confirmed, view, Actor::fresh(entropy))
                    }
                };
                let index = u16::try_from(index).unwrap_or(u16::MAX);
                let Ok((written, made)) =
                    make(&doc, &view, &part.command, &edit.context(index, part.at), actor)
                else {
                    return Ok(Some(id));
                };
                part.made = Some(match &part.made {
                    Some(first) if edit.kind == EditKind::Facts => made.entered_on(first.base()),
                    _ => made,
                });
                shown.insert(part.doc, (written.doc, written.view, actor));
            }
            stored.edit.attempt = stored.edit.attempt.saturating_add(1);
            remade.push(stored);
        }
        for addr in stale {
            let doc = self.doc(*addr)?;
            doc.shown = shown.remove(addr).map(|(doc, _, _)| doc);
            doc.rebuild = false;
            doc.changed = true;
            self.rebased.insert(*addr);
        }
        for stored in remade {
            self.put_edit(stored);
        }
        Ok(None)
    }

    /// The digests are those of what is here, whatever was counted before.
    pub fn count_again(&mut self) -> Result<(), StoreError> {
        for (scope, digest) in &mut self.meta.digests {
            let heads = self.store.heads(*scope)?;
            *digest = heads.iter().map(|(addr, heads)| Digest::of(*addr, heads)).sum();
        }
        Ok(())
    }

    /// Everything that changed, for one transaction, and which documents were rebased.
    pub fn finish(mut self) -> Result<(Vec<Write>, BTreeSet<DocAddr>), StoreError> {
        let addrs: Vec<DocAddr> =
            self.docs.iter().filter(|(_, doc)| doc.changed).map(|(addr, _)| *addr).collect();
        let mut writes = Vec::new();
        for addr in addrs {
            let pending = !self.pending_on(addr)?.is_empty();
            let Some(mut doc) = self.docs.remove(&addr) else { continue };
            if !pending {
                doc.shown = None;
            }
            let after = counts(addr, &doc.confirmed);
            let (scopes, before) = doc.counted;
            scopes.iter().for_each(|scope| count(&mut self.meta, scope, before, Digest::default()));
            doc.scopes.iter().for_each(|scope| count(&mut self.meta, scope, Digest::default(), after));
            // What nobody wrote in, as an order whose making was refused, is not there; what left goes.
            if doc.shown.is_none() && (doc.confirmed.is_blank() || doc.scopes.is_empty()) {
                writes.push(Write::Forget(addr));
                continue;
            }
            let view = View::read(doc.shown.as_ref().unwrap_or(&doc.confirmed))?;
            writes.push(Write::Document(Box::new(WriteDoc {
                addr,
                scopes: doc.scopes,
                replaced: doc.replaced,
                confirmed: doc.confirmed,
                shown: doc.shown,
                view,
            })));
        }
        for id in &self.touched {
            if let Some(stored) = self.edits.remove(id) {
                writes.push(Write::Edit(Box::new(stored)));
            }
        }
        writes.push(Write::Meta(self.meta.into()));
        Ok((writes, self.rebased))
    }
}

/// Documents that are built again together, and the edits that wait on them, in the order of their counters.
struct Group {
    docs: BTreeSet<DocAddr>,
    edits: BTreeSet<(u64, EditId)>,
}

fn count(meta: &mut Meta, scope: Scope, before: Digest, after: Digest) {
    if meta.counts(scope) {
        digest_of(meta, scope).moved(before, after);
    }
}

pub(super) fn digest_of(meta: &mut Meta, scope: Scope) -> &mut Digest {
    let index = match meta.digests.iter().position(|(held, _)| *held == scope) {
        Some(index) => index,
        None => {
            meta.digests.push((scope, Digest::default()));
            meta.digests.len() - 1
        }
    };
    &mut meta.digests[index].1
}
