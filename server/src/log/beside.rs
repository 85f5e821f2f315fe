//! Batches of several servers beside each other: one that was prepared before another's was written still holds if
//! neither looked into what the other touched, and is written behind it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use waybill_shared::{
    digest::Digest,
    id::{CustomerId, DeviceId, EditId},
    kind::DocAddr,
    numbers::Number,
    scope::Scope,
};

use super::{Batch, Head};

/// More than this was written by others since: it is prepared again from what the log says now.
pub const MOST: u64 = 2_000;

/// What judging a batch looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub docs: BTreeSet<DocAddr>,
    pub edits: BTreeSet<EditId>,
    /// Whose edits it holds: what a device says of its own may lean on what was said of them elsewhere.
    pub devices: BTreeSet<DeviceId>,
    /// Whose debts.
    pub customers: BTreeSet<CustomerId>,
    /// Which numbers of products and customers it asked for.
    pub named: BTreeSet<Number>,
    /// The last number given before those that it gives.
    pub numbers: Option<u64>,
}

/// What others wrote since a batch was prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    pub docs: BTreeSet<DocAddr>,
    pub edits: BTreeSet<EditId>,
    pub devices: BTreeSet<DeviceId>,
    /// Of the orders that they changed.
    pub customers: BTreeSet<CustomerId>,
    /// The numbers of the products and customers that they changed.
    pub named: BTreeSet<Number>,
    /// The last number given by now.
    pub numbers: u64,
}

/// A batch looked into what others changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    pub others: Others,
    /// Where the log stood behind these, at the same moment: what was written later is not in them.
    pub head: Head,
}

/// A batch as it stands in the log.
#[derive(Clone, Debug)]
pub struct Written {
    pub batch: Arc<Batch>,
    /// It is written behind these.
    pub others: Option<Others>,
}

impl Looked {
    /// It would perhaps have come out otherwise behind these.
    pub fn clashes_with(&self, others: &Others) -> bool {
        !self.docs.is_disjoint(&others.docs)
            || !self.edits.is_disjoint(&others.edits)
            || !self.devices.is_disjoint(&others.devices)
            || !self.customers.is_disjoint(&others.customers)
            || !self.named.is_disjoint(&others.named)
            || self.numbers.is_some_and(|last| last != others.numbers)
    }
}

impl Batch {
    /// The same behind another head.
    #[must_use]
    pub fn behind(&self, head: &Head) -> Self {
        let mut batch = Self { before: head.cursor, ..self.clone() };
        let mut cursor = head.cursor;
        for entry in &mut batch.entries {
            cursor = cursor.next(entry.edit, entry.attempt, &entry.verdict, &entry.covered);
            entry.cursor = cursor;
        }
        let mut digests: BTreeMap<Scope, Digest> = head.digests.clone();
        for (scope, by) in &self.moved {
            digests.entry(*scope).or_default().moved(Digest::default(), *by);
        }
        let numbers = head.numbers.max(self.after.numbers);
        batch.after = Head { cursor, digests, numbers, ..self.after.clone() };
        batch
    }

    /// How many positions further back it stands than this one.
    pub fn further_than(&self, prepared: &Self) -> u64 {
        self.before.pos.saturating_sub(prepared.before.pos)
    }
}
