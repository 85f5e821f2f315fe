//! Who may ask the server what while online: one visible table.

use super::{
    not_permitted,
    roles::{Role, words},
};
use crate::{finding::Finding, protocol::question::Question};

/// One row: the question, what it does in words (“you may not …”), and who may ask it.
pub struct Row {
    pub question: &'static str,
    pub does: &'static str,
    pub roles: &'static [Role],
}

const LEADS: &[Role] = &[Role::Admin, Role::Manager];
const ADMINS: &[Role] = &[Role::Admin];

const fn row(question: &'static str, does: &'static str, roles: &'static [Role]) -> Row {
    Row { question, does, roles }
}

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("held.count",        "see what is held for review",          LEADS),
    row("held.list",         "see what is held for review",          LEADS),
    row("held.show",         "see what is held for review",          LEADS),
    row("held.decide",       "decide on what is held",               LEADS),
    row("device.list",       "see the devices",                      ADMINS),
    row("device.rename",     "rename a device",                      ADMINS),
    row("device.revoke",     "shut a device out",                    ADMINS),
    row("device.restore",    "let a device in again",                ADMINS),
    row("device.pace",       "lift or set the pace of a device",     ADMINS),
    row("session.list",      "see who is signed in where",           ADMINS),
    row("session.end",       "end somebody's sign-in",               ADMINS),
    row("person.reset_code", "make a code for a forgotten password", ADMINS),
    row("document.read",     "read documents",                       &Role::ALL),
];

/// The finding when none of the person's roles may ask this.
pub fn permits(roles: &[Role], question: &Question) -> Option<Finding> {
    let Some(row) = TABLE.iter().find(|row| row.question == question.name()) else {
        return Some(not_permitted("Nobody may ask this.", "Bring this program up to date."));
    };
    if roles.iter().any(|role| row.roles.contains(role)) {
        return None;
    }
    let does = row.does;
    Some(match roles {
        [] => not_permitted(format!("You have no role, so you may not {does}."), "Ask an admin for a role."),
        _ => not_permitted(
            format!("As {} you may not {does}.", words(roles)),
            format!("Ask somebody to do it who is {}.", words(row.roles)),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_its_row_and_nobody_else_may_ask_it() {
        let rows: Vec<&str> = TABLE.iter().map(|row| row.question).collect();
        assert_eq!(rows, Question::NAMES);
        let told: Vec<String> = TABLE
            .iter()
            .map(|row| {
                let may: Vec<&str> =
                    Role::ALL.iter().filter(|role| row.roles.contains(role)).map(Role::name).collect();
                format!("{}: {}", row.question, may.join(" "))
            })
            .collect();
        for line in &told {
            let expected = match line.split_once('.') {
                Some(("held", _)) => ": admin manager",
                Some(("document", _)) => ": admin manager sales service warehouse shop driver analyst",
                _ => ": admin",
            };
            assert!(line.ends_with(expected), "{line}");
        }
    }
}
