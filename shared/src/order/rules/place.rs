//! What a placed order needs: lines, a customer where the channel needs one, credit.
//!
//! Judged when it is placed, and again whenever a placed order is changed so that it might no longer hold:
//! two legal edits must not add up to an illegal order.

use crate::{
    finding::{Finding, Rule},
    id::OrderId,
    order::{
        Order, amounts,
        commands::OrderCommand,
        status::{self, OrderState},
    },
    rules::Judged,
};

pub fn judge(command: &OrderCommand, before: &Order, after: &Order, judged: &Judged<'_>) -> Vec<Finding> {
    let places = matches!(command, OrderCommand::Place(_));
    let changes = matches!(
        command,
        OrderCommand::AddLine(_)
            | OrderCommand::SetQuantity(_)
            | OrderCommand::SetPrice(_)
            | OrderCommand::SetDiscount(_)
            | OrderCommand::RemoveLine(_)
    );
    if !(places || changes && is_placed(after)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if after.live_lines().is_empty() {
        findings.push(Finding::new(
            Rule::NoLines,
            "The order has no lines.",
            if places { "Add what is ordered." } else { "Leave a line in it, or cancel the order." },
        ));
    }
    if places && after.customer().is_none() && judged.settings.no_customer.get(after.channel()) != Some(&true)
    {
        findings.push(
            Finding::new(
                Rule::NoCustomer,
                format!("An order by “{}” needs a customer.", after.channel()),
                "Make the order for a customer.",
            )
            .field("customer"),
        );
    }
    // A change that does not raise what the customer owes is never refused for credit.
    let raises = places || !is_placed(before) || amounts::open(after) > amounts::open(before);
    if raises && let Some(customer) = after.customer() {
        let besides = OrderId::new(judged.addr.id);
        findings.extend(judged.world.credit(customer, besides).and_then(|credit| credit.judge(after)));
    }
    findings
}

fn is_placed(order: &Order) -> bool {
    matches!(status::agreed(order), OrderState::Placed | OrderState::Confirmed)
}
