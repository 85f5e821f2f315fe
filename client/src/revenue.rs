//! Revenue by business day from the documents on this device, booked as the server's reports book it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waybill_shared::{
    id::{FactId, LineId},
    money::{Amount, Currency},
    order::{
        Line, Order, PaymentState, What,
        amounts::{self, Totals},
        status::{self, OrderState},
    },
    quantity::Quantity,
    time::Timestamp,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// What was ordered, less what was cancelled.
    Placed,
    /// Handed over, or sold over the counter.
    #[default]
    Delivered,
    /// Money taken, less money given back.
    Paid,
}

/// What one day brought. Money taken has no net of its own here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    pub net: Option<Amount>,
    pub gross: Amount,
}

#[derive(Clone, Debug, Default)]
pub struct Revenue {
    days: BTreeMap<(Measure, Code, NaiveDate), Totals>,
}

/// Currencies have no order of their own; their codes have.
type Code = &'static str;

impl Revenue {
    pub fn add(&mut self, order: &Order) {
        let currency = order.currency().code();
        let mut book = |measure, day, worth: Totals| {
            let sum = self.days.entry((measure, currency, day)).or_default();
            *sum = *sum + worth;
        };
        placed(order, &mut |day, worth| book(Measure::Placed, day, worth));
        let facts = in_order(order);
        delivered(order, &facts, &mut |day, worth| book(Measure::Delivered, day, worth));
        paid(order, &facts, &mut |day, gross| {
            book(Measure::Paid, day, Totals { gross, ..Totals::default() })
        });
    }

    pub fn day(&self, measure: Measure, currency: Currency, day: NaiveDate) -> Day {
        let totals = self.days.get(&(measure, currency.code(), day)).copied().unwrap_or_default();
        let net = (measure != Measure::Paid).then_some(totals.net);
        Day { net, gross: totals.gross }
    }

    /// Everything that was booked, by measure, currency and day.
    pub fn all(&self) -> impl Iterator<Item = (Measure, &'static str, NaiveDate, Totals)> {
        self.days.iter().map(|((measure, currency, day), worth)| (*measure, *currency, *day, *worth))
    }
}

/// Lines as they are now on the day of placing, and as much less on the day of cancelling.
fn placed(order: &Order, book: &mut dyn FnMut(NaiveDate, Totals)) {
    let worth: Totals = order.live_lines().into_iter().map(|(_, line)| amounts::line(line)).sum();
    for taken in status::taken(order) {
        match (taken.from, taken.to) {
            (_, OrderState::Placed) => book(taken.step.day, worth),
            (OrderState::Placed | OrderState::Confirmed, OrderState::Cancelled) => {
                book(taken.step.day, -worth)
            }
            _ => {}
        }
    }
}

/// A part of a line is worth the difference that it makes to all of it handed over so far.
fn delivered(order: &Order, facts: &[Booked], book: &mut dyn FnMut(NaiveDate, Totals)) {
    let mut so_far: BTreeMap<LineId, Quantity> = BTreeMap::new();
    for booked in facts {
        let Some(fact) = order.facts.get(&booked.moves) else { continue };
        match &fact.what {
            What::HandedOver { lines, .. } => {
                for (id, pieces) in lines {
                    let Some(line) = order.lines.get(id) else { continue };
                    let before = so_far.entry(*id).or_default();
                    let after = *before + if booked.takes_back { -*pieces } else { *pieces };
                    book(booked.day, worth_between(line, *before, after));
                    *before = after;
                }
            }
            What::Sale(sale) => {
                let worth: Totals = sale.lines.values().map(amounts::line).sum();
                book(booked.day, if booked.takes_back { -worth } else { worth });
            }
            _ => {}
        }
    }
}

fn worth_between(line: &Line, before: Quantity, after: Quantity) -> Totals {
    amounts::part(line, after) - amounts::part(line, before)
}

fn paid(order: &Order, facts: &[Booked], book: &mut dyn FnMut(NaiveDate, Amount)) {
    for booked in facts {
        let Some(fact) = order.facts.get(&booked.moves) else { continue };
        let taken = match &fact.what {
            What::Payment(payment) if payment.state == PaymentState::Taken => payment.amount,
            What::Sale(sale) => {
                let taken = sale.payments.values().filter(|payment| payment.state == PaymentState::Taken);
                taken.map(|payment| payment.amount).sum()
            }
            _ => continue,
        };
        book(booked.day, if booked.takes_back { -taken } else { taken });
    }
}

/// A fact that moves goods or money, or the taking back of one.
struct Booked {
    day: NaiveDate,
    moves: FactId,
    takes_back: bool,
}

/// In the order they happened; a fact is taken back once, and never before it happened.
fn in_order(order: &Order) -> Vec<Booked> {
    let mut facts = Vec::with_capacity(order.facts.len());
    let mut taken_back: BTreeMap<FactId, (Timestamp, FactId)> = BTreeMap::new();
    for (id, fact) in &order.facts {
        match &fact.what {
            What::Reversal { fact: moves, .. } => {
                let first = taken_back.entry(*moves).or_insert((fact.at, *id));
                *first = (*first).min((fact.at, *id));
            }
            What::HandedOver { .. } | What::Sale(_) | What::Payment(_) => {
                facts.push(((fact.at, false, *id), Booked { day: fact.day, moves: *id, takes_back: false }));
            }
            _ => {}
        }
    }
    for (moves, (at, id)) in taken_back {
        if let (Some(fact), Some(reversal)) = (order.facts.get(&moves), order.facts.get(&id)) {
            let booked = Booked { day: reversal.day, moves, takes_back: true };
            facts.push(((at.max(fact.at), true, id), booked));
        }
    }
    facts.sort_by_key(|(when, _)| *when);
    facts.into_iter().map(|(_, booked)| booked).collect()
}
