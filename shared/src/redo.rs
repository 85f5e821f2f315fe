//! The server's side of one part of an edit, pure: the command is run again where the device ran it, so that
//! the very change comes out that the device holds; where that cannot be, it is run on the head.

use std::sync::Arc;

use crate::{
    act::RunError,
    command::{Command, Wrote, run_in},
    doc::{Actor, ChangeBytes, Doc, DocError, Hash, skeleton},
    edit::{Context, EditKind, Made},
    finding::{Finding, Rule},
    view::View,
};

/// Where to run.
#[derive(Clone, Copy, Debug)]
pub enum Base<'a> {
    /// Where the device ran it. All known to the document; redundant ancestors do no harm.
    Deps(&'a [Hash]),
    /// The same, where the document as it was there is still at hand.
    Stand(&'a Stand),
    /// On the head: its deps are not known here, or what it was built on was rewritten.
    Head,
}

/// A document as it once stood, with what is read from it.
#[derive(Clone, Debug)]
pub struct Stand {
    pub doc: Doc,
    pub view: Arc<View>,
}

/// What the device must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The device holds this very change, or both have none, or it keeps no documents.
    Same,
    /// The device has to take this change in place of its own.
    Rewritten,
}

#[derive(Clone, Debug)]
pub struct Redone {
    /// Of the head with the change in it.
    pub view: View,
    /// `None` when there was nothing to change.
    pub change: Option<ChangeBytes>,
    pub how: How,
    /// The document as the device saw it, where that was not the head.
    pub at_base: Option<AtBase>,
}

#[derive(Clone, Debug)]
pub struct AtBase {
    pub view: Arc<View>,
    /// With the change in it, as the device has it: what it does next is likely to rest on this.
    pub after: Option<Stand>,
}

/// Writes into `head`. An error is what speaks against a request on this head: it names what changed meanwhile,
/// or why it cannot be done; the document is then as before. Facts have none but a defect of ours.
pub fn redo(
    head: &mut Doc,
    head_view: &View,
    command: &Command,
    ctx: &Context,
    made: Option<&Made>,
    base: Base<'_>,
    server: Actor,
) -> Result<Redone, RunError> {
    if command.kind() == EditKind::Requests
        && let Some(finding) = command.guard(head_view)
    {
        return Err(finding.into());
    }
    let Some(made) = made else { return on_head(head, head_view, command, ctx, server, None) };
    if made.actor != skeleton::ACTOR {
        let before = head.heads().to_vec();
        if let Some(redone) = at_base(head, head_view, command, ctx, made, base)
            && shows(command, &redone)
        {
            return Ok(redone);
        }
        head.go_back(&before);
    }
    on_head(head, head_view, command, ctx, server, Some(made))
}

fn shows(command: &Command, redone: &Redone) -> bool {
    command.kind() == EditKind::Facts || command.shows(&redone.view)
}

/// The device's own change, merged into the head. `None` when it does not come out, does not fit, or is
/// overtaken: the head may then have it all the same.
fn at_base(
    head: &mut Doc,
    head_view: &View,
    command: &Command,
    ctx: &Context,
    made: &Made,
    base: Base<'_>,
) -> Option<Redone> {
    let at_head = match base {
        Base::Deps(deps) => stands_at(head, deps),
        Base::Stand(stand) => stand.doc.heads() == head.heads(),
        Base::Head => return None,
    };
    if at_head {
        let Wrote { view, change, .. } = run_in(head, head_view, command, ctx, made.actor).ok()?;
        let redone = Redone { view, change, how: How::Same, at_base: None };
        return as_claimed(redone.change.as_ref(), made).then_some(redone);
    }
    // Its own key is taken by what came meanwhile: two maps under one key would hide one another.
    if command.there(head_view) {
        return None;
    }
    let Stand { doc: mut base, view: base_view } = match base {
        Base::Stand(stand) => stand.clone(),
        Base::Deps(deps) => Stand::at(head, deps).ok()?,
        Base::Head => return None,
    };
    if command.overtaken(&base_view, head_view) {
        let how = if made.hash.is_some() { How::Rewritten } else { How::Same };
        let at_base = Some(AtBase { view: base_view, after: None });
        let unchanged = || Redone { view: head_view.clone(), change: None, how, at_base };
        return command.shows(head_view).then(unchanged);
    }
    let Wrote { view: after_view, change, mut spots } =
        run_in(&mut base, &base_view, command, ctx, made.actor).ok()?;
    if !as_claimed(change.as_ref(), made) {
        return None;
    }
    let mut view = head_view.clone();
    if let Some(change) = &change {
        // An error: its actor and seq stand there already with another content.
        head.apply(&change.bytes).ok()?;
        view.refresh(head, &mut spots).ok()?;
    }
    let after = change.is_some().then(|| Stand { doc: base, view: Arc::new(after_view) });
    Some(Redone { view, change, how: How::Same, at_base: Some(AtBase { view: base_view, after }) })
}

/// Whether what came out is what the device says that it holds.
fn as_claimed(change: Option<&ChangeBytes>, made: &Made) -> bool {
    match (change, made.hash) {
        (Some(change), Some(hash)) => change.hash == hash && change.seq == made.seq,
        (None, None) => true,
        _ => false,
    }
}

impl Stand {
    fn at(head: &Doc, deps: &[Hash]) -> Result<Self, DocError> {
        let doc = head.at(deps)?;
        Ok(Self { view: Arc::new(View::read(&doc)?), doc })
    }
}

/// Whether the document is as it was where something with these deps was made.
pub fn stands_at(doc: &Doc, deps: &[Hash]) -> bool {
    if let [only] = deps {
        return doc.heads() == [*only];
    }
    let mut deps = deps.to_vec();
    deps.sort_unstable();
    deps.dedup();
    deps == doc.heads()
}

fn on_head(
    head: &mut Doc,
    head_view: &View,
    command: &Command,
    ctx: &Context,
    server: Actor,
    made: Option<&Made>,
) -> Result<Redone, RunError> {
    let before = head.heads().to_vec();
    let Wrote { view, change, .. } = run_in(head, head_view, command, ctx, server)?;
    let how = match made {
        Some(made) if made.hash.is_some() || change.is_some() => How::Rewritten,
        _ => How::Same,
    };
    let redone = Redone { view, change, how, at_base: None };
    if shows(command, &redone) {
        return Ok(redone);
    }
    head.go_back(&before);
    Err(without_effect().into())
}

fn without_effect() -> Finding {
    Finding::new(
        Rule::WrongStep,
        "This could not take effect on what is there now.",
        "Look at what is there now and do it again if it is still wanted.",
    )
}
