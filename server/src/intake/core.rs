//! The pure part of intake: from a batch of submissions, and what the log says of them, to everything that is
//! written. It runs ahead of the log by the batches that are under way.

mod beside;
mod wanted;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use waybill_shared::{
    digest::Digest,
    doc::{Actor, Hash},
    edit::{Edit, Part, Verdict},
    erasure,
    generation::{self, Budget},
    id::{CustomerId, DeviceId, EditId, Entropy, SettingsId},
    kind::DocAddr,
    numbers::{Holders, Number},
    protocol::frame::DocChange,
    scope::Scope,
    time::Timestamp,
    view::View,
};

pub use wanted::Wanted;

use beside::{Key, keys, looked};

use super::{
    Handed, Settled, Submission,
    cache::{Cache, Opening, Settling},
    complete,
    hands::Hands,
    held::Held,
    partition::deal,
    past::{Outcomes, Past},
    room::{Common, Outcome, Room, Ruled, Unmakeable},
    waiting::Waiting,
    world::{self, Exposure},
};
use crate::log::{Batch, Head, Looked, NewEntry};

/// Customers whose exposure stays in memory, and numbers whose holders do.
const EXPOSURES: usize = 20_000;

/// So long devices have to send again what a log lacks that became another one.
const RETURN_MS: i64 = 24 * 60 * 60 * 1_000;

/// Below this many submissions a second hand is not worth waking.
const WORTH_DEALING: usize = 16;

/// The weight of the documents that one batch may make from their changes, as they were where an edit was entered:
/// some tenths of a second.
const AFFORDABLE: u64 = 8_000;

/// Writing in a document as it is costs so much less.
const ONLY_WRITTEN: u64 = 32;

pub struct Core {
    /// As it will be when all batches under way are written.
    head: Head,
    cache: Cache,
    exposures: HashMap<CustomerId, Exposure>,
    /// Who has which numbers, of those that were given lately.
    holders: HashMap<Number, Holders>,
    past: Past,
    defects: HashSet<EditId>,
    actor: Actor,
    entropy: Box<dyn Entropy + Send>,
    budget: Budget,
    batch: u64,
    hands: Hands,
    waiting: Waiting,
    held: Held,
}

pub struct Prepared {
    /// `None` when nothing new is to be written.
    pub batch: Option<Arc<Batch>>,
    /// One for each submission. Good once the batch is written.
    pub settled: Vec<Settled>,
}

impl Core {
    /// `documents`: how many stay in memory; `hands`: how many threads judge.
    pub fn new(head: Head, mut entropy: Box<dyn Entropy + Send>, documents: usize, hands: usize) -> Self {
        Self {
            head,
            cache: Cache::new(documents),
            exposures: HashMap::new(),
            holders: HashMap::new(),
            past: Past::default(),
            defects: HashSet::new(),
            actor: Actor::fresh(&mut *entropy),
            entropy,
            budget: Budget::default(),
            batch: 0,
            hands: Hands::new(hands),
            waiting: Waiting::default(),
            held: Held::default(),
        }
    }

    /// Of one device at most so much is held.
    pub fn hold_at_most(&mut self, most: u64) {
        self.held = Held::at_most(most);
    }

    /// How much documents may grow before they are made anew.
    pub fn allow(&mut self, budget: Budget) {
        self.budget = budget;
    }

    /// The log stands elsewhere than was thought: forget what ran ahead. The actor is new, because what it
    /// wrote may be written otherwise now.
    pub fn rewind(&mut self, head: Head) {
        self.head = head;
        self.cache.clear();
        self.exposures.clear();
        self.holders.clear();
        self.past = Past::default();
        self.held.forget();
        self.actor = Actor::fresh(&mut *self.entropy);
    }

    /// Whether it has to wait until numbers are given again.
    pub fn waits_for_number(&self, submission: &Submission) -> bool {
        let (Submission::Edit(Handed { edit, .. }) | Submission::Withdrawn { edit, .. }) = submission else {
            return false;
        };
        self.head.numbers_wait && complete::takes_number(edit) && self.past.known(edit.id).is_none()
    }

    /// How the log has it with numbers, while this gives none.
    pub fn numbers(&mut self, head: &Head) {
        self.head.numbers = self.head.numbers.max(head.numbers);
        self.head.numbers_wait = head.numbers_wait;
    }

    /// The database will not have this edit: it is ruled a defect when it comes again. `false`: it was set
    /// aside before.
    pub fn set_aside(&mut self, edit: EditId) -> bool {
        self.defects.insert(edit)
    }

    /// Nothing at all can be written of it, so that it is not known to be to blame: when it comes again it is judged.
    pub fn acquit(&mut self, edit: EditId) {
        self.defects.remove(&edit);
    }

    /// A request that was set aside has its verdict now: another attempt of it is judged again. A fact waits for
    /// its review.
    pub fn written(&mut self, batch: &Batch) {
        if self.defects.is_empty() {
            return;
        }
        for entry in batch.entries.iter().filter(|entry| !matches!(entry.verdict, Verdict::Held { .. })) {
            self.defects.remove(&entry.edit);
        }
    }

    /// How many of these, from the first on, one batch may cost to judge: at least one. Everything they want must have
    /// been taken in.
    pub fn affordable(&self, submissions: &[Submission]) -> usize {
        let mut cost = 0;
        let fits = submissions[..with_its_settings(submissions)].iter().take_while(|submission| {
            let parts = submission.edit().into_iter().flat_map(|edit| &edit.parts);
            cost += 1 + submission.open().count() as u64 + parts.clone().count() as u64;
            cost += parts.map(|part| self.cost(part)).sum::<u64>();
            cost <= AFFORDABLE
        });
        fits.count().max(1).min(submissions.len())
    }

    fn cost(&self, part: &Part) -> u64 {
        let (Some(doc), Some(slot)) = (self.cache.doc(&part.doc), self.cache.get(&part.doc)) else {
            return 0;
        };
        let stale = |deps: &Vec<Hash>| !deps.is_empty() && slot.has_to_make(doc, deps);
        match &part.made {
            Some(made) if stale(&made.deps) || stale(&made.base) => slot.weight(),
            _ => slot.weight() / ONLY_WRITTEN,
        }
    }

    /// Judges the batch. Everything it wants must have been taken in.
    /// An error leaves nothing here that is good, as a panic does.
    pub fn prepare(&mut self, submissions: &[Submission], now: Timestamp) -> Result<Prepared, Unmakeable> {
        self.batch += 1;
        let past = std::mem::take(&mut self.past);
        let lost = self.head.since.filter(|since| now.since(*since) < RETURN_MS);
        self.waiting.go_on(lost.is_some(), self.head.numbers_wait, now);
        let numbers = self.head.numbers;
        let handed_in = submissions;
        let submissions = self.completed(handed_in, &past, now);
        let settings = self.cache.use_now(&SettingsId::ONLY.into(), self.batch);
        let settings = match settings.as_deref() {
            Some(View::Settings(settings)) if settings.exists() => Some(&**settings),
            _ => None,
        };
        let erased = self.erased(&submissions);
        let common = Common {
            past: &past,
            defects: &self.defects,
            settings,
            now,
            lost,
            erased: &erased,
            numbers,
            no_numbers: self.head.numbers_wait,
            waiting: &self.waiting,
            held: &self.held,
            actor: self.actor,
            budget: self.budget,
            batch: self.batch,
        };
        let debtors: Vec<Vec<CustomerId>> =
            submissions.iter().map(|submission| self.debtors_of(submission, &HashMap::new())).collect();
        let docs: Vec<Vec<DocAddr>> = submissions.iter().map(|submission| self.docs_of(submission)).collect();
        let numbered: Vec<Vec<Number>> =
            submissions.iter().map(|submission| self.numbers_of(submission)).collect();
        let each = submissions.iter().zip(&docs).zip(&debtors).zip(&numbered);
        let mut keys: Vec<Vec<Key>> = each
            .map(|(((submission, docs), debtors), numbered)| keys(submission, docs, debtors, numbered))
            .collect();
        self.keep_near_together(&submissions, &mut keys);
        let mut looked = looked(&keys, &submissions, &past);
        // Only whose debts are known here: of the others it does not matter.
        let owing = debtors.iter().flatten().filter(|customer| self.exposures.contains_key(customer));
        looked.customers = owing.copied().collect();
        looked.numbers = (self.head.numbers > numbers).then_some(numbers);
        let shares = if submissions.len() < WORTH_DEALING { 1 } else { self.hands.shares() };
        let mut rooms: Vec<(Vec<usize>, Room)> = Vec::new();
        for share in deal(&keys, shares) {
            let mut room = Room::default();
            for at in &share {
                furnish(&mut room, &mut self.cache, &mut self.exposures, &docs[*at], &debtors[*at]);
                for number in &numbered[*at] {
                    room.holders.extend(self.holders.remove_entry(number));
                }
            }
            rooms.push((share, room));
        }
        let done = self.hands.map(&mut rooms, |(share, room)| {
            let outcomes = share.iter().map(|at| room.take(&submissions[*at], &handed_in[*at], &common));
            let outcomes = outcomes.collect();
            room.settle(&common).map(|settling| (outcomes, settling))
        });
        let done = done.into_iter().collect::<Result<_, _>>()?;
        Ok(self.assemble(&submissions, past, rooms, done, looked, now))
    }

    /// Of devices of which nearly as much is held as may be, one counts what is held on top.
    fn keep_near_together(&self, submissions: &[Submission], keys: &mut [Vec<Key>]) {
        for (submission, keys) in submissions.iter().zip(keys) {
            if let Some(device) =
                submission.device().filter(|device| self.held.is_near(*device, submissions.len()))
            {
                keys.push(Key::Device(device));
            }
        }
    }

    /// Of those that the batch names.
    fn erased(&self, submissions: &[Submission]) -> HashSet<CustomerId> {
        let named = submissions.iter().filter_map(Submission::edit).flat_map(erasure::names);
        named.filter(|customer| self.is_erased(*customer)).collect()
    }

    fn is_erased(&self, customer: CustomerId) -> bool {
        self.cache.get(&customer.into()).is_some_and(|slot| erasure::is_erased(&slot.view))
    }

    /// With ids and numbers given where a client left them to the server.
    fn completed(&mut self, submissions: &[Submission], past: &Past, now: Timestamp) -> Vec<Submission> {
        let mut completed = submissions.to_vec();
        for submission in &mut completed {
            if let Submission::Edit(Handed { edit, .. }) | Submission::Withdrawn { edit, .. } = submission
                && complete::is_open(edit)
                && past.known(edit.id).is_none_or(|known| complete::is_judged_anew(edit, known))
                && !self.defects.contains(&edit.id)
                && !(self.head.numbers_wait && complete::takes_number(edit))
            {
                let edit: &mut Edit = Arc::make_mut(edit);
                complete::complete(edit, now, &mut *self.entropy, &mut self.head.numbers);
            }
        }
        completed
    }

    /// Gives the outcomes their positions, in the order of the batch, and puts everything together.
    fn assemble(
        &mut self,
        submissions: &[Submission],
        mut past: Past,
        rooms: Vec<(Vec<usize>, Room)>,
        done: Vec<(Vec<Outcome>, Settling)>,
        looked: Looked,
        now: Timestamp,
    ) -> Prepared {
        let before = self.head.cursor;
        let mut outcomes: Vec<Option<Outcome>> = submissions.iter().map(|_| None).collect();
        let (mut docs, mut rows) = (Vec::new(), Vec::new());
        let mut led_to = Outcomes::default();
        let mut told = Waiting::default();
        let mut moved: BTreeMap<Scope, Digest> = BTreeMap::new();
        let mut opened = Vec::new();
        for ((share, room), (ruled, settling)) in rooms.into_iter().zip(done) {
            for (at, outcome) in share.into_iter().zip(ruled) {
                outcomes[at] = Some(outcome);
            }
            for (scope, was, is) in settling.digests {
                moved.entry(scope).or_default().moved(was, is);
                self.head.digests.entry(scope).or_default().moved(was, is);
            }
            docs.extend(settling.docs);
            rows.extend(settling.rows);
            opened.extend(settling.opened);
            led_to.known.extend(room.known);
            led_to.claimed.extend(room.claimed);
            let mut docs = room.docs;
            for (addr, slot) in room.slots {
                if let Some(doc) = docs.remove(&addr) {
                    self.cache.put(addr, doc, slot);
                }
            }
            self.exposures.extend(room.exposures);
            self.holders.extend(room.holders);
            told.extend(room.waiting);
            self.held.passed(room.held);
        }
        if !told.is_empty() || !self.waiting.is_empty() {
            self.waiting.extend(told);
            self.waiting.forget(|edit| led_to.known.contains_key(edit));
        }
        let mut entries = Vec::with_capacity(submissions.len());
        let mut counters = BTreeMap::new();
        let mut settled = Vec::with_capacity(submissions.len());
        for (submission, outcome) in submissions.iter().zip(outcomes) {
            settled.push(match outcome {
                Some(Outcome::Ruled(ruled)) => {
                    let entry = self.enter(*ruled);
                    let counter = counters.entry(entry.device).or_insert(0);
                    *counter = entry.counter().max(*counter);
                    if let Some(known) = led_to.known.get_mut(&entry.edit) {
                        known.pos = entry.cursor.pos;
                    }
                    entries.push(entry);
                    Settled::Judged { pos: self.head.cursor.pos }
                }
                Some(Outcome::Again) => {
                    let id = submission.edit_id();
                    let found = led_to.known.get(&id).or_else(|| past.known(id));
                    Settled::Again { pos: found.map_or(0, |known| known.pos) }
                }
                Some(Outcome::Unwritten { attempt, verdict }) => Settled::Unwritten { attempt, verdict },
                Some(Outcome::Erased) => Settled::Erased,
                Some(Outcome::Waits(why)) => Settled::Waits(why),
                Some(Outcome::Declined(findings)) => Settled::Declined { findings },
                None => Settled::Later,
            });
        }
        opened.sort_by_key(|opening| opening.addr);
        entries.extend(opened.into_iter().map(|opening| self.open(opening)));
        past.passed(led_to);
        self.past = past;
        self.cache.trim(self.batch);
        if self.exposures.len() > EXPOSURES {
            self.exposures.clear();
        }
        if self.holders.len() > EXPOSURES {
            self.holders.clear();
        }
        let after = self.head.clone();
        let batch = Batch { before, after, looked, moved, at: now, entries, docs, counters, rows };
        Prepared { batch: (!batch.entries.is_empty()).then(|| Arc::new(batch)), settled }
    }

    fn enter(&mut self, ruled: Ruled) -> NewEntry {
        let Ruled { edit, attempt, device, verdict, judged, review, changes, moved, claims, covered, .. } =
            ruled;
        self.head.cursor = self.head.cursor.next(edit, attempt, &verdict, &covered);
        NewEntry {
            cursor: self.head.cursor,
            edit,
            attempt,
            device,
            verdict,
            judged,
            review,
            changes,
            opens: None,
            moved,
            claims,
            covered,
        }
    }

    /// Behind all that the batch did to the document.
    fn open(&mut self, opening: Opening) -> NewEntry {
        let Opening { addr: doc, generation, scopes, was, hash, saved: bytes, leaves } = opening;
        let (edit, verdict) = (generation::opening(doc, generation), Verdict::Accepted);
        let covered = vec![(doc, Some(hash))];
        self.head.cursor = self.head.cursor.next(edit, 0, &verdict, &covered);
        NewEntry {
            cursor: self.head.cursor,
            edit,
            attempt: 0,
            device: DeviceId::NIL,
            verdict,
            judged: None,
            review: None,
            changes: vec![DocChange { part: 0, doc, generation, scopes, hash, bytes }],
            opens: Some(leaves),
            moved: was.map(|was| (doc, was)).into_iter().collect(),
            claims: Vec::new(),
            covered,
        }
    }
}

/// How many of these, from the first on, are judged by the settings as they are now: an edit on them ends the batch, so
/// that what follows is judged by what it says.
pub(super) fn with_its_settings(submissions: &[Submission]) -> usize {
    let ends = submissions.iter().position(Submission::may_change_settings);
    ends.map_or(submissions.len(), |at| at + 1)
}

/// Takes what judging the submission needs out of the cache.
fn furnish(
    room: &mut Room,
    cache: &mut Cache,
    exposures: &mut HashMap<CustomerId, Exposure>,
    docs: &[DocAddr],
    debtors: &[CustomerId],
) {
    let terms = debtors.iter().map(|customer| world::terms(*customer));
    for addr in docs.iter().copied().chain(terms) {
        if let Some((doc, slot)) = cache.take(&addr) {
            room.docs.insert(addr, doc);
            room.slots.insert(addr, slot);
        }
    }
    for customer in debtors {
        if let Some(exposure) = exposures.remove(customer) {
            room.exposures.insert(*customer, exposure);
        }
    }
}
