//! The server's session with a device whose access was withdrawn, or that of everybody on it: it hands over what was
//! entered on it, and nothing comes down but what became of that.

use super::{
    server::{Admission, Ask, Effect, Event, FeedEntry, push},
    who::Who,
};
use crate::{
    id::{CompanyId, DeviceId},
    protocol::{
        self, ClientFrame, ServerFrame,
        attachment::Carried,
        batch,
        frame::{Entry, Fault, FaultCode, Hello, Next, OwnVerdict, Welcome},
        limits,
    },
    scope::Scopes,
};

pub(super) struct Door {
    who: Who,
    /// What is carried and not answered yet.
    carried: usize,
}

impl Door {
    pub(super) fn begin(company: CompanyId, hello: &Hello, admission: Admission) -> (Self, Vec<Effect>) {
        let other_log = hello.cursor.is_some() && !admission.cursor_holds;
        let welcome = ServerFrame::Welcome(Welcome {
            protocol: protocol::VERSION,
            company: hello.company.is_none().then_some(company),
            time: admission.time,
            next: if other_log { Next::PushAgain } else { Next::PushOnly },
            head: None,
            proof: None,
            digest: None,
            counter: admission.counter,
            attachment: admission.attachment,
        });
        (Self { who: admission.who, carried: 0 }, vec![Effect::Send(welcome)])
    }

    pub(super) fn device(&self) -> DeviceId {
        self.who.device
    }

    pub(super) fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Again { entries, .. } => {
                let told: Vec<Entry> = entries.iter().map(|entry| told(entry)).collect();
                vec![Effect::Send(ServerFrame::Again { entries: batch::pack(&told) })]
            }
            Event::Carried { id, carried } => {
                self.carried = self.carried.saturating_sub(1);
                vec![Effect::Send(ServerFrame::Carried { id, carried })]
            }
            Event::Farewell(Ok(by)) => vec![Effect::Send(ServerFrame::Wipe { by })],
            Event::Farewell(Err(fault)) => vec![Effect::Send(ServerFrame::Fault(fault)), Effect::Close],
            _ => Vec::new(),
        }
    }

    pub(super) fn frame(&mut self, frame: ClientFrame) -> Result<Vec<Effect>, Fault> {
        let ask = match frame {
            ClientFrame::Push { edits, .. } => return Ok(push(self.who.submitted(edits)?)),
            ClientFrame::Discard { mut edits } if edits.len() <= limits::EDITS_IN_PUSH => {
                edits.retain(|edit| !edit.is_nil());
                Ask::Discard { device: self.who.device, edits }
            }
            ClientFrame::Carry { id, .. } if self.carried >= limits::QUESTIONS_UNDER_WAY => {
                return Ok(vec![Effect::Send(ServerFrame::Carried { id, carried: Carried::Later {} })]);
            }
            // What was attached here is handed over; nothing is got.
            ClientFrame::Carry { id, carry } => {
                self.carried += 1;
                let (device, scopes) = (self.who.device, Scopes::NONE);
                Ask::Carry { id, device, scopes, carry }
            }
            ClientFrame::Done {} => Ask::Farewell,
            _ => {
                let words = "This device may only hand over what was entered on it.".to_owned();
                return Err(Fault { code: FaultCode::OutOfPlace, words });
            }
        };
        Ok(vec![Effect::Ask(ask)])
    }
}

/// What became of an edit, without anything of a document.
fn told(entry: &FeedEntry) -> Entry {
    Entry::said(entry.pos, entry.edit, OwnVerdict::new(entry.attempt, entry.verdict.bare()))
}
