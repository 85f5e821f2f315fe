//! The calendar: what happens next, at a simulated time, one thing after the other.

use std::{collections::BTreeMap, sync::Arc};

use waybill_server::log::memory::MemoryLog;
use waybill_shared::{
    command::Command,
    generation::Budget,
    id::{CompanyId, EditId},
    kind::DocAddr,
    order::commands::OrderCommand,
    protocol::{ClientFrame, ServerFrame, decode, encode, frame::FaultCode, limits},
    scope::Scope,
    session::Notice,
    time::Timestamp,
};

use super::{
    accounts::Accounts,
    clock::MONDAY_NOON,
    device::{Device, Step},
    dice::Dice,
    intake::Work,
    ledger::{Ledger, Written},
    network::{Arrival, End, Network, Packet, StreamId},
    processes::Happens,
    script::Script,
    server::{Deed, Server, company},
    story::Story,
};

pub use super::server::now;
use crate::checkers::{past, wire};

/// So long a page of the log may wait for the documents that go with it whole.
const ON_ITS_WAY_MS: i64 = 20;

pub struct Sim {
    pub now: Timestamp,
    pub(super) calendar: BTreeMap<(Timestamp, u64), Event>,
    entries: u64,
    pub dice: Dice,
    pub network: Network,
    pub accounts: Accounts,
    pub server: Server,
    /// Another company and its log, for stories in which its server answers at our address.
    pub(super) other: (CompanyId, Arc<MemoryLog>),
    pub devices: Vec<Device>,
    pub ledger: Ledger,
    /// When documents came into other hands last, and when the server's log was another for the last time.
    pub(super) left: BTreeMap<DocAddr, Timestamp>,
    pub(super) log_changed: Timestamp,
    pub story: Story,
    /// No edit comes out as its device made it.
    pub rewrite_all: bool,
    /// Of a hundred commits of the server, how many are not answered or have to be tried again.
    pub log_fails: f64,
    /// Of a hundred commits of the server, how many find its disk full.
    pub log_is_full: f64,
    /// Of a hundred commits of the server, in how many is an edit that its database will not have.
    pub log_rejects: f64,
    pub(super) budget: Budget,
    pub script: Script,
    /// A planted defect: the server gives numbers without an admin's word.
    pub numbers_anyway: bool,
    /// Of a hundred commits, in how many the process dies: while its batch is on the way, or before it tells anybody.
    pub dies_in_commit: f64,
    /// When the program was last replaced somewhere.
    pub(super) updated: Timestamp,
}

pub(super) enum Event {
    Arrives {
        stream: StreamId,
        to: End,
        packet: Packet,
    },
    /// A device tries to connect, or to send what was to wait.
    Wakes {
        device: usize,
        boot: u32,
    },
    Answers {
        stream: StreamId,
    },
    Of {
        process: usize,
        boot: u32,
        what: Happens,
    },
    /// The database writes what a process left on its way that has ended.
    Lands(Written),
}

impl Sim {
    pub fn seeded(seed: u64, story: Story) -> Self {
        let mut dice = Dice::seeded(seed);
        let mut sim = Self {
            now: MONDAY_NOON,
            calendar: BTreeMap::new(),
            entries: 0,
            network: Network::new(dice.split()),
            accounts: Accounts::default(),
            server: Server::new(),
            other: (company(2), Arc::new(MemoryLog::new())),
            devices: Vec::new(),
            ledger: Ledger::default(),
            left: BTreeMap::new(),
            log_changed: MONDAY_NOON,
            story,
            rewrite_all: false,
            log_fails: 0.0,
            log_is_full: 0.0,
            log_rejects: 0.0,
            budget: Budget::default(),
            script: Script::new(Dice::seeded(!seed)),
            numbers_anyway: false,
            dies_in_commit: 0.0,
            updated: MONDAY_NOON.plus_ms(-1_000_000),
            dice,
        };
        sim.start_servers();
        sim
    }

    pub fn note(&mut self, who: &str, line: impl FnOnce() -> String) {
        self.story.note(self.now, who, line);
    }

    pub fn defect(&mut self, who: &str, words: String) {
        self.note(who, || format!("DEFECT: {words}"));
        self.ledger.defects.push(format!("{who}: {words}"));
    }

    /// The script sends whatever it was told nothing of.
    pub fn script_sends(&mut self) {
        let Some(process) = self.a_process() else { return };
        let sends = self.script.sends().into_iter().flat_map(|handed| {
            let twins = Script::twins(&handed).map(Work::Twin);
            [Work::Script(handed)].into_iter().chain(twins)
        });
        let deeds = self.server.hand_in(process, sends.collect());
        self.do_all(deeds);
    }

    pub(super) fn script_hears(&mut self, edit: EditId) {
        let known = self.server.log.edits().into_iter().find(|(known, _)| known.edit == edit);
        let Some((known, Some(body))) = known else { return };
        let number = body.parts.iter().find_map(|part| match &part.command {
            Command::Order(OrderCommand::Create(create)) => Some(create.number.clone()),
            _ => None,
        });
        let number = number.filter(|_| known.verdict.stands());
        self.note("script", || format!("prints {number:?}"));
        self.script.hears(edit, number);
    }

    pub fn tell_names(&mut self) {
        let deeds = self.server.tell_names(&self.accounts);
        self.do_all(deeds);
    }

    /// How much documents may grow before they are made anew.
    pub fn allow(&mut self, budget: Budget) {
        self.budget = budget;
        self.server.intakes().for_each(|intake| intake.allow(budget));
    }

    pub fn rewrite_all(&mut self, on: bool) {
        self.rewrite_all = on;
        self.server.intakes().for_each(|intake| intake.rewrite_all = on);
    }

    // Devices.

    pub fn start_device(&mut self, device: usize) {
        self.devices[device].start();
        let name = self.devices[device].name.clone();
        self.note(&name, || "starts".to_owned());
        self.wake(device, 1);
    }

    pub fn device_loses_power(&mut self, device: usize) {
        let stream = self.devices[device].stream;
        self.devices[device].lose_power();
        self.went_dark(device, stream);
    }

    pub fn went_dark(&mut self, device: usize, stream: Option<StreamId>) {
        let name = self.devices[device].name.clone();
        self.note(&name, || "loses power".to_owned());
        if let Some(stream) = stream {
            let arrivals = self.network.close(stream, End::Device, self.now);
            self.put_all(arrivals);
        }
    }

    pub fn hang_up(&mut self, device: usize) {
        if let Some(stream) = self.devices[device].stream {
            let arrivals = self.network.close(stream, End::Device, self.now);
            self.put_all(arrivals);
        }
        self.devices[device].closed();
    }

    /// A commit failed: nothing of the step happened, and the connection begins anew from the file.
    pub fn disk_was_full(&mut self, device: usize) {
        let name = self.devices[device].name.clone();
        self.note(&name, || "finds its disk full".to_owned());
        self.ledger.full_disks += 1;
        self.hang_up(device);
        let after = self.devices[device].dice.between(200, 2_000);
        self.wake(device, after);
    }

    pub fn part(&mut self, device: usize) {
        let arrivals = self.network.part(device, self.now);
        self.put_all(arrivals);
    }

    pub fn wake(&mut self, device: usize, after_ms: i64) {
        let boot = self.devices[device].boot;
        self.put(self.now.plus_ms(after_ms), Event::Wakes { device, boot });
    }

    /// Something was entered: what waits goes up.
    pub fn push(&mut self, device: usize) {
        match self.devices[device].pushes(self.now) {
            Ok(step) => self.device_steps(device, step),
            Err(words) => self.device_failed(device, words),
        }
    }

    // The calendar.

    pub(super) fn put(&mut self, at: Timestamp, event: Event) {
        self.entries += 1;
        self.calendar.insert((at.max(self.now), self.entries), event);
    }

    pub(super) fn put_all(&mut self, arrivals: Vec<Arrival>) {
        for Arrival { at, stream, to, packet } in arrivals {
            self.put(at, Event::Arrives { stream, to, packet });
        }
    }

    /// The next thing happens; `false`: nothing will.
    pub fn step(&mut self) -> bool {
        let Some(((at, _), event)) = self.calendar.pop_first() else { return false };
        self.now = at;
        match event {
            Event::Arrives { stream, to, packet } => self.arrives(stream, to, packet),
            Event::Wakes { device, boot } => self.wakes(device, boot),
            Event::Answers { stream } => {
                let deeds = self.server.answers(stream, &self.accounts, self.now);
                self.do_all(deeds);
            }
            Event::Of { process, boot, what } if boot == self.server.processes[process].boot => {
                self.happens(process, what);
            }
            Event::Of { .. } => {}
            Event::Lands(written) => self.lands(written),
        }
        true
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.calendar.keys().next().map(|(at, _)| *at)
    }

    fn wakes(&mut self, device: usize, boot: u32) {
        let this = &mut self.devices[device];
        if this.boot != boot || this.session.is_none() {
            return;
        }
        if this.stream.is_some() {
            // By its own clock, which may be slow, it is not yet time to come again.
            let now = this.now(self.now);
            let early = this.session.as_ref().and_then(|session| session.retry_at()).filter(|at| *at > now);
            match early {
                Some(at) => self.wake(device, at.since(now)),
                None => self.push(device),
            }
            return;
        }
        if !this.online {
            return;
        }
        this.attempts += 1;
        let all = self.server.processes.len();
        let tries = (0..all).map(|nth| (this.server + nth) % all);
        let answers = tries.into_iter().find(|process| self.server.is_up(*process));
        let Some(process) = answers.filter(|_| self.network.reaches(device)) else {
            // Tries again after a while, longer each time, not all at once.
            let most = 1_000 << this.attempts.min(5);
            let after = this.dice.between(most / 2, most);
            self.wake(device, after);
            return;
        };
        this.server = process;
        let (stream, arrivals) = self.network.open(device, process, self.now);
        self.devices[device].stream = Some(stream);
        self.put_all(arrivals);
    }

    fn arrives(&mut self, stream: StreamId, to: End, packet: Packet) {
        let (device, process) = (self.network.device_of(stream), self.network.process_of(stream));
        if !self.network.arrives(stream, to, &packet) {
            return;
        }
        match to {
            End::Server => {
                if let Some(process) = process {
                    self.arrives_at_server(stream, process, packet);
                }
            }
            End::Device => {
                if let Some(device) = device.filter(|device| self.devices[*device].stream == Some(stream)) {
                    self.arrives_at_device(device, packet);
                }
            }
        }
    }

    fn arrives_at_server(&mut self, stream: StreamId, process: usize, packet: Packet) {
        if !self.server.is_up(process) {
            let arrivals = self.network.close(stream, End::Server, self.now);
            return self.put_all(arrivals);
        }
        match packet {
            Packet::Opened => self.server.opened(stream, process),
            Packet::Closed => self.server.closed(stream),
            Packet::Frame(bytes) => {
                let deeds = self.server.received(stream, &bytes);
                self.do_all(deeds);
            }
        }
    }

    fn arrives_at_device(&mut self, device: usize, packet: Packet) {
        match packet {
            Packet::Opened => match self.devices[device].opened(self.now, self.ledger.log_restores) {
                Ok(step) => self.device_steps(device, step),
                Err(words) => self.device_failed(device, words),
            },
            Packet::Closed => {
                let all = self.server.processes.len();
                let this = &mut self.devices[device];
                this.closed();
                // The next address may serve.
                this.server = (this.server + 1) % all;
                let after = this.dice.between(200, 2_000);
                self.wake(device, after);
            }
            Packet::Frame(bytes) => match decode::<ServerFrame>(&bytes, limits::SERVER_FRAME) {
                Ok(frame) => {
                    let name = self.devices[device].name.clone();
                    self.note(&name, || format!("hears {}", super::words::server_frame(&frame)));
                    let stream = self.devices[device].stream;
                    match self.devices[device].received(self.now, frame) {
                        Ok(step) if step.dark => self.went_dark(device, stream),
                        Ok(step) if step.full => self.disk_was_full(device),
                        Ok(step) => self.device_steps(device, step),
                        Err(words) => self.device_failed(device, words),
                    }
                }
                Err(bad) => self.device_failed(device, format!("a frame does not read: {bad}")),
            },
        }
    }

    pub fn device_steps(&mut self, device: usize, step: Step) {
        let name = self.devices[device].name.clone();
        for notice in &step.notices {
            self.note(&name, || super::words::notice(notice));
            let gone = matches!(notice, Notice::SignedOut { .. })
                && self.accounts.only_push(self.devices[device].id).is_some();
            // What it may do was changed while it was connected: it comes again.
            let changed = matches!(notice, Notice::Fault { code: FaultCode::Unavailable, .. });
            let turned_away = matches!(notice, Notice::Fault { code: FaultCode::Version, .. });
            self.ledger.turned_away += u64::from(turned_away);
            if let Notice::Fault { words, .. } | Notice::SignedOut { words } = notice
                && !gone
                && !changed
                && !(turned_away && self.is_of_another_version(device))
            {
                self.defect(&name, format!("was told: {words}"));
            }
            if let Notice::RetryLater { until, .. } = notice {
                let now = self.devices[device].now(self.now);
                self.wake(device, until.since(now).max(1));
            }
        }
        for frame in step.send {
            self.device_sends(device, &frame);
        }
        let wiped = step.notices.iter().any(|notice| matches!(notice, Notice::Wipe { .. }));
        let out = step.notices.iter().any(|notice| matches!(notice, Notice::SignedOut { .. }));
        if wiped || out {
            return self.retire(device, wiped);
        }
        if step.close {
            self.hang_up(device);
            self.devices[device].server = (self.devices[device].server + 1) % self.server.processes.len();
            let after = self.devices[device].dice.between(200, 2_000);
            self.wake(device, after);
        }
    }

    fn retire(&mut self, device: usize, wiped: bool) {
        self.hang_up(device);
        let waited = self.devices[device].retire(wiped);
        if waited > 0 {
            let name = self.devices[device].name.clone();
            self.defect(&name, format!("{waited} entries still waited when it was told to go"));
        }
    }

    fn device_sends(&mut self, device: usize, frame: &ClientFrame) {
        let Some(stream) = self.devices[device].stream else { return };
        let name = self.devices[device].name.clone();
        self.note(&name, || format!("sends {}", super::words::client_frame(frame)));
        let twice = matches!(frame, ClientFrame::Push { .. }) && self.network.doubles();
        for _ in 0..=usize::from(twice) {
            let arrivals = self.network.send(stream, End::Server, Packet::Frame(encode(frame)), self.now);
            self.put_all(arrivals);
        }
    }

    fn device_failed(&mut self, device: usize, words: String) {
        let name = self.devices[device].name.clone();
        self.defect(&name, words);
        self.hang_up(device);
    }

    pub fn do_all(&mut self, deeds: Vec<Deed>) {
        for deed in deeds {
            match deed {
                Deed::Send(stream, frame) => {
                    self.is_theirs(stream, &frame);
                    let arrivals =
                        self.network.send(stream, End::Device, Packet::Frame(encode(&frame)), self.now);
                    self.put_all(arrivals);
                }
                Deed::Close(stream) => {
                    let arrivals = self.network.close(stream, End::Server, self.now);
                    self.put_all(arrivals);
                    self.server.closed(stream);
                }
                Deed::Answer(stream) => {
                    let after = self.dice.between(0, 8);
                    self.put(self.now.plus_ms(after), Event::Answers { stream });
                }
                Deed::Work(process) => self.put_of(process, 1, Happens::Prepares),
            }
        }
    }

    /// Nothing of a document leaves the server for a device that may not see it by now.
    fn is_theirs(&mut self, stream: StreamId, frame: &ServerFrame) {
        let Some(device) = self.network.device_of(stream).map(|device| self.devices[device].id) else {
            return;
        };
        let scopes = self.accounts.scopes(device);
        let since = self.now.plus_ms(-ON_ITS_WAY_MS);
        for addr in wire::unseen(frame, &scopes, &self.server.log) {
            let left = self.left.get(&addr).is_some_and(|left| *left > since) || self.log_changed > since;
            if !left {
                self.defect("server", format!("tells {device} of {addr}, which it may not see"));
            }
        }
        if !scopes.contains(Scope::Office) {
            for addr in past::told(frame, &self.server.log) {
                self.defect("server", format!("tells {device} of {addr} what was taken out of it before"));
            }
        }
    }
}
