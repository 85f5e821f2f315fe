//! Photos and papers: up behind the entries that attached them, down when somebody looks. One chunk at a time, so
//! that a broken line costs one at most; what has arrived is not carried again.

use std::{collections::VecDeque, sync::Arc, time::Duration};
use waybill_shared::order::commands::Attach;

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    attachment,
    doc::Hash,
    finding::Finding,
    id::EditId,
    kind::DocAddr,
    protocol::{
        ClientFrame,
        attachment::{Carried, Carry},
    },
    session::store::Store as _,
};

use super::{
    calls::failed,
    core::Core,
    link::Link,
    request::{Answer, Submit},
    status::Carrying,
};
use crate::{
    attach,
    store::{Fetches, NewFile, Unsent},
};

/// How long after the server could not take one it is tried again.
const AGAIN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Files {
    last: u32,
    under_way: Option<(u32, Way)>,
    wanted: VecDeque<Fetch>,
    /// The server does not know their edits, or they are too large for it; on another connection it may be otherwise.
    not_taken: Vec<(Hash, EditId)>,
    pub retry_at: Option<Instant>,
}

enum Way {
    Up(Up),
    Down { nth: u32, fetch: Fetch },
}

#[derive(Clone, Copy)]
struct Up {
    edit: EditId,
    content: Hash,
    size: i64,
    /// Chunks that the server has.
    done: u32,
}

struct Fetch {
    doc: DocAddr,
    content: Hash,
    size: i64,
    reply: oneshot::Sender<Answer>,
}

/// What is to be attached, and what it is called where that is known.
type Named = (String, Arc<[u8]>);

const NOT_HERE: &str = "It is not on this device, and the server cannot be reached just now.";
const NO_ROOM: &str = "There is no room for it: the photos on this device that the server does not have yet take all of \
    it. Connect, wait until they are sent, then try again.";
const NOT_THERE: &str = "It is missing: the device on which it was attached has not sent it yet.";

impl Core {
    /// What is to be attached, read once and compared with what the commands say of it.
    pub fn read_files(&self, submit: &Submit) -> Result<Vec<NewFile>, Answer> {
        let attaches: Vec<_> = submit
            .commands
            .iter()
            .filter_map(|(doc, command)| Some((*doc, command.get::<Attach>()?)))
            .collect();
        let most = self.store.meta().map_err(failed)?.most_in_a_file();
        let mut files: Vec<NewFile> = Vec::with_capacity(attaches.len());
        let read = submit.paths_and_contents(most).map_err(|finding| refused(*finding))?;
        for (name, bytes) in read {
            let content = attachment::hash(&bytes);
            let Some((doc, attach)) = attaches.iter().find(|(_, attach)| attach.content == content) else {
                let what = format!("{name} was changed while it was attached.");
                return Err(refused(Finding::malformed("file", what, "Attach it once more.")));
            };
            attachment::check(&attach.name, &bytes, most).map_err(|finding| refused(*finding))?;
            files.push(NewFile { doc: *doc, content, bytes });
        }
        if attaches.iter().any(|(_, attach)| files.iter().all(|file| file.content != attach.content)) {
            let what = "Something is attached without its file.";
            return Err(refused(Finding::malformed("file", what, "Name the file, too.")));
        }
        let size = files.iter().map(|file| file.bytes.len()).sum();
        if size > 0 && !self.store.has_room_for_files(size).map_err(failed)? {
            let what = "There are too many photos on this device that the server does not have yet.";
            let remedy = "Connect, wait until they are sent, then try again.";
            return Err(refused(Finding::malformed("file", what, remedy)));
        }
        Ok(files)
    }

    pub fn fetch_file(&mut self, doc: DocAddr, content: Hash, size: i64, reply: oneshot::Sender<Answer>) {
        match self.store.fetches_file(doc, content, size, self.now()) {
            Ok(Fetches::Here) => drop(reply.send(Answer::Done)),
            Ok(Fetches::NoRoom) => drop(reply.send(Answer::Declined { words: NO_ROOM.to_owned() })),
            Ok(Fetches::From(_)) => {
                if let Link::Down { .. } = self.link {
                    if self.online || !self.signed_in() {
                        drop(reply.send(Answer::Away { words: NOT_HERE.to_owned() }));
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
            return match self.store.fetches_file(fetch.doc, fetch.content, fetch.size, self.now()) {
                Ok(Fetches::From(nth)) => self.get(nth, fetch),
                Ok(Fetches::Here) => {
                    drop(fetch.reply.send(Answer::Done));
                    self.carry_on();
                }
                Ok(Fetches::NoRoom) => {
                    drop(fetch.reply.send(Answer::Declined { words: NO_ROOM.to_owned() }));
                    self.carry_on();
                }
                Err(error) => drop(fetch.reply.send(failed(error))),
            };
        }
        if self.device.in_flight() > 0 || self.files.retry_at.is_some_and(|at| at > Instant::now()) {
            return;
        }
        self.files.retry_at = None;
        match self.store.next_unsent(&self.files.not_taken) {
            Ok(Some(Unsent { edit, content, size })) => {
                let up = Up { edit, content, size, done: 0 };
                self.carry(Carry::Offer { edit, content }, Way::Up(up));
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
        // How far it is shows.
        self.touch();
    }

    pub fn carried(&mut self, id: u32, carried: Carried) {
        match self.files.under_way.take() {
            Some((own, Way::Up(up))) if own == id => self.carried_up(up, carried),
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

    fn carried_up(&mut self, up: Up, carried: Carried) {
        let Up { edit, content, .. } = up;
        let done = match carried {
            Carried::Next { nth } => match self.store.file_chunk(content, nth) {
                Ok(Some(bytes)) => {
                    let put = Carry::Put { edit, content, nth, bytes };
                    return self.carry(put, Way::Up(Up { done: nth, ..up }));
                }
                Ok(None) => self.store.file_stuck(content),
                Err(error) => Err(error),
            },
            Carried::Whole {} => self.store.file_sent(content, edit),
            Carried::Wrong { words } => {
                tracing::error!(%words, "a photo or paper was not taken");
                self.store.file_stuck(content)
            }
            // A device that is shut out hands over what is taken now, and is not kept from its end by the rest.
            Carried::TooLarge { .. } if self.device.only_push() => self.store.file_stuck(content),
            Carried::Unclaimed {} | Carried::TooLarge { .. } => {
                self.files.not_taken.push((content, edit));
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
                    Answer::Declined { words: "What came is not what was attached. Try again.".to_owned() }
                }
                Err(error) => failed(error),
            },
            Carried::Missing {} => match self.store.file_missing(fetch.content) {
                Ok(()) => Answer::Declined { words: NOT_THERE.to_owned() },
                Err(error) => failed(error),
            },
            _ => Answer::Away {
                words: "The server cannot send it just now. Try again in a moment.".to_owned(),
            },
        };
        let _ = fetch.reply.send(answer);
    }

    /// The connection ended. What was under way goes on where it was when there is another one.
    pub fn lose_files(&mut self) {
        (self.files.retry_at, self.files.not_taken) = (None, Vec::new());
        if let Some((_, Way::Down { fetch, .. })) = self.files.under_way.take() {
            let _ = fetch.reply.send(Answer::Away { words: NOT_HERE.to_owned() });
        }
    }

    pub fn fail_fetches(&mut self) {
        for fetch in self.files.wanted.drain(..) {
            let _ = fetch.reply.send(Answer::Away { words: NOT_HERE.to_owned() });
        }
    }

    /// Nothing is on its way, and nothing is left that the server takes now.
    pub fn files_are_in_step(&self) -> bool {
        self.files.under_way.is_none()
            && (self.files.retry_at.is_some()
                || self.store.next_unsent(&self.files.not_taken).is_ok_and(|next| next.is_none()))
    }
}

impl Files {
    /// What is on its way, and how far it is.
    pub fn carrying(&self) -> Option<Carrying> {
        let (_, way) = self.under_way.as_ref()?;
        Some(match way {
            Way::Up(up) => {
                Carrying { content: up.content, up: true, done: up.done, of: attachment::chunks(up.size) }
            }
            Way::Down { nth, fetch } => {
                let of = attachment::chunks(fetch.size);
                Carrying { content: fetch.content, up: false, done: *nth, of }
            }
        })
    }
}

impl Submit {
    /// All that is to be attached.
    fn paths_and_contents(&self, most: u64) -> Result<Vec<Named>, Box<Finding>> {
        let read = self
            .files
            .iter()
            .map(|path| attach::bytes(path, most).map(|bytes| (path.display().to_string(), bytes.into())));
        let given = self.contents.iter().map(|bytes| Ok(("The file".to_owned(), bytes.clone())));
        read.chain(given).collect()
    }
}

fn refused(finding: Finding) -> Answer {
    Answer::Refused { findings: vec![finding] }
}
