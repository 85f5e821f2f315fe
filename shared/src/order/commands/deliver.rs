//! Handed over, or not delivered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::write_fact;
use crate::{
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::Finding,
    id::{AttachmentId, FactId, LineId},
    order::{Order, What, fact::NotDeliveredReason},
    quantity::Quantity,
};

/// Lines and quantities that the customer now has, the whole order or a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    #[serde(default)]
    pub id: FactId,
    pub lines: BTreeMap<LineId, Quantity>,
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
        let mut findings = Vec::new();
        if self.lines.is_empty() {
            findings.push(Finding::malformed(
                "lines",
                "Nothing was handed over.",
                "Say which lines and how many, or record it as not delivered.",
            ));
        }
        for (line, quantity) in &self.lines {
            if !quantity.is_positive() {
                let field = format!("lines/{line}");
                findings.push(Finding::malformed(
                    &field,
                    "A quantity is not above zero.",
                    "Leave out lines of which nothing was handed over.",
                ));
            }
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        let what = What::HandedOver {
            lines: self.lines.clone(),
            received_by: self.received_by.clone(),
            signature: self.signature,
        };
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

impl Act for NotDelivered {
    type Of = Order;

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
