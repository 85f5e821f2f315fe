//! Photos and papers: up behind the entries that attached them, down when somebody looks. One chunk at a time, so
//! that a broken line costs one at most; what has arrived is not carried again.

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    attachment,
    command::Command,
    doc::Hash,
    finding::Finding,
    id::EditId,
    kind::DocAddr,
    protocol::{
        ClientFrame,
        attachment::{Carried, Carry},
    },
};

use super::{calls::failed, core::Core, edge::now, link::Link, request::Answer};
use crate::store::NewFile;

/// How long after the server could not take one it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Files {
    last: u32,
    under_way: Option<(u32, Way)>,
    wanted: VecDeque<Fetch>,
    /// The server does not know their edits; on another connection it may.
    unclaimed: Vec<Hash>,
    pub retry_at: Option<Instant>,
}

enum Way {
    Up { edit: EditId, content: Hash },
    Down { nth: u32, fetch: Fetch },
}

struct Fetch {
    doc: DocAddr,
    content: Hash,
    size: i64,
    reply: oneshot::Sender<Answer>,
}

const NOT_HERE: &str = "It is not on this device, and the server cannot be reached just now.";
const NOT_THERE: &str = "It is missing: the device on which it was attached has not sent it yet.";

impl Core {
    /// What is to be attached, read once and compared with what the commands say of it.
    pub fn read_files(
        &self,
        commands: &[(DocAddr, Command)],
        paths: &[PathBuf],
    ) -> Result<Vec<NewFile>, Answer> {
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let bytes = std::fs::read(path).map_err(|error| Answer::Failed {
                words: format!("{} cannot be read: {error}.", path.display()),
            })?;
            attachment::check(&bytes).map_err(|finding| refused(*finding))?;
            let content = attachment::hash(&bytes);
            let attaches =
                |command: &Command| matches!(command, Command::OrderAttach(a) if a.content == content);
            let Some((doc, _)) = commands.iter().find(|(_, command)| attaches(command)) else {
                let what = format!("{} was changed while it was attached.", path.display());
                return Err(refused(Finding::malformed("file", what, "Attach it once more.")));
            };
            files.push(NewFile { doc: *doc, content, bytes });
        }
        let size = files.iter().map(|file| file.bytes.len()).sum();
        if size > 0 && !self.store.has_room_for_files(size).map_err(failed)? {
            let what = "There are too many photos on this device that the server does not have yet.";
            return Err(refused(Finding::malformed(
                "file",
                what,
                "Connect, wait until they are sent, then try again.",
            )));
        }
        let all = commands.iter().filter(|(_, command)| matches!(command, Command::OrderAttach(_)));
        let bare = all.filter(|(_, command)| match command {
            Command::OrderAttach(attach) => files.iter().all(|file| file.content != attach.content),
            _ => false,
        });
        if bare.count() > 0 {
            let what = "Something is attached without its file.";
            return Err(refused(Finding::malformed("file", what, "Name the file, too.")));
        }
        Ok(files)
    }

    pub fn fetch_file(&mut self, doc: DocAddr, content: Hash, size: i64, reply: oneshot::Sender<Answer>) {
        match self.store.fetches_file(doc, content, size, now()) {
            Ok(None) => drop(reply.send(Answer::Done)),
            Ok(Some(_)) => {
                if let Link::Down { .. } = self.link {
                    if self.online || !self.signed_in() {
                        drop(reply.send(Answer::Failed { words: NOT_HERE.to_owned() }));
                        return;
                    }
                    self.turn.begins();
                    self.link = Link::Down { retry_at: Some(Instant::now()) };
                }
                self.files.wanted.push_back(Fetch { doc, content, size, reply });
                self.carry_on();
            }
            Err(error) => drop(reply.send(failed(error))),
        }
    }

    /// The next one, when none is under way and entries do not wait.
    pub fn carry_on(&mut self) {
        if !self.device.is_up() || self.files.under_way.is_some() {
            return;
        }
        if self.device.only_push() {
            self.fail_fetches();
        }
        if let Some(fetch) = self.files.wanted.pop_front() {
            return match self.store.fetches_file(fetch.doc, fetch.content, fetch.size, now()) {
                Ok(Some(nth)) => self.get(nth, fetch),
                Ok(None) => {
                    drop(fetch.reply.send(Answer::Done));
                    self.carry_on();
                }
                Err(error) => drop(fetch.reply.send(failed(error))),
            };
        }
        if self.device.in_flight() > 0 || self.files.retry_at.is_some_and(|at| at > Instant::now()) {
            return;
        }
        self.files.retry_at = None;
        match self.store.next_unsent(&self.files.unclaimed) {
            Ok(Some(unsent)) => {
                let (edit, content) = (unsent.edit, unsent.content);
                self.carry(Carry::Offer { edit, content }, Way::Up { edit, content });
            }
            Ok(None) => {}
            Err(error) => self.failed(&error),
        }
    }

    fn get(&mut self, nth: u32, fetch: Fetch) {
        let (doc, content) = (fetch.doc, fetch.content);
        self.carry(Carry::Get { doc, content, nth }, Way::Down { nth, fetch });
    }

    fn carry(&mut self, carry: Carry, way: Way) {
        let Link::Up { socket } = &self.link else { return };
        self.files.last = self.files.last.wrapping_add(1);
        socket.send(ClientFrame::Carry { id: self.files.last, carry });
        self.files.under_way = Some((self.files.last, way));
    }

    pub fn carried(&mut self, id: u32, carried: Carried) {
        match self.files.under_way.take() {
            Some((own, Way::Up { edit, content })) if own == id => self.carried_up(edit, content, carried),
            Some((own, Way::Down { nth, fetch })) if own == id => self.carried_down(nth, fetch, carried),
            other => self.files.under_way = other,
        }
        self.carry_on();
        if self.files.under_way.is_none() {
            // A device that hands over says that it is done only now.
            self.touch();
            self.push();
        }
    }

    fn carried_up(&mut self, edit: EditId, content: Hash, carried: Carried) {
        let done = match carried {
            Carried::Next { nth } => match self.store.file_chunk(content, nth) {
                Ok(Some(bytes)) => {
                    let put = Carry::Put { edit, content, nth, bytes };
                    return self.carry(put, Way::Up { edit, content });
                }
                Ok(None) => self.store.file_stuck(content),
                Err(error) => Err(error),
            },
            Carried::Whole {} => self.store.file_sent(content),
            Carried::Wrong { words } => {
                tracing::error!(%words, "a photo or paper was not taken");
                self.store.file_stuck(content)
            }
            Carried::Unclaimed {} => {
                self.files.unclaimed.push(content);
                Ok(())
            }
            Carried::Later {} | Carried::Chunk { .. } | Carried::Missing {} => {
                self.files.retry_at = Some(Instant::now() + AGAIN);
                Ok(())
            }
        };
        if let Err(error) = done {
            self.failed(&error);
        }
    }

    fn carried_down(&mut self, nth: u32, fetch: Fetch, carried: Carried) {
        let answer = match carried {
            Carried::Chunk { bytes } => match self.store.file_fetched(fetch.content, nth, &bytes) {
                Ok(true) => Answer::Done,
                Ok(false) if nth + 1 < attachment::chunks(fetch.size) => return self.get(nth + 1, fetch),
                Ok(false) => {
                    Answer::Failed { words: "What came is not what was attached. Try again.".to_owned() }
                }
                Err(error) => failed(error),
            },
            Carried::Missing {} => Answer::Failed { words: NOT_THERE.to_owned() },
            _ => Answer::Failed {
                words: "The server cannot send it just now. Try again in a moment.".to_owned(),
            },
        };
        let _ = fetch.reply.send(answer);
    }

    /// The connection ended. What was under way goes on where it was when there is another one.
    pub fn lose_files(&mut self) {
        (self.files.retry_at, self.files.unclaimed) = (None, Vec::new());
        if let Some((_, Way::Down { fetch, .. })) = self.files.under_way.take() {
            let _ = fetch.reply.send(Answer::Failed { words: NOT_HERE.to_owned() });
        }
    }

    pub fn fail_fetches(&mut self) {
        for fetch in self.files.wanted.drain(..) {
            let _ = fetch.reply.send(Answer::Failed { words: NOT_HERE.to_owned() });
        }
    }

    /// Nothing is on its way, and nothing is left that the server takes now.
    pub fn files_are_in_step(&self) -> bool {
        self.files.under_way.is_none()
            && (self.files.retry_at.is_some()
                || self.store.next_unsent(&self.files.unclaimed).is_ok_and(|next| next.is_none()))
    }
}

fn refused(finding: Finding) -> Answer {
    Answer::Refused { findings: vec![finding] }
}
