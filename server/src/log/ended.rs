//! What is noted of the edits in work, and what it says of them when a server ended without being stopped.

use waybill_shared::{edit::Verdict, id::EditId};

use super::Known;

/// An edit in work. Of another attempt another verdict may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    pub edit: EditId,
    pub attempt: u32,
}

/// How the last server on this log ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Without a last word: it was killed, or fell.
    pub fell: bool,
    /// The edit it was judging then, if that was in work at an end like this before: once may be chance. It is
    /// set aside from now on.
    pub deadly: Option<EditId>,
    /// All that are set aside, sorted. A request until it has its verdict, a fact until it was reviewed.
    pub aside: Vec<EditId>,
}

/// What was noted when the last server ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// Judged alone.
    pub trying: Option<Noted>,
    pub in_work: Vec<Noted>,
    /// In work at an end before.
    pub suspects: Vec<Noted>,
    /// Said to have ended a server.
    pub aside: Vec<Noted>,
}

/// What an end leads to.
pub(super) struct Led {
    pub past: Past,
    pub suspects: Vec<Noted>,
    pub aside: Vec<Noted>,
}

impl Ended {
    /// All of which the log has to be asked.
    pub fn edits(&self) -> Vec<EditId> {
        self.everyone().map(|noted| noted.edit).collect()
    }

    /// `known`: what was last said of those that have a verdict.
    pub fn led_to(mut self, fell: bool, known: &[Known]) -> Led {
        let said = |noted: &Noted| known.iter().find(|known| known.edit == noted.edit);
        self.aside.retain(|noted| !said(noted).is_some_and(|known| is_reviewed(noted, known)));
        // Those that have their verdict ended nothing, and those that are set aside are not judged.
        let aside = self.aside.clone();
        let may_be = |noted: &Noted| {
            !said(noted).is_some_and(|known| is_over(noted, known))
                && aside.iter().all(|aside| aside.edit != noted.edit)
        };
        self.trying = self.trying.filter(may_be);
        self.in_work.retain(may_be);
        self.suspects.retain(may_be);
        let deadly = self.deadly();
        let suspects = if fell { self.all_suspects() } else { Vec::new() };
        self.aside.extend(deadly);
        let mut ids: Vec<EditId> = self.aside.iter().map(|noted| noted.edit).collect();
        ids.sort_unstable();
        Led {
            past: Past { fell, deadly: deadly.map(|noted| noted.edit), aside: ids },
            suspects,
            aside: self.aside,
        }
    }

    /// The one that was in work at both ends. Of several none can be told from the others; judged one by one,
    /// it will be known.
    fn deadly(&self) -> Option<Noted> {
        let before = |noted: &Noted| self.suspects.iter().any(|suspect| suspect.edit == noted.edit);
        if let Some(trying) = self.trying {
            return Some(trying).filter(before);
        }
        let mut both = self.in_work.iter().filter(|noted| before(noted));
        let first = *both.next()?;
        both.all(|noted| noted.edit == first.edit).then_some(first)
    }

    /// The suspects of the next end, each with its last attempt.
    fn all_suspects(&self) -> Vec<Noted> {
        let mut all: Vec<Noted> = Vec::new();
        for noted in self.suspects.iter().chain(&self.in_work).chain(&self.trying) {
            match all.iter_mut().find(|known| known.edit == noted.edit) {
                Some(known) => known.attempt = known.attempt.max(noted.attempt),
                None => all.push(*noted),
            }
        }
        all
    }

    fn everyone(&self) -> impl Iterator<Item = &Noted> {
        self.suspects.iter().chain(&self.in_work).chain(&self.trying).chain(&self.aside)
    }
}

/// This attempt is not judged again, so that it ended nothing. What is blocked is judged again.
fn is_over(noted: &Noted, known: &Known) -> bool {
    match known.verdict {
        Verdict::Blocked { .. } => false,
        Verdict::Refused { .. } | Verdict::Held { .. } => known.attempt >= noted.attempt,
        Verdict::Accepted | Verdict::Rewritten | Verdict::Discarded { .. } => true,
    }
}

/// What is held waits for its review, however often its device sends it.
fn is_reviewed(noted: &Noted, known: &Known) -> bool {
    !matches!(known.verdict, Verdict::Held { .. }) && is_over(noted, known)
}
