//! The engine's state and the one way in which anything is written: all of a step in one transaction, and
//! only then frames go out and callers are told.

use std::{thread::JoinHandle, time::Duration};

use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use waybill_shared::{
    id::{DeviceId, EditId, Id, PersonId},
    session::{
        Device,
        store::{Store as _, StoreError, Write},
    },
};

use super::{
    Wake,
    address::Turn,
    clock::{self, Clocks, Moment},
    edge::{Backoff, System},
    files::Files,
    link::{End, Link},
    questions::Questions,
    request::Answer,
    socket,
    status::{LinkState, Sending, SyncStatus},
};
use crate::{
    pin::{Book, Run},
    store::{self, Local, NewFile, Store},
};

/// After so many documents, edits and other rows the write-ahead log is moved into the file.
const CHECKPOINT_AFTER: usize = 300;
/// How often settled edits are looked through for those that are kept no longer.
const PRUNE: Duration = Duration::from_secs(60 * 60);

pub struct Core {
    pub store: Store,
    pub clocks: Clocks,
    /// What they showed when they were looked at last, and when it is time to look again.
    pub looked: Moment,
    look_at: Instant,
    pub device: Device,
    pub local: Local,
    pub pins: Book,
    /// This run of the program and its beginning, by which waits after wrong PINs are measured.
    pub run: Run,
    /// Who signed in with the password and has not been away since: needs no old PIN for a new one.
    pub proved: Option<PersonId>,
    pub link: Link,
    pub backoff: Backoff,
    /// Which of the server's addresses is talked to.
    pub turn: Turn,
    /// Whether this engine connects by itself.
    pub online: bool,
    pub sockets: u64,
    pub events: mpsc::Sender<(u64, socket::Event)>,
    /// Who waits until everything is sent and here.
    pub syncers: Vec<oneshot::Sender<Answer>>,
    /// What was asked of the server.
    pub questions: Questions,
    pub files: Files,
    /// The file was not written; until it is.
    trouble: Option<String>,
    /// What the server said is wrong; until it has nothing more to say.
    pub fault: Option<String>,
    /// Why the server wants some entries later.
    pub wait: Option<String>,
    pub reason: Option<String>,
    /// The company removed its data from this device before.
    pub note: Option<String>,
    /// Everything here is to go now, by this company's word.
    pub wiped_by: Option<String>,
    /// So many things were said to wait or not to, were not so and were put right; until it is told.
    pub mended: u32,
    /// The revision at which that was last looked for.
    pub looked_at: Option<u64>,
    /// The most entries that waited since the last time none did.
    burst: u32,
    changed: bool,
    status: watch::Sender<SyncStatus>,
    wake: Wake,
    prune_at: Instant,
    checkpointing: Option<JoinHandle<()>>,
    written: usize,
}

impl Core {
    pub fn new(
        store: Store,
        clocks: Clocks,
        online: bool,
        events: mpsc::Sender<(u64, socket::Event)>,
        status: watch::Sender<SyncStatus>,
        wake: Wake,
    ) -> Result<Self, StoreError> {
        let mut core = Self {
            device: Device::new(&mut System),
            local: store.local()?,
            pins: Book::open(store.dir()),
            run: super::run(),
            proved: None,
            store,
            looked: Moment::of(&clocks),
            look_at: Instant::now() + clock::LOOK,
            clocks,
            link: Link::Down { retry_at: online.then(Instant::now) },
            backoff: Backoff::default(),
            turn: Turn::default(),
            online,
            sockets: 0,
            events,
            syncers: Vec::new(),
            questions: Questions::default(),
            files: Files::default(),
            trouble: None,
            fault: None,
            wait: None,
            reason: None,
            note: None,
            wiped_by: None,
            mended: 0,
            looked_at: None,
            burst: 0,
            changed: true,
            status,
            wake,
            prune_at: Instant::now(),
            checkpointing: None,
            written: 0,
        };
        core.note = store::note(core.store.dir()).filter(|_| core.local.account.is_none());
        let mut meta = core.store.meta()?;
        if meta.device.is_nil() {
            // First which file this is: with an id and without that, a later copy would not be told apart.
            core.store.is_itself()?;
            meta.device = DeviceId::fresh(core.now(), &mut System);
            core.commit(&[Write::Meta(meta.into())])?;
        }
        if core.store.is_copy()? {
            tracing::warn!("this file is a copy: it gives numbers of a series of its own");
            let writes = Device::copied(&core.store, &mut System)?;
            core.commit(&writes)?;
            core.store.is_itself()?;
        }
        // Before anything goes up.
        core.mend(core.store.is_looked_through());
        core.agree_on_pins()?;
        if online {
            core.mend_lists()?;
        }
        core.publish();
        Ok(core)
    }

    /// When `tick` has something to do.
    pub fn next_tick(&self) -> Instant {
        let link = match &self.link {
            Link::Down { retry_at: Some(at) } if self.signed_in() => Some(*at),
            Link::Up { .. } => self.device.retry_at().map(|at| {
                // Never at once again: the session may have its reasons to wait on.
                let ms = u64::try_from(at.since(self.now())).unwrap_or(0).max(50);
                Instant::now() + Duration::from_millis(ms)
            }),
            _ => None,
        };
        let files = self.files.retry_at.filter(|_| self.device.is_up());
        [link, files].into_iter().flatten().fold(self.prune_at.min(self.look_at), Instant::min)
    }

    pub fn tick(&mut self) {
        let at = Instant::now();
        if at >= self.look_at {
            self.look_at = at + clock::LOOK;
        }
        if at >= self.prune_at {
            self.prune_at = at + PRUNE;
            self.mend(self.store.is_looked_through());
            let pruned = self.store.meta().and_then(|meta| self.store.prune(meta.now(self.now())));
            if let Err(error) = pruned {
                self.failed(&error);
            }
        }
        match &self.link {
            Link::Down { retry_at: Some(due) } if at >= *due && self.signed_in() => self.connect(),
            Link::Up { .. } => {
                self.push();
                self.carry_on();
            }
            _ => {}
        }
    }

    pub fn signed_in(&self) -> bool {
        self.local.account.as_ref().is_some_and(|account| !account.ended)
    }

    /// After this returns without an error, it is on the disk.
    pub fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let done = self.store.commit(writes);
        self.written(done, writes)
    }

    /// The same, with what an edit attaches.
    pub fn commit_with(
        &mut self,
        writes: &[Write],
        edit: EditId,
        files: &[NewFile],
    ) -> Result<(), StoreError> {
        let done = self.store.commit_with(writes, edit, files, self.now());
        self.written(done, writes)
    }

    fn written(&mut self, done: Result<(), StoreError>, writes: &[Write]) -> Result<(), StoreError> {
        match &done {
            Ok(()) => {
                self.written += writes.len();
                self.committed();
            }
            Err(error) => self.failed(error),
        }
        done
    }

    pub fn keep_local(&mut self, local: Local) -> Result<(), StoreError> {
        let done = self.store.set_local(&local);
        match &done {
            Ok(()) => {
                self.local = local;
                self.committed();
            }
            Err(error) => self.failed(error),
        }
        done
    }

    fn committed(&mut self) {
        self.trouble = None;
        self.changed = true;
        self.checkpoint();
    }

    /// Nothing of the step happened. What the session had in mind of this connection may not be so: it
    /// begins anew from the file.
    pub fn failed(&mut self, error: &StoreError) {
        tracing::error!(%error, "the local file did not take or give what it should");
        self.trouble = Some(error.0.clone());
        self.changed = true;
        // Whoever waits for the server hears that it is not for that.
        for syncer in self.syncers.drain(..) {
            let _ = syncer.send(Answer::Unusable { words: error.0.clone() });
        }
        self.hang_up_by(End::File, &error.0);
    }

    /// What is to go up by what is committed.
    pub fn push(&mut self) {
        let Link::Up { socket } = &self.link else { return };
        match self.device.push(self.now(), &self.store) {
            Ok(frames) => frames.into_iter().for_each(|frame| socket.send(frame)),
            Err(error) => self.failed(&error),
        }
    }

    /// Tells everyone who watches where things stand, and those who wait for it that all is in step.
    pub fn publish(&mut self) {
        if !self.changed && self.link_state() == self.status.borrow().link {
            return;
        }
        self.changed = false;
        let status = match self.read_status() {
            Ok(status) => status,
            Err(error) => {
                let trouble = Some(error.0);
                SyncStatus { trouble, link: self.link_state(), ..self.status.borrow().clone() }
            }
        };
        if !self.syncers.is_empty() && self.is_in_step(&status) {
            for syncer in self.syncers.drain(..) {
                let _ = syncer.send(Answer::Status(Box::new(status.clone())));
            }
        }
        let differs = self.status.send_if_modified(|held| {
            let differs = *held != status;
            *held = status;
            differs
        });
        if differs {
            self.wake.call();
        }
    }

    /// Everything is sent, also what was given up, but for what the server wants later; and everything is here.
    fn is_in_step(&self, status: &SyncStatus) -> bool {
        status.link == LinkState::Live
            && status.waiting as usize <= self.device.told_to_wait()
            && self.device.in_flight() == 0
            && self.store.untold_discards().is_ok_and(|discards| discards.is_empty())
            && self.files_are_in_step()
    }

    /// Something other than the file or the state of the link is to be told.
    pub fn touch(&mut self) {
        self.changed = true;
    }

    pub fn read_status(&mut self) -> Result<SyncStatus, StoreError> {
        let meta = self.store.meta()?;
        let tally = self.store.tally()?;
        let link = self.link_state();
        self.burst = if tally.waiting == 0 { 0 } else { self.burst.max(tally.waiting) };
        let up = matches!(link, LinkState::Live | LinkState::CatchingUp);
        let sending = (up && self.device.in_flight() > 0)
            .then(|| Sending { done: self.burst.saturating_sub(tally.waiting), of: self.burst });
        Ok(SyncStatus {
            link,
            waiting: tally.waiting,
            waiting_since: tally.since,
            sending,
            carrying: self.files.carrying(),
            attention: tally.attention,
            set_aside: tally.set_aside,
            last_contact: meta.last_contact,
            server: self.local.account.as_ref().map(|account| self.turn.of(&account.server)),
            person: self.local.person,
            locked: self.somebody().is_err(),
            complete: meta.cursor.is_some(),
            trouble: self
                .trouble
                .clone()
                .or_else(|| self.store.is_read_only().then(|| store::FULL.to_owned()))
                // What is not taken yet says more than that nothing comes down any more.
                .or_else(|| self.wait.clone().filter(|_| self.is_kept_waiting()))
                .or_else(|| self.fault.clone())
                .or_else(|| self.pins.lacks_seal(self.local.person))
                .or_else(|| self.wait.clone().filter(|_| self.device.told_to_wait() > 0)),
            reason: self.reason.clone().filter(|_| !up),
            wiped: self.note.clone(),
            mended: self.mended,
            damaged: None,
            clock: meta.clock_off(self.now()),
            revision: self.store.revision()?,
        })
    }

    /// A device that only hands over was told to keep the rest.
    fn is_kept_waiting(&self) -> bool {
        self.device.only_push() && self.device.retry_at().is_some()
    }

    fn link_state(&self) -> LinkState {
        match &self.link {
            _ if !self.signed_in() && !matches!(self.link, Link::SigningIn { .. }) => LinkState::SignedOut,
            Link::Down { .. } => LinkState::Offline,
            Link::Connecting { .. } | Link::SigningIn { .. } => LinkState::Connecting,
            Link::Up { .. } if self.device.at_head() => LinkState::Live,
            Link::Up { .. } if self.device.is_up() => LinkState::CatchingUp,
            Link::Up { .. } => LinkState::Connecting,
        }
    }

    /// The file is damaged: it is left as it is, and nothing is done with it any more.
    pub fn abandon(mut self, words: &str) {
        tracing::error!(%words, "nothing is written any more");
        self.hang_up_by(End::File, words);
        // It writes to the file itself. How it ended stands in the log.
        let _ = self.checkpointing.take().map(JoinHandle::join);
        let status = SyncStatus { damaged: Some(words.to_owned()), ..self.status.borrow().clone() };
        self.store.abandon();
        self.status.send_replace(status);
        self.wake.call();
    }

    /// The last handle is gone. Those who still wait by the local socket go on without this one, as far as nothing of
    /// what they asked was done.
    pub fn lets_go(&mut self) {
        for syncer in self.syncers.drain(..) {
            let _ = syncer.send(Answer::Ending);
        }
        self.questions.let_go();
    }

    /// The server was asked something whose answer somebody waits for.
    pub fn owes_an_answer(&self) -> bool {
        !self.questions.is_empty() || matches!(self.link, Link::SigningIn { .. })
    }

    /// Whoever waits in spite of that hears that it is not known.
    pub fn close(self) -> Result<(), StoreError> {
        self.store.close()
    }

    /// Removes everything, tells so, and is of no use any more.
    pub fn wipe(mut self, by: &str) {
        tracing::warn!("the company removes its data from this device");
        let syncers = std::mem::take(&mut self.syncers);
        let wiped = self.store.wipe(by).unwrap_or_else(|error| {
            tracing::error!(%error, "not everything could be removed; it is finished at the next start");
            error.0
        });
        for syncer in syncers {
            let _ = syncer.send(End::Door.answer(&wiped));
        }
        self.status.send_replace(SyncStatus {
            link: LinkState::Wiped,
            wiped: Some(wiped),
            ..SyncStatus::default()
        });
        self.wake.call();
    }

    /// Beside the writer, on a thread of its own, so that no edit waits for it.
    fn checkpoint(&mut self) {
        let is_busy = self.checkpointing.as_ref().is_some_and(|thread| !thread.is_finished());
        if self.written < CHECKPOINT_AFTER || is_busy {
            return;
        }
        self.written = 0;
        let dir = self.store.dir().to_owned();
        self.checkpointing = Some(std::thread::spawn(move || {
            if let Err(error) = store::checkpoint(&dir) {
                tracing::warn!(%error, "the write-ahead log could not be moved into the file");
            }
        }));
    }
}
