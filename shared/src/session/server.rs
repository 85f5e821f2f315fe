//! The session of the server with one device: what it may say when, and what goes down to it.
//!
//! It asks for what it needs (`Effect::Ask`) and is given it as an event; whoever runs it does the asking,
//! one ask after the other, and sends frames in order.

use std::sync::Arc;

use crate::{
    chain::Cursor,
    digest::Digest,
    edit::{Edit, Verdict},
    id::{DeviceId, EditId},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame, batch, codec,
        frame::{
            DocChange, DocHeads, Entry, Fault, FaultCode, Grant, Hello, Names, Next, OwnVerdict, SavedDoc,
            SignIn, SignedIn, Welcome,
        },
        limits,
    },
    scope::Scope,
    time::Timestamp,
};

/// Entries asked for at once, documents asked for at once.
pub const ENTRIES_AT_ONCE: usize = 1_000;
pub const DOCS_AT_ONCE: usize = 1_000;

pub struct Server {
    state: State,
}

enum State {
    /// Sign-ins and the hello are welcome.
    Greeting,
    /// Waits for the answer to a sign-in.
    SigningIn,
    /// Waits for the answer to the hello.
    Admitting(Hello),
    Open(Box<Open>),
    Closed,
}

struct Open {
    admission: Admission,
    keeps: bool,
    /// Where the device will stand when it has taken in what was sent.
    sent: Cursor,
    head: Cursor,
    down: Down,
    /// An ask for the way down is out.
    asked: bool,
}

enum Down {
    Docs { after: Option<DocAddr>, from: Option<Cursor> },
    Log,
}

/// Who speaks on this socket, and how the log stands, at one moment.
#[derive(Clone, Debug)]
pub struct Admission {
    pub device: DeviceId,
    pub people: Vec<Grant>,
    pub scopes: Vec<Scope>,
    pub names: Names,
    pub head: Cursor,
    /// At the head, for these scopes.
    pub digests: Vec<(Scope, Digest)>,
    /// The highest counter of this device that has a verdict.
    pub counter: u64,
    /// The log holds the device's cursor, with its chain hash.
    pub cursor_holds: bool,
    pub time: Timestamp,
}

/// One position of the log, as the server holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEntry {
    pub pos: u64,
    pub edit: EditId,
    pub device: DeviceId,
    pub attempt: u32,
    pub verdict: Verdict,
    pub changes: Vec<DocChange>,
}

/// An edit handed to the intake.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    pub edit: Edit,
    /// The person is enrolled on the device that sent it, with these roles. `None`: it is not believed;
    /// a request is refused, a fact is held.
    pub grant: Option<Grant>,
}

#[derive(Debug)]
pub enum Event {
    Frame(ClientFrame),
    /// Bytes that are no frame.
    BadFrame(codec::BadFrame),
    SignedIn(Result<SignedIn, Fault>),
    Admitted(Result<Box<Admission>, Fault>),
    /// The log stands here now.
    Head(Cursor),
    /// Entries after what was asked for; `digests` when `upto` is the end of the log.
    Feed {
        entries: Vec<Arc<FeedEntry>>,
        upto: Cursor,
        head: Cursor,
        digests: Option<Vec<(Scope, Digest)>>,
    },
    /// Documents after what was asked for.
    Docs {
        docs: Vec<SavedDoc>,
        last: bool,
        at: Cursor,
    },
    Fetched {
        docs: Vec<SavedDoc>,
        at: Cursor,
    },
    Heads {
        scope: Scope,
        heads: Vec<DocHeads>,
        at: Cursor,
    },
    /// Edits that have their verdict already.
    Again(Vec<Arc<FeedEntry>>),
    RetryLater {
        after_ms: u32,
        words: String,
    },
    /// Names, roles or enrolments changed.
    Names(Names),
}

#[derive(Debug, PartialEq)]
pub enum Ask {
    SignIn(SignIn),
    Admit { token: Vec<u8>, cursor: Option<Cursor>, version: String, waiting: u32 },
    Feed { after: u64, limit: usize },
    Docs { after: Option<DocAddr>, scopes: Vec<Scope>, limit: usize },
    Fetch { docs: Vec<DocAddr>, scopes: Vec<Scope> },
    Heads { scope: Scope },
    Submit(Vec<Submitted>),
    Discard { device: DeviceId, edits: Vec<EditId> },
}

#[derive(Debug, PartialEq)]
pub enum Effect {
    Send(ServerFrame),
    Ask(Ask),
    /// After everything before it is sent.
    Close,
}

impl Default for Server {
    fn default() -> Self {
        Self { state: State::Greeting }
    }
}

impl Server {
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::BadFrame(bad) => self.fault(FaultCode::BadFrame, format!("This is not a frame: {bad}.")),
            Event::SignedIn(answer) if matches!(self.state, State::SigningIn) => match answer {
                Ok(signed_in) => {
                    self.state = State::Greeting;
                    vec![Effect::Send(ServerFrame::SignedIn(signed_in))]
                }
                Err(fault) => self.close_with(fault),
            },
            Event::Admitted(answer) => match (answer, std::mem::replace(&mut self.state, State::Closed)) {
                (Ok(admission), State::Admitting(hello)) => self.admitted(hello, *admission),
                (Err(fault), State::Admitting(_)) => self.close_with(fault),
                (_, other) => {
                    self.state = other;
                    Vec::new()
                }
            },
            event => match &mut self.state {
                State::Open(open) => open.handle(event),
                _ => Vec::new(),
            },
        }
    }

    /// The device this socket speaks for, once it is admitted.
    pub fn device(&self) -> Option<DeviceId> {
        match &self.state {
            State::Open(open) => Some(open.admission.device),
            _ => None,
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn frame(&mut self, frame: ClientFrame) -> Vec<Effect> {
        match (&mut self.state, frame) {
            (State::Greeting, ClientFrame::SignIn(sign_in)) => {
                if let Some(refused) = version(sign_in.protocol) {
                    return self.close_with(refused);
                }
                self.state = State::SigningIn;
                vec![Effect::Ask(Ask::SignIn(sign_in))]
            }
            (State::Greeting, ClientFrame::Hello(hello)) => {
                if let Some(refused) = version(hello.protocol) {
                    return self.close_with(refused);
                }
                let ask = Ask::Admit {
                    token: hello.token.clone(),
                    cursor: hello.cursor,
                    version: hello.version.chars().take(64).collect(),
                    waiting: hello.waiting,
                };
                self.state = State::Admitting(hello);
                vec![Effect::Ask(ask)]
            }
            (State::Open(open), frame) => match open.frame(frame) {
                Ok(effects) => effects,
                Err(fault) => self.close_with(fault),
            },
            (State::Closed, _) => Vec::new(),
            (_, _) => self
                .fault(FaultCode::OutOfPlace, "Sign in or say hello first, and wait for the answer.".into()),
        }
    }

    fn admitted(&mut self, hello: Hello, admission: Admission) -> Vec<Effect> {
        let head = admission.head;
        let (next, sent, down) = match (hello.keeps, hello.cursor) {
            (false, Some(cursor)) if admission.cursor_holds && cursor != head => {
                (Next::Entries, cursor, Down::Log)
            }
            (false, _) => (Next::Nothing, head, Down::Log),
            (true, None) => (Next::Docs, head, Down::Docs { after: None, from: None }),
            (true, Some(_)) if !admission.cursor_holds => {
                (Next::Reset, head, Down::Docs { after: None, from: None })
            }
            (true, Some(cursor)) if hello.loaded.is_some() => {
                (Next::Docs, cursor, Down::Docs { after: hello.loaded, from: Some(cursor) })
            }
            (true, Some(cursor)) if cursor == head => (Next::Nothing, head, Down::Log),
            (true, Some(cursor)) => (Next::Entries, cursor, Down::Log),
        };
        let stands_there = hello.cursor == Some(head);
        let mut effects = vec![Effect::Send(ServerFrame::Welcome(Welcome {
            protocol: protocol::VERSION,
            time: admission.time,
            next,
            head: (!stands_there).then_some(head),
            digests: admission.digests.clone(),
            counter: admission.counter,
        }))];
        if hello.names != admission.names.version {
            effects.push(Effect::Send(ServerFrame::Names(admission.names.clone())));
        }
        let mut open = Open { admission, keeps: hello.keeps, sent, head, down, asked: false };
        effects.extend(open.ask_down());
        self.state = State::Open(Box::new(open));
        effects
    }

    fn fault(&mut self, code: FaultCode, words: String) -> Vec<Effect> {
        self.close_with(Fault { code, words })
    }

    fn close_with(&mut self, fault: Fault) -> Vec<Effect> {
        self.state = State::Closed;
        vec![Effect::Send(ServerFrame::Fault(fault)), Effect::Close]
    }
}

impl Open {
    fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Head(head) => {
                if head.pos > self.head.pos {
                    self.head = head;
                }
                self.ask_down().into_iter().collect()
            }
            Event::Feed { entries, upto, head, digests } => self.feed(&entries, upto, head, digests),
            Event::Docs { docs, last, at } => self.docs(&docs, last, at),
            Event::Fetched { docs, at } => {
                vec![Effect::Send(ServerFrame::Docs {
                    docs: batch::pack(&docs),
                    first: false,
                    last: true,
                    at,
                })]
            }
            Event::Heads { scope, heads, at } => {
                vec![Effect::Send(ServerFrame::HeadsOf { scope, heads: batch::pack(&heads), at })]
            }
            Event::Again(entries) => {
                // What the device has not passed yet comes down the log anyway.
                let sent = self.sent.pos;
                let entries: Vec<Entry> = entries
                    .iter()
                    .filter(|entry| entry.pos <= sent)
                    .filter_map(|entry| self.seen(entry))
                    .collect();
                if entries.is_empty() {
                    return Vec::new();
                }
                vec![Effect::Send(ServerFrame::Again { entries: batch::pack(&entries) })]
            }
            Event::RetryLater { after_ms, words } => {
                vec![Effect::Send(ServerFrame::RetryLater { after_ms, words })]
            }
            Event::Names(names) => {
                self.admission.people.clone_from(&names.here);
                vec![Effect::Send(ServerFrame::Names(names))]
            }
            Event::Frame(_) | Event::BadFrame(_) | Event::SignedIn(_) | Event::Admitted(_) => Vec::new(),
        }
    }

    fn frame(&mut self, frame: ClientFrame) -> Result<Vec<Effect>, Fault> {
        let refuse = |code, words: String| Err(Fault { code, words });
        match frame {
            ClientFrame::Push { edits } => {
                if edits.len() > limits::EDITS_IN_PUSH {
                    let words =
                        format!("A push holds at most {} edits; send less at once.", limits::EDITS_IN_PUSH);
                    return refuse(FaultCode::BadFrame, words);
                }
                let mut submitted = Vec::with_capacity(edits.len());
                for edit in edits {
                    if edit.device != self.admission.device {
                        let words = "An edit names another device than the one that sent it.".to_owned();
                        return refuse(FaultCode::Forged, words);
                    }
                    let grant =
                        self.admission.people.iter().find(|grant| grant.person == edit.person).cloned();
                    submitted.push(Submitted { edit, grant });
                }
                Ok(vec![Effect::Ask(Ask::Submit(submitted))])
            }
            ClientFrame::Discard { edits } => {
                if edits.len() > limits::EDITS_IN_PUSH {
                    let words = format!("At most {} edits at once are given up.", limits::EDITS_IN_PUSH);
                    return refuse(FaultCode::BadFrame, words);
                }
                Ok(vec![Effect::Ask(Ask::Discard { device: self.admission.device, edits })])
            }
            ClientFrame::Heads { scope } => {
                if !self.admission.scopes.contains(&scope) {
                    return refuse(
                        FaultCode::OutOfPlace,
                        format!("This device does not hold the scope “{scope}”."),
                    );
                }
                Ok(vec![Effect::Ask(Ask::Heads { scope })])
            }
            ClientFrame::Fetch { docs } => {
                if docs.len() > limits::DOCS_IN_FETCH {
                    let words = format!("A fetch names at most {} documents.", limits::DOCS_IN_FETCH);
                    return refuse(FaultCode::BadFrame, words);
                }
                Ok(vec![Effect::Ask(Ask::Fetch { docs, scopes: self.admission.scopes.clone() })])
            }
            ClientFrame::SignIn(_) | ClientFrame::Hello(_) => {
                refuse(FaultCode::OutOfPlace, "This socket is greeted already; open another one.".to_owned())
            }
        }
    }

    fn ask_down(&mut self) -> Option<Effect> {
        if self.asked {
            return None;
        }
        let ask = match &self.down {
            Down::Docs { after, .. } => {
                Ask::Docs { after: *after, scopes: self.admission.scopes.clone(), limit: DOCS_AT_ONCE }
            }
            Down::Log if self.head.pos > self.sent.pos => {
                Ask::Feed { after: self.sent.pos, limit: ENTRIES_AT_ONCE }
            }
            Down::Log => return None,
        };
        self.asked = true;
        Some(Effect::Ask(ask))
    }

    fn docs(&mut self, docs: &[SavedDoc], last: bool, at: Cursor) -> Vec<Effect> {
        self.asked = false;
        let Down::Docs { after, from } = &mut self.down else { return Vec::new() };
        let from = *from.get_or_insert(at);
        *after = docs.last().map(|saved| saved.doc).or(*after);
        let frame = ServerFrame::Docs { docs: batch::pack(docs), first: true, last, at };
        if last {
            self.down = Down::Log;
            self.sent = from;
            if at.pos > self.head.pos {
                self.head = at;
            }
        }
        let mut effects = vec![Effect::Send(frame)];
        if last && self.sent.pos == self.head.pos {
            // Nothing came meanwhile: an empty step tells the device that it has everything.
            self.asked = true;
            effects.push(Effect::Ask(Ask::Feed { after: self.sent.pos, limit: ENTRIES_AT_ONCE }));
        } else {
            effects.extend(self.ask_down());
        }
        effects
    }

    fn feed(
        &mut self,
        entries: &[Arc<FeedEntry>],
        upto: Cursor,
        head: Cursor,
        digests: Option<Vec<(Scope, Digest)>>,
    ) -> Vec<Effect> {
        self.asked = false;
        if head.pos > self.head.pos {
            self.head = head;
        }
        // What was read before the documents that the device has by now tells it nothing.
        if upto.pos < self.sent.pos {
            return self.ask_down().into_iter().collect();
        }
        let seen: Vec<Entry> = entries.iter().filter_map(|entry| self.seen(entry)).collect();
        self.sent = upto;
        let digests = digests
            .map(|all| all.into_iter().filter(|(scope, _)| self.admission.scopes.contains(scope)).collect());
        let mut effects =
            vec![Effect::Send(ServerFrame::Entries { entries: batch::pack(&seen), upto, digests })];
        effects.extend(self.ask_down());
        effects
    }

    /// An entry as this device may see it; `None` when nothing of it is for this device.
    fn seen(&self, entry: &FeedEntry) -> Option<Entry> {
        let own = entry.device == self.admission.device;
        let verdict = own.then(|| OwnVerdict { attempt: entry.attempt, verdict: entry.verdict.clone() });
        let changes: Vec<DocChange> = if self.keeps {
            entry
                .changes
                .iter()
                .filter(|change| self.admission.scopes.contains(&change.scope))
                .cloned()
                .collect()
        } else {
            Vec::new()
        };
        (own || !changes.is_empty()).then_some(Entry { pos: entry.pos, edit: entry.edit, verdict, changes })
    }
}

fn version(protocol: u16) -> Option<Fault> {
    let words = if protocol < protocol::LEAST {
        format!(
            "This program is too old for the server (protocol {protocol}, needed {}). Update it; nothing on the device is lost.",
            protocol::LEAST
        )
    } else if protocol > protocol::VERSION {
        format!(
            "This program is newer than the server (protocol {protocol}, known {}). Update the server.",
            protocol::VERSION
        )
    } else {
        return None;
    };
    Some(Fault { code: FaultCode::Version, words })
}
