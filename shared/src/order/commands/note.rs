//! A note on an order.

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
pub struct Note {
    #[serde(default)]
    pub id: FactId,
    pub text: String,
}

impl Act for Note {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        if self.text.trim().is_empty() {
            findings.push(Finding::malformed("text", "The note is empty.", "Write something, or leave it."));
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_fact(order, self.id, What::Note { text: self.text.clone() }, ctx, draft)
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
