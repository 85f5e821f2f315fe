//! The company's server: one database, and one or several processes over it, each with its connections, which hold the
//! production sessions, and with an intake of its own. They share nothing but the log.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use futures_util::FutureExt;
use uuid::Uuid;
use waybill_server::{
    held,
    intake::{Handed, LookedUp, Submission, named},
    log::{self, Head, Log, memory::MemoryLog},
    proof::Proofs,
};
use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    doc::Hash,
    id::{CompanyId, DeviceId, EditId},
    kind::DocAddr,
    protocol::{
        ClientFrame, ServerFrame,
        attachment::Carried,
        frame::{Fault, FaultCode},
        question::Answer,
    },
    review::Review,
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::{
        server::{Admission, Ask, Effect, Event, FeedEntry, Sees, Server as Session},
        who::{Said, Submitted, Who, Withdrawn},
    },
    time::Timestamp,
};

use super::{
    accounts::Accounts,
    intake::{Intake, Work},
    network::StreamId,
    versions::Version,
};

/// Documents read at once; small, so that first syncs have several pages.
const PAGE: usize = 9;

/// Entries of the log sent at once; small, so that catching up has several steps.
const ENTRIES: usize = 40;

/// From a position so far back the log is read for the device, else for all of them.
const FAR: u64 = 60;

pub struct Server {
    pub company: CompanyId,
    pub log: Arc<MemoryLog>,
    pub processes: Vec<Process>,
    connections: BTreeMap<StreamId, Connection>,
    /// With the secret of the accounts, which outlives what the log loses.
    proofs: Proofs,
    /// Which edit of which device made a change, of all that were ever handed in.
    pub made: BTreeMap<(DocAddr, Hash), (DeviceId, EditId)>,
}

/// One of the server's processes.
#[derive(Default)]
pub struct Process {
    /// `None` while it does not run.
    pub intake: Option<Intake>,
    /// Which start of it this is.
    pub boot: u32,
    pub version: Version,
    /// It is about to tell everybody where they stand.
    quiet_due: bool,
}

struct Connection {
    /// To which process.
    process: usize,
    session: Session,
    /// The version of its device is one that the process serves.
    serves: bool,
    asks: VecDeque<Ask>,
    /// An ask is being answered.
    busy: bool,
    /// The epoch in which its device was told how the log stands.
    epoch: u64,
}

/// What the server wants of the world.
pub enum Deed {
    Send(StreamId, ServerFrame),
    Close(StreamId),
    /// Answer this connection's next ask, after a while.
    Answer(StreamId),
    /// Look at the queue of this process's intake.
    Work(usize),
}

/// These futures never wait: the log is in memory.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the log in memory answers at once")
}

/// Two companies are enough for every story.
pub fn company(number: u128) -> CompanyId {
    CompanyId::new(Uuid::from_u128(0xc0_0000_0000 + number))
}

impl Server {
    pub fn new() -> Self {
        Self {
            company: company(1),
            log: Arc::new(MemoryLog::new()),
            processes: vec![Process::default()],
            connections: BTreeMap::new(),
            proofs: Proofs::new(company(1), &[7; 32]),
            made: BTreeMap::new(),
        }
    }

    pub fn is_up(&self, process: usize) -> bool {
        self.processes.get(process).is_some_and(|process| process.intake.is_some())
    }

    /// The processes that run.
    pub fn up(&self) -> Vec<usize> {
        (0..self.processes.len()).filter(|process| self.is_up(*process)).collect()
    }

    pub fn intakes(&mut self) -> impl Iterator<Item = &mut Intake> {
        self.processes.iter_mut().filter_map(|process| process.intake.as_mut())
    }

    /// A process ends: its connections and everything in its memory are gone.
    pub fn dies(&mut self, process: usize) -> Vec<StreamId> {
        self.processes[process].boot += 1;
        self.processes[process].intake = None;
        self.processes[process].quiet_due = false;
        let gone = self.connections.extract_if(.., |_, connection| connection.process == process);
        gone.map(|(stream, _)| stream).collect()
    }

    pub fn opened(&mut self, stream: StreamId, process: usize) {
        let session = Session::new(self.company);
        let connection =
            Connection { process, session, serves: false, asks: VecDeque::new(), busy: false, epoch: 0 };
        self.connections.insert(stream, connection);
    }

    fn process_of(&self, stream: StreamId) -> Option<usize> {
        self.connections.get(&stream).map(|connection| connection.process)
    }

    fn intake_of(&mut self, stream: StreamId) -> Option<&mut Intake> {
        let process = self.process_of(stream)?;
        self.processes[process].intake.as_mut()
    }

    pub fn closed(&mut self, stream: StreamId) {
        self.connections.remove(&stream);
    }

    pub fn received(&mut self, stream: StreamId, bytes: &[u8]) -> Vec<Deed> {
        let Some(connection) = self.connections.get_mut(&stream) else { return Vec::new() };
        let version = &self.processes[connection.process].version;
        let bytes = version.reads(bytes);
        let mut event = Event::received(&bytes, connection.session.device().is_some());
        if let Event::Frame(ClientFrame::Hello(hello)) = &mut event {
            connection.serves = version.serves.contains(&hello.protocol);
            hello.protocol = version.as_here(hello.protocol);
            // To a version that lacks a command, the device knows more.
            hello.commands += u16::from(version.lacks.is_some());
        }
        self.happens(stream, event)
    }

    pub fn happens(&mut self, stream: StreamId, event: Event) -> Vec<Deed> {
        let Some(connection) = self.connections.get_mut(&stream) else { return Vec::new() };
        let mut deeds = Vec::new();
        for effect in connection.session.handle(event) {
            match effect {
                Effect::Send(mut frame) => {
                    if let Some((at, proof)) = frame.stand() {
                        *proof = Some(self.proofs.of(connection.epoch, at));
                    }
                    assert!(
                        connection.serves || !matches!(frame, ServerFrame::Welcome(_)),
                        "a version is welcomed that is not served"
                    );
                    deeds.push(Deed::Send(stream, frame));
                }
                Effect::Ask(ask) => connection.asks.push_back(ask),
                Effect::Close => deeds.push(Deed::Close(stream)),
            }
        }
        if !connection.busy && !connection.asks.is_empty() {
            connection.busy = true;
            deeds.push(Deed::Answer(stream));
        }
        deeds
    }

    /// Answers the ask that is due, and goes on to the next.
    pub fn answers(&mut self, stream: StreamId, accounts: &Accounts, at: Timestamp) -> Vec<Deed> {
        let Some(connection) = self.connections.get_mut(&stream) else { return Vec::new() };
        connection.busy = false;
        let Some(ask) = connection.asks.pop_front() else { return Vec::new() };
        let (event, mut deeds) = self.answer(stream, ask, accounts, at);
        match event {
            Some(event) => deeds.extend(self.happens(stream, event)),
            None => deeds.extend(self.goes_on(stream)),
        }
        deeds
    }

    fn goes_on(&mut self, stream: StreamId) -> Option<Deed> {
        let connection = self.connections.get_mut(&stream)?;
        let waits = !connection.busy && !connection.asks.is_empty();
        connection.busy |= waits;
        waits.then_some(Deed::Answer(stream))
    }

    fn answer(
        &mut self,
        stream: StreamId,
        ask: Ask,
        accounts: &Accounts,
        at: Timestamp,
    ) -> (Option<Event>, Vec<Deed>) {
        if matches!(ask, Ask::Submit(_) | Ask::Discard { .. })
            && self.intake_of(stream).is_some_and(|intake| intake.is_before(stream))
        {
            return (None, vec![Deed::Close(stream)]);
        }
        let event = match ask {
            Ask::SignIn(_) => Event::SignedIn(Err(unknown())),
            Ask::Admit { token, cursor, proof, .. } => match accounts.device_of(&token) {
                Some(device) => {
                    self.meets(cursor, proof.as_deref(), at);
                    let Head { epoch, cursor: head, .. } = now(self.log.head()).expect("in memory");
                    self.intake_of(stream).into_iter().for_each(|intake| intake.tells(stream, epoch));
                    self.connections.get_mut(&stream).into_iter().for_each(|socket| socket.epoch = epoch);
                    let made = Some(self.proofs.of(epoch, head)).filter(|made| proof.as_ref() != Some(made));
                    let admission = self.admission(device, cursor, accounts, at);
                    Event::Admitted(Ok(Box::new(Admission { proof: made, ..admission })))
                }
                None => Event::Admitted(Err(unknown())),
            },
            Ask::Feed { after, sees, .. } => match self.feed(after, &sees) {
                Some(event) => event,
                None => return (None, vec![Deed::Close(stream)]),
            },
            Ask::Docs { after, scopes, .. } => {
                let page = now(self.log.documents(after, PAGE, &scopes)).expect("in memory");
                Event::Docs { docs: page.docs, last: page.last, at: page.at }
            }
            Ask::Fetch { docs, scopes } => {
                let page = now(self.log.fetch(&docs, &scopes)).expect("in memory");
                Event::Fetched { rest: page.rest(&docs), docs: page.docs, at: page.at }
            }
            Ask::AsOf { docs, pos } => {
                Event::AsOf { docs: now(self.log.as_of(&docs, pos)).expect("in memory") }
            }
            Ask::Heads { scope } => {
                let (heads, at) = now(self.log.heads(scope)).expect("in memory");
                Event::Heads { scope, heads, at }
            }
            Ask::Submit(submitted) => {
                for Submitted { edit, .. } in &submitted {
                    let made =
                        edit.parts.iter().filter_map(|part| Some((part.doc, part.made.as_ref()?.hash?)));
                    self.made.extend(made.map(|made| (made, (edit.device, edit.id))));
                }
                let work = submitted.into_iter().map(|submitted| match submitted.withdrawn {
                    Some(why) => Work::Withdrawn(stream, Arc::new(submitted.edit), why),
                    None => Work::Edit(stream, handed(submitted, accounts)),
                });
                return (None, self.hand_in_by(stream, work.collect()));
            }
            Ask::Discard { device, edits } => {
                let work = edits.into_iter().map(|edit| Work::Discard(stream, edit, device));
                return (None, self.hand_in_by(stream, work.collect()));
            }
            Ask::Carry { id, .. } => Event::Carried { id, carried: Carried::Later {} },
            // Nobody asks in the simulation; what is asked goes past the log.
            Ask::Question { id, .. } => {
                Event::Answered { id, answer: Answer::Later { words: String::new() } }
            }
            Ask::Farewell => Event::Farewell(self.farewell(stream, accounts)),
        };
        (Some(event), Vec::new())
    }

    fn farewell(&self, stream: StreamId, accounts: &Accounts) -> Result<String, Fault> {
        match self.device_of(stream).and_then(|device| accounts.only_push(device)) {
            Some(Withdrawn::Device) => Ok("Oak & Ash".to_owned()),
            _ => Err(unknown()),
        }
    }

    pub fn device_of(&self, stream: StreamId) -> Option<DeviceId> {
        self.connections.get(&stream)?.session.device()
    }

    /// What becomes of its edits is told to this connection one by one.
    pub fn only_pushes(&self, stream: StreamId) -> bool {
        self.connections.get(&stream).is_some_and(|connection| connection.session.only_push())
    }

    /// A manager decides on something, if it is held.
    pub fn review(&mut self, process: usize, review: Review, roles: &[Role]) -> Vec<Deed> {
        match now(held::reviewed(&*self.log, review, roles.into())).expect("in memory") {
            Some(Submission::Review(reviewed)) => self.hand_in(process, vec![Work::Review(reviewed)]),
            _ => Vec::new(),
        }
    }

    /// What is personal in a document goes.
    pub fn erase(&mut self, process: usize, doc: DocAddr, at: Timestamp) -> Vec<Deed> {
        self.hand_in(process, vec![Work::Erase(doc, at)])
    }

    pub fn hand_in(&mut self, process: usize, work: Vec<Work>) -> Vec<Deed> {
        let Some(intake) = &mut self.processes[process].intake else { return Vec::new() };
        intake.take(work);
        vec![Deed::Work(process)]
    }

    fn hand_in_by(&mut self, stream: StreamId, work: Vec<Work>) -> Vec<Deed> {
        self.process_of(stream).map_or_else(Vec::new, |process| self.hand_in(process, work))
    }

    /// The log is proven to have stood where it does not go, and was not noticed to be another one since.
    fn meets(&mut self, cursor: Option<Cursor>, proof: Option<&[u8]>, at: Timestamp) {
        let epoch = now(self.log.head()).expect("in memory").epoch;
        let beyond = |cursor: Cursor| {
            !now(self.log.has(cursor)).expect("in memory") && cursor.pos > self.log.begins_after()
        };
        let news = |cursor: Cursor| {
            let told_in = proof.and_then(|proof| self.proofs.epoch(proof, cursor));
            beyond(cursor) && told_in.is_some_and(|told_in| told_in >= epoch)
        };
        if cursor.is_some_and(news) {
            self.log.begin_epoch(at);
        }
    }

    fn admission(
        &self,
        device: DeviceId,
        cursor: Option<Cursor>,
        accounts: &Accounts,
        at: Timestamp,
    ) -> Admission {
        let head = now(self.log.head()).expect("in memory");
        let scopes = accounts.scopes(device);
        Admission {
            digests: digests(&scopes, &head),
            who: Who {
                device,
                people: accounts.here(device),
                scopes,
                former: accounts.former(device),
                only_push: accounts.only_push(device),
            },
            names: accounts.names(device),
            head: head.cursor,
            counter: now(self.log.counter(device)).expect("in memory"),
            cursor_holds: cursor.is_none_or(|cursor| now(self.log.has(cursor)).expect("in memory")),
            proof: None,
            time: at,
            attachment: None,
        }
    }

    /// `None`: the log does not go on from there.
    fn feed(&self, after: Cursor, sees: &Sees) -> Option<Event> {
        if !now(self.log.has(after)).expect("in memory") {
            return None;
        }
        let head = now(self.log.head()).expect("in memory");
        let (upto, entries) = if head.cursor.pos.saturating_sub(after.pos) > FAR {
            let stretch = now(self.log.stretch(after.pos, head.cursor.pos, ENTRIES, sees));
            let stretch = stretch.expect("in memory").expect("what has the position has what follows");
            (stretch.upto, stretch.entries)
        } else {
            let entries = now(self.log.feed(after.pos, ENTRIES)).expect("in memory");
            let upto = entries.last().map_or(head.cursor, |fed| fed.cursor);
            (upto, entries.into_iter().map(|fed| fed.entry).collect())
        };
        let digests = (upto == head.cursor).then(|| head.digests.clone().into_iter().collect());
        let wanted = FeedEntry::look_up(&entries, sees.device, upto == head.cursor);
        let now = now(self.log.scopes(&wanted)).expect("in memory");
        Some(Event::Feed { entries, upto, head: head.cursor, digests, now })
    }

    /// The log went on, a process hears: it tells all who are connected to it.
    pub fn spread(&mut self, process: usize) -> Vec<Deed> {
        let head = now(self.log.head()).expect("in memory").cursor;
        self.of(process).into_iter().flat_map(|stream| self.happens(stream, Event::Head(head))).collect()
    }

    /// `false`: that is to be already.
    pub fn will_be_quiet(&mut self, process: usize) -> bool {
        !std::mem::replace(&mut self.processes[process].quiet_due, true)
    }

    pub fn quiet(&mut self, process: usize) -> Vec<Deed> {
        self.processes[process].quiet_due = false;
        self.of(process).into_iter().flat_map(|stream| self.happens(stream, Event::Quiet)).collect()
    }

    fn of(&self, process: usize) -> Vec<StreamId> {
        let here = self.connections.iter().filter(|(_, connection)| connection.process == process);
        here.map(|(stream, _)| *stream).collect()
    }

    /// What this connection handed in cannot be taken now.
    pub fn retry_later(&mut self, stream: StreamId) -> Vec<Deed> {
        let words = "The server cannot store anything just now.".to_owned();
        // Of its turn, though not handed in yet.
        if let Some(connection) = self.connections.get_mut(&stream) {
            connection.asks.retain(|ask| !matches!(ask, Ask::Submit(_)));
        }
        self.happens(stream, Event::RetryLater { after_ms: 2_000, words, edits: Vec::new() })
    }

    /// These edits of it wait for what other devices send again.
    pub fn others_first(&mut self, stream: StreamId, edits: Vec<EditId>) -> Vec<Deed> {
        let words = "What this was entered on is still on other devices.".to_owned();
        self.happens(stream, Event::RetryLater { after_ms: 3_600_000, words, edits })
    }

    /// Nothing was written of these, and this is said of them.
    pub fn unwritten(&mut self, stream: StreamId, said: Vec<Said>) -> Vec<Deed> {
        self.happens(stream, Event::Unwritten(said))
    }

    /// These edits have their verdicts already.
    pub fn said_before(&mut self, stream: StreamId, edits: &[EditId]) -> Vec<Deed> {
        let entries = now(self.log.verdicts(edits)).expect("in memory");
        let now = now(self.log.scopes(&FeedEntry::look_up_again(&entries))).expect("in memory");
        self.happens(stream, Event::Again { entries, now })
    }

    /// Names or enrolments changed: every admitted connection hears of it.
    pub fn tell_names(&mut self, accounts: &Accounts) -> Vec<Deed> {
        let streams: Vec<_> = self
            .connections
            .iter()
            .filter_map(|(stream, connection)| {
                Some((*stream, connection.session.device()?, connection.session.only_push()))
            })
            .collect();
        let mut deeds = Vec::new();
        for (stream, device, only_push) in streams {
            match (only_push, accounts.only_push(device).is_some()) {
                (false, false) => deeds.extend(self.happens(stream, Event::Names(accounts.names(device)))),
                (true, true) => {}
                // It says hello again, and is welcomed as what it is now.
                _ => {
                    let words = "What this device may do was changed. Connect again.".to_owned();
                    let fault = Fault { code: FaultCode::Unavailable, words };
                    deeds.extend([Deed::Send(stream, ServerFrame::Fault(fault)), Deed::Close(stream)]);
                }
            }
        }
        deeds
    }
}

/// As a connection hands an edit in: with the roles of those who are enrolled on its device.
fn handed(submitted: Submitted, accounts: &Accounts) -> Handed {
    let Submitted { edit, grant, withdrawn: _ } = submitted;
    let here = accounts.here(edit.device);
    let approver = edit
        .overriding
        .as_ref()
        .and_then(|word| here.iter().find(|grant| grant.person == word.approver))
        .map_or_else(Vec::new, |grant| grant.roles.clone());
    let strangers =
        named(&edit).map(|(_, person)| person).filter(|person| !accounts.knows(*person)).collect();
    let looked_up = LookedUp { strangers, ..LookedUp::default() };
    let roles = grant.map(|grant| grant.roles.into());
    Handed { edit: Arc::new(edit), roles, approver: approver.into(), looked_up }
}

fn digests(scopes: &Scopes, head: &log::Head) -> Vec<(Scope, Digest)> {
    scopes.iter().map(|scope| (scope, head.digests.get(&scope).copied().unwrap_or_default())).collect()
}

fn unknown() -> Fault {
    Fault { code: FaultCode::SignedOut, words: "This device is not known. Sign in.".to_owned() }
}
