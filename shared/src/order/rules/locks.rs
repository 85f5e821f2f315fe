//! What can no longer be changed once the customer has goods, or the order is cancelled.

use crate::{
    finding::{Finding, Rule},
    id::LineId,
    order::{
        Order,
        commands::{OrderCommand, SetQuantity},
        status::{self, OrderState},
    },
};

/// A line is locked once some of it was handed over, but for being raised to what was; the address once anything was; all
/// lines once the order is cancelled.
pub fn judge(command: &OrderCommand, after: &Order) -> Option<Finding> {
    match command {
        // Raised to what was handed over, an order ends a dispute.
        OrderCommand::SetQuantity(set) if is_made_good(after, set) => None,
        OrderCommand::AddLine(_) => cancelled(after),
        OrderCommand::SetQuantity(set) => cancelled(after).or_else(|| line(after, set.line)),
        OrderCommand::SetPrice(set) => cancelled(after).or_else(|| line(after, set.line)),
        OrderCommand::SetDiscount(set) => cancelled(after).or_else(|| line(after, set.line)),
        OrderCommand::RemoveLine(remove) => cancelled(after).or_else(|| line(after, remove.line)),
        OrderCommand::SetAddress(_) => address(after),
        _ => None,
    }
}

fn is_made_good(after: &Order, set: &SetQuantity) -> bool {
    let delivered = status::delivered(after).get(&set.line).copied().unwrap_or_default();
    set.was < set.now && set.now <= delivered
}

fn cancelled(order: &Order) -> Option<Finding> {
    (status::agreed(order) == OrderState::Cancelled).then(|| {
        let what = "This order is cancelled, so its lines stay as they are.";
        Finding::new(Rule::WrongStep, what, "Make a new order of what is still wanted.")
    })
}

fn line(order: &Order, id: LineId) -> Option<Finding> {
    let delivered = status::delivered(order).get(&id).copied().unwrap_or_default();
    if !delivered.is_positive() {
        return None;
    }
    let line = order.lines.get(&id)?;
    let what = format!(
        "{} {} of “{}” were handed over already, so the line is fixed.",
        line.unit.show(delivered),
        line.unit.symbol(),
        line.name
    );
    let remedy = "Add another line, or take the hand-over back first.";
    Some(Finding::new(Rule::LineLocked, what, remedy).field("line"))
}

fn address(order: &Order) -> Option<Finding> {
    status::was_handed_over(order).then(|| {
        Finding::new(
            Rule::AddressLocked,
            "Goods were handed over already, so the address is fixed.",
            "Make a new order for what goes elsewhere, or take the hand-over back first.",
        )
        .field("address")
    })
}
