//! A reference to a photo, signature or paper; its bytes travel apart from the document.

use serde::{Deserialize, Serialize};

use crate::{id::PersonId, time::Timestamp};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub size: i64,
    /// SHA-256 of the whole content: where it is stored under.
    #[serde(with = "serde_bytes")]
    pub content: Vec<u8>,
    pub at: Timestamp,
    pub person: PersonId,
}
