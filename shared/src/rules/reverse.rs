//! Who may take a fact back: its author on the same business day, else a manager.

use super::{not_permitted, roles::Role};
use crate::{command::Command, edit::Context, finding::Finding, id::FactId, order::Fact, view::View};

pub fn judge(
    command: &Command,
    ctx: &Context,
    roles: &[Role],
    before: &View,
    after: &View,
) -> Option<Finding> {
    let Command::OrderReverse(reverse) = command else { return None };
    if roles.iter().any(|role| role.leads()) {
        return None;
    }
    let own = match find(reverse.fact, before, after) {
        Some(fact) if fact.person == ctx.person && fact.day == ctx.booked.day => return None,
        Some(fact) => fact.person == ctx.person,
        None => false,
    };
    let what = if own { "This was entered on an earlier day." } else { "This was not entered by you." };
    Some(not_permitted(what, "Ask a manager to take it back.").field("fact"))
}

fn find<'a>(id: FactId, before: &'a View, after: &'a View) -> Option<&'a Fact> {
    [before, after].into_iter().find_map(|view| match view {
        View::Order(order) => order.facts.get(&id),
        _ => None,
    })
}
