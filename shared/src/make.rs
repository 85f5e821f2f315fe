//! The device's side of one part of an edit, pure: the command run on what the device shows, and what to
//! tell the server of it. A rebase does the same again, under a new actor, on what is confirmed.

use crate::{
    act::RunError,
    command::{Command, Written, run},
    doc::{Actor, Doc},
    edit::{Context, EditKind, Made},
    view::View,
};

/// A guarded request whose value is no longer there is not run: the finding names both values.
pub fn make(
    shown: &Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    actor: Actor,
) -> Result<(Written, Made), RunError> {
    if command.kind() == EditKind::Requests
        && let Some(finding) = command.guard(view)
    {
        return Err(finding.into());
    }
    let written = run(shown, view, command, ctx, actor)?;
    let change = written.change.as_ref();
    let made = Made {
        actor,
        seq: change.map_or(0, |change| change.seq),
        deps: shown.heads().to_vec(),
        hash: change.map(|change| change.hash),
        base: Vec::new(),
    };
    Ok((written, made))
}
