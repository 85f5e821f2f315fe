//! The server's session with a device that was admitted: what it may say, and what goes down to it.

use std::sync::Arc;

use super::{
    page::{Page, Sight},
    server::{Admission, Ask, Effect, Event, FeedEntry, ScopesNow, Sees, push},
    who::Who,
};
use crate::{
    chain::Cursor,
    digest::Digest,
    finding::Finding,
    id::{CompanyId, DeviceId, PersonId},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame,
        attachment::Carried,
        batch,
        frame::{Entry, Fault, FaultCode, Hello, Names, Next, SavedDoc, Welcome, Why},
        limits,
        question::{Answer, Question},
    },
    scope::{Scope, Scopes},
};

/// Entries asked for at once, documents asked for at once.
const ENTRIES_AT_ONCE: usize = 1_000;
const DOCS_AT_ONCE: usize = 1_000;

/// A device is left to stand behind by so many entries that are not for it before it is told where it stands.
const QUIET_STRETCH: u64 = 1_000;

pub(super) struct Open {
    who: Who,
    keeps: bool,
    /// So far the log was read for it.
    sent: Cursor,
    /// Where the device will stand when it has taken in what was sent: behind that by what was not for it.
    told: Cursor,
    /// That, not sent.
    untold: Option<Page>,
    head: Cursor,
    down: Down,
    /// The scopes whose documents the device will then have.
    held: Scopes,
    /// Had by it since it said hello, and no more: it may still ask for something of these until it hears so.
    lost: Scopes,
    sight: Sight,
    /// An ask for the way down is out.
    asked: bool,
    /// The answer to it is of no use: the device's scopes changed since.
    void: bool,
    /// The device is owed a step even if nothing is new: it tells it that it has everything.
    step_due: bool,
    /// Waits for documents that are to go with it.
    page: Option<Page>,
    /// Questions that are not answered yet.
    questions: usize,
}

enum Down {
    Docs { after: Option<DocAddr>, from: Option<Cursor> },
    Gained { scopes: Scopes, after: Option<DocAddr> },
    Log,
}

impl Open {
    /// The welcome, and what follows it.
    pub(super) fn begin(company: CompanyId, hello: &Hello, admission: Admission) -> (Self, Vec<Effect>) {
        let Admission { who, names, head, digests, counter, cursor_holds, proof, time, attachment } =
            admission;
        let scopes = &who.scopes;
        let gained = scopes.without(&hello.scopes);
        let from_the_first = |from| Down::Docs { after: None, from };
        let (next, sent, down) = match (hello.keeps, hello.cursor) {
            (false, Some(cursor)) if cursor_holds && cursor != head => (Next::Entries, cursor, Down::Log),
            (false, _) => (Next::Nothing, head, Down::Log),
            (true, None) => (Next::Docs, head, from_the_first(None)),
            (true, Some(_)) if !cursor_holds => (Next::Reset, head, from_the_first(None)),
            // What it has loaded is not all that it may see by now.
            (true, Some(cursor)) if hello.loaded.is_some() && !gained.is_empty() => {
                (Next::Docs, cursor, from_the_first(Some(cursor)))
            }
            (true, Some(cursor)) if hello.loaded.is_some() => {
                (Next::Docs, cursor, Down::Docs { after: hello.loaded, from: Some(cursor) })
            }
            (true, Some(cursor)) if !gained.is_empty() => {
                let begun = hello.gaining.as_ref().filter(|gaining| gaining.scopes == gained);
                let after = begun.and_then(|gaining| gaining.loaded);
                (Next::Entries, cursor, Down::Gained { scopes: gained, after })
            }
            (true, Some(cursor)) if cursor == head && hello.scopes == *scopes => {
                (Next::Nothing, head, Down::Log)
            }
            (true, Some(cursor)) => (Next::Entries, cursor, Down::Log),
        };
        let stands_there = hello.cursor == Some(head);
        let mut effects = vec![Effect::Send(ServerFrame::Welcome(Welcome {
            protocol: protocol::VERSION,
            company: hello.company.is_none().then_some(company),
            time,
            next,
            head: (!stands_there).then_some(head),
            proof: proof.filter(|_| next == Next::Nothing),
            digest: (next == Next::Nothing).then(|| digests.iter().map(|(_, digest)| *digest).sum()),
            counter,
            attachment,
        }))];
        if hello.names != names.version {
            effects.push(Effect::Send(ServerFrame::Names(names)));
        }
        if hello.keeps && hello.scopes != *scopes {
            effects.push(Effect::Send(ServerFrame::Scopes { scopes: scopes.clone() }));
        }
        let held = match &down {
            Down::Docs { .. } => scopes.clone(),
            Down::Gained { .. } | Down::Log => scopes.and(&hello.scopes),
        };
        let sight = match &down {
            Down::Gained { .. } | Down::Log if hello.unsure <= sent.pos => {
                Sight::new(scopes.clone(), held.clone(), 0)
            }
            _ => Sight::new(scopes.clone(), Scopes::NONE, hello.unsure),
        };
        let lost = hello.scopes.without(scopes);
        let mut open = Self {
            who,
            keeps: hello.keeps,
            sent,
            told: sent,
            untold: None,
            head,
            step_due: next == Next::Entries,
            down,
            held,
            lost,
            sight,
            asked: false,
            void: false,
            page: None,
            questions: 0,
        };
        effects.extend(open.ask_down());
        (open, effects)
    }

    pub(super) fn device(&self) -> DeviceId {
        self.who.device
    }

    pub(super) fn owes_where(&self) -> bool {
        self.untold.is_some() && matches!(self.down, Down::Log)
    }

    /// While it is sent documents it stands nowhere.
    pub(super) fn told(&self) -> Option<Cursor> {
        matches!(self.down, Down::Log).then_some(self.told)
    }

    pub(super) fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Head(head) => {
                // A log that is not further on may be another one; reading on from where the device stands tells.
                let doubtful = head.pos <= self.sent.pos && head != self.sent;
                if head.pos > self.head.pos {
                    self.head = head;
                }
                self.ask(doubtful).into_iter().collect()
            }
            Event::Feed { .. } | Event::Docs { .. } | Event::AsOf { .. } if self.void => {
                (self.asked, self.void, self.page) = (false, false, None);
                self.ask_down().into_iter().collect()
            }
            Event::Feed { entries, upto, head, digests, now } => {
                if head.pos > self.head.pos {
                    self.head = head;
                }
                self.feed(&entries, upto, digests, &now)
            }
            Event::AsOf { docs } => match self.page.take() {
                Some(page) => self.turn(page, docs),
                None => Vec::new(),
            },
            Event::Docs { docs, last, at } => self.docs(&docs, last, at),
            Event::Fetched { mut docs, rest, at } => {
                // What it may see may have changed since it was read.
                docs.retain(|saved| saved.scopes.meets(&self.who.scopes));
                let (docs, why) = (batch::pack(&docs), Why::Fetch);
                let mut effects =
                    vec![Effect::Send(ServerFrame::Docs { docs, why, last: true, at, proof: None })];
                if !rest.is_empty() {
                    effects.push(Effect::Ask(Ask::Fetch { docs: rest, scopes: self.who.scopes.clone() }));
                }
                effects
            }
            Event::Heads { scope, .. } if !self.who.scopes.contains(scope) => Vec::new(),
            Event::Heads { scope, heads, at } => {
                vec![Effect::Send(ServerFrame::HeadsOf { scope, heads: batch::pack(&heads), at })]
            }
            Event::Again { entries, now } => self.again(&entries, &now),
            Event::Carried { id, carried } => {
                self.questions = self.questions.saturating_sub(1);
                vec![Effect::Send(ServerFrame::Carried { id, carried })]
            }
            Event::Answered { id, answer } => {
                self.questions = self.questions.saturating_sub(1);
                vec![Effect::Send(ServerFrame::Answer { id, answer })]
            }
            Event::Names(names) => self.names(names),
            Event::Quiet => self.quiet(),
            Event::Frame(_)
            | Event::Partly(_)
            | Event::BadFrame(_)
            | Event::SignedIn(_)
            | Event::Admitted(_)
            | Event::RetryLater { .. }
            | Event::Unwritten(_)
            | Event::Farewell(_) => Vec::new(),
        }
    }

    /// What the people on the device may do, and with it perhaps what they may see.
    fn names(&mut self, names: Names) -> Vec<Effect> {
        self.who.believe(&names.here);
        let scopes = Scopes::held_by(&names.here);
        let mut effects = vec![Effect::Send(ServerFrame::Names(names))];
        if !self.keeps || scopes == self.who.scopes {
            self.who.scopes = scopes;
            self.sight.scopes.clone_from(&self.who.scopes);
            return effects;
        }
        effects.push(Effect::Send(ServerFrame::Scopes { scopes: scopes.clone() }));
        let more = !scopes.without(&self.who.scopes).is_empty();
        let complete = matches!(self.down, Down::Log) && self.sight.is_sure_after(self.sent.pos);
        self.sight.change(scopes.clone(), complete);
        self.lost = self.lost.with(&self.who.scopes).without(&scopes);
        self.who.scopes.clone_from(&scopes);
        match &mut self.down {
            Down::Docs { after, .. } => {
                self.held = scopes;
                if more {
                    *after = None;
                }
            }
            Down::Gained { .. } | Down::Log => {
                self.held = self.held.and(&scopes);
                let gained = scopes.without(&self.held);
                self.down = match &self.down {
                    _ if gained.is_empty() => Down::Log,
                    Down::Gained { scopes, after } if *scopes == gained => {
                        Down::Gained { scopes: gained, after: *after }
                    }
                    _ => Down::Gained { scopes: gained, after: None },
                };
                self.step_due = true;
            }
        }
        self.void = self.asked;
        // Of other scopes than it has now.
        self.untold = None;
        effects.extend(self.ask_down());
        effects
    }

    fn again(&self, entries: &[Arc<FeedEntry>], now: &ScopesNow) -> Vec<Effect> {
        // What the device has not passed yet comes down the log anyway; what was said to another device does not.
        let (sent, device) = (self.sent.pos, self.who.device);
        let due = entries.iter().filter(|entry| entry.pos <= sent || entry.device != device);
        let entries: Vec<Entry> = due
            .map(|entry| Entry {
                changes: if self.keeps { self.sight.changes_now(entry, now) } else { Vec::new() },
                ..Entry::said(entry.pos, entry.edit, self.sight.told(entry, now))
            })
            .collect();
        if entries.is_empty() {
            return Vec::new();
        }
        vec![Effect::Send(ServerFrame::Again { entries: batch::pack(&entries) })]
    }

    pub(super) fn frame(&mut self, frame: ClientFrame) -> Result<Vec<Effect>, Fault> {
        let refuse = |code, words: String| Err(Fault { code, words });
        match frame {
            ClientFrame::Push { edits, .. } => Ok(push(self.who.submitted(edits)?)),
            ClientFrame::Discard { mut edits } => {
                edits.retain(|edit| !edit.is_nil());
                if edits.len() > limits::EDITS_IN_PUSH {
                    let words = format!("At most {} edits at once are given up.", limits::EDITS_IN_PUSH);
                    return refuse(FaultCode::BadFrame, words);
                }
                Ok(vec![Effect::Ask(Ask::Discard { device: self.who.device, edits })])
            }
            ClientFrame::Heads { scope } if self.lost.contains(scope) => Ok(Vec::new()),
            ClientFrame::Heads { scope } => {
                if !self.who.scopes.contains(scope) {
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
                Ok(vec![Effect::Ask(Ask::Fetch { docs, scopes: self.who.scopes.clone() })])
            }
            ClientFrame::Carry { id, .. } if self.questions >= limits::QUESTIONS_UNDER_WAY => {
                Ok(vec![Effect::Send(ServerFrame::Carried { id, carried: Carried::Later {} })])
            }
            ClientFrame::Carry { id, carry } => {
                self.questions += 1;
                let (device, scopes) = (self.who.device, self.who.scopes.clone());
                Ok(vec![Effect::Ask(Ask::Carry { id, device, scopes, carry })])
            }
            ClientFrame::Ask { id, person, question } => Ok(vec![self.question(id, person, question)]),
            ClientFrame::SignIn(_) | ClientFrame::Hello(_) => {
                refuse(FaultCode::OutOfPlace, "This socket is greeted already; open another one.".to_owned())
            }
            ClientFrame::Done {} => refuse(
                FaultCode::OutOfPlace,
                "Only a device that may do nothing but push says that it is done.".to_owned(),
            ),
        }
    }

    /// What may not be asked is answered like what may: only this question is at fault.
    fn question(&mut self, id: u32, person: PersonId, question: Question) -> Effect {
        let asked = match self.questions {
            limits::QUESTIONS_UNDER_WAY.. => {
                let what = "Too many questions of this device are not answered yet.";
                Err(Box::new(Finding::malformed("id", what, "Wait for the answers, then ask again.")))
            }
            _ => self.who.asks(person, &question),
        };
        match asked {
            Ok(by) => {
                self.questions += 1;
                Effect::Ask(Ask::Question { id, by, question })
            }
            Err(finding) => {
                let answer = Answer::Declined { findings: vec![*finding] };
                Effect::Send(ServerFrame::Answer { id, answer })
            }
        }
    }

    fn ask_down(&mut self) -> Option<Effect> {
        self.ask(false)
    }

    /// `anyhow`: also when nothing seems to follow.
    fn ask(&mut self, anyhow: bool) -> Option<Effect> {
        if self.asked {
            return None;
        }
        let ask = match &self.down {
            Down::Docs { after, .. } => {
                Ask::Docs { after: *after, scopes: self.who.scopes.clone(), limit: DOCS_AT_ONCE }
            }
            Down::Gained { scopes, after } => {
                Ask::Docs { after: *after, scopes: scopes.clone(), limit: DOCS_AT_ONCE }
            }
            Down::Log if anyhow || self.head.pos > self.sent.pos || self.step_due => {
                let scopes = if self.keeps { self.who.scopes.clone() } else { Scopes::NONE };
                let sees = Sees { device: self.who.device, scopes };
                Ask::Feed { after: self.sent, limit: ENTRIES_AT_ONCE, sees }
            }
            Down::Log => return None,
        };
        self.asked = true;
        Some(Effect::Ask(ask))
    }

    fn docs(&mut self, docs: &[SavedDoc], last: bool, at: Cursor) -> Vec<Effect> {
        self.asked = false;
        if at.pos > self.head.pos {
            self.head = at;
        }
        let reached = docs.last().map(|saved| saved.doc);
        let why = match &mut self.down {
            Down::Docs { after, from } => {
                let from = *from.get_or_insert(at);
                *after = reached.or(*after);
                if last {
                    (self.sent, self.told) = (from, from);
                }
                Why::First
            }
            Down::Gained { after, scopes } => {
                *after = reached.or(*after);
                if last {
                    self.held = self.held.with(scopes);
                }
                Why::Gained
            }
            Down::Log => return Vec::new(),
        };
        if last {
            (self.down, self.step_due) = (Down::Log, true);
            self.sight.unsure_until(at.pos);
        }
        let mut effects =
            vec![Effect::Send(ServerFrame::Docs { docs: batch::pack(docs), why, last, at, proof: None })];
        effects.extend(self.ask_down());
        effects
    }

    fn feed(
        &mut self,
        entries: &[Arc<FeedEntry>],
        upto: Cursor,
        digests: Option<Vec<(Scope, Digest)>>,
        now: &ScopesNow,
    ) -> Vec<Effect> {
        // What was read before the documents that the device has by now tells it nothing.
        if upto.pos < self.sent.pos {
            self.asked = false;
            return self.ask_down().into_iter().collect();
        }
        let device = self.who.device;
        let page = self.sight.page(entries, device, self.keeps, upto, digests, now);
        let docs = page.wants();
        if docs.is_empty() {
            return self.turn(page, Vec::new());
        }
        self.page = Some(page);
        vec![Effect::Ask(Ask::AsOf { docs, pos: upto.pos })]
    }

    /// The page is complete. One that tells the device nothing is not sent: most of what many devices do is of no
    /// matter to each of them.
    fn turn(&mut self, page: Page, docs: Vec<SavedDoc>) -> Vec<Effect> {
        self.asked = false;
        self.sent = page.upto;
        let mut effects = Vec::new();
        if self.step_due || !page.is_empty() || self.sent.pos - self.told.pos >= QUIET_STRETCH {
            // Until it was told that it has everything.
            self.step_due = !page.is_at_end();
            effects.push(self.tell(page, docs));
        } else {
            self.untold = Some(page);
        }
        effects.extend(self.ask_down());
        effects
    }

    fn tell(&mut self, page: Page, docs: Vec<SavedDoc>) -> Effect {
        (self.told, self.untold) = (page.upto, None);
        Effect::Send(page.frame(docs))
    }

    /// There is time to tell the device where it stands.
    fn quiet(&mut self) -> Vec<Effect> {
        match self.untold.take() {
            Some(page) if matches!(self.down, Down::Log) => vec![self.tell(page, Vec::new())],
            _ => Vec::new(),
        }
    }
}
