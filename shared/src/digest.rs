//! One running digest per scope over the confirmed heads of its documents: a sum of hashes, so that one
//! document's change costs one subtraction and one addition, in any order.

use std::{fmt, iter::Sum};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{doc::Hash, kind::DocAddr};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Bytes16", into = "Bytes16")]
pub struct Digest(pub u128);

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Bytes16(#[serde(with = "serde_bytes")] [u8; 16]);

impl From<Bytes16> for Digest {
    fn from(bytes: Bytes16) -> Self {
        Self(u128::from_be_bytes(bytes.0))
    }
}

impl From<Digest> for Bytes16 {
    fn from(digest: Digest) -> Self {
        Self(digest.0.to_be_bytes())
    }
}

impl Digest {
    /// One document at these heads; `heads` sorted. A document that is not there yet counts nothing.
    pub fn of(addr: DocAddr, heads: &[Hash]) -> Self {
        if heads.is_empty() {
            return Self::default();
        }
        let mut hasher = Sha256::new();
        hasher.update([u8::from(addr.kind)]);
        hasher.update(addr.id.as_bytes());
        for head in heads {
            hasher.update(head.0);
        }
        let hash: [u8; 32] = hasher.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self(u128::from_be_bytes(half))
    }

    /// The document moved from the heads of `before` to those of `after`.
    pub fn moved(&mut self, before: Self, after: Self) {
        self.0 = self.0.wrapping_sub(before.0).wrapping_add(after.0);
    }
}

impl Sum for Digest {
    fn sum<I: Iterator<Item = Self>>(digests: I) -> Self {
        Self(digests.fold(0, |sum, digest| sum.wrapping_add(digest.0)))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
