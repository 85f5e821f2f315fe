//! Documents as plain values, for who keeps none.

use ciborium::Value;
use serde::{Deserialize, Serialize};

use crate::{finding::Finding, kind::DocAddr, protocol::limits};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentQuestion {
    /// Those of these that the person may see.
    Read { docs: Vec<DocAddr> },
}

impl DocumentQuestion {
    pub fn check(&self) -> Option<Finding> {
        let Self::Read { docs } = self;
        let most = limits::DOCS_READ;
        (docs.len() > most).then(|| {
            let what = format!("{} documents are asked for, {most} are given at once.", docs.len());
            Finding::malformed("docs", what, "Ask for the rest afterwards.")
        })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentsRead {
    pub documents: Vec<DocumentRead>,
    /// Those that did not fit any more: ask for them once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<DocAddr>,
    /// The position of the log at which they were read.
    pub pos: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentRead {
    pub doc: DocAddr,
    /// As PROTOCOL.md tells the document, a map for each of its maps; the ids that are keys as text.
    pub values: Value,
}
