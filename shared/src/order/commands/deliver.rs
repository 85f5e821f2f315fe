//! Handed over, or not delivered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    lines::{check_line, check_most},
    stands, write_fact,
};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{AttachmentId, FactId, LineId, PersonId},
    money::{self, Amount, Currency},
    order::{
        Discount, Line, Order, Shown, What,
        commands::{OrderCommand, Reverse},
        fact::NotDeliveredReason,
    },
    quantity::Quantity,
    rules::plausible::Against,
};

/// Lines and quantities that the customer now has, the whole order or a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    #[serde(default)]
    pub id: FactId,
    pub lines: BTreeMap<LineId, Quantity>,
    /// The lines as whoever handed them over saw them. A client without documents leaves them out: they are
    /// then as they are where it runs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<LineId, Shown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<AttachmentId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotDelivered {
    #[serde(default)]
    pub id: FactId,
    pub reason: NotDeliveredReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Act for HandOver {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        if self.lines.is_empty() {
            findings.push(Finding::malformed(
                "lines",
                "Nothing was handed over.",
                "Say which lines and how many, or record it as not delivered.",
            ));
        }
        for (line, quantity) in &self.lines {
            let field = format!("lines/{line}");
            findings.extend(check_id(&field, *line));
            findings.extend(check_most(*quantity, &field));
            if !quantity.is_positive() {
                findings.push(Finding::malformed(
                    &field,
                    "A quantity is not above zero.",
                    "Leave out lines of which nothing was handed over.",
                ));
            }
        }
        for (id, shown) in &self.shown {
            let field = format!("shown/{id}");
            if !self.lines.contains_key(id) {
                let what = "A line is shown of which nothing was handed over.";
                findings.push(Finding::malformed(&field, what, "Leave it out, or say how much of it was."));
            }
            if shown.before < Quantity::ZERO {
                let what = "What had been handed over before is below zero.";
                findings.push(Finding::malformed(&format!("{field}/before"), what, "Give zero or more."));
            }
            findings.extend(check_most(shown.before, &format!("{field}/before")));
            findings.extend(check_line(&shown.line, shown.line.currency, &format!("{field}/line")));
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let mut whole = self.clone();
        whole.see(order);
        let Self { lines, shown, received_by, signature, .. } = whole;
        write_fact(order, self.id, What::HandedOver { lines, shown, received_by, signature }, ctx, draft)
    }

    fn words(&self, after: &Order) -> String {
        let goods: Vec<String> = self
            .lines
            .iter()
            .map(|(id, quantity)| match after.lines.get(id) {
                Some(line) => line.counted(*quantity),
                None => format!("{} of a line that is not there", quantity.count()),
            })
            .collect();
        format!("Handed over {}", goods.join(", "))
    }

    fn refers(&self) -> Refers {
        self.shown.iter().fold(Refers::to_none(), |refers, (id, shown)| {
            refers.doc(format!("shown/{id}/line/product"), shown.line.product)
        })
    }

    fn clean(&mut self) {
        self.shown.values_mut().for_each(|shown| shown.line.clean());
        (self.received_by, self.signature) = (None, None);
    }

    fn see(&mut self, order: &Order) {
        let unseen = self.lines.keys().copied().filter(|id| !self.shown.contains_key(id));
        let seen = Shown::in_order(order, unseen);
        self.shown.extend(seen);
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.facts.contains_key(&self.id)
    }
}

impl Act for NotDelivered {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        check_id("id", self.id)
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let what = What::NotDelivered { reason: self.reason, note: self.note.clone() };
        write_fact(order, self.id, what, ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        format!("Not delivered: {}", self.reason.words())
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        self.note = None;
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.facts.contains_key(&self.id)
    }
}

impl Fact for HandOver {
    fn reversed(&self, id: FactId, reason: &str) -> Option<OrderCommand> {
        Some(Reverse::of(self.id, id, reason).into())
    }

    fn worth(&self, after: &Order) -> Option<(Amount, Currency)> {
        // Of what it does not say itself, what it would take from the order.
        let unseen = Shown::in_order(after, self.lines.keys().copied());
        let shown = |id| self.shown.get(id).or_else(|| unseen.get(id));
        let currency = self.lines.keys().find_map(shown)?.line.currency;
        let known = self.lines.iter().filter_map(|(id, count)| Some(shown(id)?.worth(*count).gross));
        Some((known.sum(), currency))
    }

    /// It is worth what it says, if it counts.
    fn says_otherwise(&self, after: &Order) -> Option<String> {
        let (line, said) = self.shown.iter().find_map(|(id, said)| {
            let line = after.lines.get(id)?;
            let told = |line: &Line| (line.name.clone(), line.unit, line.price, line.currency, line.discount);
            (told(line) != told(&said.line)).then_some((line, &said.line))
        })?;
        let told = |line: &Line| {
            let off = match line.discount {
                Discount::None => String::new(),
                off => format!(" less {off}"),
            };
            format!("{} at {}{off}", line.name, money::words(line.price, line.currency))
        };
        Some(format!(". It says {}, and the order has {}", told(said), told(line)))
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        stands(order, self.id, person, |what| {
            let What::HandedOver { lines, shown, received_by, signature } = what else { return false };
            // What its author left out was taken from the order.
            let seen = self.shown.iter().all(|(id, seen)| shown.get(id) == Some(seen));
            seen && (&self.lines, &self.received_by, &self.signature) == (lines, received_by, signature)
        })
    }

    fn likely(&self, after: &Order, against: &mut Against<'_>) {
        let unseen = self.lines.keys().copied().filter(|id| !self.shown.contains_key(id));
        let unseen = Shown::in_order(after, unseen);
        let mut worth = Amount::ZERO;
        for (id, quantity) in &self.lines {
            let field = format!("lines/{id}");
            match self.shown.get(id).or_else(|| unseen.get(id)) {
                Some(shown) => {
                    let gross = shown.worth(*quantity).gross;
                    worth += gross;
                    // By the name that the order has for it, whatever its author says.
                    let called = after.lines.get(id).unwrap_or(&shown.line).counted(*quantity);
                    against.line(&field, &shown.line, &called, *quantity, gross);
                }
                None => against.quantity(&field, *quantity, &quantity.count().to_string()),
            }
        }
        against.fact("lines", worth, None);
    }
}

impl Fact for NotDelivered {
    fn reversed(&self, id: FactId, reason: &str) -> Option<OrderCommand> {
        Some(Reverse::of(self.id, id, reason).into())
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        let said = What::NotDelivered { reason: self.reason, note: self.note.clone() };
        stands(order, self.id, person, |what| *what == said)
    }

    fn likely(&self, _: &Order, _: &mut Against<'_>) {}
}
