//! The pure part of intake: from a batch of submissions, and what the log says of them, to everything that is
//! written. It runs ahead of the log by the batches that are under way.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use waybill_shared::{
    command::Command,
    digest::Digest,
    doc::{Actor, Hash},
    edit::{Edit, Verdict},
    erasure,
    generation::{self, Budget},
    id::{CustomerId, DeviceId, EditId, Entropy, SettingsId},
    kind::{DocAddr, DocKind},
    protocol::frame::DocChange,
    scope::Scope,
    time::Timestamp,
    view::View,
};

use super::{
    Handed, Settled, Submission,
    cache::{Cache, Opening, Settling},
    complete,
    hands::Hands,
    partition::deal,
    past::{Outcomes, Past},
    room::{Common, Outcome, Room, Ruled},
    waiting::Waiting,
    world::{self, Exposure},
};
use crate::log::{Batch, Claim, Collision, Head, Loaded, Looked, NewEntry, Written};

/// Customers whose exposure stays in memory.
const EXPOSURES: usize = 20_000;

/// So long devices have to send again what a log lacks that became another one.
const RETURN_MS: i64 = 24 * 60 * 60 * 1_000;

/// Below this many submissions a second hand is not worth waking.
const WORTH_DEALING: usize = 16;

pub struct Core {
    /// As it will be when all batches under way are written.
    head: Head,
    cache: Cache,
    exposures: HashMap<CustomerId, Exposure>,
    past: Past,
    defects: HashSet<EditId>,
    actor: Actor,
    entropy: Box<dyn Entropy + Send>,
    budget: Budget,
    batch: u64,
    hands: Hands,
    waiting: Waiting,
}

/// What has to be asked of the log before a batch can be prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub docs: Vec<DocAddr>,
    pub edits: Vec<EditId>,
    pub claims: Vec<(DocAddr, Hash)>,
    /// Their exposure. The log must have all batches that are under way before it is asked.
    pub customers: Vec<CustomerId>,
}

impl Wanted {
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty() && self.edits.is_empty() && self.claims.is_empty() && self.customers.is_empty()
    }
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
            past: Past::default(),
            defects: HashSet::new(),
            actor: Actor::fresh(&mut *entropy),
            entropy,
            budget: Budget::default(),
            batch: 0,
            hands: Hands::new(hands),
            waiting: Waiting::default(),
        }
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
        self.past = Past::default();
        self.actor = Actor::fresh(&mut *self.entropy);
    }

    /// The oldest batch under way was written, perhaps behind what others wrote. Each of those prepared on it, the oldest
    /// first, stands behind that now; from the first `None` on they are to be prepared again.
    pub fn landed(&mut self, was: &Batch, written: &Written, ahead: Vec<Prepared>) -> Vec<Option<Prepared>> {
        let Some(others) = &written.others else { return ahead.into_iter().map(Some).collect() };
        let (from, by) = (was.before.pos, written.batch.further_than(was));
        others.docs.iter().for_each(|addr| self.cache.forget(addr));
        others.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        self.past.forget(&others.edits);
        self.past.stands_further(from, by);
        let mut head = Head { numbers_wait: self.head.numbers_wait, ..written.batch.after.clone() };
        let mut holds = true;
        let ahead = ahead.into_iter().map(|mut prepared| {
            prepared.settled.iter_mut().for_each(|settled| settled.stands_further(from, by));
            let Some(batch) = prepared.batch.take() else {
                // What it was answered from may be others' by now.
                holds = false;
                return None;
            };
            holds &= !batch.looked.clashes_with(others);
            if !holds {
                // What it wrote is nowhere.
                self.forget(&batch.looked);
                return None;
            }
            let batch = batch.behind(&head);
            head = batch.after.clone();
            Some(Prepared { batch: Some(Arc::new(batch)), ..prepared })
        });
        let ahead = ahead.collect();
        self.head = head;
        if !holds {
            self.actor = Actor::fresh(&mut *self.entropy);
        }
        ahead
    }

    /// The oldest batch under way was not written, because others had changed what it looked into: it is prepared again,
    /// with those prepared on it.
    pub fn collided<'a>(&mut self, batches: impl Iterator<Item = &'a Batch>, met: Collision) {
        let Collision { others, head } = met;
        others.docs.iter().for_each(|addr| self.cache.forget(addr));
        others.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        self.past.forget(&others.edits);
        batches.for_each(|batch| self.forget(&batch.looked));
        self.head = head;
        self.actor = Actor::fresh(&mut *self.entropy);
    }

    /// What was prepared and is not written: nothing of it may be remembered.
    fn forget(&mut self, looked: &Looked) {
        looked.docs.iter().for_each(|addr| self.cache.forget(addr));
        looked.customers.iter().for_each(|customer| _ = self.exposures.remove(customer));
        self.past.forget(&looked.edits);
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

    /// What is still to be asked for this batch. Ask again after `take_in`, until it is empty.
    pub fn wants(&self, submissions: &[Submission]) -> Wanted {
        let mut wanted = Wanted::default();
        let settings = SettingsId::ONLY.into();
        let mut docs = BTreeSet::from([settings]);
        let mut edits = BTreeSet::new();
        let mut claims = BTreeSet::new();
        let mut made = HashSet::new();
        for submission in submissions {
            edits.insert(submission.edit_id());
            docs.extend(submission.docs());
            let Some(edit) = submission.edit() else { continue };
            edits.extend(edit.after.iter().copied());
            if let Some(Verdict::Blocked { by, .. }) = self.past.known(edit.id).map(|known| &known.verdict) {
                edits.insert(*by);
            }
            docs.extend(erasure::names(edit).map(DocAddr::from));
            for part in &edit.parts {
                docs.insert(part.doc);
                let Some(part_made) = &part.made else { continue };
                // An edit that has its verdict is not judged in this batch: the log tells of its claims.
                if self.past.known(edit.id).is_none() {
                    made.extend(part_made.hash);
                }
                if let Some(doc) = self.cache.doc(&part.doc) {
                    let missing = part_made.deps.iter().filter(|dep| !doc.has(**dep));
                    claims.extend(missing.map(|dep| (part.doc, *dep)));
                }
            }
        }
        let debtors = self.debtors(submissions);
        docs.extend(debtors.keys().map(|customer| world::terms(*customer)));
        wanted.docs = docs.into_iter().filter(|addr| !self.cache.has(addr)).collect();
        wanted.edits = edits.into_iter().filter(|id| self.past.is_open(*id)).collect();
        let is_open = |claim: &(DocAddr, Hash)| !made.contains(&claim.1) && self.past.is_open_claim(*claim);
        wanted.claims = claims.into_iter().filter(is_open).collect();
        // The edits behind claims must be known too; the log tells of them with the claims.
        let limited = |(customer, limit_set): &(CustomerId, bool)| {
            let limit = world::limit(self.cache.get(&world::terms(*customer)));
            (*limit_set || limit.is_some()) && !self.exposures.contains_key(customer)
        };
        wanted.customers = debtors.into_iter().filter(limited).map(|(customer, _)| customer).collect();
        wanted
    }

    pub fn take_in(
        &mut self,
        wanted: &Wanted,
        loaded: Loaded,
        claims: Vec<Claim>,
        exposures: HashMap<CustomerId, Exposure>,
    ) {
        let stored: HashMap<DocAddr, _> = loaded.docs.iter().map(|doc| (doc.addr, doc)).collect();
        for addr in &wanted.docs {
            self.cache.take_in(*addr, stored.get(addr).copied());
        }
        self.past.take_in_edits(&wanted.edits, loaded.edits);
        self.past.take_in_claims(&wanted.claims, claims);
        self.exposures.extend(exposures);
    }

    /// Judges the batch. Everything it wants must have been taken in.
    pub fn prepare(&mut self, submissions: &[Submission], now: Timestamp) -> Prepared {
        self.batch += 1;
        let past = std::mem::take(&mut self.past);
        let lost = self.head.since.filter(|since| now.since(*since) < RETURN_MS);
        if lost.is_none() && !self.head.numbers_wait {
            self.waiting = Waiting::default();
        }
        let numbers = self.head.numbers;
        let submissions = self.completed(submissions, &past, now);
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
            no_numbers: self.head.numbers_wait,
            waiting: &self.waiting,
            actor: self.actor,
            budget: self.budget,
            batch: self.batch,
        };
        let debtors: Vec<Vec<CustomerId>> =
            submissions.iter().map(|submission| self.debtors_of(submission, &HashMap::new())).collect();
        let keys: Vec<Vec<Key>> = submissions.iter().zip(&debtors).map(|(s, d)| keys(s, d)).collect();
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
                furnish(&mut room, &mut self.cache, &mut self.exposures, &submissions[*at], &debtors[*at]);
            }
            rooms.push((share, room));
        }
        let done = self.hands.map(&mut rooms, |(share, room)| {
            let outcomes = share.iter().map(|at| room.take(&submissions[*at], &common)).collect();
            (outcomes, room.settle(&common))
        });
        self.assemble(&submissions, past, rooms, done, looked, now)
    }

    /// Of those that the batch names.
    fn erased(&self, submissions: &[Submission]) -> HashSet<CustomerId> {
        let named = submissions.iter().filter_map(Submission::edit).flat_map(erasure::names);
        let gone = |customer: &CustomerId| {
            let slot = self.cache.get(&DocAddr::from(*customer));
            slot.is_some_and(|slot| erasure::is_erased(&slot.view))
        };
        named.filter(gone).collect()
    }

    /// With ids and numbers given where a client left them to the server.
    fn completed(&mut self, submissions: &[Submission], past: &Past, now: Timestamp) -> Vec<Submission> {
        let mut completed = submissions.to_vec();
        for submission in &mut completed {
            if let Submission::Edit(Handed { edit, .. }) | Submission::Withdrawn { edit, .. } = submission
                && complete::is_open(edit)
                && past.known(edit.id).is_none()
                && !self.defects.contains(&edit.id)
                && !(self.head.numbers_wait && complete::takes_number(edit))
            {
                let edit: &mut Edit = Arc::make_mut(edit);
                complete::complete(edit, now, &mut *self.entropy, &mut self.head.numbers);
            }
        }
        completed
    }

    /// The customers whose credit judging this batch may look at, and whether the batch sets their limit.
    fn debtors(&self, submissions: &[Submission]) -> BTreeMap<CustomerId, bool> {
        let mut created: HashMap<DocAddr, CustomerId> = HashMap::new();
        let mut terms_set: HashSet<DocAddr> = HashSet::new();
        for submission in submissions {
            let Some(edit) = submission.edit() else { continue };
            for part in &edit.parts {
                match &part.command {
                    Command::OrderCreate(create) => {
                        created.extend(create.customer.map(|customer| (part.doc, customer)));
                    }
                    Command::CustomerTermsSetCredit(_) => {
                        terms_set.insert(part.doc);
                    }
                    _ => {}
                }
            }
        }
        let all = submissions.iter().flat_map(|submission| self.debtors_of(submission, &created));
        all.map(|customer| (customer, terms_set.contains(&world::terms(customer)))).collect()
    }

    /// Of every order that the submission touches; `created` names those of orders made in the same batch.
    fn debtors_of(&self, submission: &Submission, created: &HashMap<DocAddr, CustomerId>) -> Vec<CustomerId> {
        let Some(edit) = submission.edit() else { return Vec::new() };
        let orders = edit.parts.iter().filter(|part| part.doc.kind == DocKind::Order);
        let customer = |addr: &DocAddr| match self.cache.get(addr).map(|slot| &*slot.view) {
            Some(View::Order(order)) => order.customer().or_else(|| created.get(addr).copied()),
            _ => created.get(addr).copied(),
        };
        orders
            .filter_map(|part| match &part.command {
                Command::OrderCreate(create) => create.customer.or_else(|| customer(&part.doc)),
                _ => customer(&part.doc),
            })
            .collect()
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
            told.extend(room.waiting);
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
                Some(Outcome::NotYours) => Settled::NotYours,
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
        let after = self.head.clone();
        let batch = Batch { before, after, looked, moved, at: now, entries, docs, counters, rows };
        Prepared { batch: (!batch.entries.is_empty()).then(|| Arc::new(batch)), settled }
    }

    fn enter(&mut self, ruled: Ruled) -> NewEntry {
        let Ruled { edit, attempt, device, verdict, judged, review, changes, moved, claims, covered } = ruled;
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

/// What submissions have to do with each other.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Doc(DocAddr),
    Edit(EditId),
}

fn keys(submission: &Submission, debtors: &[CustomerId]) -> Vec<Key> {
    let mut keys = vec![Key::Edit(submission.edit_id())];
    if let Some(edit) = submission.edit() {
        keys.extend(edit.after.iter().map(|id| Key::Edit(*id)));
    }
    keys.extend(submission.docs().into_iter().map(Key::Doc));
    keys.extend(debtors.iter().map(|customer| Key::Doc(world::terms(*customer))));
    keys
}

/// What judging the batch looks into.
fn looked(keys: &[Vec<Key>], submissions: &[Submission], past: &Past) -> Looked {
    let mut looked = Looked { docs: BTreeSet::from([SettingsId::ONLY.into()]), ..Looked::default() };
    for key in keys.iter().flatten() {
        match key {
            Key::Doc(addr) => looked.docs.insert(*addr),
            Key::Edit(edit) => looked.edits.insert(*edit),
        };
    }
    for submission in submissions {
        looked.devices.extend(submission.device());
        if let Some(Verdict::Blocked { by, .. }) =
            past.known(submission.edit_id()).map(|known| &known.verdict)
        {
            looked.edits.insert(*by);
        }
        let named = submission.edit().into_iter().flat_map(erasure::names);
        looked.docs.extend(named.map(DocAddr::from));
    }
    looked
}

/// Takes what judging the submission needs out of the cache.
fn furnish(
    room: &mut Room,
    cache: &mut Cache,
    exposures: &mut HashMap<CustomerId, Exposure>,
    submission: &Submission,
    debtors: &[CustomerId],
) {
    let terms = debtors.iter().map(|customer| world::terms(*customer));
    for addr in submission.docs().into_iter().chain(terms) {
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
