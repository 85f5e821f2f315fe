//! What a manager decides of a held edit.

use serde::{Deserialize, Serialize};

use crate::{
    command::Command,
    edit::EditKind,
    finding::Finding,
    id::{DeviceId, EditId, FactId, Id, PersonId},
    kind::DocAddr,
    money::{self, Amount, Currency},
    order::{Discount, Line, Shown, amounts, commands::Reverse},
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
        if let Some(said) = said_otherwise(command, after) {
            words.push_str(&said);
        }
        Self { doc, words, worth: worth(command, after) }
    }
}

/// Where a hand-over says of a line what its order does not: it is worth what it says, if it counts.
fn said_otherwise(command: &Command, after: &View) -> Option<String> {
    let (Command::OrderHandOver(over), View::Order(order)) = (command, after) else { return None };
    let (line, said) = over.shown.iter().find_map(|(id, said)| {
        let line = order.lines.get(id)?;
        let told = |line: &Line| (line.name.clone(), line.unit, line.price, line.currency, line.discount);
        (told(line) != told(&said.line)).then_some((line, &said.line))
    })?;
    let told = |line: &Line| {
        let off =
            if line.discount == Discount::None { String::new() } else { format!(" less {}", line.discount) };
        format!("{} at {}{off}", line.name, money::words(line.price, line.currency))
    };
    Some(format!(". It says {}, and the order has {}", told(said), told(line)))
}

fn worth(command: &Command, after: &View) -> Option<(Amount, Currency)> {
    match command {
        Command::OrderTakePayment(taken) => Some((taken.payment.amount, taken.payment.currency)),
        Command::OrderRecordSale(record) => {
            let lines = &record.sale.lines;
            let currency = lines.values().next()?.currency;
            Some((lines.values().map(|line| amounts::line(line).gross).sum(), currency))
        }
        Command::OrderHandOver(over) => {
            // Of what it does not say itself, what it would take from the order.
            let unseen = match after {
                View::Order(order) => Shown::in_order(order, over.lines.keys().copied()),
                _ => Default::default(),
            };
            let shown = |id| over.shown.get(id).or_else(|| unseen.get(id));
            let currency = over.lines.keys().find_map(shown)?.line.currency;
            let known = over.lines.iter().filter_map(|(id, count)| Some(shown(id)?.worth(*count).gross));
            Some((known.sum(), currency))
        }
        _ => None,
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
        let fact = match command {
            Command::OrderHandOver(hand_over) => hand_over.id,
            Command::OrderNotDelivered(attempt) => attempt.id,
            Command::OrderTakePayment(payment) => payment.id,
            Command::OrderRecordSale(sale) => sale.id,
            _ => return None,
        };
        let name = [b"taken back".as_slice(), &part.to_be_bytes()].concat();
        let id = FactId::derived(self.edit.uuid(), &name);
        Some(Reverse { id, fact, reason: self.reason.clone() }.into())
    }
}
