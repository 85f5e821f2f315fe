//! A request needs the thing it is about (a fact does not: it is kept as disputed), and nothing is made twice.

use crate::{
    command::Command,
    finding::{Finding, Rule},
    id::FactId,
    order::What,
    view::View,
};

/// A command that makes the thing its document is about.
pub fn makes(command: &Command) -> bool {
    matches!(
        command,
        Command::OrderCreate(_)
            | Command::ProductCreate(_)
            | Command::CustomerCreate(_)
            | Command::LocationCreate(_)
            | Command::SettingsCreate(_)
    )
}

/// `before`: without what is judged. Whoever makes something under an id that is used would otherwise believe
/// that what is there is theirs. (Settings have one id for all, and say so themselves.)
pub fn judge_making(before: &View) -> Option<Finding> {
    let (thing, exists) = exists(before)?;
    exists.then(|| {
        Finding::malformed(
            "document",
            format!("This number is already used: another {thing} was made under it."),
            format!("Make a new {thing}, under a number of its own."),
        )
    })
}

/// What is paid under one id is one payment: the same money twice in an order would be once in the reports.
pub fn judge_paying(command: &Command, after: &View) -> Option<Finding> {
    let View::Order(order) = after else { return None };
    let (own, paid): (FactId, Vec<FactId>) = match command {
        Command::OrderTakePayment(taken) => (taken.id, vec![taken.id]),
        Command::OrderRecordSale(record) => (record.id, record.sale.payments.keys().copied().collect()),
        _ => return None,
    };
    let others = order.facts.iter().filter(|(id, _)| **id != own);
    let mut known = others.flat_map(|(id, fact)| match &fact.what {
        What::Payment(_) => vec![*id],
        What::Sale(sale) => sale.payments.keys().copied().collect(),
        _ => Vec::new(),
    });
    known.find(|id| paid.contains(id)).map(|id| {
        let what = "Another payment on this order has the same id.";
        Finding::malformed(&format!("payments/{id}"), what, "Give every payment an id of its own.")
    })
}

pub fn judge(after: &View) -> Option<Finding> {
    let (thing, exists) = exists(after)?;
    (!exists).then(|| {
        Finding::new(
            Rule::NotThere,
            format!("This {thing} does not exist here."),
            format!("Make the {thing} first, or choose one that is there."),
        )
    })
}

/// Somebody made what the document is about, where it is of a kind that is made.
pub fn is_made(view: &View) -> bool {
    exists(view).is_none_or(|(_, exists)| exists)
}

/// What people call it, and whether it is there. `None`: terms stand beside their product or customer without
/// being made, settings beside the business.
fn exists(view: &View) -> Option<(&'static str, bool)> {
    match view {
        View::Order(order) => Some(("order", order.head.is_some())),
        View::Product(product) => Some(("product", product.exists())),
        View::Customer(customer) => Some(("customer", customer.exists())),
        View::Location(location) => Some(("place", location.exists())),
        View::Notes(notes) => Some(("note", notes.exists())),
        View::ProductTerms(_) | View::CustomerTerms(_) | View::Settings(_) | View::Newer(_) => None,
    }
}
