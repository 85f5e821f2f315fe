//! A place in a document: what a change wrote, and so all that has to be read again after it.

use serde::de::DeserializeOwned;

use super::{Doc, DocError, KeyReader};

/// A room of the document, and within a room that is a map the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub room: String,
    pub key: Option<String>,
}

impl Spot {
    /// The spot that holds the value at `path`.
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        let (room, below) = path.split_first()?;
        Some(Self { room: (*room).to_owned(), key: below.first().map(|key| (*key).to_owned()) })
    }

    /// The whole room, whatever the key.
    pub fn read_room<T: DeserializeOwned + Default>(&self, doc: &Doc) -> Result<T, DocError> {
        Ok(doc.read_at(&[&self.room])?.unwrap_or_default())
    }

    /// The key and what stands under it.
    pub fn read_entry<K: DeserializeOwned, T: DeserializeOwned>(
        &self,
        doc: &Doc,
    ) -> Result<Option<(K, T)>, DocError> {
        let Some(key) = &self.key else { return Ok(None) };
        let Some(value) = doc.read_at(&[&self.room, key])? else { return Ok(None) };
        Ok(Some((K::deserialize(KeyReader(key.clone()))?, value)))
    }
}
