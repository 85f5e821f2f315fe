//! One edit, judged: what it leads to, or what speaks against it.

use std::collections::HashMap;

use waybill_shared::{
    doc::{Actor, ChangeBytes, Doc, Hash},
    edit::{Edit, EditKind, Made, Part, Verdict},
    finding::{self, Finding, Rule},
    id::{CustomerId, EditId},
    kind::DocAddr,
    numbers::{Holders, Number},
    redo::{self, AtBase, Base, How, Stand, stands_at},
    rules::{
        self, Surroundings, booking, plausible,
        roles::{Role, permits},
        size, there, used,
    },
    settings::Settings,
    time::{Booked, MAX_AHEAD_MS, Timestamp},
    view::View,
};

use super::{
    Handed, Named,
    against::{against, blocked, defect, malformed, not_here},
    cache::Slot,
    named,
    world::{Exposure, World},
};

/// All that judging looks at, beside the documents.
pub struct Bench<'a> {
    pub slots: &'a HashMap<DocAddr, Slot>,
    pub exposures: &'a HashMap<CustomerId, Exposure>,
    pub holders: &'a HashMap<Number, Holders>,
    /// The verdict last given to an edit.
    pub verdict: &'a dyn Fn(EditId) -> Option<&'a Verdict>,
    /// Which edit claimed a hash that does not stand.
    pub claimed: &'a dyn Fn(DocAddr, Hash) -> Option<EditId>,
    pub settings: Option<&'a Settings>,
    pub now: Timestamp,
    /// The log became another one then, and devices are still sending again what it lacks.
    pub lost: Option<Timestamp>,
    pub actor: Actor,
}

impl Bench<'_> {
    /// It was entered before the log became another one, which may have had it, on a day or within limits that are no
    /// more: a manager says whether it did. Its device alone says when it was entered, which is no reason to believe it.
    fn may_have_stood(&self, edit: &Edit) -> bool {
        self.lost.is_some_and(|lost| edit.parts.iter().all(|part| part.at < lost))
    }
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

pub(super) fn put_back(docs: &mut HashMap<DocAddr, Doc>, passed: &Passed) {
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
    if let Some(finding) = stranger(handed).or_else(|| of_nothing(handed)) {
        return Err(against(edit.kind, vec![finding]));
    }
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
    findings.extend(booked_too_far(handed, bench));
    findings.extend(nobody_made(handed, bench, passed));
    let findings = rules::overridden(findings, edit.overriding.as_ref(), &handed.approver);
    if findings.is_empty() {
        return Ok(());
    }
    let only_unlikely = findings.iter().all(is_unlikely);
    if only_unlikely && bench.may_have_stood(edit) {
        return Err(Verdict::Held { findings: finding::first(findings) });
    }
    Err(against(edit.kind, findings))
}

/// It speaks of how likely something is by the limits of today. However far back it is booked, an import may have had the
/// right to that.
pub(super) fn is_unlikely(finding: &Finding) -> bool {
    finding.rule == Rule::Implausible || finding.field.as_deref() == Some("booked")
}

/// Somebody it names whom nobody ever made: what is done would be theirs in every report.
fn stranger(handed: &Handed) -> Option<Finding> {
    let (field, _) = named(&handed.edit).find(|(_, id)| handed.looked_up.strangers.contains(id))?;
    let what = format!("There is nobody here whom this names as {field}.");
    Some(Finding::new(Rule::NotThere, what, "Name one of the people in the list of names.").field(field))
}

/// Nobody would ever see it.
fn of_nothing(handed: &Handed) -> Option<Finding> {
    handed.edit.docs().find(|doc| handed.looked_up.of_nothing.contains(doc)).map(|_| {
        let what = "There is no product and no customer whose terms these are.";
        let remedy = "Make the product or customer first, and send this to the id that follows from theirs.";
        Finding::new(Rule::NotThere, what, remedy).field("document")
    })
}

/// Something it names that there is nowhere: who made it elsewhere has handed that in before. What was entered before the
/// log became another one may name what that one had.
fn nobody_made(handed: &Handed, bench: &Bench<'_>, passed: &Passed) -> Option<Finding> {
    let in_it = |doc| passed.docs.iter().find(|staged| staged.addr == doc).map(|staged| &staged.view);
    let view = |doc| in_it(doc).or_else(|| bench.slots.get(&doc).map(|slot| &*slot.view));
    let is_made = |doc| view(doc).is_some_and(there::is_made);
    let Named { field, doc } = handed.looked_up.open.iter().find(|named| !is_made(named.doc))?;
    if bench.may_have_stood(&handed.edit) {
        return None;
    }
    let thing = doc.kind.thing().unwrap_or("document");
    let what = format!("There is no {thing} here that this names as {field}.");
    let remedy = format!("Choose a {thing} that is there, or make it first.");
    Some(Finding::new(Rule::NotThere, what, remedy).field(field))
}

/// A part whose clock was far ahead is booked by the server's.
fn booked_too_far(handed: &Handed, bench: &Bench<'_>) -> Option<Finding> {
    let Handed { edit, looked_up, .. } = handed;
    if edit.parts.iter().all(|part| has_no_time(part.at, bench.now)) {
        return None;
    }
    let defaults = Settings::default();
    let settings = bench.settings.unwrap_or(&defaults);
    let today = bench.now.day(settings.fields.zone);
    booking::judge(&edit.booked, today, &settings.limits, looked_up.books_history)
}

/// No clock stands before 1970; numbers that low overflow where Automerge stores their differences.
fn has_no_time(at: Timestamp, now: Timestamp) -> bool {
    at > now.plus_ms(MAX_AHEAD_MS) || at.ms() < 0
}

/// The first of the edits it names as needed that does not stand. One not yet known is on its way; one that
/// its user gave up stands in nobody's way any more.
pub(super) fn needed(edit: &Edit, bench: &Bench<'_>) -> Option<EditId> {
    let fallen = |id: &EditId| {
        (bench.verdict)(*id)
            .is_some_and(|verdict| !verdict.stands() && !matches!(verdict, Verdict::Discarded { .. }))
    };
    edit.after.iter().copied().find(fallen)
}

/// Adds to `passed` what the part leads to, unless it cannot be carried out at all.
pub(super) fn judge_part(
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
    let no_time = has_no_time(part.at, bench.now);
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
    if edit.kind == EditKind::Facts
        && edit.overriding.is_none()
        && let Some(finding) = no_right(edit, part, roles, head, head_view, base)
    {
        return Ok(vec![finding]);
    }
    // Nothing would be written, and it would be called accepted.
    if let Some(finding) = used::judge(&part.command, edit.person, head_view) {
        return Ok(vec![finding]);
    }
    if let Some(finding) = size::judge(&part.command, slot.bytes()) {
        return Ok(vec![finding]);
    }
    let stood = head.heads().to_vec();
    let redone = redo::redo(head, head_view, &part.command, &ctx, part.made.as_ref(), base, bench.actor);
    let redone = match redone {
        Ok(redone) => redone,
        Err(error) => return Ok(vec![error.finding()]),
    };
    let Bench { settings, slots, exposures, holders, .. } = *bench;
    let world = World { settings, slots, exposures, holders, staged: &passed.docs };
    let run_on = redone.at_base.as_ref().map_or(head_view, |base| &base.view);
    let entitled = match edit.kind {
        EditKind::Facts => entitled(edit, part, roles, head, head_view, run_on),
        EditKind::Requests => None,
    };
    let before = match edit.kind {
        EditKind::Facts => redone.at_base.as_ref().map_or(head_view, |base| &*base.view),
        EditKind::Requests => head_view,
    };
    let before = entitled.as_ref().unwrap_or(before);
    let mut findings = rules::judge(&part.command, &ctx, roles, before, &redone.view, part.doc, &world);
    // A first price is asked for with its product, and is as likely or not as any.
    let defaults = Settings::default();
    let limits = world.settings().unwrap_or(&defaults);
    findings.extend(plausible::judge(&part.command, edit.kind, &redone.view, limits));
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

/// A fact that its author had no right to, where that is known without making its document as it was. It is not run:
/// taking back what it wrote would cost as much as the document is long, and it leaves nothing but the finding.
fn no_right(
    edit: &Edit,
    part: &Part,
    roles: &[Role],
    head: &Doc,
    head_view: &View,
    base: Base<'_>,
) -> Option<Finding> {
    let run_on: &View = match base {
        Base::Head => head_view,
        Base::Stand(stand) => &stand.view,
        Base::Deps(deps) if stands_at(head, deps) => head_view,
        Base::Deps(_) => return None,
    };
    // It may come to be run on the head after all.
    let _ = permits(roles, &part.command, edit.person, head_view)?;
    let finding = permits(roles, &part.command, edit.person, run_on)?;
    entitled(edit, part, roles, head, head_view, run_on).is_none().then_some(finding)
}

/// A fact may have been run elsewhere than where it was entered, as behind a request that was refused. It is judged
/// all the same by what its author had a right to then. Looked up only where nothing else gives the right.
fn entitled(
    edit: &Edit,
    part: &Part,
    roles: &[Role],
    head: &Doc,
    head_view: &View,
    run_on: &View,
) -> Option<View> {
    let may = |view: &View| permits(roles, &part.command, edit.person, view).is_none();
    if may(run_on) {
        return None;
    }
    let known: Vec<Hash> =
        part.made.as_ref()?.base().iter().copied().filter(|hash| head.has(*hash)).collect();
    if stands_at(head, &known) {
        return may(head_view).then(|| head_view.clone());
    }
    let base = if known.is_empty() { None } else { head.at(&known).ok() };
    base.and_then(|base| View::read(&base).ok()).filter(may)
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
                .is_some_and(|verdict| !verdict.stands() && !matches!(verdict, Verdict::Discarded { .. }));
            if fallen {
                return Err(blocked(by));
            }
        }
    }
    Ok(Base::Head)
}
