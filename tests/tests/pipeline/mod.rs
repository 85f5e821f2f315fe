//! The pipeline of intake with devices that hand in, wait, lose their connection and hand in again, over a log
//! that fails by seed and under servers that fall. On paused time, so that a seed replays.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{
    runtime::Builder,
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use waybill_server::{
    intake::{Intake, Options, Settled, Solo, Submitted, Turn},
    log::{Known, Log, memory::MemoryLog},
};
use waybill_shared::{
    command::Command,
    digest::Digest,
    doc::Doc,
    edit::{Edit, EditKind, Verdict},
    id::EditId,
    kind::DocAddr,
    order::commands,
    order::commands::OrderCommand,
    rules::roles::Role,
    scope::Scope,
    view::View,
};
use waybill_tests::{
    faulty_log::{FaultyLog, Plan},
    world::dice::Dice,
};

use crate::till::{NOON, Till, chairs};

/// Sent by one device without an answer yet.
const WINDOW: usize = 16;

/// Of simulated time. Whatever the faults, everything has its verdict by then.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// What came of a seed.
pub struct Ran {
    /// Everything that was not as it must be.
    pub wrong: Vec<String>,
    /// The log's last chain hash: the same whenever the seed is.
    pub print: String,
    /// How often what happened.
    pub tally: BTreeMap<&'static str, u64>,
}

pub fn run(seed: u64) -> Ran {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .max_blocking_threads(1)
        // What another thread has done is looked at when nothing else is to do, however fast it was.
        .global_queue_interval(u32::MAX)
        .build()
        .unwrap();
    runtime.block_on(async {
        timeout(PATIENCE, play(seed)).await.unwrap_or_else(|_| Ran {
            wrong: vec!["somebody still waits for an answer".to_owned()],
            print: String::new(),
            tally: BTreeMap::new(),
        })
    })
}

struct Device {
    till: Till,
    edits: Vec<Edit>,
    dice: Dice,
    /// How often it loses its connection, and goes to any of the servers.
    restless: f64,
    memory: Arc<MemoryLog>,
    /// Where each edit was said to be.
    answered: BTreeMap<EditId, u64>,
    wrong: Vec<String>,
    tally: BTreeMap<&'static str, u64>,
}

async fn play(seed: u64) -> Ran {
    let mut dice = Dice::seeded(seed);
    let memory = Arc::new(MemoryLog::new());
    let devices = company(&memory, &mut dice).await;
    let mut edits: Vec<Edit> = devices.iter().flat_map(|device| device.edits.clone()).collect();
    let mut servers = Vec::new();
    // Of each what it knows of the log, and how that fails.
    let several = if dice.chance(50.0) { 0 } else { 1 + dice.below(2) };
    for nth in 1..=1 + several {
        let own = Arc::new(memory.beside(nth));
        servers.push(
            Server::start(
                Arc::new(FaultyLog::over(&own, Plan::thrown(&mut dice), dice.split())),
                dice.split(),
            )
            .await,
        );
    }
    let doors: Vec<_> = servers.iter().map(|server| watch::Sender::new(server.intake.clone())).collect();
    let mut working = JoinSet::new();
    for device in devices {
        working.spawn(device.works(doors.iter().map(watch::Sender::subscribe).collect()));
    }
    let falls = dice.below(4);
    for _ in 0..falls {
        sleep(Duration::from_millis(dice.between(0, 4_000).unsigned_abs())).await;
        let nth = dice.below(servers.len());
        let log = servers.swap_remove(nth).falls().await;
        servers.push(Server::start(log, dice.split()).await);
        let last = servers.len() - 1;
        servers.swap(nth, last);
        doors[nth].send_replace(servers[nth].intake.clone());
    }
    let mut ran = Ran { wrong: Vec::new(), print: String::new(), tally: BTreeMap::new() };
    while let Some(device) = working.join_next().await {
        let device = device.unwrap();
        ran.wrong.extend(device.wrong);
        for (what, times) in device.tally {
            *ran.tally.entry(what).or_default() += times;
        }
    }
    *ran.tally.entry("falls").or_default() += falls as u64;
    *ran.tally.entry("several servers").or_default() += u64::from(servers.len() > 1);
    let mut deadly = Vec::new();
    for server in servers {
        deadly.extend(server.log.deadly());
        *ran.tally.entry("collisions").or_default() += server.log.collisions();
        *ran.tally.entry("besides").or_default() += server.log.besides();
        server.stops().await;
    }
    edits.sort_by_key(|edit| edit.id);
    check(&memory, &edits, &deadly, &mut ran).await;
    ran
}

struct Server {
    log: Arc<FaultyLog>,
    intake: Intake,
    worker: JoinHandle<()>,
    stop: CancellationToken,
}

impl Server {
    async fn start(log: Arc<FaultyLog>, mut dice: Dice) -> Self {
        loop {
            let stop = CancellationToken::new();
            let entropy = Box::new(dice.split());
            let now = || NOON.plus_ms(3_600_000);
            let options = Options { entropy, now, hands: 1, stop: stop.clone(), ..Options::usual() };
            match Intake::start(Arc::clone(&log), options).await {
                Ok((intake, worker)) => return Self { log, intake, worker, stop },
                // Its supervisor tries again.
                Err(_) => sleep(Duration::from_millis(500)).await,
            }
        }
    }

    /// What it had sent to the database may still be written.
    async fn falls(self) -> Arc<FaultyLog> {
        self.worker.abort();
        let _ = self.worker.await;
        self.log
    }

    async fn stops(self) {
        self.stop.cancel();
        self.worker.await.unwrap();
    }
}

/// Three devices, each with orders of its own and all with one that they share; everything is entered offline.
async fn company(memory: &Arc<MemoryLog>, dice: &mut Dice) -> Vec<Device> {
    let mut tills: Vec<Till> = (1..=3).map(|nth| Till::new(nth, &[Role::Sales])).collect();
    let shared: DocAddr = tills[0].new_order().into();
    let create = tills[0].create(None);
    let create = tills[0].edit(shared, create);
    let mut solo = Solo::start(Arc::clone(memory), Box::new(dice.split())).await.unwrap();
    solo.take(&[tills[0].hands_in(&create)], NOON).await.unwrap();
    for fed in memory.feed(0, 10).await.unwrap() {
        for till in &mut tills[1..] {
            fed.entry.changes.iter().for_each(|change| till.take(change));
        }
    }
    // Servers that write in one document meet; beside each other they write in what only one of them touches.
    let of_shared = *dice.pick(&[2.0, 50.0]).unwrap();
    let device = |mut till: Till| {
        let mut dice = dice.split();
        let mut orders = Vec::new();
        let mut edits = Vec::new();
        for nth in 0..dice.between(10, 45) {
            if orders.is_empty() || dice.chance(20.0) {
                let (addr, create) = (till.new_order().into(), till.create(None));
                edits.push(till.edit(addr, create));
                orders.push(addr);
            }
            let addr = if dice.chance(of_shared) { shared } else { *dice.pick(&orders).unwrap() };
            // What is asked for falls when what it rests on is not there.
            edits.push(if addr != shared && dice.chance(60.0) {
                let add = commands::AddLine { id: till.fresh(), line: chairs(1) };
                till.edit(addr, add)
            } else if dice.chance(50.0) {
                let note = till.note(&format!("Note {nth}"));
                till.edit(addr, note)
            } else {
                let payment = till.payment("3");
                till.edit(addr, payment)
            });
        }
        let (answered, wrong, tally) = Default::default();
        let restless = *dice.pick(&[0.5, 4.0]).unwrap();
        Device { till, edits, dice, restless, memory: Arc::clone(memory), answered, wrong, tally }
    };
    tills.into_iter().map(device).collect()
}

impl Device {
    async fn works(mut self, mut doors: Vec<watch::Receiver<Intake>>) -> Self {
        while self.answered.len() < self.edits.len() {
            let nth = self.dice.below(doors.len());
            let door = &mut doors[nth];
            let intake = door.borrow_and_update().clone();
            self.connects(&intake, door).await;
            self.counts("connections");
            let pause = self.dice.between(0, 800);
            sleep(Duration::from_millis(pause.unsigned_abs())).await;
        }
        self
    }

    /// Until everything is answered, or the connection is lost.
    async fn connects(&mut self, intake: &Intake, door: &mut watch::Receiver<Intake>) {
        let (answer, mut answers) = mpsc::unbounded_channel();
        let mut turn = Turn::new(answer);
        let mut in_flight: BTreeSet<EditId> = BTreeSet::new();
        let mut unanswered = 0;
        let mut again_at: Option<Instant> = None;
        loop {
            if again_at.is_none() {
                let free = WINDOW - in_flight.len();
                let waits =
                    |edit: &&Edit| !self.answered.contains_key(&edit.id) && !in_flight.contains(&edit.id);
                let next: Vec<Edit> = self.edits.iter().filter(waits).take(free).cloned().collect();
                for edit in next {
                    let what = self.till.hands_in(&edit);
                    if intake.submit(Submitted { what, turn: turn.clone() }).await.is_err() {
                        // The server fell: until there is another one.
                        let _ = door.changed().await;
                        return;
                    }
                    in_flight.insert(edit.id);
                    unanswered += 1;
                }
            }
            if (self.answered.len() == self.edits.len() && unanswered == 0) || self.dice.chance(self.restless)
            {
                return;
            }
            tokio::select! {
                biased;
                _ = door.changed() => return,
                Some((edit, settled)) = answers.recv() => {
                    unanswered -= 1;
                    in_flight.remove(&edit);
                    if settled == Settled::Later {
                        // A new turn: what is under way in the old one is answered to nobody.
                        let (answer, fresh) = mpsc::unbounded_channel();
                        (turn, answers, unanswered) = (Turn::new(answer), fresh, 0);
                        again_at = Some(Instant::now() + Duration::from_secs(1));
                    }
                    self.hears(edit, settled).await;
                }
                () = sleep_until(again_at.unwrap_or_else(Instant::now)), if again_at.is_some() => {
                    // As a device does: everything that was under way goes up once more.
                    again_at = None;
                    in_flight.clear();
                }
            }
        }
    }

    async fn hears(&mut self, edit: EditId, settled: Settled) {
        let pos = match settled {
            Settled::Judged { pos } => pos,
            Settled::Again { pos } => {
                self.counts("again");
                pos
            }
            Settled::Later | Settled::Waits(_) => return self.counts("later"),
            Settled::AnotherLog => {
                return self.wrong.push(format!("the log of {edit} is said to be another one"));
            }
            Settled::Unwritten { .. } => return self.wrong.push(format!("{edit} is said to be another one")),
            Settled::Erased => return self.wrong.push(format!("{edit} is said to be erased")),
            Settled::Declined { findings } => return self.wrong.push(format!("{edit}: {findings:?}")),
        };
        let fed = self.memory.feed(pos - 1, 1).await.unwrap();
        let stands_there = fed.first().is_some_and(|fed| (fed.cursor.pos, fed.entry.edit) == (pos, edit));
        if !stands_there {
            self.wrong.push(format!("{edit} was answered with {pos} and is not there"));
        }
        let verdict = fed.first().map(|fed| &fed.entry.verdict);
        let before = self.answered.insert(edit, pos);
        if before.is_some_and(|before| before != pos) && verdict.is_some_and(Verdict::stands) {
            self.wrong.push(format!("{edit} was answered with {before:?} and with {pos}"));
        }
    }

    fn counts(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }
}

/// Nothing is lost, nothing is there twice, and documents and digests are what the entries lead to.
async fn check(memory: &MemoryLog, edits: &[Edit], deadly: &[EditId], ran: &mut Ran) {
    let head = memory.head().await.unwrap();
    ran.print = format!("{:?}", head.cursor);
    let mut stands: BTreeSet<EditId> = BTreeSet::new();
    for (fed, pos) in memory.feed(0, usize::MAX).await.unwrap().iter().zip(1..) {
        if fed.cursor.pos != pos {
            ran.wrong.push(format!("position {pos} is {}", fed.cursor.pos));
        }
        *ran.tally.entry(fed.entry.verdict.name()).or_default() += 1;
        if fed.entry.verdict.stands() && !stands.insert(fed.entry.edit) {
            ran.wrong.push(format!("{} stands twice", fed.entry.edit));
        }
    }
    let mut said = memory.edits();
    said.sort_by_key(|(known, _)| known.pos);
    let mut fallen: BTreeSet<EditId> = BTreeSet::new();
    let mut never_made: BTreeSet<DocAddr> = BTreeSet::new();
    // In the order in which it was said: what was asked for on top of something comes behind it.
    for (Known { edit: id, verdict, .. }, edit) in said {
        let part = edit.as_ref().map(|edit| &edit.parts[0]);
        let on = part.map(|part| part.doc);
        // What ends the process is set aside, and what was asked for on top of that waits for it, or is not to be
        // had: the order that it would have made may be there by a payment alone.
        let rightly = match &verdict {
            Verdict::Held { .. } => deadly.contains(&id),
            Verdict::Refused { .. } => deadly.contains(&id) || on.is_some_and(|on| never_made.contains(&on)),
            Verdict::Blocked { by, .. } => fallen.contains(by),
            _ => continue,
        };
        if rightly {
            fallen.insert(id);
            never_made.extend(
                part.filter(|part| matches!(part.command, Command::Order(OrderCommand::Create(_)))).and(on),
            );
        } else {
            ran.wrong.push(format!("{id} was lost: {verdict:?}"));
        }
    }
    for edit in edits.iter().filter(|edit| !stands.contains(&edit.id) && !fallen.contains(&edit.id)) {
        ran.wrong.push(format!("{} was lost", edit.id));
    }
    let mut digests: BTreeMap<Scope, Digest> = BTreeMap::new();
    for saved in memory.all_documents() {
        let doc = Doc::load(saved.doc.kind, &saved.saved).unwrap();
        let view = View::read(&doc).unwrap();
        for scope in saved.scopes.iter() {
            let sum = digests.entry(scope).or_default();
            sum.moved(Digest::default(), Digest::of(saved.doc, doc.heads()));
        }
        let on_it = edits.iter().filter(|edit| stands.contains(&edit.id) && edit.parts[0].doc == saved.doc);
        let (facts, requests): (Vec<&Edit>, Vec<&Edit>) =
            on_it.partition(|edit| edit.kind == EditKind::Facts);
        for edit in facts.iter().chain(&requests) {
            if !edit.parts[0].command.there(&view) {
                ran.wrong.push(format!("{} stands and is not in {}", edit.id, saved.doc));
            }
        }
        let View::Order(order) = &view else { continue };
        if order.facts.len() != facts.len() {
            let (held, entered) = (order.facts.len(), facts.len());
            ran.wrong.push(format!("{} holds {held} facts of {entered} entered", saved.doc));
        }
    }
    if head.digests != digests {
        ran.wrong.push("the digests are not those of the documents".to_owned());
    }
}
