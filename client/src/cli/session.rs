//! What every command works with: the file to read, and the engine to write through. The engine that runs
//! already is asked; if none runs, this program is the engine for as long as the command takes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use waybill_shared::{
    command::Command,
    edit::Override,
    finding::{Finding, Rule},
    id::{EditId, PersonId},
    kind::DocAddr,
    protocol::question::{self, Question},
    settings::Settings,
};

use super::{
    find,
    outcome::{Failure, Out, complain},
    secret,
};
use crate::{
    engine::{self, Answer, Config, EngineHandle, Remote, Request, Submit},
    pin::{self, Book, Pin},
    store::{
        self, OpenError, Reader, Store,
        key::{self, Key},
    },
};

pub struct Session {
    pub dir: PathBuf,
    pub out: Out,
    person: Option<String>,
    pin_file: Option<PathBuf>,
    /// What opened an encrypted file is not asked for twice.
    pin: Option<Pin>,
    reader: Option<Reader>,
    /// That something is missing is said once.
    hinted: bool,
    door: Option<Door>,
}

enum Door {
    Here(EngineHandle),
    There(Remote),
}

/// Whoever takes the file or lets go of it is not to be reached by the local socket for a moment.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
/// So many holders of the file may end one after the other before one answers.
const ROUNDS: usize = 100;

/// Where the data lives when nothing else is said.
pub fn own_dir() -> Result<PathBuf, Failure> {
    directories::ProjectDirs::from("", "", "waybill")
        .map(|dirs| dirs.data_local_dir().to_owned())
        .ok_or_else(|| Failure::Usage("There is no home directory: give one with --data DIR.".to_owned()))
}

/// What an edit led to.
pub struct Entered {
    pub edit: EditId,
    pub words: String,
}

impl Session {
    pub fn new(dir: PathBuf, out: Out, person: Option<String>, pin_file: Option<PathBuf>) -> Self {
        Self { dir, out, person, pin_file, pin: None, reader: None, hinted: false, door: None }
    }

    /// What whoever works here now may read.
    pub fn reader(&mut self) -> Result<&Reader, Failure> {
        let reader = self.locked_reader()?;
        if reader.local()?.account.is_none() && reader.names()?.here.is_empty() {
            return Err(nobody());
        }
        if reader.local()?.is_locked(&reader.names()?.here) {
            return Err(Failure::Refused(vec![Finding::new(
                Rule::NotPermitted,
                "This device is locked: nobody works here now.",
                "Give your PIN first: waybill switch NAME",
            )]));
        }
        let incomplete = reader.meta()?.cursor.is_none() && !self.out.json;
        if incomplete && !std::mem::replace(&mut self.hinted, true) {
            complain(
                "The first synchronisation is not complete, so not everything is here: `waybill sync` goes on with it.",
            );
        }
        self.locked_reader()
    }

    /// Also while it is locked: for names, and for where the device stands. Of documents it then shows none.
    pub fn locked_reader(&mut self) -> Result<&Reader, Failure> {
        self.unseal(None)?;
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => open_reader(&self.dir)?,
        };
        Ok(self.reader.insert(reader))
    }

    pub fn settings(&mut self) -> Result<Settings, Failure> {
        Ok(self.reader()?.settings()?)
    }

    /// The business's calendar day now.
    pub fn today(&mut self) -> Result<chrono::NaiveDate, Failure> {
        let zone = self.settings()?.fields.zone;
        Ok(self.reader()?.today(zone)?)
    }

    /// The person named on the command line, if one is.
    pub fn named_person(&mut self) -> Result<Option<PersonId>, Failure> {
        let Some(name) = self.person.clone() else { return Ok(None) };
        let names = self.locked_reader()?.names()?;
        find::person(&names, &name).map(Some)
    }

    /// Of a new PIN, where it was not needed to open the file.
    pub fn pin_file(&self) -> Option<&Path> {
        self.pin_file.as_deref().filter(|_| self.pin.is_none())
    }

    pub fn pin(&self, whose: &str) -> Result<Pin, Failure> {
        if let Some(pin) = &self.pin {
            return Ok(pin.clone());
        }
        match &self.pin_file {
            Some(file) => secret::first_line(file).map(Pin),
            None => secret::read(whose).map(Pin),
        }
    }

    /// The PINs of those of these people who do not work here now and have one.
    pub fn pins(
        &mut self,
        named: impl IntoIterator<Item = PersonId>,
    ) -> Result<Vec<(PersonId, Pin)>, Failure> {
        let local = self.locked_reader()?.local()?;
        let asked = named.into_iter().filter(|person| Some(*person) != local.person);
        let asked: BTreeSet<_> = asked.filter(|person| local.pinned.contains(person)).collect();
        asked.into_iter().map(|person| Ok((person, self.pin("PIN")?))).collect()
    }

    /// Who works here, named or not.
    pub fn who(&mut self) -> Result<PersonId, Failure> {
        if let Some(person) = self.named_person()? {
            return Ok(person);
        }
        self.reader()?.local()?.person.ok_or_else(nobody)
    }

    pub fn ask(&mut self, request: Request) -> Result<Answer, Failure> {
        Ok(self.answer(request)?.ok()?)
    }

    /// What only the server knows or decides.
    pub fn asks(&mut self, question: Question) -> Result<question::Answer, Failure> {
        let person = self.named_person()?;
        let pins = self.pins(person)?;
        match self.ask(Request::Ask { person, pins, question })? {
            Answer::Answered(answer) => Ok(*answer),
            _ => Err(Self::unfitting()),
        }
    }

    pub fn unfitting() -> Failure {
        Failure::Declined("The server answered in a way that does not fit.".to_owned())
    }

    fn answer(&mut self, request: Request) -> Result<Answer, Failure> {
        self.unseal(None)?;
        if !matches!(request, Request::SignIn(_)) {
            is_there(&self.dir)?;
        }
        for _ in 0..ROUNDS {
            let remote = match self.door.take().map_or_else(|| open_door(&self.dir), Ok)? {
                Door::Here(engine) => {
                    let answer = engine.ask(request).wait();
                    self.door = Some(Door::Here(engine));
                    return Ok(answer);
                }
                Door::There(remote) => remote,
            };
            match remote.ask(&request) {
                // Whoever held the file is gone, and nothing of this was done; or it does no harm to ask twice.
                Answer::Ending => {}
                Answer::Unknown { .. } if request.may_be_repeated() => {}
                answer => {
                    self.door = Some(Door::There(remote));
                    return Ok(answer);
                }
            }
            std::thread::sleep(PAUSE);
        }
        Ok(Answer::Ending)
    }

    /// Enters commands on documents as one edit.
    pub fn enter(
        &mut self,
        commands: Vec<(DocAddr, Command)>,
        overriding: Option<Override>,
    ) -> Result<Entered, Failure> {
        self.enter_with(commands, overriding, Vec::new())
    }

    /// With the files of what is attached.
    pub fn enter_with(
        &mut self,
        commands: Vec<(DocAddr, Command)>,
        overriding: Option<Override>,
        files: Vec<PathBuf>,
    ) -> Result<Entered, Failure> {
        let person = self.named_person()?;
        let approver = overriding.as_ref().map(|word| word.approver);
        let pins = self.pins(person.into_iter().chain(approver))?;
        match self.ask(Request::Submit(Submit {
            id: Some(engine::fresh_id()),
            person,
            overriding,
            pins,
            files,
            ..Submit::new(commands)
        }))? {
            Answer::Entered { edit, words } => Ok(Entered { edit, words }),
            other => Err(Failure::File(format!("The engine gave an answer that does not fit: {other:?}"))),
        }
    }

    /// Enters one command and says so.
    pub fn enter_one(
        &mut self,
        addr: impl Into<DocAddr>,
        command: impl Into<Command>,
    ) -> Result<(), Failure> {
        let entered = self.enter(vec![(addr.into(), command.into())], None)?;
        self.tell(&entered, json!({}));
        Ok(())
    }

    /// What was entered, with what else is worth knowing of it.
    pub fn tell(&self, entered: &Entered, more: Value) {
        self.tell_and(entered, more, None);
    }

    /// And, for people, with a line that must not be overlooked.
    pub fn tell_and(&self, entered: &Entered, more: Value, line: Option<String>) {
        self.out.say(
            || {
                let mut told = json!({ "edit": entered.edit, "words": entered.words });
                if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
                    told.extend(more);
                }
                told
            },
            || match line {
                Some(line) => format!("{}.\n{line}", entered.words),
                None => format!("{}.", entered.words),
            },
        );
    }

    /// An encrypted file opens by the PIN of who is named, of `--as`, or of the only one by whose PIN it does; who gave
    /// it works here from then on. An engine that runs has the key.
    pub fn unseal(&mut self, named: Option<&str>) -> Result<(), Failure> {
        let dir = self.dir.clone();
        let book = Book::open(&dir);
        if key::of(&dir).is_some() || !store::is_sealed(&dir) {
            return Ok(());
        }
        let mut rounds = 0;
        while let Some(remote) = Remote::connect(&dir) {
            match remote.ask(&Request::Key) {
                // It ended just now: whoever has the file next is asked, or it is opened here.
                Answer::Ending | Answer::Unknown { .. } if rounds < ROUNDS => {
                    rounds += 1;
                    std::thread::sleep(PAUSE);
                }
                answer => {
                    return match answer.ok()? {
                        Answer::Key(key) => take_key(&dir, &key),
                        // It is plain still: encrypted at its next start.
                        _ => Ok(()),
                    };
                }
            }
        }
        let wanted = named.or(self.person.as_deref()).map(|name| name.trim().to_lowercase());
        let opens: Vec<PersonId> = book.people().filter(|person| book.seals(*person)).collect();
        let is_wanted = |person: &&PersonId| {
            wanted.as_ref().is_none_or(|name| *name == book.name(**person).to_lowercase())
        };
        let found: Vec<&PersonId> = opens.iter().filter(is_wanted).collect();
        let [person] = found.as_slice() else {
            let names: Vec<&str> = opens.iter().map(|person| book.name(*person)).collect();
            return Err(Failure::Usage(format!(
                "What is on this device is encrypted and opens by the PIN of {}: say whose you give with --as PERSON.",
                names.join(" or ")
            )));
        };
        let pin = self.pin("PIN")?;
        match pin::open_sealed(&dir, **person, &pin, engine::run(), engine::now)? {
            Ok(()) => {}
            Err(refused) => {
                let finding = Finding::new(Rule::NotPermitted, refused.words, refused.remedy);
                return Err(Failure::Refused(vec![finding]));
            }
        }
        self.pin = Some(pin.clone());
        if self.locked_reader()?.local()?.person != Some(**person) {
            self.ask(Request::Switch { person: **person, pin })?;
        }
        Ok(())
    }

    pub fn close(self) {
        drop(self.reader);
        if let Some(Door::Here(engine)) = self.door {
            engine.stop();
        }
    }
}

fn take_key(dir: &Path, told: &str) -> Result<(), Failure> {
    let bytes = hex::decode(told).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let Some(bytes) = bytes else {
        return Err(Failure::File("The engine gave an answer that does not fit.".to_owned()));
    };
    key::give(dir, Key(bytes));
    Ok(())
}

/// Nobody ever was, or nobody is any more.
fn nobody() -> Failure {
    Failure::Refused(vec![Finding::new(
        Rule::NotPermitted,
        "Nobody is signed in on this device.",
        "Sign in first: waybill login ADDRESS NAME",
    )])
}

/// A mistyped directory must not become a new device.
pub fn is_there(dir: &Path) -> Result<(), Failure> {
    if store::file(dir).exists() {
        return Ok(());
    }
    Err(Failure::File(store::note(dir).unwrap_or_else(|| {
        format!(
            "There is nothing in {} yet: sign in with `waybill login`, or give another directory with --data.",
            dir.display()
        )
    })))
}

fn open_reader(dir: &Path) -> Result<Reader, Failure> {
    is_there(dir)?;
    let until = Instant::now() + PATIENCE;
    loop {
        match Reader::open(dir) {
            Err(OpenError::Older(_)) => match Store::open(dir, engine::now()) {
                Ok(store) => store.close()?,
                // Whoever has it upgrades it.
                Err(OpenError::InUse(_)) if Instant::now() < until => std::thread::sleep(PAUSE),
                Err(error) => return Err(error.into()),
            },
            opened => return Ok(opened?),
        }
    }
}

fn open_door(dir: &Path) -> Result<Door, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(remote) = Remote::connect(dir) {
            return Ok(Door::There(remote));
        }
        match engine::start(Config { dir: dir.to_owned(), online: false, listen: true }) {
            Ok(engine) => return Ok(Door::Here(engine)),
            Err(OpenError::InUse(_)) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
}
