//! A request needs the thing it is about (a fact does not: it is kept as disputed), and nothing is made twice.

use crate::{
    finding::{Finding, Rule},
    order::Order,
    view::View,
};

/// `before`: without what is judged. Whoever makes something under an id that is used would otherwise believe
/// that what is there is theirs.
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

/// There is something that can be named: somebody made it, where it is of a kind that is made, or an order was sold in
/// without being made.
pub fn is_made(view: &View) -> bool {
    let sold = |order: &Order| order.sale().is_some();
    exists(view).is_none_or(|(_, exists)| exists) || view.get().is_some_and(sold)
}

/// What people call it, and whether it is there. `None`: it is made by nobody.
fn exists(view: &View) -> Option<(&'static str, bool)> {
    Some((view.kind().thing()?, view.says()?.exists()?))
}
