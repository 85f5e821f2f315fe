//! A product's and a customer's number is nobody else's.

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
    let (thing, text) = match after {
        View::Product(product) => ("product", product.fields.number.trim()),
        View::Customer(customer) => ("customer", customer.fields.number.trim()),
        _ => return None,
    };
    // A finding outlives the customer whose number it is: it names products alone.
    let owner = match number.kind {
        DocKind::Product if !name.is_empty() => format!("the {thing} “{name}”"),
        _ => format!("another {thing}"),
    };
    let what = format!("The number {text} belongs to {owner} already.");
    let makes = matches!(command, Command::ProductCreate(_) | Command::CustomerCreate(_));
    let remedy = match (makes, number.kind) {
        (true, DocKind::Product) => {
            "Enter it again: it then gets a number of its own. Or add to what is there."
        }
        (true, _) => "Enter it again: they then get a number of their own. Or take who is there.",
        (false, _) => "Give another number.",
    };
    Some(Finding::new(Rule::NumberTaken, what, remedy).field("number"))
}
