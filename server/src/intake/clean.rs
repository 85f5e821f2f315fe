//! What was erased does not come back: not with an edit that was on its way, and not with one that somebody makes of
//! what they remember.

use std::sync::Arc;

use waybill_shared::{
    edit::{Edit, EditKind, Verdict},
    erasure,
    id::NotesId,
    kind::{DocAddr, DocKind},
    time::Timestamp,
    view::View,
};

use super::{
    against::against,
    room::{Common, Outcome, Room},
};

impl Room {
    /// The edit without what is personal in it, where it is about somebody who was erased. What happened is judged
    /// like that; who asks for something is told.
    pub(super) fn cleaned(&self, edit: &Arc<Edit>, common: &Common<'_>) -> (Arc<Edit>, Option<Verdict>) {
        if !self.is_of_erased(edit, common) {
            return (Arc::clone(edit), None);
        }
        let mut edit = Arc::clone(edit);
        if !erasure::clean(Arc::make_mut(&mut edit)) {
            return (edit, None);
        }
        let told = (edit.kind == EditKind::Requests).then(|| against(edit.kind, vec![erasure::finding()]));
        (edit, told)
    }

    pub(super) fn is_of_erased(&self, edit: &Edit, common: &Common<'_>) -> bool {
        erasure::names(edit).any(|customer| common.erased.contains(&customer))
            || erasure::concerns(edit).any(|addr| self.is_erased(&addr))
    }

    /// What an edit that stands wrote in belongs to somebody who was erased. Also where nothing personal is in this one:
    /// in what is entered next there may be. With an order go the notes about it, which may have been here before.
    pub(super) fn follow_erasure(&mut self, addr: DocAddr, common: &Common<'_>) {
        let Some(slot) = self.slots.get(&addr) else { return };
        let is_theirs = match &*slot.view {
            View::Order(order) => order.customer().is_some_and(|customer| common.erased.contains(&customer)),
            View::Notes(notes) => notes.about().is_some_and(|about| self.is_erased(&about)),
            _ => false,
        };
        if is_theirs {
            self.erase.insert(addr, common.now);
            if addr.kind == DocKind::Order {
                self.erase.insert(NotesId::of(addr).into(), common.now);
            }
        }
    }

    fn is_erased(&self, addr: &DocAddr) -> bool {
        self.erase.contains_key(addr)
            || self.slots.get(addr).is_some_and(|slot| erasure::is_erased(&slot.view))
    }

    pub(super) fn erase(&mut self, doc: DocAddr, at: Timestamp) -> Outcome {
        self.erase.insert(doc, at);
        Outcome::Erased
    }
}
