//! Questions to the server, which only it can answer: they go out while connected and are never kept.

use std::collections::BTreeMap;

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    id::PersonId,
    protocol::{
        ClientFrame,
        question::{self, Question},
    },
};

use super::{
    core::Core,
    link::Link,
    request::{Answer, Submit},
};

/// Those that wait for their answer, by the number that they have for the server.
#[derive(Default)]
pub struct Questions {
    last: u32,
    waiting: BTreeMap<u32, Waiting>,
}

struct Waiting {
    person: PersonId,
    question: Question,
    sent: bool,
    reply: oneshot::Sender<Answer>,
}

const NEEDS_SERVER: &str = "This needs the server, which cannot be reached just now.";
const LOST: &str = "The connection was lost before the answer came. Look whether it was done, or ask again: a decision \
    counts once.";

impl Questions {
    /// Those that were not sent are asked again elsewhere.
    pub fn let_go(&mut self) {
        for (_, waiting) in self.waiting.extract_if(.., |_, waiting| !waiting.sent) {
            let _ = waiting.reply.send(Answer::Ending);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Core {
    pub fn ask_server(&mut self, asks: Submit, question: Question, reply: oneshot::Sender<Answer>) {
        let failed = |words: String| Answer::Failed { words };
        let author = match self.signed_in() {
            true => self.author(&asks),
            false => Err(failed("Nobody is signed in on this device: sign in first.".to_owned())),
        };
        let person = match author {
            Ok(person) => person,
            Err(answer) => {
                let _ = reply.send(answer);
                return;
            }
        };
        if let Link::Down { .. } = self.link {
            if self.online {
                let why = self.reason.as_deref().unwrap_or_default();
                let _ = reply.send(failed(format!("{NEEDS_SERVER} {why}").trim_end().to_owned()));
                return;
            }
            self.turn.begins();
            self.link = Link::Down { retry_at: Some(Instant::now()) };
        }
        self.questions.last = self.questions.last.wrapping_add(1);
        let waiting = Waiting { person, question, sent: false, reply };
        self.questions.waiting.insert(self.questions.last, waiting);
        self.send_questions();
    }

    /// Those that were not sent yet, as soon as the session is open.
    pub fn send_questions(&mut self) {
        let Link::Up { socket } = &self.link else { return };
        if !self.device.is_up() {
            return;
        }
        if self.device.only_push() {
            return self.fail_questions("This device may only hand over what was entered on it.");
        }
        for (id, waiting) in self.questions.waiting.iter_mut().filter(|(_, waiting)| !waiting.sent) {
            waiting.sent = true;
            let (person, question) = (waiting.person, waiting.question.clone());
            socket.send(ClientFrame::Ask { id: *id, person, question });
        }
    }

    pub fn answered(&mut self, id: u32, answer: question::Answer) {
        // One that nobody waits for any more was given up with its connection.
        let Some(waiting) = self.questions.waiting.remove(&id) else { return };
        let _ = waiting.reply.send(match answer {
            question::Answer::Declined { findings } => Answer::Refused { findings },
            question::Answer::Later { words } => Answer::Failed { words },
            answer => Answer::Answered(Box::new(answer)),
        });
    }

    /// The connection ended: whether what was sent has arrived nobody knows.
    pub fn lose_questions(&mut self) {
        for waiting in self.questions.waiting.extract_if(.., |_, waiting| waiting.sent) {
            let _ = waiting.1.reply.send(Answer::Unknown { words: LOST.to_owned() });
        }
    }

    /// Nothing more is tried for those that wait.
    pub fn fail_questions(&mut self, why: &str) {
        for (_, waiting) in std::mem::take(&mut self.questions.waiting) {
            let _ = waiting.reply.send(Answer::Failed { words: format!("{NEEDS_SERVER} {why}") });
        }
    }
}
