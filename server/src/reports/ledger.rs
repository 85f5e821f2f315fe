//! The revenue ledger of an order: what was placed, delivered and paid, each booked on its own day, what was
//! taken back booked on the day of that. Entries of one line add up to the line to the cent.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;
use waybill_shared::{
    id::{FactId, Id, LineId},
    order::{
        Fact, Line, Order, Payment, PaymentState, What,
        amounts::{self, Totals},
        status::{self, OrderState},
    },
    quantity::Quantity,
    time::Month,
};

use super::{
    bill::{Bill, Share},
    column::{self, Word, money},
    tables::RevenueRow,
    worth::Worth,
};

const PLACED: Word = Word::Borrowed("placed");
const DELIVERED: Word = Word::Borrowed("delivered");
const PAID: Word = Word::Borrowed("paid");

pub fn rows(id: Uuid, order: &Order, worth: &Worth<'_>) -> Vec<RevenueRow> {
    let mut ledger = Ledger { order: id, currency: order.currency().code(), rows: Vec::new() };
    let facts = in_order(order);
    placed(order, worth, &mut ledger);
    delivered(order, &facts, worth, &mut ledger);
    paid(order, &facts, worth, &mut ledger);
    ledger.finish()
}

/// When and under what something is booked.
#[derive(Clone, Copy)]
struct Booking {
    cause: Uuid,
    day: NaiveDate,
    month: Month,
    takes_back: bool,
}

struct Ledger {
    order: Uuid,
    currency: &'static str,
    rows: Vec<RevenueRow>,
}

impl Ledger {
    fn book(
        &mut self,
        measure: Word,
        booking: Booking,
        line: Option<(LineId, Option<&Line>)>,
        pieces: Quantity,
        worth: Totals,
    ) {
        let (line_key, line) = line.map_or((LineId::NIL, None), |(id, line)| (id, line));
        self.rows.push(RevenueRow {
            order_id: self.order,
            measure,
            cause_id: booking.cause,
            line_key: line_key.uuid(),
            business_day: column::day(booking.day),
            month: column::month(booking.month),
            product_id: line.and_then(|line| line.product).map(Id::uuid),
            quantity: line.map_or_else(Default::default, |line| line.unit.amount(pieces).decimal()),
            currency: self.currency.into(),
            net: money(worth.net),
            tax: money(worth.tax),
            gross: money(worth.gross),
            takes_back: booking.takes_back,
        });
    }

    /// In the order of the key. What has one cause and one line is one entry, as when a sale with two
    /// payments is taken back.
    fn finish(mut self) -> Vec<RevenueRow> {
        let key = |row: &RevenueRow| (row.measure.clone(), row.cause_id, row.line_key);
        self.rows.sort_by_key(key);
        self.rows.dedup_by(|later, first| {
            let same = key(later) == key(first);
            if same {
                first.quantity = first.quantity.saturating_add(later.quantity);
                first.net = first.net.saturating_add(later.net);
                first.tax = first.tax.saturating_add(later.tax);
                first.gross = first.gross.saturating_add(later.gross);
            }
            same
        });
        self.rows
    }
}

/// Lines as they are now on the day of placing, and as much less on the day of cancelling.
fn placed(order: &Order, worth: &Worth<'_>, ledger: &mut Ledger) {
    for taken in status::taken(order) {
        let takes_back = match (taken.from, taken.to) {
            (_, OrderState::Placed) => false,
            (OrderState::Placed | OrderState::Confirmed, OrderState::Cancelled) => true,
            _ => continue,
        };
        let (day, month) = (taken.step.day, taken.step.month);
        let booking = Booking { cause: taken.id.uuid(), day, month, takes_back };
        for (id, line) in order.live_lines() {
            let (pieces, worth) = (line.quantity, worth.line(id));
            let (pieces, worth) = if takes_back { (-pieces, -worth) } else { (pieces, worth) };
            ledger.book(PLACED, booking, Some((id, Some(line))), pieces, worth);
        }
    }
}

/// What was handed over and sold. A part of a line is worth the difference that it makes to all that was
/// handed over of it so far, so that all parts together are worth what the whole is.
fn delivered(order: &Order, facts: &[Booked], worth: &Worth<'_>, ledger: &mut Ledger) {
    let mut so_far: BTreeMap<LineId, Quantity> = BTreeMap::new();
    for booked in facts {
        let Some(fact) = order.facts.get(&booked.moves) else { continue };
        match &fact.what {
            What::HandedOver { lines: handed_over, .. } => {
                for (id, pieces) in handed_over {
                    let pieces = if booked.booking.takes_back { -*pieces } else { *pieces };
                    let before = so_far.entry(*id).or_default();
                    let after = *before + pieces;
                    let worth_of_it = worth.part(*id, after) - worth.part(*id, *before);
                    *before = after;
                    let line = Some((*id, worth.get(*id)));
                    ledger.book(DELIVERED, booked.booking, line, pieces, worth_of_it);
                }
            }
            What::Sale(sale) => {
                for (id, line) in &sale.lines {
                    let (pieces, worth) = (line.quantity, amounts::line(line));
                    let (pieces, worth) =
                        if booked.booking.takes_back { (-pieces, -worth) } else { (pieces, worth) };
                    ledger.book(DELIVERED, booked.booking, Some((*id, Some(line))), pieces, worth);
                }
            }
            _ => {}
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
                book(&bill, &back, booked.booking, ledger);
            }
            continue;
        }
        for (id, payment) in payments(booked.moves, fact) {
            let shares = bill.share_out(payment.amount);
            let booking = Booking { cause: id.uuid(), ..booked.booking };
            for share in &shares {
                book(&bill, share, booking, ledger);
            }
            shared.entry(booked.moves).or_default().extend(shares);
        }
    }
}

fn book(bill: &Bill<'_>, share: &Share, booking: Booking, ledger: &mut Ledger) {
    let line = bill.line(share).map(|(id, line)| (id, Some(line)));
    ledger.book(PAID, booking, line, Quantity::ZERO, bill.totals(share));
}

fn payments(id: FactId, fact: &Fact) -> Vec<(FactId, &Payment)> {
    let all = match &fact.what {
        What::Payment(payment) => vec![(id, payment)],
        What::Sale(sale) => sale.payments.iter().map(|(id, payment)| (*id, payment)).collect(),
        _ => Vec::new(),
    };
    all.into_iter().filter(|(_, payment)| payment.state == PaymentState::Taken).collect()
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
    let mut taken_back: BTreeMap<FactId, (waybill_shared::time::Timestamp, FactId)> = BTreeMap::new();
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
