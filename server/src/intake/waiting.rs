//! What was told to come again by itself, and what rests on it: judged before, it would be refused for good.

use std::collections::{BTreeSet, HashMap};

use waybill_shared::{
    edit::{Edit, EditKind},
    id::{DeviceId, EditId},
    kind::DocAddr,
    time::Timestamp,
};

/// For so long it is remembered of an edit that a manager has to look first: its device asks again well before, unless
/// it no longer has it.
const ASKED_MS: i64 = 60 * 60 * 1_000;

/// Of so many at most. When they come again they are told the same.
const MOST: usize = 50_000;

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
    /// Why, and when it was told so last.
    edits: HashMap<EditId, (Wait, Timestamp)>,
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
        by.filter_map(|id| self.edits.get(&id).map(|(why, _)| *why)).next()
    }

    pub fn add(&mut self, edit: &Edit, why: Wait, now: Timestamp) {
        self.edits.insert(edit.id, (why, now));
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
        self.retain(|id, _, _| !judged(id));
    }

    /// Those remain that wait for a manager; for others as long as what is `lost` may come again, and for a number as long
    /// as `numbers` wait for an admin.
    pub fn go_on(&mut self, lost: bool, numbers: bool, now: Timestamp) {
        if self.is_empty() {
            return;
        }
        let many = self.edits.len() > MOST;
        self.retain(|_, why, told| match why {
            Wait::Manager => !many && now.since(told) < ASKED_MS,
            Wait::Number => numbers || lost,
            Wait::Others => lost,
        });
    }

    fn retain(&mut self, keep: impl Fn(&EditId, Wait, Timestamp) -> bool) {
        self.edits.retain(|id, (why, told)| keep(id, *why, *told));
        let edits = &self.edits;
        self.on.retain(|_, on| {
            on.retain(|(_, id)| edits.contains_key(id));
            !on.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use waybill_shared::{
        edit::Part,
        id::{OrderId, PersonId},
        order::commands::Tag,
        time::Booked,
    };

    use super::*;

    fn tagged(counter: u64) -> Edit {
        let at = Timestamp::from_unix_ms(1_763_600_000_000);
        let doc = OrderId::new(Uuid::from_u128(7)).into();
        Edit {
            id: EditId::new(Uuid::from_u128(counter.into())),
            kind: EditKind::Requests,
            person: PersonId::NIL,
            device: DeviceId::NIL,
            counter,
            attempt: 1,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![Part { doc, command: Tag { tag: "gift".into() }.into(), at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    #[test]
    fn what_rests_on_what_waits_goes_on_when_that_need_not_wait_any_more() {
        let now = Timestamp::from_unix_ms(1_763_600_000_000);
        // Why the first waits, whether what is lost may come again, whether numbers wait: what the second waits for.
        for (why, lost, numbers, waits) in [
            (Wait::Others, true, true, true),
            // However long nobody confirms the last number.
            (Wait::Others, false, true, false),
            (Wait::Others, false, false, false),
            (Wait::Number, false, true, true),
            (Wait::Number, true, false, true),
            (Wait::Number, false, false, false),
            (Wait::Manager, false, false, true),
        ] {
            let mut waiting = Waiting::default();
            waiting.add(&tagged(1), why, now);
            waiting.go_on(lost, numbers, now);
            let held_up = waiting.holds_up(&tagged(2), |_| false);
            assert_eq!(held_up, waits.then_some(why), "{why:?}, {lost}, {numbers}");
        }
    }
}
