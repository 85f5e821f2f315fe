//! What was changed in a document by request: who, when, from what to what.

use serde::{Deserialize, Serialize};

use crate::{
    edit::Context,
    id::{DeviceId, LineId, PersonId},
    time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub person: PersonId,
    pub device: DeviceId,
    /// The field, as `quantity`, `address`, `price`.
    pub field: String,
    /// The order line it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

impl Entry {
    pub fn new(ctx: &Context, field: &str, was: Option<String>, now: Option<String>) -> Self {
        Self {
            at: ctx.at,
            person: ctx.person,
            device: ctx.device,
            field: field.to_owned(),
            line: None,
            was,
            now,
        }
    }

    #[must_use]
    pub fn line(mut self, line: LineId) -> Self {
        self.line = Some(line);
        self
    }
}
