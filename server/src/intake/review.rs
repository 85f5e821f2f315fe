//! What is kept for a manager, and what becomes of it.

use std::sync::Arc;

use waybill_shared::{
    edit::{Edit, Verdict},
    erasure,
    finding::{Finding, Rule},
    review::Decision,
    session::who::Withdrawn,
};

use super::{
    Reviewed,
    against::kept,
    complete,
    room::{Common, Outcome, Room, Ruled},
    said::{Said, told_before},
    waiting::Wait,
    word::on_word,
};

impl Room {
    pub(super) fn keep(
        &mut self,
        edit: &Arc<Edit>,
        said: Said<'_>,
        why: Withdrawn,
        common: &Common<'_>,
    ) -> Outcome {
        if let Some(known) = self.known(edit.id, common) {
            // What was blocked is not judged again: its author may ask for nothing any more.
            let blocked = matches!(known.verdict, Verdict::Blocked { .. }) && edit.attempt == known.attempt;
            let settled = self.is_settled(edit, known, common) && !blocked;
            let erased = self.is_of_erased(edit, common);
            if let Some(told) = told_before(edit, known, settled, erased, &said) {
                return told;
            }
        }
        if common.no_numbers && complete::takes_number(edit) {
            return Outcome::Waits(Wait::Number);
        }
        let (cleaned, _) = &self.cleaned(edit, common);
        let judged = said.judged(edit, cleaned);
        let verdict = kept(cleaned, judged.body.len(), why);
        if self.is_too_much(cleaned, &verdict, common) {
            return Outcome::Waits(Wait::Manager);
        }
        let judged = Some(judged);
        let mut ruled = Ruled { verdict, judged, ..Ruled::of(edit.id, edit.attempt, edit.device) };
        self.note_claims(edit, &mut ruled);
        self.note(&ruled, common);
        Outcome::Ruled(Box::new(ruled))
    }

    /// A manager's word is on the attempt that was looked at, and on nothing that has another verdict by now.
    pub(super) fn review(&mut self, reviewed: &Reviewed, common: &Common<'_>) -> Outcome {
        let Reviewed { edit, review, .. } = reviewed;
        let held = |attempt, verdict: &Verdict| {
            attempt == review.attempt && attempt == edit.attempt && matches!(verdict, Verdict::Held { .. })
        };
        let (device, content) = match self.known(edit.id, common) {
            Some(known) if held(known.attempt, &known.verdict) => (known.device, known.content),
            _ => return Outcome::Again,
        };
        if let Some(finding) = review.check().or_else(|| not_leading(reviewed)) {
            return Outcome::Declined(vec![finding]);
        }
        let mut ruled =
            Ruled { review: Some(review.clone()), content, ..Ruled::of(edit.id, review.attempt, device) };
        if review.decision == Decision::Discard {
            ruled.verdict = Verdict::Discarded { by: Some(review.decided(common.now)) };
        } else {
            if common.defects.contains(&edit.id) {
                return Outcome::Declined(vec![not_possible()]);
            }
            // Its customer may have been erased since it was held, and its words with them.
            let (edit, told) = self.cleaned(&reviewed.edit, common);
            if told.is_some() {
                return Outcome::Declined(vec![erasure::finding()]);
            }
            let reviewed = &Reviewed { edit, ..reviewed.clone() };
            match self.on_bench(common, |docs, bench| on_word(reviewed, docs, bench)) {
                Ok((edit, passed)) => self.put_in_place(&edit, passed, &mut ruled, common),
                Err(findings) => return Outcome::Declined(findings),
            }
        }
        self.note(&ruled, common);
        Outcome::Ruled(Box::new(ruled))
    }
}

fn not_leading(reviewed: &Reviewed) -> Option<Finding> {
    let leads = reviewed.roles.iter().any(|role| role.leads());
    (!leads).then(|| {
        let what = "Only a manager or an admin decides on what is held.";
        Finding::new(Rule::NotPermitted, what, "Ask one of them.")
    })
}

fn not_possible() -> Finding {
    Finding::new(
        Rule::Defect,
        "This entry cannot be carried out here.",
        "Discard it with a reason, enter what happened by hand, and report it to your administrator.",
    )
}
