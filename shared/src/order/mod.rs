//! An order: one customer's order, or one sale over the counter.

pub mod amounts;
pub mod changes;
pub mod commands;
pub mod fact;
mod kind;
pub mod line;
pub mod receipt;
pub mod resolve;
pub mod revenue;
pub mod rules;
pub mod status;
pub mod timeline;
mod words;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use fact::{Fact, Payment, PaymentMethod, PaymentState, Sale, Shown, What};
pub use line::{Discount, Line, Tax};

use crate::{
    id::{AttachmentId, CustomerId, DeviceId, EntryId, FactId, LineId, LocationId, PersonId, RoundId},
    money::Currency,
    open::open_enum,
    time::{Month, Timestamp},
};

/// An order document, read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// `None` in a counter sale, and where facts arrived for an order whose creation never did.
    pub head: Option<Head>,
    pub contact: Contact,
    pub delivery: Address,
    pub wanted: Wanted,
    pub plan: Plan,
    /// A tag is set or not; taking one off writes `false`.
    pub tags: BTreeMap<String, bool>,
    /// References by name, as `their_order` → `4711`.
    pub refs: BTreeMap<String, String>,
    pub lines: BTreeMap<LineId, Line>,
    pub steps: BTreeMap<EntryId, Step>,
    pub facts: BTreeMap<FactId, Fact>,
    pub history: BTreeMap<EntryId, crate::history::Entry>,
    pub attachments: BTreeMap<AttachmentId, crate::attachment::Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<crate::erasure::Erased>,
}

/// Fixed when the order is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub number: String,
    pub channel: String,
    pub location: LocationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The customer's name when the order was made, so that it reads without the customer's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    pub currency: Currency,
    pub salesperson: PersonId,
    /// Made as a quotation first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quotation: bool,
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// ISO 3166 two-letter code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// When the customer wants it: a day, and minutes after midnight for the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<u16>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    pub priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundId>,
}

open_enum! {
    #[derive(Default)]
    pub enum Priority {
        Low = "low" "low",
        #[default]
        Normal = "normal" "normal",
        High = "high" "high",
        Urgent = "urgent" "urgent",
    }
}

/// A step of the order by request, with who and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub step: StepKind,
    /// Its place in the order's books, among steps and changes of lines: above all that its author saw.
    /// Clocks do not decide what came last.
    #[serde(default)]
    pub nth: i64,
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    Placed,
    Confirmed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

impl Order {
    /// Lines that count, in the order of the list.
    pub fn live_lines(&self) -> Vec<(LineId, &Line)> {
        let mut lines: Vec<_> =
            self.lines.iter().filter(|(_, line)| !line.removed).map(|(id, line)| (*id, line)).collect();
        lines.sort_by_key(|(id, line)| (line.pos, *id));
        lines
    }

    /// Facts that stand: neither reversed nor themselves reversals.
    pub fn standing_facts(&self) -> impl Iterator<Item = (FactId, &Fact)> {
        self.facts.iter().filter_map(|(id, fact)| {
            let stands = !matches!(fact.what, What::Reversal { .. }) && !self.is_reversed(*id);
            stands.then_some((*id, fact))
        })
    }

    pub fn is_reversed(&self, id: FactId) -> bool {
        self.facts.values().any(|fact| matches!(&fact.what, What::Reversal { fact, .. } if *fact == id))
    }

    /// The counter sale that this document is, if it is one. Also when it was reversed.
    pub fn sale(&self) -> Option<(FactId, &Fact, &Sale)> {
        self.facts.iter().find_map(|(id, fact)| match &fact.what {
            What::Sale(sale) => Some((*id, fact, sale.as_ref())),
            _ => None,
        })
    }

    pub fn number(&self) -> &str {
        match (&self.head, self.sale()) {
            (Some(head), _) => &head.number,
            (None, Some((_, _, sale))) => &sale.receipt,
            (None, None) => "",
        }
    }

    pub fn customer(&self) -> Option<CustomerId> {
        match (&self.head, self.sale()) {
            (Some(head), _) => head.customer,
            (None, Some((_, _, sale))) => sale.customer,
            (None, None) => None,
        }
    }

    pub fn customer_name(&self) -> &str {
        let named = match (&self.head, self.sale()) {
            (Some(head), _) => head.customer_name.as_deref(),
            (None, Some((_, _, sale))) => sale.customer_name.as_deref(),
            (None, None) => None,
        };
        named.or(self.contact.name.as_deref()).unwrap_or("")
    }

    pub fn currency(&self) -> Currency {
        match (&self.head, self.sale()) {
            (Some(head), _) => head.currency,
            (None, Some((_, _, sale))) => sale.currency,
            (None, None) => Currency::EUR,
        }
    }

    pub fn channel(&self) -> &str {
        match (&self.head, self.sale()) {
            (Some(head), _) => &head.channel,
            (None, Some((_, _, sale))) => &sale.channel,
            (None, None) => "",
        }
    }

    pub fn location(&self) -> Option<LocationId> {
        match (&self.head, self.sale()) {
            (Some(head), _) => Some(head.location),
            (None, Some((_, _, sale))) => Some(sale.location),
            (None, None) => None,
        }
    }
}
