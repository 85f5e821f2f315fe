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
    calls::nobody,
    core::Core,
    link::{End, Link},
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
const IN_WORK: &str = "The server did not say in time whether it was done. Look before you do it again: a decision \
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
        let author = match self.signed_in() {
            true => self.author(&asks),
            false => Err(nobody()),
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
                let words = format!("{NEEDS_SERVER} {why}").trim_end().to_owned();
                let _ = reply.send(Answer::Away { words });
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
            return self.fail_questions(End::Door, "This device may only hand over what was entered on it.");
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
        let _ = waiting.reply.send(said(&waiting.question, answer));
    }

    /// The connection ended: whether what was sent has arrived nobody knows.
    pub fn lose_questions(&mut self) {
        for waiting in self.questions.waiting.extract_if(.., |_, waiting| waiting.sent) {
            let _ = waiting.1.reply.send(Answer::Unknown { words: LOST.to_owned() });
        }
    }

    /// Nothing more is tried for those that wait.
    pub fn fail_questions(&mut self, end: End, why: &str) {
        for (_, waiting) in std::mem::take(&mut self.questions.waiting) {
            let _ = waiting.reply.send(match end {
                End::Line => end.answer(&format!("{NEEDS_SERVER} {why}")),
                End::File | End::Server | End::Door => end.answer(why),
            });
        }
    }
}

/// What whoever asked is told. A server that cannot say has perhaps done what it was asked to do, or still does.
fn said(asked: &Question, answer: question::Answer) -> Answer {
    match answer {
        question::Answer::Declined { findings } => Answer::Refused { findings },
        question::Answer::Later { .. } if asked.changes() => Answer::Unknown { words: IN_WORK.to_owned() },
        question::Answer::Later { words } => Answer::Away { words },
        answer => Answer::Answered(Box::new(answer)),
    }
}

#[cfg(test)]
mod tests {
    use waybill_shared::{
        id::EditId,
        protocol::question::{DeviceQuestion, HeldQuestion},
        review::Decision,
    };

    use super::*;

    #[test]
    fn a_decision_without_an_answer_in_time_is_not_known_and_a_list_is_not_there() {
        let edit = EditId::new(uuid::Uuid::nil());
        let decides =
            HeldQuestion::Decide { edit, attempt: 1, decision: Decision::Accept, reason: String::new() };
        for (asked, changes) in [
            (Question::from(decides), true),
            (Question::from(HeldQuestion::Show { edit }), false),
            (Question::from(HeldQuestion::List { after: None }), false),
            (Question::from(DeviceQuestion::List { from: 0 }), false),
        ] {
            let told = said(&asked, question::Answer::Later { words: "Not now.".to_owned() });
            assert_eq!(matches!(told, Answer::Unknown { .. }), changes, "{told:?}");
            assert_eq!(matches!(told, Answer::Away { .. }), !changes, "{told:?}");
        }
    }
}
