//! A sale over the counter or from the van: one fact, complete in itself.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    lines::check_line,
    pay::{check_most, check_payment},
    write_fact,
};
use crate::{
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{FactId, LineId},
    order::{Order, Sale, What},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordSale {
    #[serde(default)]
    pub id: FactId,
    pub sale: Sale,
}

impl Act for RecordSale {
    type Of = Order;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        let sale = &self.sale;
        if sale.receipt.trim().is_empty() {
            findings.push(Finding::malformed(
                "receipt",
                "The sale has no receipt number.",
                "Give the next number of this device's series.",
            ));
        }
        if sale.lines.is_empty() {
            findings.push(Finding::malformed("lines", "Nothing was sold.", "Add what was sold."));
        }
        if sale.change.is_negative() {
            findings.push(Finding::malformed(
                "change",
                "The change is below zero.",
                "Give the cash handed back, or zero.",
            ));
        }
        findings.extend(check_most(sale.change, sale.currency, "change"));
        for (id, line) in &sale.lines {
            let field = format!("lines/{id}");
            findings.extend(check_id(&field, *id));
            findings.extend(check_line(line, sale.currency, &field));
        }
        for (id, payment) in &sale.payments {
            let field = format!("payments/{id}");
            findings.extend(check_id(&field, *id));
            findings.extend(check_payment(payment, &field));
            if payment.currency != sale.currency {
                let what = format!("The sale is in {}, this payment in {}.", sale.currency, payment.currency);
                let remedy = format!("Give the amount in {}.", sale.currency);
                findings.push(Finding::malformed(&format!("{field}/currency"), what, remedy));
            }
        }
        findings
    }

    fn run(&self, order: &Order, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        write_fact(order, self.id, What::Sale(Box::new(self.sale.clone())), ctx, draft)
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
        if let Some(line) = self.sale.lines.remove(&LineId::NIL) {
            self.sale.lines.insert(LineId::new(fresh()), line);
        }
        if let Some(payment) = self.sale.payments.remove(&FactId::NIL) {
            self.sale.payments.insert(FactId::new(fresh()), payment);
        }
    }

    fn there(&self, order: &Order) -> bool {
        order.facts.contains_key(&self.id)
    }
}
