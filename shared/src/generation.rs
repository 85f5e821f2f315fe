//! When a document has grown too large for what it says: what its next generation leaves behind.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    doc::{Actor, Doc, DocError},
    erasure,
    history::Entry,
    id::{EditId, EntryId, Id},
    kind::DocAddr,
    protocol::encode,
    time::Timestamp,
    view::View,
};

/// When a document is made anew. A device works on the whole of it each time that somebody enters something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Changes since it was last made anew.
    pub changes: u32,
    /// Or its size, once some changes have come.
    pub bytes: usize,
    pub at_least: u32,
    /// So many entries of its history, and so many notes, stay in it then. Older ones are for the archive.
    pub kept: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { changes: 1_000, bytes: 256 * 1024, at_least: 250, kept: 200 }
    }
}

impl Budget {
    pub const fn is_used_up(&self, changes: u32, bytes: usize) -> bool {
        changes >= self.changes || (changes >= self.at_least && bytes >= self.bytes)
    }
}

/// Something that a document held until it was made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    pub room: &'static str,
    pub key: String,
    pub at: Timestamp,
    /// As CBOR.
    pub value: Vec<u8>,
}

/// Why a document is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Grown,
    Erased,
}

impl Why {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grown => "grown",
            Self::Erased => "erased",
        }
    }
}

impl Leaves {
    pub const fn why(&self) -> Why {
        match self {
            Self::Archived(_) => Why::Grown,
            Self::Nothing => Why::Erased,
        }
    }
}

/// What a document leaves behind that is made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// For the archive.
    Archived(Vec<Archived>),
    /// Nothing, and what is in the archive goes too.
    Nothing,
}

/// The next generation of a document: what it says now, without the changes that led there.
#[derive(Clone, Debug)]
pub struct Next {
    pub doc: Doc,
    pub leaves: Leaves,
}

impl Next {
    /// For what has grown.
    pub fn smaller(doc: &Doc, view: &View, kept: usize, actor: Actor) -> Result<Self, DocError> {
        let archived = old(view, kept);
        let gone = archived.iter().map(|old| (old.room, old.key.clone())).collect::<BTreeSet<_>>();
        Ok(Self { doc: doc.anew_without(&gone, actor)?, leaves: Leaves::Archived(archived) })
    }

    /// Without what is personal in it.
    pub fn erased(doc: &Doc, view: &View, at: Timestamp, actor: Actor) -> Result<Self, DocError> {
        Ok(Self { doc: erasure::anew(doc, view, at, actor)?, leaves: Leaves::Nothing })
    }
}

/// The log's entry of a generation has an id that follows from it: drawn twice, it is the same.
pub fn opening(addr: DocAddr, generation: u32) -> EditId {
    let name = [&[u8::from(addr.kind)], generation.to_be_bytes().as_slice()].concat();
    EditId::derived(addr.id, &name)
}

fn old(view: &View, kept: usize) -> Vec<Archived> {
    view.says().map(|said| said.old(kept)).unwrap_or_default()
}

pub(crate) const HISTORY: &str = "history";
pub(crate) const FACTS: &str = "facts";

/// The oldest entries of a history.
pub(crate) fn entries(history: &BTreeMap<EntryId, Entry>, kept: usize) -> Vec<Archived> {
    beyond(history.iter(), HISTORY, kept, |entry| (0, entry.at))
}

/// The oldest of a room above what is kept, by their place.
pub(crate) fn beyond<'a, K: Ord + ToString + 'a, T: serde::Serialize + 'a>(
    all: impl Iterator<Item = (&'a K, &'a T)>,
    room: &'static str,
    kept: usize,
    place: impl Fn(&T) -> (i64, Timestamp),
) -> Vec<Archived> {
    let mut all: Vec<_> = all.map(|(key, value)| (place(value), key, value)).collect();
    all.sort_by_key(|(place, key, _)| (*place, *key));
    all.truncate(all.len().saturating_sub(kept));
    let archived = |((_, at), key, value): ((i64, Timestamp), &K, &T)| Archived {
        room,
        key: key.to_string(),
        at,
        value: encode(value),
    };
    all.into_iter().map(archived).collect()
}
