//! What was changed in a document by request: who, when, from what to what.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    act::RunError,
    doc::Draft,
    edit::Context,
    id::{DeviceId, EntryId, LineId, PersonId},
    time::{Month, Timestamp},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
    /// The field, as `quantity`, `address`, `price`.
    pub field: String,
    /// The order line it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// Its place in the order's books, of which the changes of lines are a part: above all that its author
    /// saw. Clocks do not decide what came last. 0 for what is in no books.
    #[serde(default, skip_serializing_if = "no_place")]
    pub nth: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

impl Entry {
    pub fn new(ctx: &Context, field: &str, was: Option<String>, now: Option<String>) -> Self {
        Self {
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
            field: field.to_owned(),
            line: None,
            nth: 0,
            was,
            now,
        }
    }

    /// Into the history of the document that the command changes, under the id that is the same wherever it runs.
    pub fn write(&self, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        Ok(draft.set(&["history", &EntryId::of(ctx.edit, ctx.part).to_string()], self)?)
    }
}

const fn no_place(nth: &i64) -> bool {
    *nth == 0
}
