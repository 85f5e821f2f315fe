//! Who works on this device now: switching by PIN, locking, and whose name an edit may carry.

use std::io;

use waybill_shared::{
    edit::Override,
    finding::{Finding, Rule},
    id::{EditId, Entropy as _, PersonId},
    protocol::frame::{Grant, Names},
    rules::roles::Role,
    session::store::{Store as _, StoreError},
};

use super::{
    calls::{failed, nobody},
    core::Core,
    edge::{System, now},
    request::{Answer, SignIn, Submit},
};
use crate::{
    pin::{self, Attempts, LEAST, LEAST_ENCRYPTED, NotLetIn, Pin},
    store::{
        self, Local,
        key::{self, Key},
    },
};

impl Core {
    pub fn switch(&mut self, person: PersonId, pin: &Pin) -> Answer {
        if let Err(answer) = self.check_pin(person, pin) {
            return answer;
        }
        self.proved = None;
        self.turn_of(Some(person))
    }

    /// Of no use where nobody has a PIN: whoever comes next could not go on. Nor does it lock out whoever works here.
    pub fn lock(&mut self) -> Answer {
        match self.store.names() {
            Ok(names) if self.local.is_guarded(&names.here) && self.works_without_a_pin().is_some() => {
                refused(
                    "You have no PIN on this device, so that you could not unlock it.",
                    "Choose one first: waybill pin",
                )
            }
            Ok(names) if self.local.is_guarded(&names.here) => {
                self.proved = None;
                self.turn_of(None)
            }
            Ok(_) => refused(
                "There is no PIN on this device, so that nobody could unlock it.",
                "Choose one first: waybill pin",
            ),
            Err(error) => failed(error),
        }
    }

    pub fn set_pin(&mut self, old: Option<&Pin>, new: &Pin) -> Answer {
        if let Err(answer) = self.may_be_chosen(new) {
            return answer;
        }
        let proved = self.proved.filter(|person| self.local.person.is_none_or(|works| works == *person));
        let Some(person) = proved.or(self.local.person) else { return locked() };
        if proved.is_none() && self.pins.has(person) {
            let checked = match old {
                Some(old) => self.check_pin(person, old),
                None => {
                    let remedy =
                        "Give it first. Who forgot it signs in with the password and chooses a new one.";
                    Err(refused("The PIN that you have is asked for.", remedy))
                }
            };
            if let Err(answer) = checked {
                return answer;
            }
        }
        if let Err(answer) = self.keep_pin(person, new) {
            return answer;
        }
        self.proved = None;
        let mut local = Local { person: Some(person), ..self.local.clone() };
        local.pinned.insert(person);
        self.keep_local(local).map_or_else(failed, |()| Answer::Done)
    }

    pub fn unlock(&mut self, admin: PersonId, pin: &Pin, person: PersonId) -> Answer {
        let names = match self.store.names() {
            Ok(names) => names,
            Err(error) => return failed(error),
        };
        let is_admin = |grant: &Grant| grant.person == admin && grant.roles.contains(&Role::Admin);
        if !names.here.iter().any(is_admin) {
            let what = format!("{} is no admin on this device.", name(&names, admin));
            return refused(what, "Name an admin who is signed in here: waybill --as ADMIN unlock PERSON");
        }
        if !self.pins.has(person) {
            return no_pin(&names, person);
        }
        if let Err(answer) = self.check_pin(admin, pin) {
            return answer;
        }
        match self.pins.keep(person, Attempts::default()) {
            Ok(()) => Answer::Done,
            Err(error) => not_counted(&error),
        }
    }

    /// Who works here now and could not come back once it is somebody else's turn.
    fn works_without_a_pin(&self) -> Option<PersonId> {
        // Whose sign-in the server ended gives the password again in any case.
        self.local.person.filter(|person| self.signed_in() && !self.pins.has(*person))
    }

    /// Somebody signs in, by this name, on a device where somebody else works without a PIN: looked at before the server
    /// is asked, which would enrol them.
    pub fn would_be_locked_out(&self, wanted: &SignIn) -> Option<Answer> {
        let person = self.works_without_a_pin()?;
        let names = match self.store.names() {
            Ok(names) => names,
            Err(error) => return Some(failed(error)),
        };
        let shown = name(&names, person);
        let wanted = wanted.name.trim().to_lowercase();
        let is = |known: &str| known.trim().to_lowercase() == wanted;
        let signed_in_as = self.local.account.as_ref().map(|account| account.name.as_deref());
        let another = match signed_in_as {
            Some(Some(known)) => !is(known) && !is(&shown),
            // An earlier version did not keep the name: the server tells whose this one is.
            Some(None) | None => return None,
        };
        another.then(|| pin_first(&shown))
    }

    /// The same, of who it turned out to be.
    pub fn would_lock_out(&self, signed_in: PersonId) -> Option<Answer> {
        let person = self.works_without_a_pin().filter(|person| *person != signed_in)?;
        Some(match self.store.names() {
            Ok(names) => pin_first(&name(&names, person)),
            Err(error) => failed(error),
        })
    }

    /// Whose edit it is. Where several work on one device nobody is named in an edit who does not work here now, or
    /// gives the PIN with it.
    pub fn author(&mut self, submit: &Submit) -> Result<PersonId, Answer> {
        let approver = submit.overriding.as_ref().map(|word| word.approver);
        match submit.person.or(self.local.person) {
            None => {
                self.somebody()?;
                Err(nobody())
            }
            Some(person) => {
                self.vouched([Some(person), approver], &submit.pins)?;
                Ok(person)
            }
        }
    }

    /// An entry of the needs-attention list is decided by whoever made it; a manager may also give it up, and anybody
    /// where who made it is enrolled here no more.
    pub fn may_decide(
        &mut self,
        edit: EditId,
        overriding: Option<&Override>,
        pins: &[(PersonId, Pin)],
        gives_up: bool,
    ) -> Result<(), Answer> {
        self.somebody()?;
        self.vouched([overriding.map(|word| word.approver), None], pins)?;
        let names = self.store.names().map_err(failed)?;
        let Some(stored) = self.store.edit(edit).map_err(failed)? else { return Ok(()) };
        let (author, works) = (stored.edit.person, self.local.person);
        let leads =
            |grant: &Grant| Some(grant.person) == works && grant.roles.iter().any(|role| role.leads());
        let gone = names.here.iter().all(|grant| grant.person != author);
        if Some(author) == works
            || !self.local.is_guarded(&names.here)
            || gives_up && (names.here.iter().any(leads) || gone)
        {
            return Ok(());
        }
        let name = name(&names, author);
        Err(refused(
            format!("This was entered by {name}."),
            format!("{name} switches here and decides on it."),
        ))
    }

    /// Somebody works here, or nobody needs to.
    pub fn somebody(&self) -> Result<(), Answer> {
        if self.local.person.is_none() && self.local.is_locked(&self.store.names().map_err(failed)?.here) {
            return Err(locked());
        }
        Ok(())
    }

    fn vouched(&mut self, named: [Option<PersonId>; 2], pins: &[(PersonId, Pin)]) -> Result<(), Answer> {
        let works = self.local.person;
        for person in named.into_iter().flatten().filter(|person| Some(*person) != works) {
            let names = self.store.names().map_err(failed)?;
            if !self.local.is_guarded(&names.here) {
                continue;
            }
            match pins.iter().find(|(whose, _)| *whose == person) {
                Some((_, pin)) => self.check_pin(person, pin)?,
                None => {
                    let name = name(&names, person);
                    let remedy = format!("Give the PIN with it, or switch first: waybill switch {name}");
                    return Err(refused(format!("{name} does not work here now."), remedy));
                }
            }
        }
        Ok(())
    }

    /// One try. Where the company wants the file encrypted, what opens it is sealed by the PIN that is known now.
    fn check_pin(&mut self, person: PersonId, pin: &Pin) -> Result<(), Answer> {
        let names = self.store.names().map_err(failed)?;
        if !names.here.iter().any(|grant| grant.person == person) {
            let what = format!("{} is not signed in on this device.", name(&names, person));
            return Err(refused(what, "Sign in once while it is online."));
        }
        let run = self.run;
        let tried = pin::let_in(&mut self.pins, person, &name(&names, person), pin, || run.moment(now()));
        match tried.map_err(|error| not_counted(&error))? {
            Err(NotLetIn { words, remedy, wait_ms }) => Err(Answer::NotLetIn { words, remedy, wait_ms }),
            Ok(_) => self.seal(person, pin).map_err(|error| not_counted(&error)),
        }
    }

    /// What the PIN is known by follows what the company wants; the file does at the next start.
    fn seal(&mut self, person: PersonId, pin: &Pin) -> io::Result<()> {
        let seals = self.pins.seals(person);
        if self.pins.encrypts()
            && !seals
            && pin::against(&pin.0, LEAST_ENCRYPTED).is_none()
            && let Some(key) = self.key_to_be()
        {
            return self.pins.seal(person, pin, Some(&key));
        }
        if !self.pins.encrypts() && seals && !self.is_encrypted() {
            return self.pins.seal(person, pin, None);
        }
        Ok(())
    }

    /// The key of the file, or that which it will be encrypted by. `None`: there is one, and nobody has opened it here:
    /// another would not open what others seal.
    fn key_to_be(&self) -> Option<Key> {
        let dir = self.store.dir();
        if let Some(key) = key::of(dir) {
            return Some(key);
        }
        if self.pins.is_sealed() {
            return None;
        }
        let mut bytes = [0; 32];
        System.fill(&mut bytes);
        key::give(dir, Key(bytes));
        Some(Key(bytes))
    }

    fn is_encrypted(&self) -> bool {
        key::is_encrypted(&store::file(self.store.dir()))
    }

    fn keep_pin(&mut self, person: PersonId, pin: &Pin) -> Result<(), Answer> {
        let name = name(&self.store.names().map_err(failed)?, person);
        let encrypts = self.pins.encrypts() || self.is_encrypted();
        let key = if encrypts { self.key_to_be() } else { None };
        self.pins.set(person, &name, pin, key.as_ref()).map_err(|error| not_counted(&error))
    }

    /// For another program of this device's user, as long as somebody works here.
    pub fn key(&self) -> Answer {
        if let Err(answer) = self.somebody() {
            return answer;
        }
        match key::of(self.store.dir()) {
            Some(key) => Answer::Key(hex::encode(key.0)),
            None => Answer::Declined { words: "The file of this device is not encrypted.".to_owned() },
        }
    }

    pub fn may_be_chosen(&self, pin: &Pin) -> Result<(), Answer> {
        let least = if self.pins.encrypts() { LEAST_ENCRYPTED } else { LEAST };
        match pin::against(&pin.0, least) {
            None => Ok(()),
            Some(remedy) => {
                let finding = Finding::new(Rule::Malformed, "This PIN cannot be taken.", remedy).field("pin");
                Err(Answer::Refused { findings: vec![finding] })
            }
        }
    }

    fn turn_of(&mut self, person: Option<PersonId>) -> Answer {
        if self.local.person == person {
            return Answer::Done;
        }
        self.keep_local(Local { person, ..self.local.clone() }).map_or_else(failed, |()| Answer::Done)
    }

    /// This person signed in with the password. Whether a PIN is to be chosen before they work here.
    pub fn proved_by_password(&mut self, person: PersonId, pin: Option<&Pin>) -> Result<bool, StoreError> {
        match pin {
            Some(pin) => self.keep_pin(person, pin).map_err(|answer| {
                StoreError(answer.ok().err().map(|error| error.to_string()).unwrap_or_default())
            })?,
            None => {
                let kept = self.pins.keep(person, Attempts::default());
                kept.map_err(|error| StoreError(not_kept(&error)))?;
            }
        }
        self.proved = Some(person);
        self.agree_on_pins()?;
        let others = self.store.names()?.here.iter().any(|grant| grant.person != person);
        Ok((others || self.local.pinned.contains(&person)) && !self.pins.has(person))
    }

    /// What the names say of who is enrolled here and whose lock-out was lifted, into the PINs.
    pub fn agree_on_pins(&mut self) -> Result<(), StoreError> {
        let names = self.store.names()?;
        let here = names.here;
        let enrolled = |person: PersonId| here.iter().any(|grant| grant.person == person);
        let lifted: Vec<_> =
            here.iter().filter_map(|grant| grant.unlocked.map(|at| (grant.person, at))).collect();
        let agreed = self
            .pins
            .lifted(&lifted)
            .and_then(|()| self.pins.retain(enrolled))
            .and_then(|()| self.pins.set_encrypts(names.encrypt));
        agreed.map_err(|error| StoreError(not_kept(&error)))?;
        let known = self.local.pinned.iter().copied().chain(self.pins.people());
        let pinned = known.filter(|person| enrolled(*person)).collect();
        if self.local.pinned == pinned {
            return Ok(());
        }
        self.keep_local(Local { pinned, ..self.local.clone() })
    }
}

fn name(names: &Names, person: PersonId) -> String {
    let known = names.people.iter().find(|known| known.id == person);
    known.map_or_else(|| "Somebody who is not known here".to_owned(), |known| known.name.clone())
}

fn refused(what: impl Into<String>, remedy: impl Into<String>) -> Answer {
    Answer::Refused { findings: vec![Finding::new(Rule::NotPermitted, what, remedy)] }
}

fn locked() -> Answer {
    refused("This device is locked: nobody works here now.", "Give your PIN first: waybill switch NAME")
}

fn no_pin(names: &Names, person: PersonId) -> Answer {
    let remedy = "Sign in with the password once, online, and choose one.";
    refused(format!("{} has no PIN on this device.", name(names, person)), remedy)
}

fn pin_first(name: &str) -> Answer {
    refused(
        format!("{name} works on this device without a PIN, and could not go on once somebody else does."),
        format!(
            "{name} chooses a PIN first (waybill pin, or Choose a PIN in the window), or signs out (waybill logout)."
        ),
    )
}

fn not_counted(error: &io::Error) -> Answer {
    Answer::Failed { words: not_kept(error) }
}

fn not_kept(error: &io::Error) -> String {
    format!("The file of the PINs cannot be written, so that none can be looked at: {error}. Check the disk.")
}
