//! The one room that knows Automerge: a document with its skeleton, its heads, its changes.
//!
//! Bytes given to `load` and `apply` come from this device's own file or from the server a device trusts,
//! never from a device to the server.

mod anew;
mod draft;
mod read_value;
pub mod skeleton;
mod spot;
mod write_value;

use std::{fmt, sync::LazyLock};

use automerge::{
    ActorId, Automerge, AutomergeError, Change, ROOT, ReadDoc, Value, hydrate, transaction::CommitOptions,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use draft::Draft;
use read_value::KeyReader;
pub use read_value::{Unreadable, from_value};
pub use spot::Spot;
pub use write_value::{Unwritable, to_value};

use crate::{id::Entropy, kind::DocKind, time::Timestamp};

#[derive(Debug, thiserror::Error)]
pub enum DocError {
    #[error("the document does not read: {0}")]
    Unreadable(#[from] Unreadable),
    #[error("a value cannot be written: {0}")]
    Unwritable(#[from] Unwritable),
    #[error("automerge: {0}")]
    Automerge(#[from] AutomergeError),
    #[error("no map named “{0}”")]
    NoMap(String),
    #[error("an empty path")]
    Path,
    #[error("a change rests on changes that are not here")]
    MissingDeps,
    #[error("bytes are not a change: {0}")]
    BadChange(String),
}

/// The hash of a change, as Automerge computes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(#[serde(with = "serde_bytes")] pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

impl From<automerge::ChangeHash> for Hash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<Hash> for automerge::ChangeHash {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

/// Who wrote a change, for Automerge: one run of the program on one device, renewed at each rebase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(#[serde(with = "serde_bytes")] pub [u8; 16]);

impl Actor {
    pub fn fresh(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0[..4]))
    }
}

/// One change as it travels and is kept: its hash, its seq, its raw bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeBytes {
    pub hash: Hash,
    pub seq: u64,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for ChangeBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}#{} ({} bytes)", self.hash, self.seq, self.bytes.len())
    }
}

impl From<Change> for ChangeBytes {
    fn from(change: Change) -> Self {
        Self { hash: change.hash().into(), seq: change.seq(), bytes: change.raw_bytes().to_vec() }
    }
}

/// A document of one kind.
#[derive(Clone)]
pub struct Doc {
    kind: DocKind,
    /// Some kilobytes wide, and documents are handed about.
    am: Box<Automerge>,
    /// Sorted, as `am` has them: asked for far more often than they change.
    heads: Vec<Hash>,
    /// What was written in it had to be taken back: it may have to be again.
    wary: bool,
    /// As it was before it was written in last, where it was wary of that. Making a long document again from its changes
    /// costs a hundred times what keeping it does.
    before: Option<(Vec<Hash>, Box<Automerge>)>,
}

impl Doc {
    /// The skeleton: the document before anyone wrote in it.
    pub fn new(kind: DocKind) -> Self {
        static SKELETONS: LazyLock<Vec<Doc>> = LazyLock::new(|| {
            DocKind::ALL.iter().map(|kind| Doc::around(*kind, skeleton::build(*kind))).collect()
        });
        let built = SKELETONS.iter().find(|doc| doc.kind == kind).cloned();
        built.unwrap_or_else(|| Self::around(kind, skeleton::build(kind)))
    }

    pub fn load(kind: DocKind, saved: &[u8]) -> Result<Self, DocError> {
        Ok(Self::around(kind, Automerge::load(saved)?))
    }

    fn around(kind: DocKind, am: Automerge) -> Self {
        Self { kind, heads: heads(&am), am: Box::new(am), wary: false, before: None }
    }

    /// Uncompressed: a batch of saves compresses far better as a batch.
    pub fn save(&self) -> Vec<u8> {
        self.am.save_nocompress()
    }

    pub fn kind(&self) -> DocKind {
        self.kind
    }

    /// Sorted.
    pub fn heads(&self) -> &[Hash] {
        &self.heads
    }

    pub fn has(&self, hash: Hash) -> bool {
        self.heads.contains(&hash) || self.am.get_change_meta_by_hash(&hash.into()).is_some()
    }

    pub fn has_all(&self, hashes: &[Hash]) -> bool {
        hashes.iter().all(|hash| self.has(*hash))
    }

    pub fn change(&self, hash: Hash) -> Option<ChangeBytes> {
        self.am.get_change_by_hash(&hash.into()).map(ChangeBytes::from)
    }

    /// Every change, in an order in which each stands after what it rests on.
    pub fn changes(&self) -> Vec<ChangeBytes> {
        self.am.get_changes(&[]).into_iter().map(ChangeBytes::from).collect()
    }

    /// How often it was made anew. It stands in the document itself.
    pub fn generation(&self) -> u32 {
        self.read_at(&[anew::GENERATION]).ok().flatten().unwrap_or(0)
    }

    /// Something stands under this name at its root.
    pub fn holds(&self, name: &str) -> bool {
        matches!(self.am.get(ROOT, name), Ok(Some(_)))
    }

    /// The time of the latest change at the heads; the skeleton's is zero.
    pub fn last_at(&self) -> Timestamp {
        let times = self.heads.iter().filter_map(|head| {
            self.am.get_change_meta_by_hash(&(*head).into()).map(|change| change.timestamp)
        });
        Timestamp::from_unix_ms(times.max().unwrap_or(0))
    }

    /// Nobody has written in it yet.
    pub fn is_blank(&self) -> bool {
        self.heads == Self::new(self.kind).heads
    }

    /// A later version began it, which gives its kind other maps than this one does: no change of it fits the skeleton
    /// that is known here.
    pub fn begins_otherwise(&self) -> bool {
        let skeleton = ActorId::from(skeleton::ACTOR.0);
        let maps = self.am.get_changes_meta(&[]).into_iter().filter(|change| *change.actor == skeleton);
        maps.count() != self.kind.skeleton().len()
    }

    /// The document as it was at `heads`, all of which it must have.
    pub fn at(&self, heads: &[Hash]) -> Result<Self, DocError> {
        if !self.has_all(heads) {
            return Err(DocError::MissingDeps);
        }
        let heads: Vec<_> = heads.iter().map(|hash| (*hash).into()).collect();
        Ok(Self::around(self.kind, self.am.fork_at(&heads)?))
    }

    /// As it was at these heads of its own past: for when what was written must not stand.
    pub fn go_back(&mut self, heads: &[Hash]) {
        if self.heads != heads {
            self.restore(heads);
        }
    }

    fn restore(&mut self, heads: &[Hash]) {
        match self.before.take() {
            Some((before, am)) if before == heads => (self.heads, self.am) = (before, am),
            // Its own past is always there. A document that does not go back must not pass for one that did.
            _ => {
                let fork = self.at(heads);
                *self = fork.unwrap_or_else(|error| panic!("the document does not go back: {error}"));
            }
        }
        self.wary = true;
    }

    /// Before it is written in.
    fn keep(&mut self) {
        // What was kept the last time was not needed.
        self.wary &= self.before.take().is_none();
        self.before = self.wary.then(|| (self.heads.clone(), self.am.clone()));
    }

    /// Takes in one change whose deps are here. A second change with the same actor and seq is an error, and
    /// leaves the document as it is.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Hash, DocError> {
        let change =
            Change::from_bytes(bytes.to_vec()).map_err(|error| DocError::BadChange(error.to_string()))?;
        let deps: Vec<Hash> = change.deps().iter().map(|hash| (*hash).into()).collect();
        if !self.has_all(&deps) {
            return Err(DocError::MissingDeps);
        }
        self.keep();
        let hash = change.hash();
        let applied = self.am.apply_changes([change]);
        self.heads = heads(&self.am);
        Ok(applied.map(|()| hash.into())?)
    }

    /// Everything `other` has.
    pub fn merge(&mut self, other: &Self) -> Result<(), DocError> {
        let applied = self.am.apply_changes(self.am.get_changes_added(&other.am));
        self.heads = heads(&self.am);
        Ok(applied?)
    }

    /// The values, whoever won where two wrote at once.
    pub fn values(&self) -> hydrate::Value {
        self.am.hydrate(None)
    }

    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DocError> {
        Ok(from_value(self.values())?)
    }

    /// What stands at `path`; `None`: nothing.
    fn read_at<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>, DocError> {
        let (mut object, mut found) = (ROOT, None);
        for key in path {
            match self.am.get(&object, *key)? {
                Some((Value::Object(_), id)) => object = id,
                Some((Value::Scalar(scalar), _)) => found = Some(scalar.into_owned()),
                None => return Ok(None),
            }
        }
        let value = match found {
            Some(scalar) => hydrate::Value::Scalar(scalar),
            None => ReadDoc::hydrate(&*self.am, &object, None)?,
        };
        Ok(Some(from_value(value)?))
    }

    /// One change made by `write`, as `actor` at `at`, and where it wrote; no change when it wrote nothing.
    /// On an error the document is as before.
    pub fn write<E: From<DocError>>(
        &mut self,
        actor: Actor,
        at: Timestamp,
        write: impl FnOnce(&mut Draft<'_, '_>) -> Result<(), E>,
    ) -> Result<(Option<ChangeBytes>, Vec<Spot>), E> {
        self.keep();
        self.am.set_actor(ActorId::from(actor.0));
        let mut tx = self.am.transaction();
        let mut draft = Draft::new(&mut tx);
        match write(&mut draft) {
            Ok(()) => {
                let spots = draft.into_spots();
                let (hash, _) = tx.commit_with(CommitOptions::default().with_time(at.ms()));
                let change = hash.and_then(|hash| self.am.get_change_by_hash(&hash));
                if change.is_some() {
                    self.heads = heads(&self.am);
                }
                Ok((change.map(ChangeBytes::from), spots))
            }
            Err(error) => {
                let wrote = !draft.into_spots().is_empty();
                tx.rollback();
                if wrote {
                    // As it was, whatever taking back one operation after the other left behind.
                    self.restore(&self.heads.clone());
                }
                Err(error)
            }
        }
    }
}

fn heads(am: &Automerge) -> Vec<Hash> {
    let mut heads: Vec<Hash> = am.get_heads().into_iter().map(Hash::from).collect();
    heads.sort_unstable();
    heads
}

impl fmt::Debug for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.kind, self.heads())
    }
}
