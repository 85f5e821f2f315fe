//! Quantities, prices and discounts within the limits of Settings.
//!
//! Making an order is never refused for them; placing it checks all its lines. A change of a line is
//! refused for what it puts above a limit, never for what stood above it before.

use crate::{
    finding::{Finding, Rule},
    id::LineId,
    money::Amount,
    order::{Discount, Line, Order, commands::OrderCommand},
    quantity::{Quantity, Unit},
    settings::{Limits, Settings},
};

pub fn judge(command: &OrderCommand, before: &Order, after: &Order, settings: &Settings) -> Vec<Finding> {
    let limits = &settings.limits;
    let line = |id: LineId, now: &Line, was: Option<&Line>| {
        let mut findings = of_line(now, was, limits);
        for finding in &mut findings {
            finding.field = finding.field.take().map(|field| format!("lines/{id}/{field}"));
        }
        findings
    };
    let changed = |id: LineId| {
        let now = after.lines.get(&id).filter(|line| !line.removed);
        now.map(|now| line(id, now, before.lines.get(&id))).unwrap_or_default()
    };
    match command {
        OrderCommand::AddLine(add) => changed(add.id),
        OrderCommand::SetQuantity(set) => changed(set.line),
        OrderCommand::SetPrice(set) => changed(set.line),
        OrderCommand::SetDiscount(set) => changed(set.line),
        OrderCommand::Place(_) => {
            after.live_lines().into_iter().flat_map(|(id, now)| line(id, now, None)).collect()
        }
        _ => Vec::new(),
    }
}

/// What puts a line above a limit, by its field: `quantity`, `price` or `discount`. A form asks this while
/// its user types.
pub fn of_line(now: &Line, was: Option<&Line>, limits: &Limits) -> Vec<Finding> {
    let mut findings = Vec::new();
    let was_quantity = was.map_or(Quantity::ZERO, |line| line.quantity);
    if now.quantity > limits.quantity && now.quantity > was_quantity {
        let (unit, most) = (now.unit, limits.quantity);
        findings.push(outside(
            "quantity",
            format!(
                "{} of “{}” are more than the most allowed, {}.",
                amount(unit, now.quantity),
                now.name,
                amount(unit, most)
            ),
            "Give a smaller quantity, or split the order.",
        ));
    }
    if now.price > limits.price && was.is_none_or(|was| now.price > was.price) {
        findings.push(outside(
            "price",
            format!(
                "The price {} of “{}” is above the highest allowed, {}.",
                now.price, now.name, limits.price
            ),
            "Give a lower price.",
        ));
    }
    let off = percent_off(now);
    if off > limits.discount && was.is_none_or(|was| off > percent_off(was)) {
        findings.push(outside(
            "discount",
            format!(
                "A discount of {} % on “{}” is above the largest allowed, {} %.",
                off.rounded(2),
                now.name,
                limits.discount
            ),
            "Give a smaller discount.",
        ));
    }
    findings
}

fn amount(unit: Unit, quantity: Quantity) -> String {
    format!("{} {}", unit.show(quantity), unit.symbol())
}

/// An amount off counts by its share of the line. Something off a line of no worth is all of it.
fn percent_off(line: &Line) -> Amount {
    match line.discount {
        Discount::None => Amount::ZERO,
        Discount::Percent(percent) => percent,
        Discount::Amount(off) => {
            let worth = line.unit.amount(line.quantity).checked_mul(line.price);
            let share = worth.filter(|worth| !worth.is_zero()).and_then(|worth| off.checked_div(worth));
            share.and_then(|share| share.checked_mul(Amount::HUNDRED)).unwrap_or(Amount::HUNDRED)
        }
    }
}

fn outside(field: &str, what: String, remedy: &str) -> Finding {
    Finding::new(Rule::OutsideLimits, what, remedy).field(field)
}
