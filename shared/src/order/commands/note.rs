//! A note on an order.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{stands, write_fact};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    doc::Draft,
    edit::Context,
    erasure::ERASED,
    finding::{Finding, check_id},
    id::{FactId, PersonId},
    money::{Amount, Currency},
    order::{Order, What, commands::OrderCommand},
    rules::plausible::Against,
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

    fn words(&self, _: &Order) -> String {
        format!("Noted: {}", self.text)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.text);
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

impl Fact for Note {
    fn reversed(&self, _: FactId, _: &str) -> Option<OrderCommand> {
        None
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        stands(order, self.id, person, |what| matches!(what, What::Note { text } if *text == self.text))
    }

    fn likely(&self, _: &Order, _: &mut Against<'_>) {}
}
