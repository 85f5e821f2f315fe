//! What a manager decides of a held edit.

use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    edit::EditKind,
    finding::Finding,
    id::{DeviceId, EditId, FactId, Id, PersonId},
    kind::DocAddr,
    money::{Amount, Currency},
    session::words,
    time::{Booked, Timestamp},
    view::View,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It counts from now on.
    Accept,
    /// It happened, and is taken back with it: both stay.
    Reverse,
    /// It never happened, or nobody wants it any more.
    Discard,
}

/// One decision: on which edit, by whom, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub edit: EditId,
    /// The attempt that was looked at: another one is another edit.
    pub attempt: u32,
    pub decision: Decision,
    pub reviewer: PersonId,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What was decided, by whom, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub decision: Decision,
    pub by: PersonId,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A held edit as a manager sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldEdit {
    pub edit: EditId,
    pub attempt: u32,
    pub kind: EditKind,
    pub person: PersonId,
    pub device: DeviceId,
    /// When it happened, by the device's corrected clock.
    pub at: Timestamp,
    pub booked: Booked,
    /// What each of its parts does, and on which document.
    pub does: Vec<Does>,
    /// Why it is held.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Does {
    pub doc: DocAddr,
    pub words: String,
    /// The money that changed hands, or what the goods are worth with tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<(Amount, Currency)>,
}

/// Longer is no reason but a letter.
const LONGEST_REASON: usize = 2_000;

impl Does {
    pub fn of(doc: DocAddr, command: &Command, after: &View) -> Self {
        let mut words = words::of(command, after);
        words.extend(command.fact().and_then(|fact| fact.says_otherwise(after.any())));
        let worth = command.fact().and_then(|fact| fact.worth(after.any()));
        Self { doc, words, worth }
    }
}

impl Decision {
    pub const ALL: [Self; 3] = [Self::Accept, Self::Reverse, Self::Discard];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|decision| decision.name() == name)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reverse => "reverse",
            Self::Discard => "discard",
        }
    }
}

impl Review {
    /// Whoever takes back or throws away says why.
    pub fn check(&self) -> Option<Finding> {
        let bad = |what, remedy| Some(Finding::malformed("reason", what, remedy));
        if self.decision != Decision::Accept && self.reason.trim().is_empty() {
            return bad("No reason is given.", "Say why it is taken back or discarded.");
        }
        if self.reason.chars().count() > LONGEST_REASON || self.reason.contains('\0') {
            return bad(
                "The reason is longer than 2000 characters, or no text.",
                "Say it in a few sentences.",
            );
        }
        None
    }

    /// As it is told once it counts.
    pub fn decided(&self, at: Timestamp) -> Decided {
        let Self { decision, reviewer, reason, .. } = self.clone();
        Decided { decision, by: reviewer, at, reason }
    }

    /// The command that takes back what part `part` of the edit did; `None`: it did nothing that can be.
    pub fn undoes(&self, part: u16, command: &Command) -> Option<Command> {
        let name = [b"taken back".as_slice(), &part.to_be_bytes()].concat();
        let id = FactId::derived(self.edit.uuid(), &name);
        command.fact()?.reversed(id, &self.reason)
    }
}
