//! What is known of earlier edits while a batch is judged: of the batches still under way, and what the log
//! said when it was asked for this one.

use std::collections::{BTreeSet, HashMap, VecDeque};

use waybill_shared::{doc::Hash, id::EditId, kind::DocAddr};

use crate::log::{Claim, Known};

/// Batches whose outcome is remembered here: more than can be under way.
const REMEMBERED: usize = 4;

#[derive(Default)]
pub struct Past {
    recent: VecDeque<Outcomes>,
    /// `None`: the log knows nothing of it.
    edits: HashMap<EditId, Option<Known>>,
    claims: HashMap<(DocAddr, Hash), Option<EditId>>,
}

/// What one batch led to.
#[derive(Default)]
pub struct Outcomes {
    pub known: HashMap<EditId, Known>,
    pub claimed: HashMap<(DocAddr, Hash), EditId>,
}

impl Past {
    pub fn known(&self, edit: EditId) -> Option<&Known> {
        let recent = self.recent.iter().rev().find_map(|batch| batch.known.get(&edit));
        recent.or_else(|| self.edits.get(&edit)?.as_ref())
    }

    /// Which edit claimed a hash that does not stand.
    pub fn claimed(&self, claim: (DocAddr, Hash)) -> Option<EditId> {
        let recent = self.recent.iter().rev().find_map(|batch| batch.claimed.get(&claim));
        recent.copied().or_else(|| *self.claims.get(&claim)?)
    }

    /// Whether the log has to be asked.
    pub fn is_open(&self, edit: EditId) -> bool {
        !self.edits.contains_key(&edit) && self.known(edit).is_none()
    }

    pub fn is_open_claim(&self, claim: (DocAddr, Hash)) -> bool {
        !self.claims.contains_key(&claim) && self.claimed(claim).is_none()
    }

    /// The log was asked for these edits and knows those.
    pub fn take_in_edits(&mut self, asked: &[EditId], known: Vec<Known>) {
        self.edits.extend(asked.iter().map(|id| (*id, None)));
        self.edits.extend(known.into_iter().map(|known| (known.edit, Some(known))));
    }

    /// The edits behind claims come with them.
    pub fn take_in_claims(&mut self, asked: &[(DocAddr, Hash)], claims: Vec<Claim>) {
        self.claims.extend(asked.iter().map(|claim| (*claim, None)));
        for Claim { doc, hash, by } in claims {
            self.claims.insert((doc, hash), Some(by.edit));
            if self.known(by.edit).is_none() {
                self.edits.insert(by.edit, Some(by));
            }
        }
    }

    /// Others wrote to the log: of these edits it says something else than is remembered.
    pub fn forget(&mut self, edits: &BTreeSet<EditId>) {
        for batch in &mut self.recent {
            batch.known.retain(|edit, _| !edits.contains(edit));
            batch.claimed.retain(|_, edit| !edits.contains(edit));
        }
    }

    /// What was thought to be written behind a position is so much further on.
    pub fn stands_further(&mut self, from: u64, by: u64) {
        let thought = self.recent.iter_mut().flat_map(|batch| batch.known.values_mut());
        thought.filter(|known| known.pos > from).for_each(|known| known.pos += by);
    }

    /// A batch was judged: what the log said was for that one alone.
    pub fn passed(&mut self, batch: Outcomes) {
        self.edits.clear();
        self.claims.clear();
        self.recent.push_back(batch);
        while self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
    }
}
