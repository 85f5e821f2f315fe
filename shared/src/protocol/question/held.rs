//! What waits for a manager.

use serde::{Deserialize, Serialize};

use crate::{
    id::EditId,
    review::{Decision, HeldEdit},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldQuestion {
    Count {},
    /// The longest waiting first, behind the last of the page before.
    List {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// One, also when it was decided on.
    Show {
        edit: EditId,
    },
    /// Once for each edit: asked again by the same person it is answered again.
    Decide {
        edit: EditId,
        /// The attempt that was looked at: another one is another edit.
        attempt: u32,
        decision: Decision,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldPage {
    pub entries: Vec<HeldEdit>,
    /// How many there are in all.
    pub total: u64,
    /// More follow behind this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}
