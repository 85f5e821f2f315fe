//! Nothing is written a second time under an id: what says something else under one that is used would be called accepted
//! and be nowhere. The same edit once more never comes here, it has its verdict.

use crate::{command::Command, finding::Finding, id::PersonId, view::View};

/// `before`: without what is judged. What it says already, by the same person, is no other thing.
pub fn judge(command: &Command, person: PersonId, before: &View) -> Option<Finding> {
    let (thing, says_it) = command.stands(person, before)?;
    (!says_it).then(|| {
        let what = format!("This id is in use. Another {thing} stands under it here, and stays as it is.");
        Finding::malformed("id", what, "Enter it again, under a fresh id.")
    })
}
