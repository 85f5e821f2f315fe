//! The ways to end a dispute, each as the commands that do it. What happened stays on record.

use std::collections::BTreeMap;

use super::{
    Order, Payment, PaymentState, What, amounts,
    commands::{HandOver, Place, Reverse, SetQuantity, TakePayment},
    status::{self, OrderState},
};
use crate::{
    command::Command,
    id::{FactId, LineId},
    money::{self, Amount, Currency},
    order::commands::OrderCommand,
    quantity::Quantity,
};

/// One press, or one word on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Raise,
    TakeBack,
    Place,
    GiveBack,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Raise, Self::TakeBack, Self::Place, Self::GiveBack];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::TakeBack => "take_back",
            Self::Place => "place",
            Self::GiveBack => "give_back",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Self::Raise => "Raise the order",
            Self::TakeBack => "Take back the goods",
            Self::Place => "Place the order",
            Self::GiveBack => "Give the money back",
        }
    }

    /// When it is done.
    pub const fn said(self) -> &'static str {
        match self {
            Self::Raise => "Raised the order to what was handed over",
            Self::TakeBack => "Took the goods back; what was entered stays on record",
            Self::Place => "Placed the order",
            Self::GiveBack => "Gave the money back",
        }
    }
}

/// A way with what it does to this order: a sentence, and the edits that do it, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct WayOut {
    pub way: Way,
    pub does: String,
    /// Facts that are taken back: by whoever entered them the same day, else by a manager.
    pub takes_back: Vec<FactId>,
    commands: Vec<Command>,
}

impl WayOut {
    /// The commands of one edit; the reason is that of what is taken back.
    pub fn commands(&self, reason: &str) -> Vec<Command> {
        let mut commands = self.commands.clone();
        for command in &mut commands {
            if let Command::Order(OrderCommand::Reverse(reverse)) = command {
                reason.trim().clone_into(&mut reverse.reason);
            }
        }
        commands
    }

    /// Something is taken back, which is not done without a reason.
    pub fn asks_why(&self) -> bool {
        !self.takes_back.is_empty()
    }

    /// What it is made of; the ids in it are given when it is taken.
    pub fn needs(&self) -> &[Command] {
        &self.commands
    }
}

/// Each of them ends a dispute of this order, or the part of it that it can; nothing where it is not disputed.
pub fn ways(order: &Order) -> Vec<WayOut> {
    let disputes = status::disputes(order);
    if disputes.is_empty() {
        return Vec::new();
    }
    let agreed = status::agreed(order);
    let made = order.head.is_some();
    let not_agreed = matches!(agreed, OrderState::Draft | OrderState::Quoted | OrderState::Cancelled);
    let stray = !made || not_agreed;
    let mut ways = Vec::new();
    if made && not_agreed && !order.live_lines().is_empty() && order.sale().is_none() {
        let does = "The order stands as it was made, and what happened belongs to it.".to_owned();
        ways.push(WayOut { way: Way::Place, does, takes_back: Vec::new(), commands: vec![Place {}.into()] });
    }
    ways.extend(raise(order));
    ways.extend(if stray { take_all_back(order) } else { take_surplus_back(order) });
    ways.extend(give_back(order, stray && order.sale().is_none()));
    ways
}

/// Lines that are there, of which more was handed over than was ordered.
fn surplus(order: &Order) -> BTreeMap<LineId, (Quantity, Quantity)> {
    if order.sale().is_some() || order.head.is_none() {
        return BTreeMap::new();
    }
    let delivered = status::delivered(order).into_iter();
    delivered
        .map(|(id, delivered)| (id, (delivered, status::ordered(order, id))))
        .filter(|(_, (delivered, ordered))| delivered > ordered)
        .collect()
}

/// Only where that ends it: a line that was taken off, or never was there, cannot be raised.
fn raise(order: &Order) -> Option<WayOut> {
    let surplus = surplus(order);
    let live = |id: &LineId| order.lines.get(id).filter(|line| !line.removed);
    let mut does = Vec::new();
    let mut commands = Vec::new();
    for (id, (delivered, ordered)) in &surplus {
        let line = live(id)?;
        does.push(format!("{} {}", line.unit.times(&line.unit.show(*delivered)), line.name));
        commands.push(SetQuantity { line: *id, was: *ordered, now: *delivered }.into());
    }
    let does = format!("The customer keeps and pays {}.", does.join(", "));
    (!commands.is_empty()).then_some(WayOut { way: Way::Raise, does, takes_back: Vec::new(), commands })
}

/// The newest hand-overs are taken back until no line is above what was ordered, and what of them stays with the
/// customer is handed over again.
fn take_surplus_back(order: &Order) -> Option<WayOut> {
    let mut above: BTreeMap<LineId, Quantity> =
        surplus(order).into_iter().map(|(id, (delivered, ordered))| (id, delivered - ordered)).collect();
    let words: Vec<String> = above.iter().map(|(id, above)| counted(order, *id, *above)).collect();
    let mut takes_back = Vec::new();
    let mut stays: BTreeMap<LineId, Quantity> = BTreeMap::new();
    let mut last = None;
    for (id, fact) in newest_first(order) {
        let What::HandedOver { lines, received_by, signature, .. } = &fact.what else { continue };
        if !lines.keys().any(|line| above.get(line).is_some_and(|above| above.is_positive())) {
            continue;
        }
        for (line, quantity) in lines {
            let above = above.entry(*line).or_default();
            let back = (*quantity).min(*above).max(Quantity::ZERO);
            *above = *above - back;
            *stays.entry(*line).or_default() += *quantity - back;
        }
        last = last.or_else(|| Some((received_by.clone(), *signature)));
        takes_back.push(id);
    }
    stays.retain(|_, quantity| quantity.is_positive());
    let (received_by, signature) = last?;
    let mut commands: Vec<Command> = takes_back.iter().map(|fact| reverse(*fact)).collect();
    if !stays.is_empty() {
        let (id, shown) = (FactId::NIL, BTreeMap::new());
        commands.push(HandOver { id, lines: stays, shown, received_by, signature }.into());
    }
    let does = format!("{} came back, or was never given.", words.join(", "));
    Some(WayOut { way: Way::TakeBack, does, takes_back, commands })
}

/// Of an order that is not agreed, the customer keeps nothing.
fn take_all_back(order: &Order) -> Option<WayOut> {
    let handed = |what: &What| matches!(what, What::HandedOver { .. });
    let takes_back: Vec<FactId> =
        newest_first(order).into_iter().filter(|(_, fact)| handed(&fact.what)).map(|(id, _)| id).collect();
    let commands: Vec<Command> = takes_back.iter().map(|fact| reverse(*fact)).collect();
    let does = "All of it came back, or was never given.".to_owned();
    (!commands.is_empty()).then_some(WayOut { way: Way::TakeBack, does, takes_back, commands })
}

/// What was taken in a currency that is not the order's, and of an order that is not agreed all of it, in the way in
/// which it came last.
fn give_back(order: &Order, all: bool) -> Option<WayOut> {
    let mut sums: BTreeMap<&'static str, (Currency, Amount)> = status::foreign(order);
    let paid = amounts::paid(order);
    let currency = order.currency();
    if all && paid > Amount::ZERO {
        sums.insert(currency.code(), (currency, paid));
    }
    let mut does = Vec::new();
    let mut commands = Vec::new();
    for (currency, amount) in sums.into_values().filter(|(_, amount)| *amount > Amount::ZERO) {
        let of_it = |what: &What| match what {
            What::Payment(payment) if payment.currency == currency => Some(payment.method),
            _ => None,
        };
        let method = newest_first(order).into_iter().find_map(|(_, fact)| of_it(&fact.what))?;
        does.push(format!("{} by {}", money::words(amount, currency), method.words()));
        let payment = Payment {
            method,
            amount: -amount,
            currency,
            state: PaymentState::Taken,
            drawer: None,
            reference: None,
        };
        commands.push(TakePayment { id: FactId::NIL, payment }.into());
    }
    let does = format!("The customer gets back {}.", does.join(" and "));
    (!commands.is_empty()).then_some(WayOut { way: Way::GiveBack, does, takes_back: Vec::new(), commands })
}

fn newest_first(order: &Order) -> Vec<(FactId, &super::Fact)> {
    let mut facts: Vec<_> = order.standing_facts().collect();
    facts.sort_by_key(|(id, fact)| std::cmp::Reverse((fact.at, *id)));
    facts
}

fn reverse(fact: FactId) -> Command {
    Reverse { id: FactId::NIL, fact, reason: String::new() }.into()
}

fn counted(order: &Order, id: LineId, quantity: Quantity) -> String {
    match order.lines.get(&id) {
        Some(line) => format!("{} {}", line.unit.times(&line.unit.show(quantity)), line.name),
        None => format!("{} of a line that is not there", quantity.count()),
    }
}
