//! Who may take a fact back: its author on the same day, else a manager.

use crate::{
    edit::Context,
    finding::Finding,
    id::FactId,
    order::{Fact, Order, commands::OrderCommand},
    rules::{Judged, not_permitted},
};

/// The day is that of the two times, in the zone of the business: what a device books an edit under is no
/// proof of when it was made.
pub fn judge(command: &OrderCommand, before: &Order, after: &Order, judged: &Judged<'_>) -> Option<Finding> {
    let OrderCommand::Reverse(reverse) = command else { return None };
    let Judged { ctx, roles, settings, .. } = judged;
    if roles.iter().any(|role| role.leads()) {
        return None;
    }
    let zone = settings.fields.zone;
    let fact = find(reverse.fact, before, after).filter(|fact| fact.person == ctx.person);
    let what = match fact {
        None => "This was not entered by you.",
        Some(fact) if fact.at.day(zone) != ctx.at.day(zone) => "This was entered on another day.",
        Some(_) if turned_back(before, ctx) => "By its clock the device entered something else after this.",
        Some(_) => return None,
    };
    Some(not_permitted(what, "Ask a manager to take it back.").field("fact"))
}

/// The times of a device rise: a fact that happened before one which the same device had entered here
/// already was given another time than its own.
fn turned_back(order: &Order, ctx: &Context) -> bool {
    times(order, ctx).any(|at| at > ctx.at)
}

fn times(order: &Order, ctx: &Context) -> impl Iterator<Item = crate::time::Timestamp> {
    let device = ctx.device;
    let facts = order.facts.values().map(|fact| (fact.device, fact.at));
    let steps = order.steps.values().map(|step| (step.device, step.at));
    let changes = order.history.values().map(|entry| (entry.device, entry.at));
    facts.chain(steps).chain(changes).filter(move |(by, _)| *by == device).map(|(_, at)| at)
}

fn find<'a>(id: FactId, before: &'a Order, after: &'a Order) -> Option<&'a Fact> {
    [before, after].into_iter().find_map(|order| order.facts.get(&id))
}
