//! An order is given to somebody who drives.

use crate::{
    finding::{Finding, Rule},
    order::commands::OrderCommand,
    rules::Surroundings,
};

pub fn judge(command: &OrderCommand, world: &dyn Surroundings) -> Option<Finding> {
    let OrderCommand::AssignDriver(assign) = command else { return None };
    let drives = assign.driver.and_then(|person| world.drives(person));
    (drives == Some(false)).then(|| {
        let remedy = "Choose a driver, or ask an admin to give them that role.";
        Finding::new(Rule::WrongStep, "Who is to drive this order is no driver.", remedy).field("driver")
    })
}
