//! An edit: one user action, its parts, and what the server said of it.

use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    doc::{Actor, Hash},
    erasure,
    finding::{Finding, Rule},
    id::{DeviceId, EditId, PersonId},
    kind::DocAddr,
    protocol::{limits, range},
    review::Decided,
    time::{Booked, Timestamp},
};

/// What a person did cannot be refused afterwards; what a person wants can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditKind {
    Facts,
    Requests,
}

/// One user action, accepted or refused whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub id: EditId,
    pub kind: EditKind,
    pub person: PersonId,
    pub device: DeviceId,
    /// The device's push counter: strictly rising, in the order the edits were made.
    #[serde(deserialize_with = "range::counter")]
    pub counter: u64,
    /// Counts up each time the content had to change.
    #[serde(default, deserialize_with = "range::small")]
    pub attempt: u32,
    /// The day and month it is booked under.
    pub booked: Booked,
    pub parts: Vec<Part>,
    /// Edits on other documents that this one needs; for facts it only orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<EditId>,
    #[serde(default, rename = "override", skip_serializing_if = "Option::is_none")]
    pub overriding: Option<Override>,
}

/// One command on one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub doc: DocAddr,
    pub command: Command,
    pub at: Timestamp,
    /// Where and as whom the device ran it; absent from a client that keeps no documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
}

/// The change that the device made of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub actor: Actor,
    pub seq: u64,
    pub deps: Vec<Hash>,
    /// `None` when the command changed nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<Hash>,
    /// Of a fact: the document as the server had given it to the device when it was entered first, without what
    /// waited there. What its author had a right to is judged on that. Left out where it is `deps`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base: Vec<Hash>,
}

impl Made {
    pub fn base(&self) -> &[Hash] {
        if self.base.is_empty() { &self.deps } else { &self.base }
    }

    /// It was entered first on this.
    #[must_use]
    pub fn entered_on(self, base: &[Hash]) -> Self {
        let base = if self.deps == base { Vec::new() } else { base.to_vec() };
        Self { base, ..self }
    }
}

/// A manager's word that lets an edit pass in spite of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    pub approver: PersonId,
    pub reason: String,
}

/// All that `run` knows beside the command and its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    pub edit: EditId,
    pub part: u16,
    pub person: PersonId,
    pub device: DeviceId,
    pub at: Timestamp,
    pub booked: Booked,
}

impl Edit {
    pub fn context(&self, part: u16, at: Timestamp) -> Context {
        Context { edit: self.id, part, person: self.person, device: self.device, at, booked: self.booked }
    }

    pub fn docs(&self) -> impl Iterator<Item = DocAddr> + '_ {
        self.parts.iter().map(|part| part.doc)
    }

    /// It names more than anybody enters at once: nothing of it is looked up.
    pub fn too_much(&self) -> Option<Finding> {
        let of_part = |part: &Part| part.made.as_ref().map_or(0, |made| made.deps.len().max(made.base.len()));
        let (field, what, remedy) = if self.parts.len() > limits::PARTS_IN_EDIT {
            ("parts", "The edit has too many parts.", "Send it as several edits.")
        } else if self.after.len() > limits::AFTER {
            ("after", "The edit needs too many others.", "Name those that it needs itself.")
        } else if self.parts.iter().any(|part| of_part(part) > limits::DEPS_IN_PART) {
            ("deps", "A part rests on too many changes.", "Merge them first.")
        } else {
            return None;
        };
        Some(Finding::malformed(field, what, remedy))
    }
}

/// What the server said of an edit, at a log position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As the device made it.
    Accepted,
    /// Accepted, but redone on newer state: the change to hold comes with it.
    Rewritten,
    /// Not accepted; the device keeps it for its user.
    Refused { findings: Vec<Finding> },
    /// A request that needs a refused edit of the same device. Judged again when it is sent again.
    Blocked { by: EditId, findings: Vec<Finding> },
    /// For a manager's review.
    Held { findings: Vec<Finding> },
    /// Given up: by its user, or what was held by a manager, who said why.
    Discarded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Decided>,
    },
}

impl Verdict {
    /// Its user gave it up.
    pub const GIVEN_UP: Self = Self::Discarded { by: None };

    /// Its changes are part of the document.
    pub const fn stands(&self) -> bool {
        matches!(self, Self::Accepted | Self::Rewritten)
    }

    /// Never judged again under the same edit id.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Accepted | Self::Rewritten | Self::Discarded { .. })
    }

    /// Its user may strike it off the needs-attention list. What is held happened, and a manager decides what becomes
    /// of it.
    pub const fn may_be_given_up(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Blocked { .. } | Self::Discarded { .. })
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rewritten => "rewritten",
            Self::Refused { .. } => "refused",
            Self::Blocked { .. } => "blocked",
            Self::Held { .. } => "held",
            Self::Discarded { .. } => "discarded",
        }
    }

    /// The same without a word of what the document says, for who may not see it.
    #[must_use]
    pub fn without_contents(&self) -> Self {
        // That somebody was erased every device hears, so that it cleans what was entered on it.
        if self.findings().iter().any(|finding| finding.rule == Rule::Erased) {
            return self.saying(&[erasure::finding()]);
        }
        let remedy = match self {
            // A manager's reason is a word to its author, not of the document.
            Self::Discarded { .. } => return self.clone(),
            Self::Held { .. } => "It is kept, and a manager looks at it.",
            _ => "Ask the office what became of it.",
        };
        self.saying(&[Finding::out_of_sight(remedy)])
    }

    /// The same, with these findings if it has any.
    #[must_use]
    pub fn saying(&self, findings: &[Finding]) -> Self {
        let findings = findings.to_vec();
        match self {
            Self::Refused { .. } => Self::Refused { findings },
            Self::Blocked { by, .. } => Self::Blocked { by: *by, findings },
            Self::Held { .. } => Self::Held { findings },
            Self::Discarded { by: Some(by) } => {
                Self::Discarded { by: Some(Decided { reason: String::new(), ..by.clone() }) }
            }
            Self::Accepted | Self::Rewritten | Self::Discarded { by: None } => self.clone(),
        }
    }

    /// Nothing but what became of it, for a device that is not to learn any more.
    #[must_use]
    pub fn bare(&self) -> Self {
        match self {
            Self::Discarded { .. } => Self::GIVEN_UP,
            other => other.without_contents(),
        }
    }

    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Refused { findings } | Self::Blocked { findings, .. } | Self::Held { findings } => findings,
            Self::Accepted | Self::Rewritten | Self::Discarded { .. } => &[],
        }
    }
}
