//! What was told to come again by itself, and what rests on it: judged before, it would be refused for good.

use std::collections::{BTreeSet, HashMap};

use waybill_shared::{
    edit::{Edit, EditKind},
    id::{DeviceId, EditId},
    kind::DocAddr,
};

/// Why an edit is not judged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It needs a number, which the server gives only once an admin has confirmed the last one.
    Number,
    /// It would be held, and a manager has to look first at what is held of its device.
    Manager,
    /// It was entered before the log became another one, and does not stand on what is here: other devices may still
    /// send again what it rests on.
    Others,
}

#[derive(Clone, Debug, Default)]
pub struct Waiting {
    edits: HashMap<EditId, Wait>,
    /// With the counter of each.
    on: HashMap<(DeviceId, DocAddr), BTreeSet<(u64, EditId)>>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Why a request has to wait for something that its device sent before it, unless that was judged meanwhile.
    pub fn holds_up(&self, edit: &Edit, judged: impl Fn(EditId) -> bool) -> Option<Wait> {
        // A fact stands whatever becomes of the rest.
        if self.is_empty() || edit.kind == EditKind::Facts {
            return None;
        }
        let before = edit.docs().filter_map(|doc| self.on.get(&(edit.device, doc))).flatten();
        let before = before.filter(|(counter, _)| *counter < edit.counter).map(|(_, id)| *id);
        let by = before.chain(edit.after.iter().copied()).filter(|id| *id != edit.id && !judged(*id));
        by.filter_map(|id| self.edits.get(&id).copied()).next()
    }

    pub fn add(&mut self, edit: &Edit, why: Wait) {
        self.edits.insert(edit.id, why);
        for doc in edit.docs() {
            self.on.entry((edit.device, doc)).or_default().insert((edit.counter, edit.id));
        }
    }

    pub fn extend(&mut self, told: Waiting) {
        self.edits.extend(told.edits);
        for (place, edits) in told.on {
            self.on.entry(place).or_default().extend(edits);
        }
    }

    /// These have their verdict.
    pub fn forget(&mut self, judged: impl Fn(&EditId) -> bool) {
        self.edits.retain(|id, _| !judged(id));
        let edits = &self.edits;
        self.on.retain(|_, on| {
            on.retain(|(_, id)| edits.contains_key(id));
            !on.is_empty()
        });
    }
}
