//! What is likely of a fact: goods and money within the limits of Settings. What is beyond happened all the same, or a
//! finger slipped: a manager looks at it before it counts. Judged by the server alone, so that nobody is kept from
//! writing down what happened.

use crate::{
    command::Command,
    edit::EditKind,
    finding::{Finding, Rule},
    money::{self, Amount, Currency},
    order::{Line, Payment},
    quantity::Quantity,
    settings::{Limits, Settings},
    view::View,
};

/// `after`: with the fact in it, which tells what its lines were where its author left that out.
/// `kind`: of the edit it is in; a first price is asked for with its product.
pub fn judge(command: &Command, kind: EditKind, after: &View, settings: &Settings) -> Vec<Finding> {
    let mut against = Against { kind, limits: &settings.limits, findings: Vec::new() };
    if let Some(fact) = command.fact() {
        fact.likely(after.any(), &mut against);
    }
    against.findings
}

/// What is said of a fact, by what it is made of.
pub struct Against<'a> {
    kind: EditKind,
    limits: &'a Limits,
    findings: Vec<Finding>,
}

impl Against<'_> {
    pub fn line(&mut self, field: &str, line: &Line, called: &str, quantity: Quantity, gross: Amount) {
        self.quantity(field, quantity, called);
        self.price(&format!("{field}/price"), line.price);
        let most = self.limits.line_amount;
        if size(gross) > most {
            let what = format!(
                "{called} is worth {}, above the most that is likely of one line, {most}.",
                money::words(gross, line.currency)
            );
            self.say(field, what);
        }
    }

    pub fn quantity(&mut self, field: &str, quantity: Quantity, counted: &str) {
        if quantity > self.limits.quantity {
            let most = self.limits.quantity.count();
            let what = format!("{counted} is more than the most that is likely of one line, {most}.");
            self.say(&format!("{field}/quantity"), what);
        }
    }

    pub fn price(&mut self, field: &str, price: Amount) {
        if price > self.limits.price {
            let what =
                format!("The price {price} is above the highest that is likely, {}.", self.limits.price);
            self.say(field, what);
        }
    }

    pub fn paid(&mut self, field: &str, payment: &Payment) {
        self.fact(&format!("{field}/amount"), payment.amount, Some(payment.currency));
    }

    pub fn fact(&mut self, field: &str, amount: Amount, currency: Option<Currency>) {
        let most = self.limits.fact_amount;
        if size(amount) > most {
            let amount =
                currency.map_or_else(|| amount.to_string(), |currency| money::words(amount, currency));
            let what = format!("{amount} is above the most that is likely of one entry, {most}.");
            self.say(field, what);
        }
    }

    fn say(&mut self, field: &str, what: String) {
        let remedy = match self.kind {
            EditKind::Facts => {
                "A manager looks at it; if such amounts are usual here, the limits in the settings are to be raised."
            }
            EditKind::Requests => {
                "Give a likely one; if such amounts are usual here, the limits in the settings are to be raised."
            }
        };
        self.findings.push(Finding::new(Rule::Implausible, what, remedy).field(field));
    }
}

/// However it changed hands.
fn size(amount: Amount) -> Amount {
    if amount.is_negative() { -amount } else { amount }
}
