//! One edit, judged: what it leads to, or what speaks against it. Nothing is changed here.

use std::collections::HashMap;

use waybill_shared::{
    doc::{Actor, ChangeBytes, Doc, Hash},
    edit::{Edit, EditKind, Made, Override, Part, Verdict},
    finding::{Finding, Rule},
    id::{CustomerId, EditId},
    kind::DocAddr,
    protocol::limits,
    redo::{self, AtBase, Base, How, Stand},
    review::Decision,
    rules::{
        self,
        roles::{Role, permits},
    },
    session::server::Withdrawn,
    settings::Settings,
    time::{Booked, MAX_AHEAD_MS, Timestamp},
    view::View,
};

use super::{
    Handed, Reviewed,
    cache::Slot,
    world::{Exposure, World},
};

/// All that judging looks at, beside the documents.
pub struct Bench<'a> {
    pub slots: &'a HashMap<DocAddr, Slot>,
    pub exposures: &'a HashMap<CustomerId, Exposure>,
    /// The verdict last given to an edit.
    pub verdict: &'a dyn Fn(EditId) -> Option<&'a Verdict>,
    /// Which edit claimed a hash that does not stand.
    pub claimed: &'a dyn Fn(DocAddr, Hash) -> Option<EditId>,
    pub settings: Option<&'a Settings>,
    pub now: Timestamp,
    pub actor: Actor,
}

/// An edit that stands.
pub struct Passed {
    /// Accepted or rewritten.
    pub verdict: Verdict,
    pub docs: Vec<Staged>,
    /// One for each part, in order.
    pub changes: Vec<Option<ChangeBytes>>,
}

/// A document that has the edit's changes in it.
pub struct Staged {
    pub addr: DocAddr,
    pub view: View,
    /// Where it stood before.
    pub before: Vec<Hash>,
    /// How many changes it got.
    pub changes: u32,
    /// The document as the edit's device has it now, where that is not the same.
    pub aside: Option<Stand>,
}

/// Writes into the documents; where the edit does not stand they are as before.
pub fn judge(
    handed: &Handed,
    docs: &mut HashMap<DocAddr, Doc>,
    bench: &Bench<'_>,
) -> Result<Passed, Verdict> {
    let mut passed = Passed {
        verdict: Verdict::Accepted,
        docs: Vec::new(),
        changes: Vec::with_capacity(handed.edit.parts.len()),
    };
    match weigh(handed, docs, bench, &mut passed) {
        Ok(()) => Ok(passed),
        Err(verdict) => {
            put_back(docs, &passed);
            Err(verdict)
        }
    }
}

fn put_back(docs: &mut HashMap<DocAddr, Doc>, passed: &Passed) {
    for Staged { addr, before, .. } in &passed.docs {
        if let Some(doc) = docs.get_mut(addr) {
            doc.go_back(before);
        }
    }
}

fn weigh(
    handed: &Handed,
    docs: &mut HashMap<DocAddr, Doc>,
    bench: &Bench<'_>,
    passed: &mut Passed,
) -> Result<(), Verdict> {
    let edit = &*handed.edit;
    if let Some(finding) = malformed(edit) {
        return Err(against(edit.kind, vec![finding]));
    }
    let Some(roles) = &handed.roles else { return Err(against(edit.kind, vec![not_here()])) };
    if edit.kind == EditKind::Requests
        && let Some(by) = needed(edit, bench)
    {
        return Err(blocked(by));
    }
    let mut findings = Vec::new();
    for nth in (0..).take(edit.parts.len()) {
        let speaks = judge_part(edit, nth, roles, docs, bench, passed)?;
        let stop = passed.changes.len() <= usize::from(nth);
        findings.extend(speaks);
        if stop {
            break;
        }
    }
    let findings = rules::overridden(findings, edit.overriding.as_ref(), &handed.approver);
    if findings.is_empty() { Ok(()) } else { Err(against(edit.kind, findings)) }
}

/// On a manager's word: what the manager may do passes, whoever did it. Run on the head, with what takes it back
/// behind it where the manager wants that; gives the edit as it was run. Where it does not stand the documents are
/// as before.
pub fn on_word(
    reviewed: &Reviewed,
    docs: &mut HashMap<DocAddr, Doc>,
    bench: &Bench<'_>,
) -> Result<(Edit, Passed), Vec<Finding>> {
    let mut passed = Passed { verdict: Verdict::Accepted, docs: Vec::new(), changes: Vec::new() };
    match weigh_word(reviewed, docs, bench, &mut passed) {
        Ok(run) => Ok((run, passed)),
        Err(findings) => {
            put_back(docs, &passed);
            Err(findings)
        }
    }
}

fn weigh_word(
    reviewed: &Reviewed,
    docs: &mut HashMap<DocAddr, Doc>,
    bench: &Bench<'_>,
    passed: &mut Passed,
) -> Result<Edit, Vec<Finding>> {
    let Reviewed { edit, review, roles } = reviewed;
    if edit.kind == EditKind::Requests
        && let Some(by) = needed(edit, bench)
    {
        return Err(blocked(by).findings().to_vec());
    }
    if edit.kind == EditKind::Requests && builds_on_held(edit, docs, bench) {
        return Err(vec![not_yet()]);
    }
    let mut run = Edit::clone(edit);
    for part in &mut run.parts {
        if part.made.take().is_some() {
            passed.verdict = Verdict::Rewritten;
        }
    }
    let mut findings = Vec::new();
    let own = run.parts.len();
    if review.decision == Decision::Reverse {
        let zone = bench.settings.map_or(chrono_tz::UTC, |settings| settings.fields.zone);
        let undone = (0..).zip(&edit.parts).filter_map(|(nth, part)| {
            let command = review.undoes(nth, &part.command)?;
            Some(Part { doc: part.doc, command, at: bench.now.max(part.at.plus_ms(1)), made: None })
        });
        run.parts.extend(undone);
        if run.parts.len() == own {
            return Err(vec![not_to_be_undone()]);
        }
        run.booked = Booked::on(bench.now.day(zone));
        run.person = review.reviewer;
    }
    let authors = Edit { parts: run.parts.clone(), ..Edit::clone(edit) };
    for nth in (0..).take(run.parts.len()) {
        let one = if usize::from(nth) < own { &authors } else { &run };
        let speaks = judge_part(one, nth, roles, docs, bench, passed);
        findings.extend(speaks.map_err(|verdict| verdict.findings().to_vec())?);
        if passed.changes.len() <= usize::from(nth) {
            break;
        }
    }
    let word = Override { approver: review.reviewer, reason: review.reason.clone() };
    let findings = rules::overridden(findings, Some(&word), roles);
    if findings.is_empty() { Ok(run) } else { Err(findings) }
}

/// Its author saw what another held edit wrote. What was refused since, a manager may pass over.
fn builds_on_held(edit: &Edit, docs: &HashMap<DocAddr, Doc>, bench: &Bench<'_>) -> bool {
    let held = |by| matches!((bench.verdict)(by), Some(Verdict::Held { .. }));
    edit.parts.iter().any(|part| {
        let deps = part.made.iter().flat_map(|made| &made.deps);
        let missing = deps.filter(|dep| docs.get(&part.doc).is_some_and(|doc| !doc.has(**dep)));
        missing.filter_map(|dep| (bench.claimed)(part.doc, *dep)).any(|by| by != edit.id && held(by))
    })
}

fn not_yet() -> Finding {
    let what = "It builds on an earlier entry that is held too.";
    Finding::new(Rule::NeedsRefused, what, "Decide on that one first.")
}

fn not_to_be_undone() -> Finding {
    Finding::new(
        Rule::WrongStep,
        "Nothing in this entry can be taken back.",
        "Accept it, or discard it and say why.",
    )
}

/// What is kept for a manager because its author's access was withdrawn, or refused for its form.
pub fn kept(edit: &Edit, size: usize, why: Withdrawn) -> Verdict {
    if size > limits::EDIT {
        return too_large(edit.kind);
    }
    let form: Vec<Finding> = match malformed(edit) {
        Some(finding) => vec![finding],
        None => edit.parts.iter().flat_map(|part| part.command.check()).collect(),
    };
    if !form.is_empty() {
        return Verdict::Refused { findings: form };
    }
    let what = match why {
        Withdrawn::Device => "It came from a device that may not be used any more.",
        Withdrawn::Person => "It came after the access of its author was withdrawn.",
    };
    Verdict::Held { findings: vec![Finding::new(Rule::NotPermitted, what, "A manager looks at it.")] }
}

/// What a defect of ours leads to: a request may be given again, a fact must not be lost.
pub fn defect(kind: EditKind, what: &str) -> Verdict {
    let remedy = "It is kept. Report it to your administrator.";
    against(kind, vec![Finding::new(Rule::Defect, what, remedy)])
}

/// A fact is refused only for its form; what its author had no right to, or what fails here, is held.
fn against(kind: EditKind, findings: Vec<Finding>) -> Verdict {
    let formal = |finding: &Finding| matches!(finding.rule, Rule::Malformed | Rule::Unsupported);
    match kind {
        EditKind::Facts if !findings.iter().any(formal) => Verdict::Held { findings },
        _ => Verdict::Refused { findings },
    }
}

fn blocked(by: EditId) -> Verdict {
    let finding = Finding::new(
        Rule::NeedsRefused,
        "It needs an earlier entry that was not accepted.",
        "Put the earlier entry right, or enter this again without it.",
    );
    Verdict::Blocked { by, findings: vec![finding] }
}

pub fn too_large(kind: EditKind) -> Verdict {
    against(kind, vec![Finding::malformed("parts", "The edit is too large.", "Send it as several edits.")])
}

fn not_here() -> Finding {
    Finding::new(
        Rule::NotPermitted,
        "The person it names is not enrolled on this device.",
        "Sign in on this device as that person, and send it again.",
    )
}

fn malformed(edit: &Edit) -> Option<Finding> {
    let bad = |field: &str, what: &str, remedy: &str| Some(Finding::malformed(field, what, remedy));
    if edit.parts.is_empty() {
        return bad("parts", "The edit has no parts.", "Send at least one command.");
    }
    if edit.parts.len() > limits::PARTS_IN_EDIT {
        return bad("parts", "The edit has too many parts.", "Send it as several edits.");
    }
    for part in &edit.parts {
        if part.command.kind() != edit.kind {
            return bad("kind", "The edit mixes what happened with what is asked for.", "Send two edits.");
        }
        if part.command.of() != part.doc.kind {
            return bad(
                "document",
                "This command does not work on that kind of document.",
                "Send it with the address of a document of its own kind.",
            );
        }
        if part.doc.id.is_nil() {
            return bad("document", "The document has no id.", "Give it a fresh UUID.");
        }
        if part.made.as_ref().is_some_and(|made| made.deps.len() > limits::DEPS_IN_PART) {
            return bad("deps", "A part rests on too many changes.", "Merge them first.");
        }
        if part.doc.generation != 0 {
            return Some(Finding::new(
                Rule::Unsupported,
                "There is no such generation of the document.",
                "Bring this program up to date.",
            ));
        }
    }
    None
}

/// The first of the edits it names as needed that does not stand. One not yet known is on its way; one that
/// its user gave up stands in nobody's way any more.
fn needed(edit: &Edit, bench: &Bench<'_>) -> Option<EditId> {
    let fallen = |id: &EditId| {
        (bench.verdict)(*id)
            .is_some_and(|verdict| !verdict.stands() && !matches!(verdict, Verdict::Discarded))
    };
    edit.after.iter().copied().find(fallen)
}

/// Adds to `passed` what the part leads to, unless it cannot be carried out at all.
fn judge_part(
    edit: &Edit,
    nth: u16,
    roles: &[Role],
    docs: &mut HashMap<DocAddr, Doc>,
    bench: &Bench<'_>,
    passed: &mut Passed,
) -> Result<Vec<Finding>, Verdict> {
    let Some(part) = edit.parts.get(usize::from(nth)) else { return Ok(Vec::new()) };
    let form = part.command.check();
    if !form.is_empty() {
        return Ok(form);
    }
    let staged = passed.docs.iter().position(|staged| staged.addr == part.doc);
    let (Some(head), Some(slot)) = (docs.get_mut(&part.doc), bench.slots.get(&part.doc)) else {
        return Err(defect(edit.kind, "The document does not read here."));
    };
    let head_view = staged.map_or(&*slot.view, |at| &passed.docs[at].view);
    // No clock stands before 1970; numbers that low overflow where Automerge stores their differences.
    let no_time = part.at > bench.now.plus_ms(MAX_AHEAD_MS) || part.at.ms() < 0;
    let at = if no_time { bench.now } else { part.at };
    let base = match &part.made {
        Some(made) => {
            let base = base(edit, nth, part.doc, made, head, bench)?;
            if no_time { Base::Head } else { base }
        }
        None => Base::Head,
    };
    let mut ctx = edit.context(nth, at);
    if no_time {
        // The day and month came from the same clock.
        ctx.booked =
            Booked::on(at.day(bench.settings.map_or(chrono_tz::UTC, |settings| settings.fields.zone)));
    }
    if edit.kind == EditKind::Requests
        && let Some(finding) = permits(roles, &part.command, ctx.person, head_view)
    {
        return Ok(vec![finding]);
    }
    let stood = head.heads().to_vec();
    let redone = redo::redo(head, head_view, &part.command, &ctx, part.made.as_ref(), base, bench.actor);
    let redone = match redone {
        Ok(redone) => redone,
        Err(error) => return Ok(vec![error.finding()]),
    };
    let Bench { settings, slots, exposures, .. } = *bench;
    let world = World { settings, slots, exposures, staged: &passed.docs };
    let before = match edit.kind {
        EditKind::Facts => redone.at_base.as_ref().map_or(head_view, |base| &*base.view),
        EditKind::Requests => head_view,
    };
    let findings = rules::judge(&part.command, &ctx, roles, before, &redone.view, part.doc, &world);
    if redone.how == How::Rewritten {
        passed.verdict = Verdict::Rewritten;
    }
    let changed = u32::from(redone.change.is_some());
    let aside = redone.at_base.and_then(|base: AtBase| base.after);
    passed.changes.push(redone.change);
    match staged {
        Some(at) => {
            let staged = &mut passed.docs[at];
            staged.view = redone.view;
            staged.changes += changed;
            staged.aside = aside;
        }
        None => passed.docs.push(Staged {
            addr: part.doc,
            view: redone.view,
            before: stood,
            changes: changed,
            aside,
        }),
    }
    Ok(findings)
}

/// Where to run it again: where the device did, if all that it saw stands here.
fn base<'a>(
    edit: &Edit,
    nth: u16,
    addr: DocAddr,
    made: &'a Made,
    head: &Doc,
    bench: &'a Bench<'_>,
) -> Result<Base<'a>, Verdict> {
    let missing: Vec<Hash> = made.deps.iter().copied().filter(|dep| !head.has(*dep)).collect();
    if missing.is_empty() {
        let stand = bench.slots.get(&addr).and_then(|slot| slot.at(&made.deps));
        return Ok(stand.map_or(Base::Deps(&made.deps), Base::Stand));
    }
    if edit.kind == EditKind::Requests {
        for dep in missing {
            // An earlier part of this very edit, redone: no other edit's business.
            let own = edit.parts.iter().take(usize::from(nth)).filter_map(|part| part.made.as_ref());
            if own.filter_map(|made| made.hash).any(|hash| hash == dep) {
                continue;
            }
            let Some(by) = (bench.claimed)(addr, dep) else { continue };
            let fallen = (bench.verdict)(by)
                .is_some_and(|verdict| !verdict.stands() && !matches!(verdict, Verdict::Discarded));
            if fallen {
                return Err(blocked(by));
            }
        }
    }
    Ok(Base::Head)
}
