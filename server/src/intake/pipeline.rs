//! Intake at work: it takes whatever arrived while the last batch was being written, from each device in turn,
//! prepares it while the one before is still on its way into the log, and answers once it is there.

use std::{
    collections::{HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use waybill_shared::{
    chain::Cursor,
    generation::Budget,
    id::{EditId, Entropy},
    time::Timestamp,
};

use super::{
    Settled, Submission,
    core::{Core, Prepared},
    gather::gather,
    land::{Landing, land},
    lanes::{Arrived, Lanes},
    turn::Turn,
};
use crate::{
    log::{Batch, Head, Log, LogError},
    sync::OsEntropy,
};

/// Submissions in one batch. A full one is prepared while the one before is still being written; fewer gather until
/// it is: on few processors the two would only hold each other up.
const LARGEST: usize = 256;

/// Of these, from one device.
const SHARE: usize = LARGEST / 2;

/// Submissions that wait. Whoever finds no place among them waits for one, in the order of asking, and a connection asks
/// for one at a time.
const QUEUE: usize = 1024;

/// Edits that are judged one by one after an end that was no stop: more than devices had under way.
const CAREFUL: usize = 512;

const DATABASE_PAUSE: Duration = Duration::from_millis(500);

/// The door to intake, for connections.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::UnboundedSender<Arrived>,
    places: Arc<Semaphore>,
}

#[derive(Debug)]
pub struct Submitted {
    pub what: Submission,
    pub turn: Turn,
}

#[derive(Debug, thiserror::Error)]
#[error("the server is stopping")]
pub struct IntakeStopped;

pub struct Options {
    pub entropy: Box<dyn Entropy + Send>,
    pub now: fn() -> Timestamp,
    /// Documents that stay in memory.
    pub documents: usize,
    /// Threads that judge.
    pub hands: usize,
    /// How much a document may grow before it is made anew.
    pub budget: Budget,
    /// How much of one device is held at most.
    pub held: u64,
    /// Devices take turns; else everything is judged in the order in which it was handed in.
    pub turns: bool,
    /// Told the position of the log after each batch.
    pub moved: watch::Sender<u64>,
    /// Take nothing new, finish what was handed in.
    pub stop: CancellationToken,
}

impl Options {
    /// As the server runs it: on the clock and randomness of the system.
    pub fn usual() -> Self {
        Self {
            entropy: Box::new(OsEntropy),
            now: crate::sync::now,
            documents: 20_000,
            hands: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8)),
            budget: Budget::default(),
            held: u64::MAX,
            turns: true,
            moved: watch::Sender::new(0),
            stop: CancellationToken::new(),
        }
    }
}

impl Intake {
    pub async fn start<L: Log>(log: Arc<L>, options: Options) -> Result<(Self, JoinHandle<()>), LogError> {
        let past = log.opened().await?;
        let head = log.head().await?;
        let (queue, arriving) = mpsc::unbounded_channel();
        options.moved.send_replace(head.cursor.pos);
        let (stood, epoch) = (head.cursor, head.epoch);
        let mut core = Core::new(head, options.entropy, options.documents, options.hands);
        core.allow(options.budget);
        core.hold_at_most(options.held);
        if past.fell {
            tracing::warn!(
                "the last server ended without being stopped; the first edits are judged one by one"
            );
        }
        if let Some(edit) = past.deadly {
            tracing::error!(%edit, "the server ended twice while judging this edit; it is set aside");
        }
        for edit in past.aside {
            core.set_aside(edit);
        }
        let worker = Worker {
            log,
            stood,
            epoch,
            core: Some(core),
            arriving,
            lanes: if options.turns { Lanes::default() } else { Lanes::one() },
            now: options.now,
            moved: options.moved,
            stop: options.stop,
            flight: None,
            collisions: 0,
            again: VecDeque::new(),
            singly: 0,
            careful: if past.fell { CAREFUL } else { 0 },
            noted: false,
            blamed: HashSet::new(),
        };
        let places = Arc::new(Semaphore::new(QUEUE));
        Ok((Self { queue, places }, tokio::spawn(worker.run())))
    }

    /// Waits while too much is waiting already.
    pub async fn submit(&self, submitted: Submitted) -> Result<(), IntakeStopped> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| IntakeStopped)?;
        self.queue.send(Arrived { submitted, place }).map_err(|_| IntakeStopped)
    }
}

struct Worker<L> {
    log: Arc<L>,
    /// Where the log stood after what this last wrote, and in which epoch.
    stood: Cursor,
    epoch: u64,
    /// Away only while a batch is prepared on another thread.
    core: Option<Core>,
    arriving: mpsc::UnboundedReceiver<Arrived>,
    /// What has arrived.
    lanes: Lanes,
    now: fn() -> Timestamp,
    moved: watch::Sender<u64>,
    stop: CancellationToken,
    flight: Option<Flight>,
    /// How often in a row others had changed what a batch looked into.
    collisions: u32,
    /// To be prepared once more, before anything that arrives.
    again: VecDeque<Submitted>,
    /// So many of them alone, to find the one that the database will not have.
    singly: usize,
    /// So many alone, each noted before, to find the one that ends the process.
    careful: usize,
    /// Edits are noted as being in work.
    noted: bool,
    /// Set aside because the database would not have them, and not yet written as such.
    blamed: HashSet<EditId>,
}

/// A batch on its way into the log.
struct Flight {
    landing: JoinHandle<Landing>,
    /// Once `landing` was awaited.
    landed: Option<Landing>,
    submitted: Vec<Submitted>,
    settled: Vec<Settled>,
    batch: Arc<Batch>,
    since: Instant,
}

impl<L: Log> Worker<L> {
    async fn run(mut self) {
        while let Some(submitted) = self.next().await {
            self.process(submitted).await;
        }
        if let Err(error) = self.log.closed().await {
            tracing::warn!(%error, "that the server ended in order could not be noted");
        }
    }

    /// What is to be prepared next; `None`: nothing will come any more.
    async fn next(&mut self) -> Option<Vec<Submitted>> {
        let mut arrived = Vec::new();
        loop {
            // What arrived meanwhile comes after it.
            if !self.again.is_empty() {
                let count = self.most().min(self.again.len());
                self.singly = self.singly.saturating_sub(count);
                return Some(self.again.drain(..count).collect());
            }
            let most = self.most();
            if self.lanes.fill(most, SHARE) || (!self.lanes.is_empty() && self.flight.is_none()) {
                return Some(self.lanes.take(most, SHARE));
            }
            if self.noted && self.flight.is_none() && self.arriving.is_empty() {
                self.rest().await;
            }
            tokio::select! {
                biased;
                () = landed(&mut self.flight) => {
                    let _ = self.finish_flight(None).await;
                }
                count = self.arriving.recv_many(&mut arrived, QUEUE) => {
                    arrived.drain(..).for_each(|one| self.lanes.add(one));
                    if count == 0 {
                        // Closed, and everything was taken.
                        let _ = self.finish_flight(None).await;
                        if self.lanes.is_empty() && self.again.is_empty() {
                            return None;
                        }
                    }
                }
                () = self.stop.cancelled(), if !self.arriving.is_closed() => self.arriving.close(),
            }
        }
    }

    /// Where servers keep changing what the other looks into, a smaller batch comes through sooner.
    fn most(&self) -> usize {
        if self.singly > 0 || self.careful > 0 { 1 } else { (LARGEST >> self.collisions.min(8)).max(1) }
    }

    /// Those that were in work are not to blame for an end that comes while nothing is.
    async fn rest(&mut self) {
        self.noted = false;
        if let Err(error) = self.log.at_rest().await {
            tracing::warn!(%error, "that nothing is in work could not be noted");
        }
    }

    /// After an end that was no stop: an edit that ends the process again is found here.
    async fn take_care(&mut self, submitted: &[Submitted]) {
        if self.careful == 0 {
            return;
        }
        self.careful -= 1;
        let edit = submitted.first().filter(|_| self.careful > 0).and_then(|one| one.what.noted());
        if let Err(error) = self.log.trying(edit).await {
            tracing::warn!(%error, "the edit that is judged now could not be noted");
        }
    }

    async fn process(&mut self, mut submitted: Vec<Submitted>) {
        later(submitted.extract_if(.., |one| one.turn.is_over()));
        for one in submitted.extract_if(.., |one| one.turn.is_before(self.epoch)) {
            one.turn.answer(one.what.edit_id(), Settled::AnotherLog);
        }
        if submitted.is_empty() {
            return;
        }
        self.noted = true;
        self.take_care(&submitted).await;
        let submissions: Vec<Submission> = submitted.iter().map(|one| one.what.clone()).collect();
        match self.gathered(&submissions).await {
            Ok(()) => {}
            Err(Failed::Unread) => return later(submitted),
            Err(Failed::Before(fallen)) => return self.put_back(fallen, submitted),
        }
        let submissions = self.affordable(submissions, &mut submitted);
        self.ask_for_numbers(&submissions).await;
        let prepared = self.prepared(submissions).await;
        let panicked = prepared.is_none();
        // One batch after the other: this one rests on what the last one wrote.
        let prepared = match self.finish_flight(prepared).await {
            Ok(prepared) => prepared,
            Err(fallen) => return self.put_back(fallen, submitted),
        };
        let Some(Prepared { batch, settled }) = prepared else {
            if panicked {
                self.set_aside(submitted).await;
            } else {
                self.put_back(0, submitted);
            }
            return;
        };
        let Some(batch) = batch else { return self.answer_from_memory(submitted, settled).await };
        metrics::counter!("waybill_batches_total").increment(1);
        let (log, writing) = (Arc::clone(&self.log), Arc::clone(&batch));
        let landing = tokio::spawn(async move { land(&*log, &writing).await });
        let since = Instant::now();
        self.flight = Some(Flight { landing, landed: None, submitted, settled, batch, since });
    }

    /// As many as one batch may cost to judge, whoever sent them; the rest goes back to where it waited.
    fn affordable(
        &mut self,
        mut submissions: Vec<Submission>,
        submitted: &mut Vec<Submitted>,
    ) -> Vec<Submission> {
        let Some(core) = &self.core else { return submissions };
        let fits = core.affordable(&submissions);
        submissions.truncate(fits);
        let rest = submitted.split_off(fits.min(submitted.len()));
        if self.again.is_empty() {
            self.lanes.put_back(rest);
        } else {
            self.put_back(0, rest);
        }
        submissions
    }

    /// Nothing is to be written, so that nothing else tells whether what is remembered is of the log that there is.
    async fn answer_from_memory(&mut self, submitted: Vec<Submitted>, settled: Vec<Settled>) {
        // What has to wait or is declined was judged on documents that others may have changed since.
        let judged = |settled: &Settled| matches!(settled, Settled::Waits(_) | Settled::Declined { .. });
        let judged = settled.iter().any(judged);
        let there = async {
            let head = self.log.head().await?;
            let same = head.epoch == self.epoch && (!judged || head.cursor == self.stood);
            Ok::<_, LogError>(same && self.log.has(self.stood).await?)
        };
        match there.await {
            Ok(true) => answer(submitted, settled),
            Ok(false) => {
                self.rewind().await;
                self.put_back(0, submitted);
            }
            Err(error) => {
                tracing::warn!(%error, "the log could not be read");
                later(submitted);
            }
        }
    }

    async fn gathered(&mut self, submissions: &[Submission]) -> Result<(), Failed> {
        loop {
            let Some(core) = &mut self.core else { return Err(Failed::Unread) };
            let wanted = core.wants(submissions);
            if wanted.is_empty() {
                return Ok(());
            }
            // What a customer owes and who has a number is asked when the log has everything that is known here.
            if wanted.needs_all_written() && self.flight.is_some() {
                self.finish_flight(None).await.map_err(Failed::Before)?;
                continue;
            }
            if let Err(error) = gather(core, &*self.log, &wanted, submissions).await {
                tracing::warn!(%error, "the log could not be read");
                self.finish_flight(None).await.map_err(Failed::Before)?;
                self.rewind().await;
                return Err(Failed::Unread);
            }
        }
    }

    /// Whether numbers are given again, if that matters to any of these: meanwhile an admin may have said the word.
    async fn ask_for_numbers(&mut self, submissions: &[Submission]) {
        let Some(core) = &mut self.core else { return };
        if submissions.iter().any(|one| core.waits_for_number(one))
            && let Ok(head) = self.log.head().await
        {
            core.numbers(&head);
        }
    }

    /// `None`: judging failed where no single edit can be named.
    async fn prepared(&mut self, submissions: Vec<Submission>) -> Option<Prepared> {
        let mut core = self.core.take()?;
        let now = (self.now)();
        let work = tokio::task::spawn_blocking(move || {
            let prepared = catch_unwind(AssertUnwindSafe(|| core.prepare(&submissions, now)));
            (core, prepared)
        });
        let (core, prepared) = match work.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(Box::new(error)),
        };
        self.core = Some(core);
        match prepared {
            Ok(Ok(prepared)) => Some(prepared),
            Ok(Err(error)) => {
                tracing::error!(%error, "a batch cannot be judged");
                None
            }
            Err(_) => None,
        }
    }

    /// Waits for the batch that is on its way. An error: it did not land as it was, so that what was prepared on it is worth
    /// nothing, and so many of its submissions are to be prepared again. What was prepared on it comes back as it stands
    /// then, unless others wrote what it looked into.
    async fn finish_flight(&mut self, ahead: Option<Prepared>) -> Result<Option<Prepared>, usize> {
        let Some(flight) = self.flight.take() else { return Ok(ahead) };
        let Flight { landing, landed, submitted, mut settled, batch, since } = flight;
        let landed = match landed {
            Some(landed) => landed,
            None => ended(landing.await),
        };
        let count = submitted.len();
        match landed {
            Landing::Written(written) => {
                metrics::histogram!("waybill_commit_seconds").record(since.elapsed().as_secs_f64());
                for entry in &batch.entries {
                    metrics::counter!("waybill_edits_total", "verdict" => entry.verdict.name()).increment(1);
                }
                self.collisions = 0;
                self.moved.send_replace(written.batch.after.cursor.pos);
                self.stood = written.batch.after.cursor;
                let by = written.batch.further_than(&batch);
                settled.iter_mut().for_each(|settled| settled.stands_further(batch.before.pos, by));
                let ahead = match &mut self.core {
                    Some(core) => {
                        core.written(&batch);
                        core.landed(&batch, &written, ahead.into_iter().collect()).pop().flatten()
                    }
                    None => None,
                };
                if !self.blamed.is_empty() {
                    batch.entries.iter().for_each(|entry| _ = self.blamed.remove(&entry.edit));
                }
                note_fallen(&batch, &submitted);
                answer(submitted, settled);
                Ok(ahead)
            }
            Landing::Conflict => {
                metrics::counter!("waybill_batches_redone_total").increment(1);
                self.rewind().await;
                self.put_back(0, submitted);
                Err(count)
            }
            Landing::Collision(met) => {
                metrics::counter!("waybill_batches_redone_total").increment(1);
                self.collisions = self.collisions.saturating_add(1);
                self.stood = met.head.cursor;
                let ahead = ahead.and_then(|ahead| ahead.batch);
                if let Some(core) = &mut self.core {
                    core.collided([&batch].into_iter().chain(&ahead).map(|batch| &**batch), *met);
                }
                self.put_back(0, submitted);
                Err(count)
            }
            Landing::Later(why) => {
                tracing::error!(why, edits = count, "edits are turned away for later");
                later(submitted);
                self.rewind().await;
                Err(0)
            }
            Landing::Rejected(words) => {
                tracing::error!(%words, "the database would not have a batch");
                Err(self.set_aside(submitted).await)
            }
        }
    }

    /// One of these cannot be written: each is tried alone, and the one that fails alone is ruled a defect. So
    /// many are to be prepared again.
    async fn set_aside(&mut self, submitted: Vec<Submitted>) -> usize {
        self.rewind().await;
        match (submitted.as_slice(), &mut self.core) {
            ([one], Some(core)) => {
                let edit = one.what.edit_id();
                if core.set_aside(edit) {
                    self.blamed.insert(edit);
                } else {
                    tracing::error!(%edit, "not even the verdict that an edit is a defect can be written");
                    if self.blamed.remove(&edit) {
                        core.acquit(edit);
                    }
                    // What came behind it does not wait for a mend of the database.
                    one.turn.answer(edit, Settled::Later);
                    tokio::time::sleep(DATABASE_PAUSE).await;
                    return 0;
                }
            }
            _ => self.singly += submitted.len(),
        }
        let count = submitted.len();
        self.put_back(0, submitted);
        count
    }

    /// Behind the first `after` of those that are to be prepared again.
    fn put_back(&mut self, after: usize, submitted: Vec<Submitted>) {
        let rest = self.again.split_off(after.min(self.again.len()));
        self.again.extend(submitted);
        self.again.extend(rest);
    }

    /// Forgets what ran ahead of the log. While the database does not answer, devices are told to come again.
    async fn rewind(&mut self) {
        loop {
            match look_again(&*self.log, self.epoch, self.stood).await {
                Ok(head) => {
                    (self.epoch, self.stood) = (head.epoch, head.cursor);
                    if let Some(core) = &mut self.core {
                        core.rewind(head);
                    }
                    return;
                }
                Err(error) => tracing::warn!(%error, "waiting for the database"),
            }
            later(self.again.drain(..));
            self.singly = 0;
            later(self.lanes.drain());
            while let Ok(waiting) = self.arriving.try_recv() {
                later([waiting.submitted]);
            }
            tokio::time::sleep(DATABASE_PAUSE).await;
        }
    }
}

/// The log may be another one by now than the one that was written to.
async fn look_again<L: Log>(log: &L, epoch: u64, stood: Cursor) -> Result<Head, LogError> {
    log.is_another(epoch, stood).await?;
    log.head().await
}

/// Why a batch cannot be prepared.
enum Failed {
    /// The log could not be read.
    Unread,
    /// The batch before it did not land: so many of its submissions come first.
    Before(usize),
}

/// Ends when the batch that is on its way has landed; never without one.
async fn landed(flight: &mut Option<Flight>) {
    match flight {
        Some(flight) if flight.landed.is_none() => flight.landed = Some(ended((&mut flight.landing).await)),
        Some(_) => {}
        None => std::future::pending().await,
    }
}

fn ended(landing: Result<Landing, tokio::task::JoinError>) -> Landing {
    landing.unwrap_or(Landing::Later("writing was cut off"))
}

/// What does not stand cost as much as what does, or more: whoever sends much of it is slowed down for that, too.
fn note_fallen(batch: &Batch, submitted: &[Submitted]) {
    let fallen = batch.entries.iter().filter(|entry| entry.judged.is_some() && !entry.verdict.stands());
    let fallen: HashSet<EditId> = fallen.map(|entry| entry.edit).collect();
    for one in submitted.iter().filter(|one| fallen.contains(&one.what.edit_id())) {
        one.turn.note_fallen();
    }
}

fn answer(submitted: Vec<Submitted>, settled: Vec<Settled>) {
    for (one, settled) in submitted.into_iter().zip(settled) {
        one.turn.answer(one.what.edit_id(), settled);
    }
}

fn later(submitted: impl IntoIterator<Item = Submitted>) {
    for one in submitted {
        one.turn.turn_away(one.what.edit_id());
    }
}
