//! A held edit on a manager's word.

use std::collections::HashMap;

use waybill_shared::{
    doc::Doc,
    edit::{Edit, EditKind, Override, Part, Verdict},
    finding::{self, Finding, Rule},
    kind::DocAddr,
    review::Decision,
    rules,
    time::Booked,
};

use super::{
    Reviewed,
    against::blocked,
    judge::{Bench, Passed, judge_part, needed, put_back},
};

/// What the manager may do passes, whoever did it. Run on the head, with what takes it back
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
    if findings.is_empty() { Ok(run) } else { Err(finding::first(findings)) }
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
