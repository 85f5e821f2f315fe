//! A place in a document: what a change wrote, and so all that has to be read again after it.

use automerge::hydrate;
use serde::de::DeserializeOwned;

use super::{Doc, DocError, KeyReader, from_value};

/// A room of the document, and within a room that is a map the key.
#[derive(Clone, Debug)]
pub struct Spot {
    pub room: String,
    pub key: Option<String>,
    /// The whole of what now stands here, where the change wrote just that. It is read once, where it was
    /// written; in a document that the change is merged into something else may stand.
    written: Option<hydrate::Value>,
}

impl Spot {
    /// The spot that holds the value at `path`.
    pub(super) fn of(path: &[&str], value: hydrate::Value) -> Option<Self> {
        let (room, below) = path.split_first()?;
        Some(Self {
            room: (*room).to_owned(),
            key: below.first().map(|key| (*key).to_owned()),
            written: (below.len() < 2).then_some(value),
        })
    }

    /// Another value was written at the same spot, or below it.
    pub(super) fn renewed(&mut self, by: Self) {
        self.written = by.written;
    }

    pub(super) fn is_where(&self, other: &Self) -> bool {
        self.room == other.room && self.key == other.key
    }

    /// The whole room, whatever the key.
    pub fn read_room<T: DeserializeOwned + Default>(&mut self, doc: &Doc) -> Result<T, DocError> {
        match self.written.take() {
            Some(value) if self.key.is_none() => Ok(from_value(value)?),
            _ => Ok(doc.read_at(&[&self.room])?.unwrap_or_default()),
        }
    }

    /// The key and what stands under it.
    pub fn read_entry<K: DeserializeOwned, T: DeserializeOwned>(
        &mut self,
        doc: &Doc,
    ) -> Result<Option<(K, T)>, DocError> {
        let Some(key) = &self.key else { return Ok(None) };
        let value = match self.written.take() {
            Some(value) => from_value(value)?,
            None => match doc.read_at(&[&self.room, key])? {
                Some(value) => value,
                None => return Ok(None),
            },
        };
        Ok(Some((K::deserialize(KeyReader(key.clone()))?, value)))
    }
}
