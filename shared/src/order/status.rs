//! Status is never stored: one function of the document, on three axes, from one table of steps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Order, PaymentState, Step, StepKind, What, amounts};
use crate::{
    finding::{Finding, Rule},
    id::{EntryId, LineId},
    money::{self, Amount, Currency},
    quantity::Quantity,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    Draft,
    Quoted,
    Placed,
    Confirmed,
    Cancelled,
    /// Everything was delivered and paid.
    Closed,
    /// What happened contradicts what was agreed: somebody must look at it.
    Disputed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// Nothing to hand over, or nothing handed over yet.
    Open,
    PartDelivered,
    Delivered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyState {
    Unpaid,
    /// Money is on its way: a payment is pending or authorised.
    Pending,
    PartPaid,
    Paid,
    /// More was taken than is due.
    Overpaid,
    Refunded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub order: OrderState,
    pub fulfilment: Fulfilment,
    pub money: MoneyState,
    pub lines: BTreeMap<LineId, LineStatus>,
    /// Why the order is disputed, one sentence each.
    pub disputes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineStatus {
    pub ordered: Quantity,
    pub delivered: Quantity,
    pub fulfilment: Fulfilment,
}

/// Which step leads from which state to which. What is not here cannot be done.
pub const STEPS: &[(OrderState, StepKind, OrderState)] = &[
    (OrderState::Draft, StepKind::Placed, OrderState::Placed),
    (OrderState::Quoted, StepKind::Placed, OrderState::Placed),
    (OrderState::Cancelled, StepKind::Placed, OrderState::Placed),
    (OrderState::Placed, StepKind::Confirmed, OrderState::Confirmed),
    (OrderState::Draft, StepKind::Cancelled, OrderState::Cancelled),
    (OrderState::Quoted, StepKind::Cancelled, OrderState::Cancelled),
    (OrderState::Placed, StepKind::Cancelled, OrderState::Cancelled),
    (OrderState::Confirmed, StepKind::Cancelled, OrderState::Cancelled),
];

fn next(state: OrderState, step: StepKind) -> Option<OrderState> {
    STEPS.iter().find(|(from, by, _)| *from == state && *by == step).map(|(_, _, to)| *to)
}

/// The state that the steps by request alone lead to. Two devices may each have taken a step; a step that
/// the table does not know from where the earlier ones led is passed over.
pub fn agreed(order: &Order) -> OrderState {
    taken(order).last().map_or(start(order), |taken| taken.to)
}

/// A step that the table let through.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    pub id: EntryId,
    pub step: &'a Step,
    pub from: OrderState,
    pub to: OrderState,
}

/// The steps that were taken, in their order.
pub fn taken(order: &Order) -> Vec<Taken<'_>> {
    let mut steps: Vec<_> = order.steps.iter().collect();
    steps.sort_by_key(|(id, step)| (step.nth, step.at, **id));
    let mut from = start(order);
    let mut taken = Vec::with_capacity(steps.len());
    for (id, step) in steps {
        if let Some(to) = next(from, step.step) {
            taken.push(Taken { id: *id, step, from, to });
            from = to;
        }
    }
    taken
}

fn start(order: &Order) -> OrderState {
    match &order.head {
        Some(head) if head.quotation => OrderState::Quoted,
        _ => OrderState::Draft,
    }
}

/// Why this step cannot be taken now, if it cannot.
pub fn cannot(order: &Order, step: StepKind) -> Option<Finding> {
    if order.head.is_none() {
        let (what, remedy) = ("This order was never made.", "Make the order first.");
        return Some(Finding::new(Rule::NotThere, what, remedy));
    }
    let state = agreed(order);
    if step == StepKind::Cancelled
        && let Some(finding) = goods_are_out(order)
    {
        return Some(finding);
    }
    if next(state, step).is_some() {
        return None;
    }
    Some(Finding::new(
        Rule::WrongStep,
        format!("The order is {}, so it cannot be {}.", state.words(), step.words()),
        state.remedy(step),
    ))
}

/// An order of which the customer has something cannot be cancelled.
pub fn goods_are_out(order: &Order) -> Option<Finding> {
    was_handed_over(order).then(|| {
        Finding::new(
            Rule::WrongStep,
            "Goods of this order were handed over, so it cannot be cancelled.",
            "Take the hand-over back first, or record a return.",
        )
    })
}

/// Something of the order was handed over, and that stands.
pub fn was_handed_over(order: &Order) -> bool {
    order.standing_facts().any(|(_, fact)| matches!(fact.what, What::HandedOver { .. }))
}

/// How much of each line the customer has.
pub fn delivered(order: &Order) -> BTreeMap<LineId, Quantity> {
    let mut sums = BTreeMap::new();
    for (_, fact) in order.standing_facts() {
        match &fact.what {
            What::HandedOver { lines, .. } => {
                for (line, quantity) in lines {
                    *sums.entry(*line).or_insert(Quantity::ZERO) += *quantity;
                }
            }
            What::Sale(sale) => {
                for (id, line) in &sale.lines {
                    *sums.entry(*id).or_insert(Quantity::ZERO) += line.quantity;
                }
            }
            _ => {}
        }
    }
    sums
}

pub fn of(order: &Order) -> Status {
    let agreed = agreed(order);
    let delivered = delivered(order);
    let sale = order.sale().filter(|(id, _, _)| !order.is_reversed(*id));

    let mut lines = BTreeMap::new();
    let ordered = order.live_lines().into_iter().map(|(id, line)| (id, line.quantity));
    let sold = sale.iter().flat_map(|(_, _, sale)| sale.lines.iter().map(|(id, line)| (*id, line.quantity)));
    for (id, ordered) in ordered.chain(sold) {
        let delivered = delivered.get(&id).copied().unwrap_or_default();
        lines.insert(id, LineStatus { ordered, delivered, fulfilment: fulfilment(ordered, delivered) });
    }
    let whole = if lines.values().all(|line| line.fulfilment == Fulfilment::Open) {
        Fulfilment::Open
    } else if lines.values().all(|line| line.fulfilment == Fulfilment::Delivered) {
        Fulfilment::Delivered
    } else {
        Fulfilment::PartDelivered
    };

    let money = money(order);
    let disputes = disputes(order);
    let state = if !disputes.is_empty() {
        OrderState::Disputed
    } else if sale.is_some()
        || (matches!(agreed, OrderState::Placed | OrderState::Confirmed)
            && whole == Fulfilment::Delivered
            && matches!(money, MoneyState::Paid))
    {
        OrderState::Closed
    } else if order.sale().is_some() {
        OrderState::Cancelled
    } else {
        agreed
    };
    Status { order: state, fulfilment: whole, money, lines, disputes }
}

fn fulfilment(ordered: Quantity, delivered: Quantity) -> Fulfilment {
    if !delivered.is_positive() {
        Fulfilment::Open
    } else if delivered < ordered {
        Fulfilment::PartDelivered
    } else {
        Fulfilment::Delivered
    }
}

fn money(order: &Order) -> MoneyState {
    let due = amounts::due(order);
    let paid = amounts::paid(order);
    let took_any = order
        .facts
        .values()
        .any(|fact| matches!(&fact.what, What::Payment(payment) if amounts::counts(order, payment)));
    let waits = order.standing_facts().any(|(_, fact)| {
        matches!(&fact.what, What::Payment(p) if p.currency == order.currency()
            && matches!(p.state, PaymentState::Pending | PaymentState::Authorised))
    });
    if paid > due && paid > Amount::ZERO {
        MoneyState::Overpaid
    } else if paid == due && paid > Amount::ZERO {
        MoneyState::Paid
    } else if paid > Amount::ZERO {
        MoneyState::PartPaid
    } else if waits {
        MoneyState::Pending
    } else if took_any {
        MoneyState::Refunded
    } else if due.is_zero() && agreed(order) != OrderState::Cancelled && !order.live_lines().is_empty() {
        MoneyState::Paid
    } else {
        MoneyState::Unpaid
    }
}

/// Why it is disputed, one sentence each. `resolve::ways` says how each can end.
pub(super) fn disputes(order: &Order) -> Vec<String> {
    let (agreed, delivered) = (agreed(order), delivered(order));
    let mut disputes = Vec::new();
    let is_sale = order.sale().is_some();
    let goods_moved = was_handed_over(order);
    let paid = amounts::paid(order);
    let foreign = foreign(order);
    if order.head.is_none() && !is_sale && (goods_moved || !paid.is_zero() || !foreign.is_empty()) {
        disputes.push("Something happened for an order that was never accepted.".to_owned());
    } else if goods_moved && matches!(agreed, OrderState::Draft | OrderState::Quoted) {
        disputes.push("Goods were handed over although the order was never placed.".to_owned());
    } else if goods_moved && agreed == OrderState::Cancelled {
        disputes.push("Goods were handed over although the order was cancelled.".to_owned());
    }
    if order.head.is_some() && agreed == OrderState::Cancelled && paid > Amount::ZERO {
        disputes.push("Money was taken although the order was cancelled.".to_owned());
    }
    if order.head.is_some() && matches!(agreed, OrderState::Draft | OrderState::Quoted) && paid > Amount::ZERO
    {
        disputes.push("Money was taken although the order was never placed.".to_owned());
    }
    if order.head.is_some() || is_sale {
        let words = |(currency, amount): (Currency, Amount)| {
            format!(
                "{} were taken, but the order is in {}.",
                money::words(amount, currency),
                order.currency()
            )
        };
        disputes.extend(foreign.into_values().map(words));
    }
    if is_sale {
        return disputes;
    }
    for (id, delivered) in &delivered {
        let line = order.lines.get(id);
        let ordered = ordered(order, *id);
        if *delivered > ordered && order.head.is_some() {
            let (unit, name) = line.map_or((Default::default(), "a line that is not there"), |line| {
                (line.unit, line.name.as_str())
            });
            disputes.push(format!(
                "{} {} of {name} were handed over, {} were ordered.",
                unit.show(*delivered),
                unit.symbol(),
                unit.show(ordered)
            ));
        }
    }
    disputes
}

/// How much of a line is ordered: nothing of one that was taken off.
pub(super) fn ordered(order: &Order, line: LineId) -> Quantity {
    let line = order.lines.get(&line).filter(|line| !line.removed);
    line.map_or(Quantity::ZERO, |line| line.quantity)
}

/// What was taken in other currencies than the order's and stands: it pays nothing of it.
pub(super) fn foreign(order: &Order) -> BTreeMap<&'static str, (Currency, Amount)> {
    let mut sums = BTreeMap::new();
    for (_, fact) in order.standing_facts() {
        let What::Payment(payment) = &fact.what else { continue };
        if payment.state == PaymentState::Taken && payment.currency != order.currency() {
            let none = (payment.currency, Amount::ZERO);
            let (_, sum) = sums.entry(payment.currency.code()).or_insert(none);
            *sum += payment.amount;
        }
    }
    sums.retain(|_, (_, sum)| !sum.is_zero());
    sums
}

impl OrderState {
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Quoted,
        Self::Placed,
        Self::Confirmed,
        Self::Cancelled,
        Self::Closed,
        Self::Disputed,
    ];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Quoted => "quoted",
            Self::Placed => "placed",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::Disputed => "disputed",
        }
    }

    const fn remedy(self, step: StepKind) -> &'static str {
        match (self, step) {
            (Self::Draft | Self::Quoted, StepKind::Confirmed) => "Place it first.",
            (Self::Cancelled, StepKind::Confirmed) => "Place it again first.",
            _ => "There is nothing to do.",
        }
    }
}

impl Fulfilment {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Open => "to deliver",
            Self::PartDelivered => "partly delivered",
            Self::Delivered => "delivered",
        }
    }
}

impl MoneyState {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Pending => "payment pending",
            Self::PartPaid => "part-paid",
            Self::Paid => "paid",
            Self::Overpaid => "overpaid",
            Self::Refunded => "refunded",
        }
    }
}

impl StepKind {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "taken by a newer version",
        }
    }
}
