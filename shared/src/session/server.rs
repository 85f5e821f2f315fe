//! The session of the server with one device: what it may say when, and what goes down to it.
//!
//! It asks for what it needs (`Effect::Ask`) and is given it as an event; whoever runs it does the asking,
//! one ask after the other, and sends frames in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    OTHER_COMPANY,
    door::Door,
    later::Later,
    open::Open,
    who::{Said, Submitted, Who},
};
use crate::{
    chain::Cursor,
    digest::Digest,
    edit::{Edit, Verdict},
    generation,
    id::{CompanyId, DeviceId, EditId},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame,
        attachment::{Carried, Carry},
        batch, codec,
        frame::{
            DocChange, DocHeads, Entry, Fault, FaultCode, Given, Grant, Hello, Names, OwnVerdict, SavedDoc,
            SignIn, SignedIn,
        },
        limits,
        push::{Malformed, Push},
        question::{Answer, Question},
    },
    review::Decided,
    scope::{Scope, Scopes},
    time::Timestamp,
};

pub struct Server {
    company: CompanyId,
    state: State,
    /// How often the device was told to come later.
    turn: u32,
    later: Later,
    /// How many commands the device's program knows.
    commands: u16,
}

enum State {
    /// Sign-ins and the hello are welcome.
    Greeting,
    /// Waits for the answer to a sign-in.
    SigningIn,
    /// Waits for the answer to the hello.
    Admitting(Box<Hello>),
    Open(Box<Open>),
    /// The device only hands over what was entered on it.
    Door(Box<Door>),
    Closed,
}

/// Who speaks on this socket, and how the log stands, at one moment.
#[derive(Clone, Debug)]
pub struct Admission {
    pub who: Who,
    pub names: Names,
    pub head: Cursor,
    /// At the head, for the device's scopes.
    pub digests: Vec<(Scope, Digest)>,
    /// The highest counter of this device that has a verdict.
    pub counter: u64,
    /// The log holds the device's cursor, with its chain hash.
    pub cursor_holds: bool,
    /// That the log stands at the head, unless the device handed in the same.
    pub proof: Option<Vec<u8>>,
    pub time: Timestamp,
    /// Bytes of one photo or paper that are taken at most, where it is not the usual.
    pub attachment: Option<u64>,
}

/// One position of the log, as the server holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEntry {
    pub pos: u64,
    pub edit: EditId,
    pub device: DeviceId,
    pub attempt: u32,
    pub verdict: Verdict,
    /// Where the verdict is a manager's.
    pub decided: Option<Decided>,
    /// The numbers that the server gave to it.
    pub given: Vec<Given>,
    /// Those of an earlier generation than the document has by now come without their bytes.
    pub changes: Vec<DocChange>,
    /// It made the document of its one change anew: whoever may see that gets it whole.
    pub opens: Option<generation::Why>,
    /// Documents whose scopes the entry changed, with what they were before: none where it made the document.
    pub moved: Vec<(DocAddr, Scopes)>,
    /// The documents that the edit is about: only where its findings might tell of them, and when the verdict is
    /// given again.
    pub about: Vec<DocAddr>,
}

/// What a device is told of the log at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sees {
    pub device: DeviceId,
    /// None where it keeps no documents: it hears only what was said of its own edits.
    pub scopes: Scopes,
}

impl Sees {
    /// What it does not see it is never told of, whatever else it is told.
    pub fn sees(&self, entry: &FeedEntry) -> bool {
        let changed = || entry.changes.iter().any(|change| change.scopes.meets(&self.scopes));
        let left = || entry.moved.iter().any(|(_, was)| was.meets(&self.scopes));
        let erased = entry.opens == Some(generation::Why::Erased);
        entry.device == self.device || erased || changed() || left()
    }
}

/// The scopes of documents at the moment, of those that are there. The log says whose a document was at a position;
/// whose it is by now decides whether anything of it is still sent.
pub type ScopesNow = BTreeMap<DocAddr, Scopes>;

impl FeedEntry {
    /// Of which documents the scopes must be known to tell a device of these entries. At the end of the log its
    /// changes say whose they are.
    pub fn look_up(entries: &[Arc<Self>], device: DeviceId, at_end: bool) -> Vec<DocAddr> {
        let about = entries.iter().filter(|entry| entry.device == device).flat_map(|entry| &entry.about);
        let changed = entries.iter().filter(|_| !at_end).flat_map(|entry| &entry.changes);
        let docs: BTreeSet<DocAddr> = about.copied().chain(changed.map(|change| change.doc)).collect();
        docs.into_iter().collect()
    }

    /// The same for entries whose verdicts are given again, whichever device's they are.
    pub fn look_up_again(entries: &[Arc<Self>]) -> Vec<DocAddr> {
        let docs: BTreeSet<DocAddr> = entries.iter().flat_map(|entry| &entry.about).copied().collect();
        docs.into_iter().collect()
    }
}

#[derive(Debug)]
pub enum Event {
    Frame(ClientFrame),
    /// A push that does not read whole.
    Partly(Push),
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
        /// Of what `FeedEntry::look_up` names.
        now: ScopesNow,
    },
    /// Documents after what was asked for.
    Docs {
        docs: Vec<SavedDoc>,
        last: bool,
        at: Cursor,
    },
    Fetched {
        docs: Vec<SavedDoc>,
        /// What did not fit into one answer.
        rest: Vec<DocAddr>,
        at: Cursor,
    },
    /// Documents as they were at the position asked for.
    AsOf {
        docs: Vec<SavedDoc>,
    },
    Heads {
        scope: Scope,
        heads: Vec<DocHeads>,
        at: Cursor,
    },
    /// Edits that have their verdict already. Also another device's, if this one handed in the same.
    Again {
        entries: Vec<Arc<FeedEntry>>,
        now: ScopesNow,
    },
    /// Said of edits of which nothing was written.
    Unwritten(Vec<Said>),
    /// Of these edits; of everything that has no verdict when there are none.
    RetryLater {
        after_ms: u32,
        words: String,
        edits: Vec<EditId>,
    },
    /// To what a device carries.
    Carried {
        id: u32,
        carried: Carried,
    },
    /// To a question of a person.
    Answered {
        id: u32,
        answer: Answer,
    },
    /// Names, roles or enrolments changed.
    Names(Names),
    /// Nothing was said for a while.
    Quiet,
    /// What a device is told that has nothing more to hand over: by whose word it is wiped, or why it is to go.
    Farewell(Result<String, Fault>),
}

impl Event {
    /// What arrived. `admitted`: the device was; before that a frame reads whole or is none.
    pub fn received(bytes: &[u8], admitted: bool) -> Self {
        match codec::decode::<ClientFrame>(bytes, limits::CLIENT_FRAME) {
            Ok(frame) => Self::Frame(frame),
            Err(bad) => match Push::read(bytes).filter(|_| admitted) {
                Some(push) => Self::Partly(push),
                None => Self::BadFrame(bad),
            },
        }
    }
}

#[derive(Debug, PartialEq)]
pub enum Ask {
    SignIn(SignIn),
    Admit {
        token: Vec<u8>,
        cursor: Option<Cursor>,
        proof: Option<Vec<u8>>,
        version: String,
        waiting: u32,
        counter: u64,
        /// The version of the names that the device has.
        names: u64,
        clock: Option<Timestamp>,
    },
    /// What follows where the device stands, of what it sees; if the log does not have that, the socket is closed.
    Feed {
        after: Cursor,
        limit: usize,
        sees: Sees,
    },
    Docs {
        after: Option<DocAddr>,
        scopes: Scopes,
        limit: usize,
    },
    Fetch {
        docs: Vec<DocAddr>,
        scopes: Scopes,
    },
    AsOf {
        docs: Vec<DocAddr>,
        pos: u64,
    },
    Heads {
        scope: Scope,
    },
    Submit(Vec<Submitted>),
    Discard {
        device: DeviceId,
        edits: Vec<EditId>,
    },
    /// Photos and papers: offered and put by the device that attached them, got by one that sees these scopes.
    /// Answered beside everything else, in any order.
    Carry {
        id: u32,
        device: DeviceId,
        scopes: Scopes,
        carry: Carry,
    },
    /// A person who may asks. Answered beside everything else, in any order.
    Question {
        id: u32,
        by: Grant,
        question: Question,
    },
    /// The device has nothing more to hand over.
    Farewell,
}

#[derive(Debug, PartialEq)]
pub enum Effect {
    Send(ServerFrame),
    Ask(Ask),
    /// After everything before it is sent.
    Close,
}

impl Server {
    /// Of a server with this company's data.
    pub fn new(company: CompanyId) -> Self {
        Self {
            company,
            state: State::Greeting,
            turn: 0,
            later: Later::default(),
            commands: protocol::COMMANDS,
        }
    }

    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Frame(frame) => self.frame(frame),
            Event::BadFrame(bad) => self.fault(FaultCode::BadFrame, format!("This is not a frame: {bad}.")),
            Event::Partly(push) => self.partly(push),
            Event::SignedIn(answer) if matches!(self.state, State::SigningIn) => match answer {
                Ok(signed_in) => {
                    self.state = State::Greeting;
                    vec![Effect::Send(ServerFrame::SignedIn(signed_in))]
                }
                Err(fault) => self.close_with(fault),
            },
            Event::Admitted(answer) => match (answer, std::mem::replace(&mut self.state, State::Closed)) {
                (Ok(admission), State::Admitting(hello)) if admission.who.only_push.is_some() => {
                    let (door, effects) = Door::begin(self.company, &hello, *admission);
                    self.state = State::Door(Box::new(door));
                    effects
                }
                (Ok(admission), State::Admitting(hello)) => {
                    let (open, effects) = Open::begin(self.company, &hello, *admission);
                    self.state = State::Open(Box::new(open));
                    effects
                }
                (Err(fault), State::Admitting(_)) => self.close_with(fault),
                (_, other) => {
                    self.state = other;
                    Vec::new()
                }
            },
            Event::RetryLater { after_ms, words, edits } if self.device().is_some() => {
                self.turn = self.turn.saturating_add(u32::from(edits.is_empty()));
                vec![Effect::Send(ServerFrame::RetryLater { after_ms, words, edits })]
            }
            Event::Unwritten(said) if self.device().is_some() => vec![Effect::Send(unwritten(said))],
            event => match &mut self.state {
                State::Open(open) => open.handle(event),
                State::Door(door) => door.handle(event),
                _ => Vec::new(),
            },
        }
    }

    /// The device this socket speaks for, once it is admitted.
    pub fn device(&self) -> Option<DeviceId> {
        match &self.state {
            State::Open(open) => Some(open.device()),
            State::Door(door) => Some(door.device()),
            _ => None,
        }
    }

    /// How far the device has been told the log.
    pub fn told(&self) -> Option<Cursor> {
        match &self.state {
            State::Open(open) => open.told(),
            _ => None,
        }
    }

    /// The log went on by what is not for the device, and it was not told.
    pub fn owes_where(&self) -> bool {
        matches!(&self.state, State::Open(open) if open.owes_where())
    }

    /// The device only hands over; what became of its edits is told one by one.
    pub fn only_push(&self) -> bool {
        matches!(self.state, State::Door(_))
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn partly(&mut self, push: Push) -> Vec<Effect> {
        if push.count() > limits::EDITS_IN_PUSH {
            let words = format!("A push holds at most {} edits; send less at once.", limits::EDITS_IN_PUSH);
            return self.fault(FaultCode::BadFrame, words);
        }
        // Of a program that knows no more commands than this one, what was never heard of is no later version's.
        let knows_more = self.commands > protocol::COMMANDS;
        let (mut waits, mut malformed) = (Vec::new(), push.malformed);
        for unknown in push.unknown {
            match if knows_more { Err(unknown) } else { unknown.malformed() } {
                Ok(of_no_form) => malformed.push(of_no_form),
                Err(later) => waits.push(later),
            }
        }
        if !waits.is_empty() && self.later.is_full() {
            let words = "Too many entries of this device wait until the server is updated. They are kept on it; \
                connect again then.";
            return self.fault(FaultCode::Unavailable, words.to_owned());
        }
        let mut effects = Vec::new();
        if self.device().is_some() {
            if !waits.is_empty() {
                effects.push(Effect::Send(self.later.note(waits)));
            }
            if !malformed.is_empty() {
                let said = malformed.into_iter().map(|Malformed { id, attempt, finding }| {
                    (id, OwnVerdict::new(attempt, Verdict::Refused { findings: vec![finding] }))
                });
                effects.push(Effect::Send(unwritten(said.collect())));
            }
        }
        effects.extend(self.frame(push.known));
        if let Some(nth) = push.nameless.filter(|_| !self.is_closed()) {
            let words = format!("edits/{nth}/id is no id of 16 bytes, so nothing can be said of that entry.");
            effects.extend(self.fault(FaultCode::BadFrame, words));
        }
        effects
    }

    /// Those that name more than is looked up for anybody go no further, and are told so.
    fn without_too_much(&mut self, edits: &mut Vec<Edit>) -> Vec<Effect> {
        let mut said = Vec::new();
        edits.retain(|edit| {
            let Some(finding) = edit.too_much() else { return true };
            said.push((edit.id, OwnVerdict::new(edit.attempt, Verdict::Refused { findings: vec![finding] })));
            false
        });
        if said.is_empty() || self.device().is_none() {
            return Vec::new();
        }
        vec![Effect::Send(unwritten(said))]
    }

    fn frame(&mut self, mut frame: ClientFrame) -> Vec<Effect> {
        let mut effects = match &mut frame {
            ClientFrame::Push { edits, .. } => self.without_too_much(edits),
            _ => Vec::new(),
        };
        effects.extend(self.frame_of_form(frame));
        effects
    }

    fn frame_of_form(&mut self, frame: ClientFrame) -> Vec<Effect> {
        match (&mut self.state, frame) {
            (State::Greeting, ClientFrame::SignIn(sign_in)) => {
                if let Some(refused) = self.refuses(sign_in.protocol, sign_in.company) {
                    return self.close_with(refused);
                }
                if let Some(finding) = sign_in.check() {
                    return self
                        .fault(FaultCode::SignInRefused, format!("{} {}", finding.what, finding.remedy));
                }
                self.state = State::SigningIn;
                vec![Effect::Ask(Ask::SignIn(sign_in))]
            }
            (State::Greeting, ClientFrame::Hello(hello)) => {
                if let Some(refused) = self.refuses(hello.protocol, hello.company) {
                    return self.close_with(refused);
                }
                if let Some(finding) = hello.check() {
                    return self.fault(FaultCode::BadFrame, format!("{} {}", finding.what, finding.remedy));
                }
                let ask = Ask::Admit {
                    token: hello.token.clone(),
                    cursor: hello.cursor,
                    proof: hello.proof.clone(),
                    version: hello.version.chars().take(64).collect(),
                    waiting: hello.waiting,
                    counter: hello.counter,
                    names: hello.names,
                    clock: hello.clock,
                };
                self.commands = hello.commands;
                self.state = State::Admitting(Box::new(hello));
                vec![Effect::Ask(ask)]
            }
            // It was on its way when the device was told to come later, and comes again.
            (State::Open(_) | State::Door(_), ClientFrame::Push { turn, .. }) if turn < self.turn => {
                Vec::new()
            }
            (State::Open(_) | State::Door(_), ClientFrame::Push { turn, .. }) if turn > self.turn => self
                .fault(
                    FaultCode::BadFrame,
                    format!("`turn` is {turn}, and this device was told to come later {} times.", self.turn),
                ),
            (State::Open(_) | State::Door(_), frame) => self.serve(frame),
            (State::Closed, _) => Vec::new(),
            (_, _) => self
                .fault(FaultCode::OutOfPlace, "Sign in or say hello first, and wait for the answer.".into()),
        }
    }

    fn serve(&mut self, mut frame: ClientFrame) -> Vec<Effect> {
        let held = match &mut frame {
            ClientFrame::Push { edits, .. } => self.later.hold(edits),
            ClientFrame::Discard { edits } => {
                self.later.forget(edits);
                None
            }
            _ => None,
        };
        let served = match &mut self.state {
            State::Open(open) => open.frame(frame),
            State::Door(door) => door.frame(frame),
            _ => Ok(Vec::new()),
        };
        match served {
            Ok(effects) => held.map(Effect::Send).into_iter().chain(effects).collect(),
            Err(fault) => self.close_with(fault),
        }
    }

    /// Before anything is looked up: what another company's device holds is none of this one's business.
    fn refuses(&self, protocol: u16, company: Option<CompanyId>) -> Option<Fault> {
        let other = company.is_some_and(|company| company != self.company);
        version(protocol).or_else(|| {
            other.then(|| Fault { code: FaultCode::OtherCompany, words: OTHER_COMPANY.to_owned() })
        })
    }

    fn fault(&mut self, code: FaultCode, words: String) -> Vec<Effect> {
        self.close_with(Fault { code, words })
    }

    fn close_with(&mut self, fault: Fault) -> Vec<Effect> {
        self.state = State::Closed;
        vec![Effect::Send(ServerFrame::Fault(fault)), Effect::Close]
    }
}

/// What a push leads to.
pub(super) fn push((submitted, said): (Vec<Submitted>, Vec<Said>)) -> Vec<Effect> {
    let said = (!said.is_empty()).then(|| Effect::Send(unwritten(said)));
    said.into_iter().chain([Effect::Ask(Ask::Submit(submitted))]).collect()
}

fn unwritten(said: Vec<Said>) -> ServerFrame {
    let said: Vec<Entry> = said.into_iter().map(|(edit, verdict)| Entry::said(0, edit, verdict)).collect();
    ServerFrame::Again { entries: batch::pack(&said) }
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
