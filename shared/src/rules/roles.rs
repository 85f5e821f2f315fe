//! Which role may run which command under which condition. The row of a command stands in the table of its kind.

use super::not_permitted;
pub use crate::role::{Role, Row, When};
use crate::{command::Command, finding::Finding, id::PersonId, view::View};

/// Every command, in the order of the kinds.
pub fn table() -> impl Iterator<Item = &'static Row> {
    Command::ROWS.iter().copied().flatten()
}

/// The finding when none of the person's roles permits the command on this document.
pub fn permits(roles: &[Role], command: &Command, person: PersonId, view: &View) -> Option<Finding> {
    let row = command.row();
    let (mut may, mut may_on_own) = (false, false);
    for role in roles {
        match row.when(*role) {
            When::Always => may = true,
            When::OwnOrders => may_on_own = true,
            When::Never => {}
        }
    }
    if may || (may_on_own && is_own(command, person, view)) {
        return None;
    }
    let does = row.does;
    if may_on_own {
        return Some(not_permitted(
            format!("A driver may {does} only for orders of the own round."),
            "Ask the office to give you the order.",
        ));
    }
    Some(match roles {
        [] => not_permitted(format!("You have no role, so you may not {does}."), "Ask an admin for a role."),
        _ => not_permitted(
            format!("As {} you may not {does}.", words(roles)),
            format!("Ask somebody to do it who is {}.", words(&row.open_to())),
        ),
    })
}

/// Whether one of the roles permits the command on any document at all.
pub fn permits_ever(roles: &[Role], command: &Command) -> bool {
    roles.iter().any(|role| command.row().when(*role) != When::Never)
}

/// What a command does, in words: “place an order”.
pub fn does(command: &Command) -> &'static str {
    command.row().does
}

fn is_own(command: &Command, person: PersonId, view: &View) -> bool {
    view.says().is_some_and(|said| said.is_own(person, command.act().any()))
}

pub(super) fn words(roles: &[Role]) -> String {
    let words: Vec<_> = roles.iter().map(|role| role.words()).collect();
    match words.split_last() {
        Some((last, [])) => last.to_string(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
