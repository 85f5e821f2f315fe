//! A sale over the counter or from the van: one fact, complete in itself.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    goods,
    lines::check_line,
    pay::{check_most, check_payment},
    stands, write_fact,
};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_id},
    id::{FactId, LineId, PersonId},
    money::{Amount, Currency},
    order::{
        Order, Sale, What, amounts,
        commands::{OrderCommand, Reverse},
    },
    rules::plausible::Against,
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

    fn words(&self, _: &Order) -> String {
        let goods: Vec<String> = self.sale.lines.values().map(|line| line.counted(line.quantity)).collect();
        format!("Sold {}", goods.join(", "))
    }

    fn refers(&self) -> Refers {
        let Sale { location, customer, lines, .. } = &self.sale;
        goods(Refers::to_none().doc("location", Some(*location)).doc("customer", *customer), lines)
    }

    fn clean(&mut self) {
        self.sale.clean();
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

impl Fact for RecordSale {
    fn reversed(&self, id: FactId, reason: &str) -> Option<OrderCommand> {
        Some(Reverse::of(self.id, id, reason).into())
    }

    fn worth(&self, _: &Order) -> Option<(Amount, Currency)> {
        let lines = &self.sale.lines;
        let currency = lines.values().next()?.currency;
        Some((lines.values().map(|line| amounts::line(line).gross).sum(), currency))
    }

    fn stands(&self, person: PersonId, order: &Order) -> Option<Stands> {
        stands(order, self.id, person, |what| matches!(what, What::Sale(sale) if **sale == self.sale))
    }

    fn likely(&self, _: &Order, against: &mut Against<'_>) {
        let sale = &self.sale;
        let mut worth = Amount::ZERO;
        for (id, line) in &sale.lines {
            let gross = amounts::line(line).gross;
            worth += gross;
            against.line(&format!("lines/{id}"), line, &line.counted(line.quantity), line.quantity, gross);
        }
        against.fact("lines", worth, Some(sale.currency));
        sale.payments.iter().for_each(|(id, payment)| against.paid(&format!("payments/{id}"), payment));
        against.fact("change", sale.change, Some(sale.currency));
    }
}
