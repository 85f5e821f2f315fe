//! A customer's credit: what is owed, in the currency of the terms. Amounts of different currencies are
//! never added to each other.

use crate::{
    customer::TermsFields,
    finding::{Finding, Rule},
    id::OrderId,
    money::{self, Amount, Currency},
    order::{
        Order, amounts,
        status::{self, OrderState},
    },
};

/// What is open on one order, in the currency of that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    pub amount: Amount,
    pub currency: Currency,
}

impl Owed {
    /// Counts against the customer's credit: what is open of a placed or confirmed order, and of a cancelled one
    /// of which something was delivered all the same.
    pub fn of(order: &Order) -> Option<Self> {
        let amount = amounts::open(order);
        let counts = match status::agreed(order) {
            OrderState::Placed | OrderState::Confirmed => true,
            OrderState::Cancelled => !amounts::due(order).is_zero(),
            _ => false,
        };
        (counts && !amount.is_zero()).then_some(Self { amount, currency: order.currency() })
    }
}

/// What is known of a customer's credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Of the terms; that of the business where they name none.
    pub currency: Currency,
    /// `None`: no limit is set.
    pub limit: Option<Amount>,
    /// What the customer's other orders in this currency count for.
    pub exposure: Amount,
}

impl Credit {
    pub fn new(
        terms: &TermsFields,
        business: Currency,
        owed: impl IntoIterator<Item = (OrderId, Owed)>,
        besides: OrderId,
    ) -> Self {
        let currency = terms.currency.unwrap_or(business);
        let others = owed.into_iter().filter(|(order, owed)| *order != besides && owed.currency == currency);
        Self { currency, limit: terms.credit_limit, exposure: others.map(|(_, owed)| owed.amount).sum() }
    }

    /// What speaks against owing this order too. One that is paid needs no credit in any currency.
    pub(crate) fn judge(self, order: &Order) -> Option<Finding> {
        let limit = self.limit?;
        let open = amounts::open(order);
        let (currency, ordered) = (self.currency, order.currency());
        if ordered != currency {
            return (open > Amount::ZERO).then(|| {
                let what = format!("The order is in {ordered}; the customer's credit is in {currency}.");
                let remedy = format!(
                    "Take the whole payment first, order in {currency}, or ask a manager to let it pass."
                );
                Finding::new(Rule::CreditCurrency, what, remedy).field("currency")
            });
        }
        let would_owe = self.exposure + open;
        if would_owe <= limit {
            return None;
        }
        let show = |amount: Amount| money::words(amount, currency);
        let what =
            format!("The customer would owe {}; the credit limit is {}.", show(would_owe), show(limit));
        let remedy = "Take a payment first, order less, or ask a manager to let it pass.";
        Some(Finding::new(Rule::OverCredit, what, remedy).field("customer"))
    }
}
