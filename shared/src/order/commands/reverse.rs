//! Taking back a fact: both stay.

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

    fn words(&self, _: &Order) -> String {
        format!("Took back: {}", self.reason)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.reason);
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

impl Fact for Reverse {
    fn reversed(&self, _: FactId, _: &str) -> Option<OrderCommand> {
        None
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        let said = What::Reversal { fact: self.fact, reason: self.reason.clone() };
        stands(order, self.id, person, |what| *what == said)
    }

    fn likely(&self, _: &Order, _: &mut Against<'_>) {}
}

impl Reverse {
    /// Of this fact, under an id of its own.
    pub fn of(fact: FactId, id: FactId, reason: &str) -> Self {
        Self { id, fact, reason: reason.to_owned() }
    }
}
