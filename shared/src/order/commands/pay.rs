//! A payment taken.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::write_fact;
use crate::{
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::FactId,
    money::{self, Amount, Currency},
    order::{Order, Payment, What},
    protocol::limits,
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

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.facts.contains_key(&self.id)
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
