//! The bytes of photos and papers, in chunks, apart from everything else and behind it.

use serde::{Deserialize, Serialize};

use crate::{doc::Hash, id::EditId, kind::DocAddr};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// An edit of this device attached this content, and the device has it: from which chunk on, if at all?
    Offer { edit: EditId, content: Hash },
    /// The next chunk of it.
    Put {
        edit: EditId,
        content: Hash,
        nth: u32,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// A chunk of what a document refers to that this device may see.
    Get { doc: DocAddr, content: Hash, nth: u32 },
}

impl std::fmt::Debug for Carry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Offer { content, .. } => write!(f, "Offer {content:?}"),
            Self::Put { content, nth, bytes, .. } => {
                write!(f, "Put {nth} of {content:?}, {} bytes", bytes.len())
            }
            Self::Get { content, nth, .. } => write!(f, "Get {nth} of {content:?}"),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// What was put is on the disk; this chunk is wanted next.
    Next { nth: u32 },
    /// The server has it, and nothing of it is wanted any more.
    Whole {},
    /// No edit of this device that the server knows attached it.
    Unclaimed {},
    /// What was put is not what was attached: it is not kept.
    Wrong { words: String },
    /// It is larger than this server takes. The device keeps it, and offers it again when it comes back.
    TooLarge { most: u64 },
    /// The chunk that was asked for.
    Chunk {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// The server does not have it, or not for this device.
    Missing {},
    /// Not now: try again later.
    Later {},
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Next { nth } => write!(f, "Next {nth}"),
            Self::Whole {} => f.write_str("Whole"),
            Self::Unclaimed {} => f.write_str("Unclaimed"),
            Self::Wrong { words } => write!(f, "Wrong: {words}"),
            Self::TooLarge { most } => write!(f, "TooLarge: above {most} bytes"),
            Self::Chunk { bytes } => write!(f, "Chunk of {} bytes", bytes.len()),
            Self::Missing {} => f.write_str("Missing"),
            Self::Later {} => f.write_str("Later"),
        }
    }
}
