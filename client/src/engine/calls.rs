//! What is asked of the engine, answered.

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    command::Command,
    edit::Override,
    finding::{Finding, Rule},
    id::{EditId, LocationId, PersonId},
    kind::DocAddr,
    session::{
        Action, EnterError, Entered,
        store::{Store as _, StoreError},
    },
};

use super::{
    core::Core,
    edge::System,
    link::Link,
    needs,
    request::{Answer, Request, Submit},
    set_up, taxes,
};
use crate::{
    booked_at::Deed,
    pin::Pin,
    store::{Account, Local, NewFile},
};

pub struct Call {
    pub request: Request,
    pub reply: oneshot::Sender<Answer>,
}

impl Core {
    pub fn call(&mut self, Call { request, reply }: Call) {
        let answer = match request {
            Request::SignIn(wanted) => return self.sign_in(wanted, reply),
            Request::SyncNow => return self.sync_now(reply),
            Request::Ask { person, pins, question } => {
                // In whose name is looked at as for an entry.
                let asks = Submit { person, pins, ..Submit::new(Vec::new()) };
                return self.ask_server(asks, question, reply);
            }
            Request::FetchFile { doc, content, size } => return self.fetch_file(doc, content, size, reply),
            Request::Submit(submit) => self.submit(submit),
            Request::Again { edit, changed, overriding, pins } => {
                self.again(edit, changed, overriding, &pins)
            }
            Request::Discard { edit } => self.discard(edit),
            Request::Strike { damaged } => self.strike(damaged),
            Request::SignOut => self.sign_out(),
            Request::Switch { person, pin } => self.switch(person, &pin),
            Request::Lock => self.lock(),
            Request::Key => self.key(),
            Request::SetPin { old, new } => self.set_pin(old.as_ref(), &new),
            Request::Unlock { admin, pin, person } => self.unlock(admin, &pin, person),
            Request::BookAt { deed, location } => self.book_at(deed, location),
            Request::Status => self.tell_status(),
        };
        // The caller may have gone meanwhile; what was saved stays saved.
        let _ = reply.send(answer);
        self.push();
    }

    fn tell_status(&mut self) -> Answer {
        match self.mend_lists().and_then(|()| self.read_status()) {
            Ok(status) => {
                // Told once.
                self.mended = 0;
                Answer::Status(Box::new(status))
            }
            Err(error) => failed(error),
        }
    }

    fn submit(&mut self, submit: Submit) -> Answer {
        let person = match self.author(&submit) {
            Ok(person) => person,
            Err(answer) => return answer,
        };
        // Handed over once more, because whoever held the file ended before its answer was read.
        match submit.id.map(|id| self.store.edit(id)).transpose() {
            Ok(Some(Some(stored))) => return Answer::Entered { edit: stored.edit.id, words: stored.words },
            Ok(_) => {}
            Err(error) => return failed(error),
        }
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
        let files = match self.read_files(&submit) {
            Ok(files) => files,
            Err(answer) => return answer,
        };
        let action =
            Action { id: submit.id, person, commands: submit.commands, after, overriding: submit.overriding };
        let made = self.device.enter(self.now(), action, &self.store, &mut System);
        self.entered_with(made, &files)
    }

    fn again(
        &mut self,
        edit: EditId,
        changed: Option<Vec<(DocAddr, Command)>>,
        overriding: Option<Override>,
        pins: &[(PersonId, Pin)],
    ) -> Answer {
        if let Err(answer) = self.may_decide(edit, overriding.as_ref(), pins, false) {
            return answer;
        }
        let made = self.device.again(self.now(), edit, changed, overriding, &self.store, &mut System);
        self.entered(made)
    }

    fn discard(&mut self, edit: EditId) -> Answer {
        if let Err(answer) = self.may_decide(edit, None, &[], true) {
            return answer;
        }
        match self.device.discard(self.now(), edit, &self.store) {
            Ok(writes) => match self.commit(&writes) {
                Ok(()) => Answer::Done,
                Err(error) => failed(error),
            },
            Err(error) => not_entered(error),
        }
    }

    /// It counts as entered when it is on the disk, and not before.
    fn entered(&mut self, made: Result<Entered, EnterError>) -> Answer {
        self.entered_with(made, &[])
    }

    fn entered_with(&mut self, made: Result<Entered, EnterError>, files: &[NewFile]) -> Answer {
        match made {
            Ok(Entered { id, words, writes }) => match self.commit_with(&writes, id, files) {
                Ok(()) => Answer::Entered { edit: id, words },
                Err(error) => failed(error),
            },
            Err(error) => not_entered(error),
        }
    }

    fn sign_out(&mut self) -> Answer {
        if let Err(answer) = self.somebody() {
            return answer;
        }
        self.proved = None;
        let account = self.local.account.clone().map(|account| Account { ended: true, ..account });
        match self.keep_local(Local { account, person: None, ..self.local.clone() }) {
            Ok(()) => {
                self.hang_up("You signed out.");
                Answer::Done
            }
            Err(error) => failed(error),
        }
    }

    fn book_at(&mut self, deed: Deed, location: LocationId) -> Answer {
        if let Err(answer) = self.somebody() {
            return answer;
        }
        let Some(person) = self.local.person else {
            return nobody();
        };
        let mut local = self.local.clone();
        local.chosen.entry(person).or_default().set(deed, location);
        self.keep_local(local).map_or_else(failed, |()| Answer::Done)
    }

    fn sync_now(&mut self, reply: oneshot::Sender<Answer>) {
        if !self.signed_in() {
            let _ = reply.send(nobody());
            return;
        }
        // Whoever was told that something is damaged asks for it anew.
        self.mend(self.store.is_looked_through());
        self.touch();
        self.syncers.push(reply);
        if let Link::Down { .. } = self.link {
            self.turn.begins();
            self.link = Link::Down { retry_at: Some(Instant::now()) };
        }
    }
}

/// Nobody is there as whom it could be done.
pub fn nobody() -> Answer {
    let remedy = "Sign in first: waybill login ADDRESS NAME, or in the window.";
    let finding = Finding::new(Rule::NotPermitted, "Nobody is signed in on this device.", remedy);
    Answer::Refused { findings: vec![finding] }
}

pub fn failed(error: StoreError) -> Answer {
    Answer::Failed { words: error.0 }
}

fn not_entered(error: EnterError) -> Answer {
    match error {
        EnterError::Refused(findings) => Answer::Refused { findings },
        EnterError::Store(error) => failed(error),
    }
}
