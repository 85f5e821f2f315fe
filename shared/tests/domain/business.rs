//! A business with rules, and what somebody is told who does something in it.

use waybill_shared::{
    command::Command,
    finding::{Finding, Rule},
    id::{CustomerId, OrderId, PersonId},
    kind::DocAddr,
    money::Currency,
    rules::{Credit, Surroundings, judge, roles::Role},
    settings::{Limits, Settings},
};

use crate::common::*;

/// A business: at most 100 pieces, 1,000.00 a piece and 30 % off; the shop sells without a customer.
pub struct Business {
    pub settings: Settings,
    pub credit: Option<Credit>,
    pub drives: Option<bool>,
    /// A product that has every barcode.
    pub barcoded: Option<String>,
    pub without_price: usize,
}

impl Default for Business {
    fn default() -> Self {
        let limits = Limits {
            quantity: pieces(100),
            price: amount("1000"),
            discount: amount("30"),
            ..Limits::default()
        };
        let settings =
            Settings { limits, no_customer: [("shop".to_owned(), true)].into(), ..Settings::default() };
        Self { settings, credit: None, drives: None, barcoded: None, without_price: 0 }
    }
}

impl Surroundings for Business {
    fn settings(&self) -> Option<&Settings> {
        Some(&self.settings)
    }
    fn credit(&self, customer: CustomerId, besides: OrderId) -> Option<Credit> {
        assert_eq!((customer, besides), (customer_id(), order_id()));
        self.credit
    }
    fn drives(&self, _: PersonId) -> Option<bool> {
        self.drives
    }
    fn barcoded(&self, _: &str, _: DocAddr) -> Option<String> {
        self.barcoded.clone()
    }
    fn without_price(&self, _: Currency) -> usize {
        self.without_price
    }
}

/// What a manager who does this is told.
pub fn told(desk: &Desk, command: impl Into<Command>, business: &Business) -> Vec<Finding> {
    told_as(&[Role::Manager], desk, command, business)
}

pub fn told_as(
    roles: &[Role],
    desk: &Desk,
    command: impl Into<Command>,
    business: &Business,
) -> Vec<Finding> {
    let mut after = desk.clone();
    let command = command.into();
    let ctx = after.clone().next();
    after.must(command.clone());
    [command.check(), judge(&command, &ctx, roles, &desk.view, &after.view, order_addr(), business)].concat()
}

pub fn rules(findings: &[Finding]) -> Vec<(Rule, &str)> {
    findings.iter().map(|finding| (finding.rule, finding.field.as_deref().unwrap_or(""))).collect()
}

/// A business that knows this of the customer's credit.
pub fn credit(limit: Option<&str>, exposure: &str) -> Business {
    let credit = Credit { currency: Currency::EUR, limit: limit.map(amount), exposure: amount(exposure) };
    Business { credit: Some(credit), ..Business::default() }
}
