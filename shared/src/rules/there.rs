//! A request needs the thing it is about. (A fact does not: it is kept as disputed.)

use crate::{
    command::Command,
    finding::{Finding, Rule},
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

pub fn judge(after: &View) -> Option<Finding> {
    let (thing, exists) = match after {
        View::Order(order) => ("order", order.head.is_some()),
        View::Product(product) => ("product", product.exists()),
        View::Customer(customer) => ("customer", customer.exists()),
        View::Location(location) => ("place", location.exists()),
        // Terms stand beside their product or customer without being made, settings beside the business.
        View::ProductTerms(_) | View::CustomerTerms(_) | View::Settings(_) => return None,
    };
    (!exists).then(|| {
        Finding::new(
            Rule::NotThere,
            format!("This {thing} does not exist here."),
            format!("Make the {thing} first, or choose one that is there."),
        )
    })
}
