//! Handed over, or not delivered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    lines::{check_line, check_most},
    write_fact,
};
use crate::{
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{AttachmentId, FactId, LineId},
    order::{Order, Shown, What, fact::NotDeliveredReason},
    quantity::Quantity,
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

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.facts.contains_key(&self.id)
    }
}
