//! The device's side, pure: its pending commands on a document, run again in order on what is confirmed.

use crate::{
    command::{Command, RunError, Written, run},
    doc::{Actor, ChangeBytes, Doc, DocError},
    edit::{Context, EditKind, Made},
    finding::Finding,
    view::View,
};

/// A document as it is shown: confirmed, with the pending commands in it.
#[derive(Clone, Debug)]
pub struct Rebased {
    pub doc: Doc,
    pub view: View,
    /// One for each pending command: the change it now is (`Doc::change` gives its bytes), or why it
    /// cannot be done again. What comes after it goes on; an edit of several parts is to be left out
    /// whole, and the rebase done again without it.
    pub made: Vec<Result<Made, Finding>>,
}

/// The actor must be new to the document: a second change with the same actor and seq poisons every
/// replica that saw the first.
pub fn rebase(confirmed: &Doc, pending: &[(Context, &Command)], actor: Actor) -> Result<Rebased, DocError> {
    let mut doc = confirmed.clone();
    let mut view = View::read(&doc)?;
    let mut made = Vec::with_capacity(pending.len());
    for (ctx, command) in pending {
        made.push(match make(&doc, &view, command, ctx, actor) {
            Ok((written, as_made)) => {
                doc = written.doc;
                view = written.view;
                Ok(as_made)
            }
            Err(error) => Err(error.finding()),
        });
    }
    Ok(Rebased { doc, view, made })
}

/// A command run on this device: the document with it, and what to tell the server of it. A guarded
/// request whose value is no longer there is not run.
pub fn make(
    base: &Doc,
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
    let written = run(base, view, command, ctx, actor)?;
    let made = made(base, actor, written.change.as_ref());
    Ok((written, made))
}

fn made(base: &Doc, actor: Actor, change: Option<&ChangeBytes>) -> Made {
    Made {
        actor,
        seq: change.map_or(0, |change| change.seq),
        deps: base.heads(),
        hash: change.map(|change| change.hash),
    }
}
