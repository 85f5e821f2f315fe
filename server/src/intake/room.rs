//! One hand's share of a batch: its documents, and its submissions judged one after the other.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use waybill_shared::{
    content::Content,
    doc::{Actor, Doc, DocError, Hash},
    edit::{Edit, Verdict},
    erasure,
    finding::{Finding, Rule},
    generation::{Budget, Next},
    id::{CustomerId, DeviceId, EditId},
    kind::{DocAddr, DocKind},
    notes,
    numbers::{Holders, Number},
    protocol::{frame::DocChange, limits},
    review::Review,
    scope::Scopes,
    settings::Settings,
    time::Timestamp,
    view::View,
};

use super::{
    Handed, Submission,
    against::{against, defect, too_large},
    cache::{Settling, Slot},
    complete,
    held::{Held, HeldNow, is_held},
    judge::{Bench, Passed, is_unlikely, judge},
    past::Past,
    said::{Said, told_before},
    waiting::{Wait, Waiting},
    world::{self, Exposure},
};
use crate::log::{Judged, Known};

/// What all hands look at.
pub struct Common<'a> {
    pub past: &'a Past,
    /// Edits that the database would not have: they are ruled a defect without being tried again.
    pub defects: &'a HashSet<EditId>,
    pub settings: Option<&'a Settings>,
    pub now: Timestamp,
    /// Customers of whom nothing personal is written down any more, of those that the batch names.
    pub erased: &'a HashSet<CustomerId>,
    /// The last number given before this batch.
    pub numbers: u64,
    /// The server gives none.
    pub no_numbers: bool,
    /// Told to wait in earlier batches.
    pub waiting: &'a Waiting,
    pub held: &'a Held,
    /// The log became another one then, and devices are still sending again what it lacks.
    pub lost: Option<Timestamp>,
    pub actor: Actor,
    pub budget: Budget,
    pub batch: u64,
}

#[derive(Default)]
pub struct Room {
    /// Each with its slot. They are written in place: after a panic in judging nothing here is good.
    pub docs: HashMap<DocAddr, Doc>,
    pub slots: HashMap<DocAddr, Slot>,
    pub exposures: HashMap<CustomerId, Exposure>,
    pub holders: HashMap<Number, Holders>,
    /// Of this batch.
    pub known: HashMap<EditId, Known>,
    pub claimed: HashMap<(DocAddr, Hash), EditId>,
    /// Of this batch.
    pub waiting: Waiting,
    pub held: HeldNow,
    touched: BTreeSet<DocAddr>,
    /// What is personal in these goes, behind all that the batch does to them.
    pub(super) erase: BTreeMap<DocAddr, Timestamp>,
    /// Made anew behind what the batch does to them: others see these from now on, or something was taken out.
    hide: BTreeSet<DocAddr>,
}

pub enum Outcome {
    Again,
    Unwritten { attempt: u32, verdict: Verdict },
    Erased,
    Waits(Wait),
    Declined(Vec<Finding>),
    Ruled(Box<Ruled>),
}

/// A new verdict, not yet at its position.
pub struct Ruled {
    pub edit: EditId,
    pub attempt: u32,
    pub device: DeviceId,
    pub verdict: Verdict,
    /// What was handed in, where it was judged.
    pub judged: Option<Judged>,
    /// What its edit said that was stored before.
    pub content: Option<Content>,
    pub review: Option<Review>,
    pub changes: Vec<DocChange>,
    /// Documents whose scopes it changed, with what they were before.
    pub moved: Vec<(DocAddr, Scopes)>,
    pub claims: Vec<(DocAddr, Hash)>,
    /// What the chain covers: each part's document and change, where it stands.
    pub covered: Vec<(DocAddr, Option<Hash>)>,
}

impl Ruled {
    /// Given up, until something else is said of it.
    pub fn of(edit: EditId, attempt: u32, device: DeviceId) -> Self {
        Self {
            edit,
            attempt,
            device,
            verdict: Verdict::GIVEN_UP,
            judged: None,
            content: None,
            review: None,
            changes: Vec::new(),
            moved: Vec::new(),
            claims: Vec::new(),
            covered: Vec::new(),
        }
    }
}

/// A document that has to be made anew and cannot be. Nothing of the batch may be written then, or what is to go would
/// stay: what asks for it is found as any defect in judging is.
#[derive(Debug, thiserror::Error)]
#[error("{addr} cannot be made anew: {error}")]
pub struct Unmakeable {
    pub addr: DocAddr,
    pub error: Box<DocError>,
}

impl Room {
    /// `handed_in`: the same before the server gave ids and numbers to it.
    pub fn take(&mut self, submission: &Submission, handed_in: &Submission, common: &Common<'_>) -> Outcome {
        let said = Said::of(handed_in);
        match submission {
            Submission::Edit(handed) => self.take_edit(handed, said, common),
            Submission::Discard { edit, device } => self.discard(*edit, *device, common),
            Submission::Withdrawn { edit, why } => self.keep(edit, said, *why, common),
            Submission::Review(reviewed) => self.review(reviewed, common),
            Submission::Erase { doc, at } => self.erase(*doc, *at),
        }
    }

    /// What the touched documents lead to.
    pub fn settle(&mut self, common: &Common<'_>) -> Result<Settling, Unmakeable> {
        let mut settling = Settling::default();
        let erase = std::mem::take(&mut self.erase);
        let mut touched = std::mem::take(&mut self.touched);
        touched.extend(erase.keys());
        for addr in touched {
            let (Some(slot), Some(doc)) = (self.slots.get_mut(&addr), self.docs.get_mut(&addr)) else {
                continue;
            };
            // A customer who is not here may still come, with a device that knows of them.
            if doc.is_blank() && addr.kind != DocKind::Customer {
                continue;
            }
            let hides = self.hide.remove(&addr);
            let next = match erase.get(&addr).filter(|_| erasure::is_to_be_erased(&slot.view)) {
                Some(at) => Some(Next::erased(doc, &slot.view, *at, common.actor)),
                None if slot.is_overgrown(common.budget) => {
                    Some(Next::smaller(doc, &slot.view, common.budget.kept, common.actor))
                }
                // Nothing that it says goes with its past.
                None if hides => Some(Next::smaller(doc, &slot.view, usize::MAX, common.actor)),
                None => None,
            };
            match next.map(|next| slot.renew(addr, doc, next?)) {
                None => {}
                Some(Ok(opening)) => settling.opened.push(opening),
                Some(Err(error)) if hides || erase.contains_key(&addr) => {
                    return Err(Unmakeable { addr, error: Box::new(error) });
                }
                Some(Err(error)) => tracing::error!(document = %addr, %error, "it cannot be made anew"),
            }
            slot.settle(addr, doc, &mut settling);
        }
        for slot in self.slots.values_mut() {
            slot.used = common.batch;
        }
        Ok(settling)
    }

    fn take_edit(&mut self, handed: &Handed, said: Said<'_>, common: &Common<'_>) -> Outcome {
        let edit = &handed.edit;
        if let Some(known) = self.known(edit.id, common)
            && let (settled, erased) = (self.is_settled(edit, known, common), self.is_of_erased(edit, common))
            && let Some(told) = told_before(edit, known, settled, erased, &said)
        {
            return told;
        }
        if let Some(why) = self.has_to_wait(edit, common) {
            self.waiting.add(edit, why, common.now);
            return Outcome::Waits(why);
        }
        let (cleaned, told) = self.cleaned(edit, common);
        let judged_edit = said.judged(edit, &cleaned);
        let (handed, edit) = (&Handed { edit: Arc::clone(&cleaned), ..handed.clone() }, &cleaned);
        let judged = match told {
            Some(verdict) => Err(verdict),
            None if common.defects.contains(&edit.id) => {
                Err(defect(edit.kind, "This could not be carried out here."))
            }
            None => match said.not_its_own(common.numbers) {
                Some(finding) => Err(against(edit.kind, vec![finding])),
                None => self.judge(handed, judged_edit.body.len(), common),
            },
        };
        let mut ruled = Ruled { judged: Some(judged_edit), ..Ruled::of(edit.id, edit.attempt, edit.device) };
        match judged {
            Ok(passed) => self.put_in_place(edit, passed, &mut ruled, common),
            Err(verdict) if self.rests_on_others(handed, &verdict, common) => {
                match self.judge_on_head(handed, common) {
                    Ok(passed) => self.put_in_place(edit, passed, &mut ruled, common),
                    Err(_) => {
                        self.waiting.add(edit, Wait::Others, common.now);
                        return Outcome::Waits(Wait::Others);
                    }
                }
            }
            Err(verdict) if self.is_too_much(edit, &verdict, common) => {
                self.waiting.add(edit, Wait::Manager, common.now);
                return Outcome::Waits(Wait::Manager);
            }
            Err(verdict) => match self.known(edit.id, common).map(|known| &known.verdict) {
                // It happened, and waits for a manager: a later attempt that is worth less takes it from nobody's list.
                Some(held @ Verdict::Held { .. }) if !matches!(verdict, Verdict::Held { .. }) => {
                    return Outcome::Unwritten { attempt: edit.attempt, verdict: held.clone() };
                }
                _ => ruled.verdict = verdict,
            },
        }
        self.note_claims(edit, &mut ruled);
        self.note(&ruled, common);
        Outcome::Ruled(Box::new(ruled))
    }

    fn discard(&mut self, edit: EditId, device: DeviceId, common: &Common<'_>) -> Outcome {
        let content = self.known(edit, common).and_then(|known| known.content);
        let attempt = match self.known(edit, common) {
            // It is not theirs, so nothing of it is given up: their own device may forget it.
            Some(known) if known.device != device => {
                return Outcome::Unwritten { attempt: 0, verdict: Verdict::GIVEN_UP };
            }
            // Only a manager settles what is held: its device cannot take it back.
            Some(Known { verdict: Verdict::Held { .. }, .. }) => return Outcome::Again,
            Some(known) if known.verdict.is_final() => return Outcome::Again,
            Some(known) => known.attempt,
            // What its device had handed in before has had its turn: there is nothing to give up, and nothing to write.
            None => return Outcome::Unwritten { attempt: 0, verdict: Verdict::GIVEN_UP },
        };
        let ruled = Ruled { content, ..Ruled::of(edit, attempt, device) };
        self.note(&ruled, common);
        Outcome::Ruled(Box::new(ruled))
    }

    pub(super) fn known<'a>(&'a self, edit: EditId, common: &'a Common<'_>) -> Option<&'a Known> {
        self.known.get(&edit).or_else(|| common.past.known(edit))
    }

    /// Whether what was last said of the edit holds for this attempt too.
    pub(super) fn is_settled(&self, edit: &Edit, known: &Known, common: &Common<'_>) -> bool {
        if known.verdict.is_final() || edit.attempt < known.attempt {
            return true;
        }
        match &known.verdict {
            Verdict::Blocked { by, .. } if edit.attempt == known.attempt => {
                self.known(*by, common).is_some_and(|by| !by.verdict.is_final())
            }
            _ => edit.attempt == known.attempt,
        }
    }

    fn has_to_wait(&self, edit: &Edit, common: &Common<'_>) -> Option<Wait> {
        if common.no_numbers && complete::takes_number(edit) {
            return Some(Wait::Number);
        }
        let judged = |id| self.known.contains_key(&id);
        common.waiting.holds_up(edit, judged).or_else(|| self.waiting.holds_up(edit, judged))
    }

    /// It was entered before the log became another one and made again since, and what it was first made on may not be
    /// here yet.
    fn rests_on_others(&self, handed: &Handed, verdict: &Verdict, common: &Common<'_>) -> bool {
        let edit = &handed.edit;
        let (Some(lost), Some(_)) = (common.lost, &handed.roles) else { return false };
        let made_again = edit.attempt > 0 || edit.parts.iter().any(|part| part.made.is_none());
        let ours =
            |finding: &Finding| matches!(finding.rule, Rule::Malformed | Rule::Unsupported | Rule::Defect);
        made_again
            && edit.parts.iter().all(|part| part.at < lost)
            && self.known(edit.id, common).is_none()
            && !matches!(verdict, Verdict::Blocked { .. })
            && !verdict.findings().iter().any(ours)
            // How likely it is does not rest on others.
            && !verdict.findings().iter().all(is_unlikely)
    }

    fn judge(&mut self, handed: &Handed, size: usize, common: &Common<'_>) -> Result<Passed, Verdict> {
        if size > limits::EDIT {
            return Err(too_large(handed.edit.kind));
        }
        self.on_bench(common, |docs, bench| judge(handed, docs, bench))
    }

    /// What its device made it on was not what its author saw.
    fn judge_on_head(&mut self, handed: &Handed, common: &Common<'_>) -> Result<Passed, Verdict> {
        let mut handed = handed.clone();
        Arc::make_mut(&mut handed.edit).parts.iter_mut().for_each(|part| part.made = None);
        let passed = self.on_bench(common, |docs, bench| judge(&handed, docs, bench))?;
        Ok(Passed { verdict: Verdict::Rewritten, ..passed })
    }

    pub(super) fn on_bench<R>(
        &mut self,
        common: &Common<'_>,
        judge: impl FnOnce(&mut HashMap<DocAddr, Doc>, &Bench<'_>) -> R,
    ) -> R {
        let Self { docs, slots, exposures, holders, known, claimed, .. } = self;
        let known = |edit| known.get(&edit).or_else(|| common.past.known(edit));
        let verdict = |edit| known(edit).map(|known| &known.verdict);
        let claimed =
            |doc, hash| claimed.get(&(doc, hash)).copied().or_else(|| common.past.claimed((doc, hash)));
        let bench = Bench {
            slots,
            exposures,
            holders,
            verdict: &verdict,
            claimed: &claimed,
            settings: common.settings,
            now: common.now,
            lost: common.lost,
            actor: common.actor,
        };
        judge(docs, &bench)
    }

    pub(super) fn put_in_place(
        &mut self,
        edit: &Edit,
        passed: Passed,
        ruled: &mut Ruled,
        common: &Common<'_>,
    ) {
        ruled.verdict = passed.verdict;
        let after: HashMap<DocAddr, Scopes> =
            passed.docs.iter().map(|staged| (staged.addr, Scopes::of(&staged.view))).collect();
        for (part, (nth, change)) in edit.parts.iter().zip((0..).zip(passed.changes)) {
            ruled.covered.push((part.doc, change.as_ref().map(|change| change.hash)));
            if let Some(change) = change {
                if let Some(slot) = self.slots.get_mut(&part.doc) {
                    slot.grows(change.bytes.len());
                }
                ruled.changes.push(DocChange {
                    part: nth,
                    doc: part.doc,
                    generation: self.slots.get(&part.doc).map_or(0, |slot| slot.generation),
                    scopes: after.get(&part.doc).cloned().unwrap_or_default(),
                    hash: change.hash,
                    bytes: change.bytes,
                });
            }
        }
        for staged in passed.docs.into_iter().filter(|staged| staged.changes > 0) {
            let Some(slot) = self.slots.get_mut(&staged.addr) else { continue };
            slot.view = Arc::new(staged.view);
            slot.version += staged.changes;
            if let Some(scopes) = after.get(&staged.addr).filter(|scopes| **scopes != slot.scopes) {
                let was = std::mem::replace(&mut slot.scopes, scopes.clone());
                // Before it was anybody's it said nothing.
                let gained = !was.is_empty() && !scopes.without(&was).is_empty();
                if gained && staged.addr.kind.hides_its_past() {
                    self.hide.insert(staged.addr);
                }
                ruled.moved.push((staged.addr, was));
            }
            if let Some(stand) = staged.aside {
                slot.set_aside(stand);
            }
            self.touched.insert(staged.addr);
            note_exposure(&mut self.exposures, staged.addr, &slot.view);
            world::note_number(&mut self.holders, staged.addr, &slot.view);
            self.follow_erasure(staged.addr, common);
        }
        self.hide.extend(notes::taken_out(edit));
    }

    /// What the device says it holds and the document does not.
    pub(super) fn note_claims(&mut self, edit: &Edit, ruled: &mut Ruled) {
        for part in &edit.parts {
            let Some(hash) = part.made.as_ref().and_then(|made| made.hash) else { continue };
            let stands = ruled.changes.iter().any(|change| change.doc == part.doc && change.hash == hash);
            if !stands {
                ruled.claims.push((part.doc, hash));
                self.claimed.insert((part.doc, hash), edit.id);
            }
        }
    }

    /// It is to be held, and as much of its device is as may be.
    pub(super) fn is_too_much(&self, edit: &Edit, verdict: &Verdict, common: &Common<'_>) -> bool {
        let was_held = || self.known(edit.id, common).is_some_and(|known| is_held(&known.verdict));
        is_held(verdict) && common.held.is_full(edit.device, &self.held) && !was_held()
    }

    pub(super) fn note(&mut self, ruled: &Ruled, common: &Common<'_>) {
        let Ruled { edit, attempt, device, verdict, judged, content, .. } = ruled;
        let was = self.known.get(edit).or_else(|| common.past.known(*edit)).map(|known| &known.verdict);
        self.held.note(*device, was, verdict);
        let (edit, attempt, device, verdict) = (*edit, *attempt, *device, verdict.clone());
        let content = judged.as_ref().map_or(*content, |judged| judged.content);
        self.known.insert(edit, Known { edit, attempt, device, verdict, pos: 0, content });
    }
}

/// Keeps what a customer owes up to date, where it is known at all.
fn note_exposure(exposures: &mut HashMap<CustomerId, Exposure>, addr: DocAddr, view: &View) {
    let View::Order(order) = view else { return };
    if let Some(exposure) = order.customer().and_then(|customer| exposures.get_mut(&customer)) {
        world::note(exposure, addr, order);
    }
}
