//! The chain over the log: each position's hash covers the one before, so that two cursors are equal only
//! on the same log. It runs over hashes, never over payloads, so that payloads can be erased.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    doc::Hash,
    edit::Verdict,
    id::{EditId, Id},
    kind::DocAddr,
};

/// Where somebody stands on the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub pos: u64,
    pub chain: Hash,
}

impl Cursor {
    /// Before the first entry.
    pub const START: Self = Self { pos: 0, chain: Hash([0; 32]) };

    /// The cursor after the next entry.
    #[must_use]
    pub fn next(
        &self,
        edit: EditId,
        attempt: u32,
        verdict: &Verdict,
        changes: &[(DocAddr, Option<Hash>)],
    ) -> Self {
        let pos = self.pos + 1;
        let mut hasher = Sha256::new();
        hasher.update(self.chain.0);
        hasher.update(pos.to_be_bytes());
        hasher.update(edit.uuid().as_bytes());
        hasher.update(attempt.to_be_bytes());
        hasher.update(verdict.name().as_bytes());
        for (addr, hash) in changes {
            hasher.update([u8::from(addr.kind)]);
            hasher.update(addr.id.as_bytes());
            hasher.update(hash.map_or([0; 32], |hash| hash.0));
        }
        Self { pos, chain: Hash(hasher.finalize().into()) }
    }
}
