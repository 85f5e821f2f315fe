//! The window of an encrypted file before it is opened: names, and the PIN of one of them. Nothing is sent meanwhile,
//! because what waits is in the file.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, TryRecvError};
use std::time::Duration;

use egui::Ui;
use waybill_shared::id::PersonId;

use super::books::Here;
use super::intent::Intent;
use super::panels::lock::{LockData, LockState, lock_ui};
use crate::engine::{self, Config, EngineHandle, Request};
use crate::pin::{self, Book, NotLetIn, Pin, Run};
use crate::store::OpenError;

pub struct Sealed {
    dir: PathBuf,
    run: Run,
    people: Vec<Here>,
    lock: LockState,
    trying: Option<mpsc::Receiver<Tried>>,
}

/// The engine, or why it could not be started.
pub struct Opened(pub Result<EngineHandle, OpenError>);

enum Tried {
    NotLetIn(NotLetIn),
    Opened(Opened),
}

impl Default for Sealed {
    fn default() -> Self {
        Self::of(Path::new(""))
    }
}

impl Sealed {
    pub fn of(dir: &Path) -> Self {
        let book = Book::open(dir);
        let opens = book.people().filter(|person| book.seals(*person));
        let one = |id| Here { id, name: book.name(id).to_owned(), pin: true, admin: false };
        let people = opens.map(one).collect();
        Self { dir: dir.to_owned(), run: engine::run(), people, lock: LockState::default(), trying: None }
    }

    /// What came of it, when somebody was let in.
    pub fn show(&mut self, ui: &mut Ui, device: &str) -> Option<Opened> {
        let time = ui.input(|input| input.time);
        match self.trying.as_ref().map(mpsc::Receiver::try_recv) {
            Some(Ok(Tried::Opened(opened))) => return Some(opened),
            Some(Ok(Tried::NotLetIn(NotLetIn { words, remedy, wait_ms }))) => {
                self.trying = None;
                let until = time + Duration::from_millis(wait_ms).as_secs_f64();
                self.lock.told(format!("{words} {remedy}"), false, until);
            }
            Some(Err(TryRecvError::Empty)) => ui.ctx().request_repaint_after(Duration::from_millis(50)),
            Some(Err(TryRecvError::Disconnected)) => self.trying = None,
            None => {}
        }
        let data = LockData {
            people: self.people.clone(),
            device: device.to_owned(),
            trying: self.trying.is_some(),
            sealed: true,
            time,
            ..LockData::default()
        };
        if let Some(Intent::Switch(person, pin)) = lock_ui(ui, &data, &mut self.lock) {
            self.begin(person, pin);
        }
        None
    }

    /// Beside the window: it takes a second or two, and longer where the file is written anew.
    fn begin(&mut self, person: PersonId, pin: Pin) {
        let (tell, told) = mpsc::channel();
        let (dir, run) = (self.dir.clone(), self.run);
        std::thread::spawn(move || {
            let tried = match pin::open_sealed(&dir, person, &pin, run, engine::now) {
                Ok(Err(refused)) => Tried::NotLetIn(refused),
                Ok(Ok(())) => {
                    let started = engine::start_when_free(Config { dir, online: true, listen: true });
                    if let Ok(engine) = &started {
                        // Whoever opened it works here.
                        let _ = engine.ask(Request::Switch { person, pin }).wait();
                    }
                    Tried::Opened(Opened(started))
                }
                Err(error) => Tried::Opened(Opened(Err(error))),
            };
            let _ = tell.send(tried);
        });
        self.trying = Some(told);
    }
}
