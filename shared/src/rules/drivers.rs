//! An order is given to somebody who drives.

use super::Surroundings;
use crate::{
    command::Command,
    finding::{Finding, Rule},
};

pub fn judge(command: &Command, world: &dyn Surroundings) -> Option<Finding> {
    let Command::OrderAssignDriver(assign) = command else { return None };
    let drives = assign.driver.and_then(|person| world.drives(person));
    (drives == Some(false)).then(|| {
        let remedy = "Choose a driver, or ask an admin to give them that role.";
        Finding::new(Rule::WrongStep, "Who is to drive this order is no driver.", remedy).field("driver")
    })
}
