//! Drives the production intake's pure part over the log in memory, as the server's pipeline does over
//! PostgreSQL: what arrived during the last commit is the next batch, prepared while that commit is under way.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use waybill_server::{
    intake::{Core, Handed, Prepared, Reviewed, Settled, Submission, gather},
    log::{Batch, Collision, CommitError, Head, Log, Written as Landed, memory::MemoryLog},
};
use waybill_shared::{
    chain::Cursor,
    edit::Edit,
    generation::Budget,
    id::{DeviceId, EditId},
    kind::DocAddr,
    protocol::frame::OwnVerdict,
    rules::roles::Role,
    session::who::{Said, Withdrawn},
    time::Timestamp,
};

use super::{dice::Dice, ledger::Written, network::StreamId, server::now};

/// Most submissions in one batch; small, so that batches follow each other closely.
const MOST: usize = 24;

/// Batches under way at once.
const DEEP: usize = 2;

#[derive(Clone)]
pub enum Work {
    Edit(StreamId, Handed),
    Discard(StreamId, EditId, DeviceId),
    Withdrawn(StreamId, Arc<Edit>, Withdrawn),
    /// From the office, beside all connections.
    Review(Reviewed),
    Script(Handed),
    /// Under the id of what the script handed in just before, from a device that uses ids twice.
    Twin(Handed),
    Erase(DocAddr, Timestamp),
}

impl Work {
    fn stream(&self) -> Option<StreamId> {
        match self {
            Self::Edit(stream, _) | Self::Discard(stream, _, _) | Self::Withdrawn(stream, _, _) => {
                Some(*stream)
            }
            Self::Review(_) | Self::Script(_) | Self::Twin(_) | Self::Erase(..) => None,
        }
    }

    /// The edit, and with whose roles it is judged; none for what is kept unseen.
    fn believed(&self) -> Option<(EditId, Vec<Role>)> {
        match self {
            Self::Edit(_, handed) | Self::Script(handed) => {
                Some((handed.edit.id, handed.roles.iter().flat_map(|r| r.to_vec()).collect()))
            }
            Self::Withdrawn(_, edit, _) => Some((edit.id, Vec::new())),
            Self::Review(reviewed) => Some((reviewed.edit.id, reviewed.roles.to_vec())),
            Self::Discard(..) | Self::Erase(..) | Self::Twin(_) => None,
        }
    }

    fn submission(&self) -> Submission {
        match self {
            Self::Edit(_, handed) | Self::Script(handed) | Self::Twin(handed) => {
                Submission::Edit(handed.clone())
            }
            Self::Discard(_, edit, device) => Submission::Discard { edit: *edit, device: *device },
            Self::Withdrawn(_, edit, why) => Submission::Withdrawn { edit: Arc::clone(edit), why: *why },
            Self::Review(reviewed) => Submission::Review(reviewed.clone()),
            Self::Erase(doc, at) => Submission::Erase { doc: *doc, at: *at },
        }
    }
}

pub struct Intake {
    core: Core,
    queue: VecDeque<Work>,
    under_way: VecDeque<(Vec<Work>, Prepared)>,
    /// Of which epoch of the log each connection was told.
    told: BTreeMap<StreamId, u64>,
    /// So many alone, to find the one that the database will not have.
    singly: usize,
    /// No edit comes out as its device made it: each is accepted as another change.
    pub rewrite_all: bool,
    /// A planted defect: numbers are given without an admin's word.
    pub numbers_anyway: bool,
    /// Where the log stood after what this last wrote, and in which epoch.
    stood: (u64, Cursor),
}

/// What a commit led to.
pub enum Committed {
    /// The log went on, perhaps; each settled edit, and whether it was known before.
    Done {
        batch: Option<Arc<Batch>>,
        roles: BTreeMap<EditId, Vec<Role>>,
        settled: Vec<(StreamId, EditId, bool)>,
        /// What waits for other devices.
        others_first: BTreeMap<StreamId, Vec<EditId>>,
        /// Said of edits of which nothing was written.
        unwritten: BTreeMap<StreamId, Vec<Said>>,
        /// What the script's edits came to is known now.
        script: Vec<EditId>,
        /// Taken although another one stands under its id.
        twins: Vec<EditId>,
    },
    /// Try the same again.
    Again,
    /// Nothing was written, and it cannot be now: who handed it in is told to come again.
    Later { streams: BTreeSet<StreamId>, over: BTreeSet<StreamId> },
    /// What ran ahead is void: everything is prepared anew, but for what these connections handed in. They were told
    /// of another log.
    /// `moved`: the log stood elsewhere than where this was prepared.
    Void { over: BTreeSet<StreamId>, moved: bool },
}

impl Intake {
    pub fn new(log: &MemoryLog, dice: Dice) -> Self {
        let head = now(log.head()).expect("in memory");
        Self {
            stood: (head.epoch, head.cursor),
            core: Core::new(head, Box::new(dice), 200, 1),
            queue: VecDeque::new(),
            under_way: VecDeque::new(),
            told: BTreeMap::new(),
            singly: 0,
            rewrite_all: false,
            numbers_anyway: false,
        }
    }

    /// How much documents may grow before they are made anew.
    pub fn allow(&mut self, budget: Budget) {
        self.core.allow(budget);
    }

    pub fn take(&mut self, work: Vec<Work>) {
        self.queue.extend(work);
    }

    /// The log stands in this epoch, a connection is told.
    pub fn tells(&mut self, stream: StreamId, epoch: u64) {
        self.told.insert(stream, epoch);
    }

    /// The log became another one since it was told of it.
    pub fn is_before(&self, stream: StreamId) -> bool {
        self.told.get(&stream).is_some_and(|told| *told < self.stood.0)
    }

    /// The edits that will stand when the next commit comes to its end.
    pub fn about_to_stand(&self) -> Vec<EditId> {
        let batch = self.under_way.front().and_then(|(_, prepared)| prepared.batch.as_deref());
        let entries = batch.into_iter().flat_map(|batch| &batch.entries);
        let standing = entries.filter(|entry| entry.verdict.stands() && entry.opens.is_none());
        standing.map(|entry| entry.edit).collect()
    }

    /// The documents that the next commit gives into other hands.
    pub fn about_to_move(&self) -> Vec<DocAddr> {
        let batch = self.under_way.front().and_then(|(_, prepared)| prepared.batch.as_deref());
        let entries = batch.into_iter().flat_map(|batch| &batch.entries);
        entries.flat_map(|entry| entry.moved.iter().map(|(addr, _)| *addr)).collect()
    }

    pub fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.under_way.is_empty()
    }

    /// Prepares the next batch, if there is something and room. `true`: its commit is now to be done.
    pub fn prepare(&mut self, log: &MemoryLog, at: Timestamp) -> bool {
        if self.queue.is_empty() || self.under_way.len() >= DEEP {
            return false;
        }
        let alone = self.singly > 0;
        let many = self.queue.len().min(if alone { 1 } else { MOST });
        let work: Vec<Work> = self.queue.drain(..many).collect();
        let mut submissions: Vec<Submission> = work.iter().map(Work::submission).collect();
        if self.rewrite_all {
            submissions.iter_mut().for_each(disown);
        }
        loop {
            let wanted = self.core.wants(&submissions);
            if wanted.is_empty() {
                break;
            }
            if wanted.needs_all_written() && !self.under_way.is_empty() {
                // The log must have everything first.
                work.into_iter().rev().for_each(|work| self.queue.push_front(work));
                return false;
            }
            now(gather(&mut self.core, log, &wanted, &submissions)).expect("in memory");
        }
        self.singly -= usize::from(alone);
        if self.numbers_anyway || submissions.iter().any(|one| self.core.waits_for_number(one)) {
            let head = now(log.head()).expect("in memory");
            let wait = head.numbers_wait && !self.numbers_anyway;
            self.core.numbers(&Head { numbers_wait: wait, ..head });
        }
        let prepared = self.core.prepare(&submissions, at).expect("what is to be made anew can be");
        self.under_way.push_back((work, prepared));
        true
    }

    /// The commit of the oldest batch comes to its end.
    pub fn commit(&mut self, log: &MemoryLog) -> Committed {
        let Some((work, mut prepared)) = self.under_way.pop_front() else {
            return Committed::Void { over: BTreeSet::new(), moved: false };
        };
        let written = match &prepared.batch {
            None if !self.is_of_this_log(log) => Err(CommitError::Conflict),
            None => Ok(None),
            Some(batch) => match committed(log, batch) {
                Err(
                    CommitError::Unknown(_)
                    | CommitError::Retry(_)
                    | CommitError::Unclear(_)
                    | CommitError::Defect(_),
                ) => {
                    self.under_way.push_front((work, prepared));
                    return Committed::Again;
                }
                other => other.map(Some),
            },
        };
        let written = match written {
            Ok(written) => written,
            Err(CommitError::Collision(met)) => {
                self.under_way.push_front((work, prepared));
                self.collides(*met);
                return Committed::Void { over: BTreeSet::new(), moved: true };
            }
            Err(CommitError::DiskFull | CommitError::Outdated) => {
                let over = self.start_over(log);
                let streams: BTreeSet<StreamId> = work.iter().filter_map(Work::stream).collect();
                // What a connection handed in behind it rests on it; the script's twins come behind what it sends again.
                let ids: BTreeSet<EditId> = work.iter().map(|work| work.submission().edit_id()).collect();
                self.queue.retain(|work| match work.stream() {
                    Some(stream) => !streams.contains(&stream),
                    None => !ids.contains(&work.submission().edit_id()),
                });
                return Committed::Later { streams, over };
            }
            Err(error) => {
                let moved = matches!(error, CommitError::Conflict);
                if !moved {
                    match work.as_slice() {
                        [one] => {
                            self.core.set_aside(one.submission().edit_id());
                        }
                        several => self.singly += several.len(),
                    }
                }
                self.under_way.push_front((work, prepared));
                return Committed::Void { over: self.start_over(log), moved };
            }
        };
        if let (Some(was), Some(written)) = (prepared.batch.take(), written) {
            self.stood = (written.batch.after.epoch, written.batch.after.cursor);
            let by = written.batch.further_than(&was);
            prepared.settled.iter_mut().for_each(|settled| settled.stands_further(was.before.pos, by));
            self.goes_on(&was, &written);
            prepared.batch = Some(written.batch);
        }
        let settled = work.iter().zip(&prepared.settled).filter_map(|(work, settled)| {
            let before = match settled {
                Settled::Again { .. } => true,
                Settled::Judged { .. } => false,
                _ => return None,
            };
            Some((work.stream()?, work.submission().edit_id(), before))
        });
        let settled = settled.collect();
        let mut others_first: BTreeMap<StreamId, Vec<EditId>> = BTreeMap::new();
        let mut unwritten: BTreeMap<StreamId, Vec<Said>> = BTreeMap::new();
        let (mut script, mut twins) = (Vec::new(), Vec::new());
        for (work, settled) in work.iter().zip(&prepared.settled) {
            match (settled, work, work.stream()) {
                (Settled::Waits(_), _, Some(stream)) => {
                    others_first.entry(stream).or_default().push(work.submission().edit_id());
                }
                (Settled::Unwritten { attempt, verdict }, _, Some(stream)) => {
                    let said = (work.submission().edit_id(), OwnVerdict::new(*attempt, verdict.clone()));
                    unwritten.entry(stream).or_default().push(said);
                }
                (Settled::Judged { .. } | Settled::Again { .. }, Work::Script(handed), _) => {
                    script.push(handed.edit.id);
                }
                (Settled::Judged { .. }, Work::Twin(handed), _) => twins.push(handed.edit.id),
                _ => {}
            }
        }
        let roles = believed(&work);
        Committed::Done { batch: prepared.batch, roles, settled, others_first, unwritten, script, twins }
    }

    /// What is on its way into the log, though the process ends now: the database may still write it, or not.
    pub fn leaves(&mut self) -> Option<Written> {
        let (work, prepared) = self.under_way.pop_front()?;
        Some(Written { batch: prepared.batch?, roles: believed(&work) })
    }

    /// The oldest batch is written: those prepared on it stand behind it, or are prepared again.
    fn goes_on(&mut self, was: &Batch, written: &Landed) {
        let (mut works, ahead): (Vec<_>, Vec<_>) = self.under_way.drain(..).unzip();
        let ahead = self.core.landed(was, written, ahead).into_iter().map_while(|prepared| prepared);
        let ahead: Vec<Prepared> = ahead.collect();
        for work in works.drain(ahead.len()..).rev() {
            work.into_iter().rev().for_each(|work| self.queue.push_front(work));
        }
        self.under_way.extend(works.into_iter().zip(ahead));
    }

    /// Others had changed what the oldest batch looked into: all under way are prepared again.
    fn collides(&mut self, met: Collision) {
        self.stood = (met.head.epoch, met.head.cursor);
        let (works, prepared): (Vec<_>, Vec<_>) = self.under_way.drain(..).unzip();
        let batches = prepared.iter().filter_map(|prepared| prepared.batch.as_deref());
        self.core.collided(batches, met);
        works.into_iter().flatten().rev().for_each(|work| self.queue.push_front(work));
    }

    /// What is remembered is of the log that there is.
    fn is_of_this_log(&self, log: &MemoryLog) -> bool {
        let (epoch, stood) = self.stood;
        now(log.head()).expect("in memory").epoch == epoch && now(log.has(stood)).expect("in memory")
    }

    /// The connections that were told of another log.
    fn start_over(&mut self, log: &MemoryLog) -> BTreeSet<StreamId> {
        for (work, _) in std::mem::take(&mut self.under_way).into_iter().rev() {
            work.into_iter().rev().for_each(|work| self.queue.push_front(work));
        }
        now(log.is_another(self.stood.0, self.stood.1)).expect("in memory");
        let head = now(log.head()).expect("in memory");
        self.stood = (head.epoch, head.cursor);
        self.core.rewind(head);
        let over: BTreeSet<StreamId> =
            self.queue.iter().filter_map(Work::stream).filter(|stream| self.is_before(*stream)).collect();
        self.queue.retain(|work| work.stream().is_none_or(|stream| !over.contains(&stream)));
        over
    }
}

fn believed(work: &[Work]) -> BTreeMap<EditId, Vec<Role>> {
    work.iter().filter_map(Work::believed).collect()
}

/// An answer that was lost is looked up.
fn committed(log: &MemoryLog, batch: &Arc<Batch>) -> Result<Landed, CommitError> {
    match now(log.commit(batch)) {
        Err(CommitError::Unknown(words)) => log.has_written(batch).ok_or(CommitError::Unknown(words)),
        other => other,
    }
}

/// Makes the claim of an edit one that cannot come out, so that the server writes it as another change.
fn disown(submission: &mut Submission) {
    let Submission::Edit(handed) = submission else { return };
    for part in &mut Arc::make_mut(&mut handed.edit).parts {
        if let Some(made) = &mut part.made {
            made.seq += 1;
        }
    }
}
