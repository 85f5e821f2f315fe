//! What is asked of the engine, answered.

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    finding::{Finding, Rule},
    id::PersonId,
    session::{
        Action, EnterError, Entered,
        store::{Store as _, StoreError},
    },
};

use super::{
    core::Core,
    edge::{System, now},
    link::Link,
    needs,
    request::{Answer, Request, Submit},
    set_up, taxes,
};
use crate::store::{Account, Local};

pub struct Call {
    pub request: Request,
    pub reply: oneshot::Sender<Answer>,
}

impl Core {
    pub fn call(&mut self, Call { request, reply }: Call) {
        let answer = match request {
            Request::SignIn(wanted) => return self.sign_in(wanted, reply),
            Request::SyncNow => return self.sync_now(reply),
            Request::Submit(submit) => self.submit(submit),
            Request::Again { edit, changed, overriding } => {
                let made = self.device.again(now(), edit, changed, overriding, &self.store, &mut System);
                self.entered(made)
            }
            Request::Discard { edit } => match self.device.discard(now(), edit, &self.store) {
                Ok(writes) => match self.commit(&writes) {
                    Ok(()) => Answer::Done,
                    Err(error) => failed(error),
                },
                Err(error) => not_entered(error),
            },
            Request::SignOut => self.sign_out(),
            Request::WorkAs { person } => self.work_as(person),
            Request::Status => match self.read_status() {
                Ok(status) => Answer::Status(Box::new(status)),
                Err(error) => failed(error),
            },
        };
        // The caller may have gone meanwhile; what was saved stays saved.
        let _ = reply.send(answer);
        self.push();
    }

    fn submit(&mut self, submit: Submit) -> Answer {
        let Some(person) = submit.person.or(self.local.person) else {
            return Answer::Refused {
                findings: vec![Finding::new(
                    Rule::NotPermitted,
                    "Nobody is signed in on this device.",
                    "Sign in once while it is online.",
                )],
            };
        };
        let against = set_up::against(&submit.commands, &self.store).and_then(|found| match found {
            None => taxes::against(&submit.commands, &self.store),
            found => Ok(found),
        });
        match against {
            Ok(None) => {}
            Ok(Some(finding)) => return Answer::Refused { findings: vec![finding] },
            Err(error) => return failed(error),
        }
        let after = match needs::of(&submit.commands, &self.store) {
            Ok(after) => after,
            Err(error) => return failed(error),
        };
        let action = Action { person, commands: submit.commands, after, overriding: submit.overriding };
        let made = self.device.enter(now(), action, &self.store, &mut System);
        self.entered(made)
    }

    /// It counts as entered when it is on the disk, and not before.
    fn entered(&mut self, made: Result<Entered, EnterError>) -> Answer {
        match made {
            Ok(Entered { id, words, writes }) => match self.commit(&writes) {
                Ok(()) => Answer::Entered { edit: id, words },
                Err(error) => failed(error),
            },
            Err(error) => not_entered(error),
        }
    }

    fn sign_out(&mut self) -> Answer {
        let account = self.local.account.clone().map(|account| Account { ended: true, ..account });
        match self.keep_local(Local { account, person: None }) {
            Ok(()) => {
                self.hang_up("You signed out.");
                Answer::Done
            }
            Err(error) => failed(error),
        }
    }

    fn work_as(&mut self, person: PersonId) -> Answer {
        match self.store.names() {
            Ok(names) if names.here.iter().any(|grant| grant.person == person) => {
                match self.keep_local(Local { person: Some(person), ..self.local.clone() }) {
                    Ok(()) => Answer::Done,
                    Err(error) => failed(error),
                }
            }
            Ok(_) => Answer::Failed {
                words: "This person is not signed in on this device. Sign in while it is online.".to_owned(),
            },
            Err(error) => failed(error),
        }
    }

    fn sync_now(&mut self, reply: oneshot::Sender<Answer>) {
        if !self.signed_in() {
            let words = "Nobody is signed in on this device: sign in first.".to_owned();
            let _ = reply.send(Answer::Failed { words });
            return;
        }
        self.touch();
        self.syncers.push(reply);
        if let Link::Down { .. } = self.link {
            self.turn.begins();
            self.link = Link::Down { retry_at: Some(Instant::now()) };
        }
    }
}

fn failed(error: StoreError) -> Answer {
    Answer::Failed { words: error.0 }
}

fn not_entered(error: EnterError) -> Answer {
    match error {
        EnterError::Refused(findings) => Answer::Refused { findings },
        EnterError::Store(error) => failed(error),
    }
}
