//! What was delivered and paid, out of the facts.

use std::collections::BTreeMap;

use super::{
    Booking, Ledger, Measure, Worth,
    bill::{Bill, Share},
};
use crate::{
    id::{FactId, Id},
    order::{Fact, Order, Payment, What, amounts},
    quantity::Quantity,
    time::Timestamp,
};

pub(super) fn book(order: &Order, worth: &Worth<'_>, ledger: &mut Ledger) {
    let facts = in_order(order);
    delivered(order, &facts, ledger);
    paid(order, &facts, worth, ledger);
}

/// What was handed over and sold, each as its fact says. What is taken back is what was booked.
fn delivered(order: &Order, facts: &[Booked], ledger: &mut Ledger) {
    for booked in facts {
        let Some(fact) = order.facts.get(&booked.moves) else { continue };
        for goods in fact.what.goods(order.currency()) {
            let (pieces, worth) = match booked.booking.takes_back {
                true => (-goods.quantity, -goods.worth),
                false => (goods.quantity, goods.worth),
            };
            ledger.book(Measure::Delivered, booked.booking, Some((goods.id, goods.line)), pieces, worth);
        }
    }
}

/// Each payment that was taken, over the lines. What is taken back is what was booked, line for line.
fn paid(order: &Order, facts: &[Booked], worth: &Worth<'_>, ledger: &mut Ledger) {
    let mut shared: BTreeMap<FactId, Vec<Share>> = BTreeMap::new();
    let mut bill = Bill::new(order, worth);
    for booked in facts {
        let Some(fact) = order.facts.get(&booked.moves) else { continue };
        if booked.booking.takes_back {
            for share in shared.remove(&booked.moves).unwrap_or_default() {
                let back = share.back();
                bill.take(&back);
                book_share(&bill, &back, booked.booking, ledger);
            }
            continue;
        }
        for (id, payment) in payments(order, booked.moves, fact) {
            let shares = bill.share_out(payment.amount);
            let booking = Booking { cause: id.uuid(), ..booked.booking };
            for share in &shares {
                book_share(&bill, share, booking, ledger);
            }
            shared.entry(booked.moves).or_default().extend(shares);
        }
    }
}

fn book_share(bill: &Bill<'_>, share: &Share, booking: Booking, ledger: &mut Ledger) {
    let line = bill.line(share).map(|(id, line)| (id, Some(line)));
    ledger.book(Measure::Paid, booking, line, Quantity::ZERO, bill.totals(share));
}

fn payments<'a>(order: &Order, id: FactId, fact: &'a Fact) -> Vec<(FactId, &'a Payment)> {
    let all = match &fact.what {
        What::Payment(payment) => vec![(id, payment)],
        What::Sale(sale) => sale.payments.iter().map(|(id, payment)| (*id, payment)).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|(_, payment)| amounts::counts(order, payment)).collect()
}

/// A fact that moves goods or money, or the taking back of one.
struct Booked {
    booking: Booking,
    /// The fact, or the one that is taken back.
    moves: FactId,
}

/// Facts in the order they happened. A fact can be taken back once, and never before it happened, whatever
/// the clocks said.
fn in_order(order: &Order) -> Vec<Booked> {
    let mut facts: Vec<_> = Vec::with_capacity(order.facts.len());
    let mut taken_back: BTreeMap<FactId, (Timestamp, FactId)> = BTreeMap::new();
    for (id, fact) in &order.facts {
        match &fact.what {
            What::Reversal { fact: moves, .. } => {
                let when = (fact.at, *id);
                let first = taken_back.entry(*moves).or_insert(when);
                *first = (*first).min(when);
            }
            What::HandedOver { .. } | What::Sale(_) | What::Payment(_) => {
                let booking =
                    Booking { cause: id.uuid(), day: fact.day, month: fact.month, takes_back: false };
                facts.push(((fact.at, false, *id), Booked { booking, moves: *id }));
            }
            _ => {}
        }
    }
    for (moves, (at, id)) in taken_back {
        let (Some(fact), Some(reversal)) = (order.facts.get(&moves), order.facts.get(&id)) else { continue };
        let booking =
            Booking { cause: id.uuid(), day: reversal.day, month: reversal.month, takes_back: true };
        facts.push(((at.max(fact.at), true, id), Booked { booking, moves }));
    }
    facts.sort_by_key(|(when, _)| *when);
    facts.into_iter().map(|(_, booked)| booked).collect()
}
