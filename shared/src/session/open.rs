//! The server's session with a device that was admitted: what it may say, and what goes down to it.

use std::sync::Arc;

use super::server::{Admission, Ask, Effect, Event, FeedEntry};
use crate::{
    chain::Cursor,
    digest::Digest,
    id::{CompanyId, DeviceId},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame, batch,
        frame::{DocChange, Entry, Fault, FaultCode, Hello, Next, OwnVerdict, SavedDoc, Welcome},
        limits,
    },
    scope::Scope,
};

/// Entries asked for at once, documents asked for at once.
const ENTRIES_AT_ONCE: usize = 1_000;
const DOCS_AT_ONCE: usize = 1_000;

pub(super) struct Open {
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

impl Open {
    /// The welcome, and what follows it.
    pub(super) fn begin(company: CompanyId, hello: &Hello, admission: Admission) -> (Self, Vec<Effect>) {
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
            company: hello.company.is_none().then_some(company),
            time: admission.time,
            next,
            head: (!stands_there).then_some(head),
            digests: admission.digests.clone(),
            counter: admission.counter,
        }))];
        if hello.names != admission.names.version {
            effects.push(Effect::Send(ServerFrame::Names(admission.names.clone())));
        }
        let mut open = Self { admission, keeps: hello.keeps, sent, head, down, asked: false };
        effects.extend(open.ask_down());
        (open, effects)
    }

    pub(super) fn device(&self) -> DeviceId {
        self.admission.device
    }

    /// While it is sent documents it stands nowhere.
    pub(super) fn told(&self) -> Option<Cursor> {
        matches!(self.down, Down::Log).then_some(self.sent)
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
            Event::Names(names) => {
                self.admission.believe(&names.here);
                vec![Effect::Send(ServerFrame::Names(names))]
            }
            Event::Frame(_)
            | Event::BadFrame(_)
            | Event::SignedIn(_)
            | Event::Admitted(_)
            | Event::RetryLater { .. }
            | Event::Farewell(_) => Vec::new(),
        }
    }

    pub(super) fn frame(&mut self, frame: ClientFrame) -> Result<Vec<Effect>, Fault> {
        let refuse = |code, words: String| Err(Fault { code, words });
        match frame {
            ClientFrame::Push { edits, .. } => {
                Ok(vec![Effect::Ask(Ask::Submit(self.admission.submitted(edits)?))])
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
            ClientFrame::Done {} => refuse(
                FaultCode::OutOfPlace,
                "Only a device that may do nothing but push says that it is done.".to_owned(),
            ),
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
                Ask::Docs { after: *after, scopes: self.admission.scopes.clone(), limit: DOCS_AT_ONCE }
            }
            Down::Log if anyhow || self.head.pos > self.sent.pos => {
                Ask::Feed { after: self.sent, limit: ENTRIES_AT_ONCE }
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
            effects.push(Effect::Ask(Ask::Feed { after: self.sent, limit: ENTRIES_AT_ONCE }));
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
