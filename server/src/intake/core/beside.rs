//! A batch beside those of other servers: what judging it looks into, and what becomes of what was prepared when others
//! wrote meanwhile.

use std::{collections::BTreeSet, sync::Arc};

use waybill_shared::{
    doc::Actor,
    edit::Verdict,
    erasure,
    id::{CustomerId, DeviceId, EditId, SettingsId},
    kind::DocAddr,
    numbers::Number,
};

use super::{
    super::{Submission, past::Past, world},
    Core, Prepared,
};
use crate::log::{Batch, Collision, Head, Looked, Written};

impl Core {
    /// The oldest batch under way was written, perhaps behind what others wrote. Each of those prepared on it, the oldest
    /// first, stands behind that now; from the first `None` on they are to be prepared again.
    pub fn landed(&mut self, was: &Batch, written: &Written, ahead: Vec<Prepared>) -> Vec<Option<Prepared>> {
        let Some(others) = &written.others else { return ahead.into_iter().map(Some).collect() };
        let (from, by) = (was.before.pos, written.batch.further_than(was));
        others.docs.iter().for_each(|addr| self.cache.forget(addr));
        others.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        // Of those of the batches ahead too: the log is asked again when it has them.
        self.holders.clear();
        self.past.forget(&others.edits);
        self.held.forget();
        self.past.stands_further(from, by);
        let mut head = Head { numbers_wait: self.head.numbers_wait, ..written.batch.after.clone() };
        let mut holds = true;
        let ahead = ahead.into_iter().map(|mut prepared| {
            prepared.settled.iter_mut().for_each(|settled| settled.stands_further(from, by));
            let Some(batch) = prepared.batch.take() else {
                // What it was answered from may be others' by now.
                holds = false;
                return None;
            };
            holds &= !batch.looked.clashes_with(others);
            if !holds {
                // What it wrote is nowhere.
                self.forget(&batch.looked);
                return None;
            }
            let batch = batch.behind(&head);
            head = batch.after.clone();
            Some(Prepared { batch: Some(Arc::new(batch)), ..prepared })
        });
        let ahead = ahead.collect();
        self.head = head;
        if !holds {
            self.actor = Actor::fresh(&mut *self.entropy);
        }
        ahead
    }

    /// The oldest batch under way was not written, because others had changed what it looked into: it is prepared again,
    /// with those prepared on it.
    pub fn collided<'a>(&mut self, batches: impl Iterator<Item = &'a Batch>, met: Collision) {
        let Collision { others, head } = met;
        others.docs.iter().for_each(|addr| self.cache.forget(addr));
        others.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        self.past.forget(&others.edits);
        self.held.forget();
        batches.for_each(|batch| self.forget(&batch.looked));
        self.head = head;
        self.actor = Actor::fresh(&mut *self.entropy);
    }

    /// What was prepared and is not written: nothing of it may be remembered.
    fn forget(&mut self, looked: &Looked) {
        looked.docs.iter().for_each(|addr| self.cache.forget(addr));
        looked.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        self.holders.clear();
        self.past.forget(&looked.edits);
    }
}

/// What submissions have to do with each other.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key {
    Doc(DocAddr),
    Edit(EditId),
    Device(DeviceId),
    Number(Number),
}

pub(super) fn keys(
    submission: &Submission,
    docs: &[DocAddr],
    debtors: &[CustomerId],
    numbers: &[Number],
) -> Vec<Key> {
    let mut keys = vec![Key::Edit(submission.edit_id())];
    if let Some(edit) = submission.edit() {
        keys.extend(edit.after.iter().map(|id| Key::Edit(*id)));
    }
    keys.extend(docs.iter().copied().map(Key::Doc));
    keys.extend(debtors.iter().map(|customer| Key::Doc(world::terms(*customer))));
    keys.extend(numbers.iter().cloned().map(Key::Number));
    keys
}

/// What judging the batch looks into.
pub(super) fn looked(keys: &[Vec<Key>], submissions: &[Submission], past: &Past) -> Looked {
    let mut looked = Looked { docs: BTreeSet::from([SettingsId::ONLY.into()]), ..Looked::default() };
    for key in keys.iter().flatten() {
        match key {
            Key::Doc(addr) => looked.docs.insert(*addr),
            Key::Edit(edit) => looked.edits.insert(*edit),
            Key::Device(device) => looked.devices.insert(*device),
            Key::Number(number) => looked.named.insert(number.clone()),
        };
    }
    for submission in submissions {
        looked.devices.extend(submission.device());
        if let Some(Verdict::Blocked { by, .. }) =
            past.known(submission.edit_id()).map(|known| &known.verdict)
        {
            looked.edits.insert(*by);
        }
        let named = submission.edit().into_iter().flat_map(erasure::names);
        looked.docs.extend(named.map(DocAddr::from));
    }
    looked
}
