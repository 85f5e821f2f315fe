//! What still waits on a connected device, as far as it can be told here: what it said at hello, less what was settled
//! since. It is noted for whoever looks after the devices.

use std::collections::BTreeMap;

use waybill_shared::{
    edit::Edit,
    id::{DeviceId, EditId},
};

use crate::accounts::Accounts;

#[derive(Debug, Default)]
pub struct Waits {
    /// The highest counter that the device had given when it said hello.
    counter: u64,
    /// Of what waited then, so much is not settled.
    left: u32,
    /// Handed in and not settled; `true`: it waited at hello already.
    open: BTreeMap<EditId, bool>,
    /// What stands in the database.
    noted: u32,
}

/// So many entries of one connection are told apart; what waits beyond that is counted at the next hello.
const MOST: usize = 10_000;

impl Waits {
    /// A device says hello, and it was noted.
    pub fn begin(waiting: u32, counter: u64) -> Self {
        Self { counter, left: waiting, open: BTreeMap::new(), noted: waiting }
    }

    pub fn handed_in(&mut self, edit: &Edit) {
        if self.open.len() < MOST {
            self.open.insert(edit.id, edit.counter <= self.counter);
        }
    }

    /// It has its verdict, or was given up; whatever was handed in comes again where that is not so.
    pub fn settled(&mut self, edit: EditId) {
        if self.open.remove(&edit) == Some(true) {
            self.left = self.left.saturating_sub(1);
        }
    }

    /// So many were refused before anybody looked at what they say.
    pub fn fell(&mut self, many: usize) {
        self.left = self.left.saturating_sub(u32::try_from(many).unwrap_or(u32::MAX));
    }

    fn now(&self) -> u32 {
        let since = self.open.values().filter(|at_hello| !**at_hello).count();
        self.left.saturating_add(u32::try_from(since).unwrap_or(u32::MAX))
    }

    /// Nothing waits any more, and something else is noted: that is so at most once between two notes of something.
    pub fn is_news(&self) -> bool {
        self.noted != 0 && self.now() == 0
    }

    /// Notes it where the last word is this connection's.
    pub async fn note(&mut self, device: DeviceId, accounts: &Accounts) {
        let now = self.now();
        if now == self.noted {
            return;
        }
        match accounts.record_waiting(device, self.noted, now).await {
            Ok(()) => self.noted = now,
            Err(error) => tracing::debug!(%error, "what waits on a device could not be noted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_shared::{edit::EditKind, id::PersonId, time::Booked};

    use super::*;

    fn edit(number: u128, counter: u64) -> Edit {
        Edit {
            id: EditId::new(uuid::Uuid::from_u128(number)),
            kind: EditKind::Requests,
            person: PersonId::default(),
            device: DeviceId::default(),
            counter,
            attempt: 0,
            booked: Booked::on(Default::default()),
            parts: Vec::new(),
            after: Vec::new(),
            overriding: None,
        }
    }

    #[test]
    fn what_waited_at_hello_becomes_less_by_each_that_is_settled_and_what_came_since_counts_while_it_is_open()
    {
        let mut waits = Waits::begin(3, 10);
        let [first, second, third, newer] = [edit(1, 8), edit(2, 9), edit(3, 10), edit(4, 11)];
        [&first, &second, &newer].into_iter().for_each(|edit| waits.handed_in(edit));
        assert_eq!(waits.now(), 4);
        waits.settled(first.id);
        waits.settled(first.id);
        waits.settled(newer.id);
        assert_eq!(
            (waits.now(), waits.is_news()),
            (2, false),
            "each once, and the newer one is none of them"
        );
        waits.settled(second.id);
        waits.handed_in(&third);
        waits.settled(third.id);
        assert_eq!((waits.now(), waits.is_news()), (0, true));
    }
}
