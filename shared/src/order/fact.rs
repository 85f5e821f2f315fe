//! Facts of an order: what happened, immutable, under their own ids.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    Order,
    amounts::{self, Totals},
    line::Line,
    status,
};
use crate::{
    erasure::ERASED,
    id::{AttachmentId, CustomerId, DeviceId, DrawerId, FactId, LineId, LocationId, PersonId},
    money::{self, Amount, Currency},
    open::open_enum,
    protocol::limits,
    quantity::Quantity,
    time::{Month, Timestamp},
};

/// A fact with who, where and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
    pub what: What,
}

/// What happened. A kind made by a newer version is kept in the document and shown as unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    Note {
        text: String,
    },
    HandedOver {
        lines: BTreeMap<LineId, Quantity>,
        /// Of each line that its author saw.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        shown: BTreeMap<LineId, Shown>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received_by: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<AttachmentId>,
    },
    NotDelivered {
        reason: NotDeliveredReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    Payment(Payment),
    Sale(Box<Sale>),
    /// Takes back another fact of the same document; both stay.
    Reversal {
        fact: FactId,
        reason: String,
    },
    #[serde(other)]
    Unknown,
}

/// A line as it was when goods of it were handed over: what they are worth stands in the fact and does not
/// follow a later price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub line: Line,
    /// So much of it had been handed over before. The parts of a line are valued one behind the other, so that
    /// they add up to it to the cent.
    #[serde(default)]
    pub before: Quantity,
}

impl Shown {
    /// Those of the lines that the order has.
    pub fn in_order(order: &Order, ids: impl Iterator<Item = LineId>) -> BTreeMap<LineId, Self> {
        let delivered = status::delivered(order);
        ids.filter_map(|id| {
            let line = order.lines.get(&id)?.clone();
            let before = delivered.get(&id).copied().unwrap_or_default();
            // What happened must not be refused for the sum of what had happened before.
            Some((id, Self { line, before: before.min(Quantity::new(limits::QUANTITY)) }))
        })
        .collect()
    }

    /// What so much of it is worth, handed over behind what had been.
    pub fn worth(&self, quantity: Quantity) -> Totals {
        amounts::part(&self.line, self.before + quantity) - amounts::part(&self.line, self.before)
    }
}

/// What of one line went to the customer.
#[derive(Clone, Copy, Debug)]
pub struct Goods<'a> {
    pub id: LineId,
    /// As whoever gave it saw it; `None` for a line that was not there.
    pub line: Option<&'a Line>,
    pub quantity: Quantity,
    pub worth: Totals,
}

impl What {
    /// Takes out what is personal.
    pub fn clean(&mut self) {
        match self {
            Self::HandedOver { lines: _, shown, received_by, signature } => {
                shown.values_mut().for_each(|shown| shown.line.clean());
                (*received_by, *signature) = (None, None);
            }
            Self::NotDelivered { reason: _, note } => *note = None,
            Self::Payment(payment) => payment.clean(),
            Self::Sale(sale) => sale.clean(),
            Self::Reversal { fact: _, reason } => ERASED.clone_into(reason),
            Self::Note { text } => ERASED.clone_into(text),
            Self::Unknown => {}
        }
    }

    /// What went to the customer with it, at the worth that the fact itself tells.
    pub fn goods(&self, currency: Currency) -> Vec<Goods<'_>> {
        match self {
            Self::HandedOver { lines, shown, .. } => lines
                .iter()
                .map(|(id, quantity)| {
                    let shown = shown.get(id);
                    // Goods in another currency than the order's are not worth anything in that one.
                    let known = shown.filter(|shown| shown.line.currency == currency);
                    let worth = known.map(|shown| shown.worth(*quantity)).unwrap_or_default();
                    Goods { id: *id, line: shown.map(|shown| &shown.line), quantity: *quantity, worth }
                })
                .collect(),
            Self::Sale(sale) => sale
                .lines
                .iter()
                .map(|(id, line)| Goods {
                    id: *id,
                    line: Some(line),
                    quantity: line.quantity,
                    worth: amounts::line(line),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

open_enum! {
    pub enum NotDeliveredReason {
        NobodyThere = "nobody_there" "nobody there",
        Refused = "refused" "refused by the customer",
        WrongAddress = "wrong_address" "wrong address",
        Damaged = "damaged" "goods damaged",
        NoTime = "no_time" "no time left on the round",
        Other = "other" "other reason",
    }
}

/// Money that changed hands, or is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub method: PaymentMethod,
    /// Negative when money is given back.
    pub amount: Amount,
    pub currency: Currency,
    pub state: PaymentState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawer: Option<DrawerId>,
    /// The terminal's or bank's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Payment {
    /// `Took € 5.00 by cash`, or `Gave back € 5.00 by cash`: nobody takes a negative amount.
    pub fn done(&self) -> String {
        let (did, amount) = match self.amount.is_negative() {
            true => ("Gave back", -self.amount),
            false => ("Took", self.amount),
        };
        format!("{did} {} by {}", money::words(amount, self.currency), self.method.words())
    }
}

open_enum! {
    pub enum PaymentMethod {
        Cash = "cash" "cash",
        Card = "card" "card",
        Transfer = "transfer" "bank transfer",
        Voucher = "voucher" "voucher",
        Other = "other" "other",
    }
}

open_enum! {
    /// Only what is taken counts as paid.
    pub enum PaymentState {
        Pending = "pending" "pending",
        Authorised = "authorised" "authorised",
        Taken = "taken" "taken",
        Failed = "failed" "failed",
    }
}

/// A sale over the counter or from the van, complete in itself: it stands without any other change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sale {
    /// The receipt's number in this device's series. Left out, the server gives one.
    #[serde(default)]
    pub receipt: String,
    /// Its place in that series; absent where the client keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<super::receipt::Link>,
    pub channel: String,
    pub location: LocationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    pub currency: Currency,
    pub lines: BTreeMap<LineId, Line>,
    pub payments: BTreeMap<FactId, Payment>,
    /// Cash given back; the cash payment is what was kept after it.
    #[serde(default)]
    pub change: Amount,
}

impl Payment {
    /// Takes out what is personal.
    pub fn clean(&mut self) {
        self.reference = None;
    }
}

impl Sale {
    /// The same.
    pub fn clean(&mut self) {
        self.customer_name = None;
        self.lines.values_mut().for_each(Line::clean);
        self.payments.values_mut().for_each(Payment::clean);
    }
}
