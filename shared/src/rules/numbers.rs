//! A product's and a customer's number is nobody else's, and a place's code no other place's.

use super::Surroundings;
use crate::{
    command::Command,
    finding::{Finding, Rule},
    kind::{DocAddr, DocKind},
    numbers::Number,
    view::View,
};

/// Only of what gives a number: whoever has one twice from before is not in the way of anything else.
pub fn judge(command: &Command, after: &View, addr: DocAddr, world: &dyn Surroundings) -> Option<Finding> {
    Number::given_by(command)?;
    let number = Number::of(after)?;
    let name = world.numbered(&number, addr)?;
    let (thing, called) = (after.kind().thing()?, after.says()?.called()?);
    let (field, text) = (called.field, called.number.trim());
    // A finding outlives the customer whose number it is: it names no customers.
    let owner = match number.kind {
        DocKind::Product | DocKind::Location if !name.is_empty() => format!("the {thing} “{name}”"),
        _ => format!("another {thing}"),
    };
    let what = format!("The {field} {text} belongs to {owner} already.");
    let makes = command.makes() && number.kind != DocKind::Location;
    let remedy = match (makes, number.kind) {
        (true, DocKind::Product) => {
            "Enter it again: it then gets a number of its own. Or add to what is there."
        }
        (true, _) => "Enter it again: they then get a number of their own. Or take who is there.",
        (false, DocKind::Location) => "Give another code.",
        (false, _) => "Give another number.",
    };
    Some(Finding::new(Rule::NumberTaken, what, remedy).field(field))
}
