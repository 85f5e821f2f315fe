//! What is said of an edit whose id is known: the same once more, or another one.

use std::sync::Arc;

use waybill_shared::{
    content::Content,
    edit::{Edit, Verdict},
    finding::Finding,
    protocol::encode,
};

use super::{Submission, against::in_use, complete, room::Outcome};
use crate::log::{Judged, Known};

/// What a submission said when it was handed in.
pub struct Said<'a> {
    edit: Option<&'a Arc<Edit>>,
    content: Option<Content>,
    /// Its person is enrolled on the device, or was.
    enrolled: bool,
}

impl<'a> Said<'a> {
    pub fn of(handed_in: &'a Submission) -> Self {
        let (edit, enrolled) = match handed_in {
            Submission::Edit(handed) => (Some(&handed.edit), handed.roles.is_some()),
            Submission::Withdrawn { edit, .. } => (Some(edit), false),
            Submission::Discard { .. } | Submission::Review(_) | Submission::Erase { .. } => (None, false),
        };
        Self { edit, content: handed_in.content(), enrolled }
    }

    /// It gives itself a number that is the server's to give.
    pub fn not_its_own(&self, given: u64) -> Option<Finding> {
        complete::not_its_own(self.edit?, given)
    }

    /// The same, and on somebody's word.
    fn adds_a_word_to(&self, known: &Known) -> bool {
        let Some(edit) = self.edit.filter(|edit| edit.overriding.is_some()) else { return false };
        let bare = Edit { overriding: None, ..Edit::clone(edit) };
        is_again(Some(Content::of(&bare)), known)
    }

    /// The edit as it is stored. Of what was taken out of it nothing is told, also not by its content.
    pub fn judged(&self, completed: &Arc<Edit>, cleaned: &Arc<Edit>) -> Judged {
        let is_whole = Arc::ptr_eq(completed, cleaned) || completed == cleaned;
        Judged {
            edit: Arc::clone(cleaned),
            body: encode(cleaned.as_ref()),
            content: self.content.filter(|_| is_whole),
            given: self.edit.map_or_else(Vec::new, |edit| complete::given(edit, cleaned)),
        }
    }
}

/// What is said of an edit whose id is known; `None`: it is to be judged. `settled`: what was said last holds for its
/// attempt. `erased`: it is about somebody who was, and its device has taken out of it what is personal since.
pub fn told_before(
    edit: &Edit,
    known: &Known,
    settled: bool,
    erased: bool,
    said: &Said<'_>,
) -> Option<Outcome> {
    let attempt = edit.attempt;
    let same = is_again(said.content, known);
    if known.device != edit.device {
        // Who knows it whole and speaks for its author handed it in elsewhere before.
        let told = if same && said.enrolled {
            Outcome::Again
        } else {
            Outcome::Unwritten { attempt, verdict: in_use(false) }
        };
        return Some(told);
    }
    // What waits for a manager is looked at as it was handed in: nobody but them takes it out of their sight.
    let held = matches!(known.verdict, Verdict::Held { .. }) && attempt > known.attempt;
    if held && !erased && known.content.is_some() && !same && !said.adds_a_word_to(known) {
        return Some(Outcome::Unwritten { attempt, verdict: in_use(false) });
    }
    if !settled {
        return None;
    }
    // Given up it is whatever it says; an earlier attempt was followed by the one that is known.
    let compared = known.content.is_some()
        && !erased
        && attempt >= known.attempt
        && !matches!(known.verdict, Verdict::Discarded { .. });
    // Somebody's word for it may have come after a manager's: then it is the same edit, and stands already.
    let worded = known.verdict.is_final() && said.adds_a_word_to(known);
    let told = if same || worded || !compared {
        Outcome::Again
    } else {
        Outcome::Unwritten { attempt, verdict: in_use(!known.verdict.is_final()) }
    };
    Some(told)
}

fn is_again(content: Option<Content>, known: &Known) -> bool {
    content.zip(known.content).is_some_and(|(said, known)| said.is_again(&known))
}
