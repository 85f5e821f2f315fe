//! What was erased does not come back: not with an edit that was on its way, and not with one that somebody makes of
//! what they remember.

use std::sync::Arc;

use waybill_shared::{
    edit::{Edit, EditKind, Verdict},
    erasure,
    kind::DocAddr,
    notes,
    time::Timestamp,
};

use super::{
    against::against,
    room::{Common, Outcome, Room},
};

impl Room {
    /// The edit without what is personal in it, where it is about somebody who was erased. What happened is judged
    /// like that; who asks for something is told.
    pub(super) fn cleaned(&mut self, edit: &Arc<Edit>, common: &Common<'_>) -> (Arc<Edit>, Option<Verdict>) {
        let erased = |addr: &DocAddr| {
            self.erase.contains_key(addr)
                || self.slots.get(addr).is_some_and(|slot| erasure::is_erased(&slot.view))
        };
        let of_them = erasure::names(edit).any(|customer| common.erased.contains(&customer))
            || notes::abouts(edit).any(|about| erased(&about));
        if !of_them && !edit.docs().any(|addr| erased(&addr)) {
            return (Arc::clone(edit), None);
        }
        // Also where nothing personal is in this one: in what is entered next there may be.
        if of_them {
            self.erase.extend(edit.docs().map(|addr| (addr, common.now)));
        }
        let mut edit = Arc::clone(edit);
        if !erasure::clean(Arc::make_mut(&mut edit)) {
            return (edit, None);
        }
        let told = (edit.kind == EditKind::Requests).then(|| against(edit.kind, vec![erasure::finding()]));
        (edit, told)
    }

    pub(super) fn erase(&mut self, doc: DocAddr, at: Timestamp) -> Outcome {
        self.erase.insert(doc, at);
        Outcome::Erased
    }
}
