//! Taking back a fact: both stay.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::write_fact;
use crate::{
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::FactId,
    order::{Order, What},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reverse {
    #[serde(default)]
    pub id: FactId,
    /// The fact that is taken back.
    pub fact: FactId,
    pub reason: String,
}

impl Act for Reverse {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        if self.reason.trim().is_empty() {
            findings.push(Finding::malformed("reason", "No reason is given.", "Say why it is taken back."));
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_fact(
            order,
            self.id,
            What::Reversal { fact: self.fact, reason: self.reason.clone() },
            ctx,
            draft,
        )
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
