//! What an order is worth, to the cent: the same functions for screen, receipt and report.

use std::collections::BTreeMap;

use super::{
    Discount, Line, Order, Payment, PaymentState, What,
    status::{self, OrderState},
};
use crate::{id::LineId, money::Amount, quantity::Quantity};

/// Net, tax and gross; gross is always net plus tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    pub net: Amount,
    pub tax: Amount,
    pub gross: Amount,
}

impl std::ops::Add for Totals {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { net: self.net + other.net, tax: self.tax + other.tax, gross: self.gross + other.gross }
    }
}

impl std::ops::Sub for Totals {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { net: self.net - other.net, tax: self.tax - other.tax, gross: self.gross - other.gross }
    }
}

impl std::ops::Neg for Totals {
    type Output = Self;
    fn neg(self) -> Self {
        Self::default() - self
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |sum, next| sum + next)
    }
}

/// A whole line: quantity × price, less discount, rounded once to the currency's coin, half away from
/// zero; then the tax of that amount, rounded the same way.
pub fn line(line: &Line) -> Totals {
    part(line, line.quantity)
}

/// What `quantity` of a line is worth. Parts are differences of this, so that the parts of a line that was
/// delivered in several goes add up to the line to the cent.
pub fn part(line: &Line, quantity: Quantity) -> Totals {
    let places = line.currency.places();
    let times = |a: Amount, b: Amount| a.checked_mul(b).unwrap_or_default();
    let before = times(line.unit.amount(quantity), line.price);
    let off = match line.discount {
        Discount::None => Amount::ZERO,
        Discount::Percent(percent) => times(before, percent).checked_div(Amount::HUNDRED).unwrap_or_default(),
        // An amount off the whole line: a part bears its share.
        Discount::Amount(amount) => times(amount, Amount::from_minor(quantity.count(), 0))
            .checked_div(Amount::from_minor(line.quantity.count(), 0))
            .unwrap_or_default(),
    };
    let amount = (before - off).rounded(places);
    let rate = line.tax.rate;
    if line.tax.included {
        let tax = times(amount, rate).checked_div(Amount::HUNDRED + rate).unwrap_or_default().rounded(places);
        Totals { net: amount - tax, tax, gross: amount }
    } else {
        let tax = times(amount, rate).checked_div(Amount::HUNDRED).unwrap_or_default().rounded(places);
        Totals { net: amount, tax, gross: amount + tax }
    }
}

/// The lines of the document that carry value: an order's own, or those of its counter sale.
pub fn lines(order: &Order) -> BTreeMap<LineId, &Line> {
    match order.sale() {
        Some((id, _, sale)) if !order.is_reversed(id) => {
            sale.lines.iter().map(|(id, line)| (*id, line)).collect()
        }
        Some(_) => BTreeMap::new(),
        None => order.live_lines().into_iter().collect(),
    }
}

pub fn total(order: &Order) -> Totals {
    lines(order).values().map(|l| line(l)).sum()
}

/// What the customer owes for it before payments: of a cancelled order what was delivered all the same.
pub fn due(order: &Order) -> Amount {
    match status::agreed(order) {
        OrderState::Cancelled => delivered(order).gross,
        _ => total(order).gross,
    }
}

/// What the customer has of it, at the worth that each fact tells.
pub fn delivered(order: &Order) -> Totals {
    let goods = order.standing_facts().flat_map(|(_, fact)| fact.what.goods(order.currency()));
    goods.map(|goods| goods.worth).sum()
}

/// What was taken and stands, less what was given back.
pub fn paid(order: &Order) -> Amount {
    order
        .standing_facts()
        .map(|(_, fact)| match &fact.what {
            What::Payment(payment) if counts(order, payment) => payment.amount,
            What::Sale(sale) => sale
                .payments
                .values()
                .filter(|payment| counts(order, payment))
                .map(|payment| payment.amount)
                .sum(),
            _ => Amount::ZERO,
        })
        .sum()
}

/// Only what is taken pays anything, and only in the currency of the order: nothing here knows a rate.
pub fn counts(order: &Order, payment: &Payment) -> bool {
    payment.state == PaymentState::Taken && payment.currency == order.currency()
}

/// What is still owed.
pub fn open(order: &Order) -> Amount {
    due(order) - paid(order)
}
