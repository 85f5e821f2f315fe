//! The connection: making it, signing in on it, taking frames from it, ending it.

use std::collections::VecDeque;

use tokio::{sync::oneshot, time::Instant};
use waybill_shared::{
    id::PersonId,
    protocol::{
        self, ClientFrame, ServerFrame,
        frame::{self, FaultCode, SignedIn},
    },
    rules::roles::Role,
    session::{
        Device, Notice, OTHER_COMPANY,
        store::{Store as _, StoreError, Write},
    },
};

use super::{
    address,
    core::Core,
    edge::{Backoff, System},
    request::{Answer, SignIn},
    socket::{Event, Socket},
};
use crate::store::{self, Account, Local};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub enum Link {
    /// `retry_at` is when to try again by itself.
    Down {
        retry_at: Option<Instant>,
    },
    Connecting {
        socket: Socket,
    },
    /// A socket on which a person signs in; the session opens on it afterwards.
    SigningIn {
        socket: Socket,
        wanted: Box<SignIn>,
        reply: oneshot::Sender<Answer>,
        /// The addresses to be tried where this one does not answer, and which of all this one is.
        others: VecDeque<String>,
        nth: usize,
    },
    /// The session runs.
    Up {
        socket: Socket,
    },
}

const ONLY_PUSH: &str = "This device, or everybody on it, may not use Waybill any more. What was entered here is handed over to the office.";

/// By whom a connection ends, for those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The line, or a server that is not there for anybody just now.
    Line,
    /// The file of this device.
    File,
    /// The server, which does not take what it was told.
    Server,
    /// The server, which does not let in who asks.
    Door,
}

impl End {
    pub fn answer(self, words: &str) -> Answer {
        let words = words.to_owned();
        match self {
            Self::Line => Answer::Away { words },
            Self::File => Answer::Failed { words },
            Self::Server => Answer::Declined { words },
            Self::Door => Answer::TurnedAway { words },
        }
    }

    fn of(code: FaultCode) -> Self {
        match code {
            FaultCode::Unavailable => Self::Line,
            FaultCode::SignInRefused | FaultCode::Throttled | FaultCode::SignedOut => Self::Door,
            FaultCode::BadFrame
            | FaultCode::OutOfPlace
            | FaultCode::Version
            | FaultCode::OtherCompany
            | FaultCode::Forged
            | FaultCode::Unknown => Self::Server,
        }
    }
}

impl Link {
    fn socket(&self) -> Option<&Socket> {
        match self {
            Self::Down { .. } => None,
            Self::Connecting { socket } | Self::SigningIn { socket, .. } | Self::Up { socket } => {
                Some(socket)
            }
        }
    }
}

impl Core {
    pub fn connect(&mut self) {
        let Some(account) = self.local.account.clone() else { return };
        match address::socket(&self.turn.of(&account.server)) {
            Ok(address) => {
                let socket = self.open_socket(address, account.authority);
                self.link = Link::Connecting { socket };
            }
            Err(words) => self.hang_up(&words),
        }
    }

    pub fn sign_in(&mut self, mut wanted: SignIn, reply: oneshot::Sender<Answer>) {
        if let Some(Err(answer)) = wanted.pin.as_ref().map(|pin| self.may_be_chosen(pin)) {
            let _ = reply.send(answer);
            return;
        }
        if let Some(answer) = self.would_be_locked_out(&wanted) {
            let _ = reply.send(answer);
            return;
        }
        if wanted.device.trim().is_empty() {
            wanted.device = match self.store.meta() {
                Ok(meta) if !meta.device_name.is_empty() => meta.device_name,
                // Others must be able to tell it from theirs.
                _ => format!("{}'s device", wanted.name.trim()),
            };
        }
        let mut others: VecDeque<String> = match address::sockets(&wanted.server) {
            Ok(all) => all.into(),
            Err(words) => {
                let _ = reply.send(Answer::Failed { words });
                return;
            }
        };
        let Some(address) = others.pop_front() else { return };
        self.hang_up("Signing in.");
        let socket = self.open_socket(address, self.authority(&wanted));
        self.link = Link::SigningIn { socket, wanted: Box::new(wanted), reply, others, nth: 0 };
    }

    /// Signing in goes on at another address; `false`: none is left, or it is something else that ended.
    fn signs_in_elsewhere(&mut self) -> bool {
        let Link::SigningIn { wanted, others, .. } = &mut self.link else { return false };
        let Some(address) = others.pop_front() else { return false };
        let wanted = wanted.clone();
        let opened = self.open_socket(address, self.authority(&wanted));
        if let Link::SigningIn { socket, nth, .. } = &mut self.link {
            (*socket, *nth) = (opened, *nth + 1);
        }
        true
    }

    fn open_socket(&mut self, address: String, authority: Option<String>) -> Socket {
        self.sockets += 1;
        Socket::open(self.sockets, address, authority, self.events.clone())
    }

    fn authority(&self, wanted: &SignIn) -> Option<String> {
        wanted.trust.own(self.local.account.as_ref().and_then(|account| account.authority.as_deref()))
    }

    pub fn event(&mut self, number: u64, event: Event) {
        if self.link.socket().is_none_or(|socket| socket.number != number) {
            return;
        }
        match event {
            Event::Opened => self.opened(),
            Event::Frame(frame) => self.frame(*frame),
            Event::Closed(words) => {
                if !self.signs_in_elsewhere() {
                    self.hang_up(&words);
                }
            }
        }
    }

    fn opened(&mut self) {
        // Whoever answered is asked, and nobody else: a new password may be taken before its answer is lost.
        if let Link::SigningIn { others, .. } = &mut self.link {
            others.clear();
        }
        match &self.link {
            Link::SigningIn { socket, wanted, .. } => match self.sign_in_frame(wanted) {
                Ok(frame) => socket.send(frame),
                Err(error) => self.failed(&error),
            },
            Link::Connecting { .. } => self.greet(),
            Link::Down { .. } | Link::Up { .. } => {}
        }
    }

    fn sign_in_frame(&self, wanted: &SignIn) -> Result<ClientFrame, StoreError> {
        let meta = self.store.meta()?;
        Ok(ClientFrame::SignIn(frame::SignIn {
            protocol: protocol::VERSION,
            name: wanted.name.clone(),
            password: wanted.password.clone(),
            new_password: wanted.new_password.clone(),
            device: meta.device,
            device_name: wanted.device.clone(),
            company: meta.company,
            version: VERSION.to_owned(),
            token: self.local.account.as_ref().map(|account| account.token.clone()),
        }))
    }

    /// Opens the session on the socket there is.
    fn greet(&mut self) {
        let token = self.local.account.as_ref().map(|account| account.token.clone()).unwrap_or_default();
        let hello = match self.device.opened(self.now(), token, VERSION, &self.store) {
            Ok(hello) => hello,
            Err(error) => return self.failed(&error),
        };
        match std::mem::replace(&mut self.link, Link::Down { retry_at: None }) {
            Link::Connecting { socket } | Link::SigningIn { socket, .. } | Link::Up { socket } => {
                socket.send(hello);
                self.link = Link::Up { socket };
            }
            Link::Down { .. } => {}
        }
    }

    fn frame(&mut self, frame: ServerFrame) {
        match (&self.link, frame) {
            (Link::SigningIn { .. }, ServerFrame::SignedIn(signed_in)) => self.signed_in_as(&signed_in),
            (Link::SigningIn { .. }, ServerFrame::Fault(fault)) => {
                self.hang_up_by(End::of(fault.code), &fault.words);
            }
            (Link::Up { .. }, ServerFrame::Carried { id, carried }) => self.carried(id, carried),
            (Link::Up { .. }, ServerFrame::Answer { id, answer }) => self.answered(id, answer),
            (Link::Up { .. }, frame) => self.step(frame),
            _ => self.hang_up_by(End::Server, "The server answered out of turn."),
        }
    }

    fn signed_in_as(&mut self, signed_in: &SignedIn) {
        let link = std::mem::replace(&mut self.link, Link::Down { retry_at: None });
        let Link::SigningIn { socket, wanted, reply, nth, .. } = link else {
            self.link = link;
            return;
        };
        if let Some(answer) = self.would_lock_out(signed_in.person) {
            self.link = Link::Connecting { socket };
            self.hang_up("Somebody else works on this device without a PIN.");
            let _ = reply.send(answer);
            return;
        }
        self.turn.serves(nth);
        self.link = Link::Connecting { socket };
        let choose_pin = match self.keep_sign_in(signed_in, &wanted) {
            Ok(Some(choose_pin)) => {
                self.greet();
                choose_pin
            }
            Ok(None) => {
                self.hang_up_by(End::Server, OTHER_COMPANY);
                let _ = reply.send(End::Server.answer(OTHER_COMPANY));
                return;
            }
            Err(error) => {
                self.hang_up_by(End::File, &error.0);
                let _ = reply.send(End::File.answer(&error.0));
                return;
            }
        };
        let _ = reply.send(Answer::SignedIn {
            person: signed_in.person,
            display: signed_in.display.clone(),
            roles: signed_in.roles.clone(),
            choose_pin,
        });
    }

    /// Whether a PIN is to be chosen before this person works here. `None`: the server is another company's, and
    /// everything stays as it was.
    fn keep_sign_in(&mut self, signed_in: &SignedIn, wanted: &SignIn) -> Result<Option<bool>, StoreError> {
        let Some(mut writes) = Device::signed_in(signed_in, &self.store)? else { return Ok(None) };
        for write in &mut writes {
            if let Write::Meta(meta) = write {
                meta.device_name = wanted.device.trim().to_owned();
            }
        }
        // What the person may do here comes with the names; until then, what the sign-in said holds, so that
        // work can begin at once.
        let mut names = self.store.names()?;
        grant(&mut names, signed_in.person, &signed_in.display, &signed_in.roles);
        writes.push(Write::Names(names));
        self.commit(&writes)?;
        let choose_pin = self.proved_by_password(signed_in.person, wanted.pin.as_ref())?;
        self.keep_local(Local {
            account: Some(Account {
                server: wanted.server.trim().to_owned(),
                name: Some(wanted.name.trim().to_owned()),
                token: signed_in.token.clone(),
                ended: false,
                authority: self.authority(wanted),
            }),
            person: (!choose_pin).then_some(signed_in.person),
            ..self.local.clone()
        })?;
        self.note = None;
        store::forget_note(self.store.dir());
        Ok(Some(choose_pin))
    }

    /// One frame through the session: commit, then send.
    fn step(&mut self, frame: ServerFrame) {
        let effects = match self.device.received(self.now(), frame, &self.store, &mut System) {
            Ok(effects) => effects,
            Err(error) => return self.failed(&error),
        };
        if self.commit(&effects.writes).is_err() {
            return;
        }
        if effects.writes.iter().any(|write| matches!(write, Write::Names(_)))
            && let Err(error) = self.agree_on_pins()
        {
            return self.failed(&error);
        }
        if let Link::Up { socket } = &self.link {
            effects.send.into_iter().for_each(|frame| socket.send(frame));
        }
        let mut why = None;
        for notice in effects.notices {
            why = self.notice(notice).or(why);
        }
        if self.wiped_by.is_some() {
            // Whoever waits is told when it is done.
            return;
        }
        if effects.close {
            return match why {
                Some((end, words)) => self.hang_up_by(end, &words),
                None => self.hang_up("The connection was begun anew."),
            };
        }
        self.push();
        self.send_questions();
        self.carry_on();
    }

    /// Tells the log; gives by whom and why the connection ends, if it does.
    fn notice(&mut self, notice: Notice) -> Option<(End, String)> {
        self.touch();
        match notice {
            Notice::Attention(edit) => tracing::info!(%edit, "an entry needs attention"),
            Notice::SignedOut { words } => {
                let account = self.local.account.clone().map(|account| Account { ended: true, ..account });
                let _ = self.keep_local(Local { account, ..self.local.clone() });
                return Some((End::Door, words));
            }
            Notice::OtherCompany { words } => {
                tracing::warn!(%words, "another company's server answers at this address");
                self.fault = Some(words.clone());
                return Some((End::Server, words));
            }
            Notice::Fault { code, words } => {
                tracing::warn!(?code, %words, "the server ended the connection");
                if !matches!(code, FaultCode::Unavailable) {
                    self.fault = Some(words.clone());
                }
                return Some((End::of(code), words));
            }
            Notice::RetryLater { words, .. } => {
                tracing::info!(%words, "the server asked to wait");
                if self.device.only_push() {
                    self.tell_syncers(End::Server, &words);
                }
                self.wait = Some(words);
            }
            Notice::OnlyPush => self.fault = Some(ONLY_PUSH.to_owned()),
            Notice::Wipe { by } => self.wiped_by = Some(by),
            Notice::Restored => tracing::warn!("this file is older than what the device sent before"),
            Notice::Reset => {
                tracing::warn!("the server's log is another: everything is loaded anew");
                if let Err(error) = self.store.offer_files_again() {
                    tracing::error!(%error, "what was sent may be missing on the server");
                }
            }
            Notice::Mended { docs } => {
                tracing::error!(?docs, "documents differed from the server's and were mended")
            }
            Notice::CaughtUp => {
                self.backoff.reset();
                self.turn.serves(self.turn.nth());
                self.fault = None;
                tracing::info!("caught up");
            }
        }
        None
    }

    /// Ends the connection, if there is one, and says why to those who wait for it.
    pub fn hang_up(&mut self, words: &str) {
        self.hang_up_by(End::Line, words);
    }

    pub fn hang_up_by(&mut self, end: End, words: &str) {
        self.device.closed();
        self.lose_questions();
        self.lose_files();
        self.touch();
        if !matches!(self.link, Link::Down { .. }) {
            let another = self.goes_elsewhere();
            let pause = if another { Backoff::other(&mut System) } else { self.backoff.next(&mut System) };
            let asked = another && !(self.syncers.is_empty() && self.questions.is_empty());
            let retry_at = (self.online || asked).then(|| Instant::now() + pause);
            let link = std::mem::replace(&mut self.link, Link::Down { retry_at });
            self.reason = Some(words.to_owned());
            tracing::info!(%words, "offline");
            if let Link::SigningIn { reply, .. } = link {
                let _ = reply.send(end.answer(words));
            }
            if another {
                // Whoever waits for the server may still find it there.
                return;
            }
        }
        self.tell_syncers(end, words);
    }

    /// The next address is to be tried; `true`: it was not tried since one of them served.
    fn goes_elsewhere(&mut self) -> bool {
        let signed_in = self.signed_in() && !matches!(self.link, Link::SigningIn { .. });
        match &self.local.account {
            Some(account) if signed_in => self.turn.fails(&account.server),
            _ => false,
        }
    }

    fn tell_syncers(&mut self, end: End, words: &str) {
        for syncer in self.syncers.drain(..) {
            let _ = syncer.send(end.answer(words));
        }
        self.fail_questions(end, words);
        self.fail_fetches();
    }
}

fn grant(names: &mut frame::Names, person: PersonId, display: &str, roles: &[Role]) {
    if !names.people.iter().any(|known| known.id == person) {
        let name = display.to_owned();
        names.people.push(frame::PersonName { id: person, name, roles: roles.to_vec() });
    }
    match names.here.iter_mut().find(|grant| grant.person == person) {
        Some(grant) => grant.roles = roles.to_vec(),
        None => names.here.push(frame::Grant {
            person,
            roles: roles.to_vec(),
            locations: Vec::new(),
            unlocked: None,
        }),
    }
}
