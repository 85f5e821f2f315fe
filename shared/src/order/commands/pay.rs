//! A payment taken.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{stands, write_fact};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{FactId, PersonId},
    money::{self, Amount, Currency},
    order::{
        Order, Payment, What,
        commands::{OrderCommand, Reverse},
    },
    protocol::limits,
    rules::plausible::Against,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakePayment {
    #[serde(default)]
    pub id: FactId,
    pub payment: Payment,
}

impl Act for TakePayment {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        findings.extend(check_payment(&self.payment, "payment"));
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_fact(order, self.id, What::Payment(self.payment.clone()), ctx, draft)
    }

    fn words(&self, _: &Order) -> String {
        self.payment.done()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        self.payment.clean();
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

impl Fact for TakePayment {
    fn reversed(&self, id: FactId, reason: &str) -> Option<OrderCommand> {
        Some(Reverse::of(self.id, id, reason).into())
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        Some((self.payment.amount, self.payment.currency))
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        stands(order, self.id, person, |what| matches!(what, What::Payment(paid) if *paid == self.payment))
    }

    fn likely(&self, _: &Order, against: &mut Against<'_>) {
        against.paid("payment", &self.payment);
    }
}

pub(super) fn check_payment(payment: &Payment, field: &str) -> Vec<Finding> {
    let field = format!("{field}/amount");
    if payment.amount.is_zero() {
        return vec![Finding::malformed(
            &field,
            "The payment is of zero.",
            "Give the amount that changed hands.",
        )];
    }
    if payment.amount.places() > payment.currency.places() {
        let what = format!("{} is finer than the smallest coin of {}.", payment.amount, payment.currency);
        return vec![Finding::malformed(&field, what, "Round it to whole coins.")];
    }
    check_most(payment.amount, payment.currency, &field)
}

/// Beyond any money that changes hands, either way.
pub(super) fn check_most(amount: Amount, currency: Currency, field: &str) -> Vec<Finding> {
    let most = Amount::from_minor(limits::COINS, currency.places());
    if amount <= most && -amount <= most {
        return Vec::new();
    }
    let what = format!("{} is beyond what can be paid at once.", money::words(amount, currency));
    vec![Finding::malformed(field, what, format!("Give at most {}.", money::words(most, currency)))]
}
