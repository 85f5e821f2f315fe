//! The session of a device: what comes from the server, and what is to be sent.
//!
//! Whoever runs it commits the writes of a step in one transaction and only then sends its frames and asks
//! `push` for what is to go up. If the commit fails, nothing happened: close the socket and call `closed`.

use std::collections::BTreeMap;

use super::{
    OTHER_COMPANY,
    store::{EditState, Loading, Meta, Store, StoreError, StoredEdit, Write},
    work::Work,
};
use crate::{
    chain::Cursor,
    digest::Digest,
    doc::Actor,
    edit::Verdict,
    id::{CompanyId, EditId, Entropy},
    kind::DocAddr,
    protocol::{
        self, ClientFrame, ServerFrame, codec,
        frame::{FaultCode, Hello, Next, SignedIn, Welcome},
        limits,
    },
    scope::Scope,
    time::Timestamp,
};

pub struct Device {
    /// Who writes changes in this run of the program.
    pub(super) actor: Actor,
    /// For documents that were rebased since: renewed there.
    pub(super) actors: BTreeMap<DocAddr, Actor>,
    pub(super) link: Link,
}

pub(super) enum Link {
    Down,
    /// Hello is sent.
    Greeting,
    Up(Up),
}

pub(super) struct Up {
    /// Edits sent on this socket without a verdict yet, with the attempt that was sent.
    pub(super) in_flight: BTreeMap<EditId, u32>,
    discards_sent: bool,
    /// Not before this time.
    retry_at: Option<Timestamp>,
    /// How often the server asked to wait.
    turn: u32,
    /// These not before this time.
    pub(super) later: BTreeMap<EditId, Timestamp>,
    /// Scopes whose digest was found to differ on this socket: mended once, then told.
    pub(super) compared: Vec<Scope>,
    pub(super) at_head: bool,
    /// The server takes what was entered here and gives nothing but verdicts; `true` once it was told that nothing
    /// waits any more.
    only_push: Option<bool>,
}

/// What a step leads to.
#[derive(Debug, Default)]
pub struct Effects {
    pub writes: Vec<Write>,
    pub send: Vec<ClientFrame>,
    pub notices: Vec<Notice>,
    /// The socket is to be closed.
    pub close: bool,
}

/// What the people or the log should hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An edit joined the needs-attention list.
    Attention(EditId),
    /// The token is no longer good: sign in again. Everything stays on the device.
    SignedOut { words: String },
    /// Another company's server answers at this address. Nothing was changed here, and nothing goes up.
    OtherCompany { words: String },
    /// The server said what was wrong and closed.
    Fault { code: FaultCode, words: String },
    /// The server asked to wait.
    RetryLater { until: Timestamp, words: String },
    /// The local file is older than what this device sent before: it was restored or copied.
    Restored,
    /// The server's log is another: everything was loaded anew.
    Reset,
    /// These documents differed from the server's and were mended: a defect to report.
    Mended { docs: Vec<DocAddr> },
    /// A first sync or a catch-up is complete.
    CaughtUp,
    /// The access of this device, or of everybody on it, was withdrawn: what waits is handed over.
    OnlyPush,
    /// Everything on this device is to go, by this company's word. Nothing waits here.
    Wipe { by: String },
}

impl Device {
    pub fn new(entropy: &mut dyn Entropy) -> Self {
        Self { actor: Actor::fresh(entropy), actors: BTreeMap::new(), link: Link::Down }
    }

    /// The socket is open: the first frame to send.
    pub fn opened(
        &mut self,
        now: Timestamp,
        token: Vec<u8>,
        version: &str,
        store: &dyn Store,
    ) -> Result<ClientFrame, StoreError> {
        let meta = store.meta()?;
        self.link = Link::Greeting;
        // A file from before documents had scopes is loaded anew.
        let knows = meta.cursor.filter(|_| !meta.scopes.is_empty());
        let begun = meta.loading.filter(|loading| !loading.reset).map(|loading| loading.from);
        let cursor = knows.or(begun);
        Ok(ClientFrame::Hello(Hello {
            protocol: protocol::VERSION,
            version: version.to_owned(),
            token,
            company: meta.company,
            cursor,
            proof: meta.proof.filter(|_| cursor.is_some()),
            loaded: meta.loading.filter(|loading| !loading.reset).and_then(|loading| loading.loaded),
            scopes: meta.scopes,
            gaining: meta.gaining.filter(|_| meta.cursor.is_some()),
            unsure: meta.unsure,
            keeps: true,
            counter: meta.counter,
            names: store.names()?.version,
            waiting: store.count_pending()?,
            commands: protocol::COMMANDS,
            clock: Some(now),
        }))
    }

    pub fn closed(&mut self) {
        self.link = Link::Down;
    }

    /// What to remember of a sign-in; the token itself is kept by whoever holds secrets. `None`: it is another
    /// company's server than the one the data here belongs to, and nothing of it is to be kept.
    pub fn signed_in(signed_in: &SignedIn, store: &dyn Store) -> Result<Option<Vec<Write>>, StoreError> {
        let mut meta = store.meta()?;
        if is_another(meta.company, signed_in.company) {
            return Ok(None);
        }
        meta.company = Some(signed_in.company);
        meta.device_code.clone_from(&signed_in.device_code);
        Ok(Some(vec![Write::Meta(meta.into())]))
    }

    /// The file is a copy of another one, or was put back from a backup: it gives other numbers from now on.
    pub fn copied(store: &dyn Store, entropy: &mut dyn Entropy) -> Result<Vec<Write>, StoreError> {
        let mut meta = store.meta()?;
        meta.begin_series(entropy);
        Ok(vec![Write::Meta(meta.into())])
    }

    pub fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    /// Everything the server has is here.
    pub fn at_head(&self) -> bool {
        matches!(&self.link, Link::Up(up) if up.at_head)
    }

    /// The server takes what was entered here and gives nothing.
    pub fn only_push(&self) -> bool {
        matches!(&self.link, Link::Up(up) if up.only_push.is_some())
    }

    /// Edits that are under way on this socket.
    pub fn in_flight(&self) -> usize {
        match &self.link {
            Link::Up(up) => up.in_flight.len(),
            _ => 0,
        }
    }

    /// When to call `push` again, if the server asked to wait.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match &self.link {
            Link::Up(up) => up.retry_at.or_else(|| up.later.values().min().copied()),
            _ => None,
        }
    }

    /// How many edits wait because the server said so of them.
    pub fn told_to_wait(&self) -> usize {
        match &self.link {
            Link::Up(up) => up.later.len(),
            _ => 0,
        }
    }

    pub fn received(
        &mut self,
        now: Timestamp,
        frame: ServerFrame,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        match frame {
            ServerFrame::Welcome(welcome) if matches!(self.link, Link::Greeting) => {
                self.welcome(now, welcome, store, entropy)
            }
            // Something was entered since it said that it was done: that is handed over first.
            ServerFrame::Fault(fault)
                if fault.code == FaultCode::SignedOut && self.only_push() && !is_empty(store)? =>
            {
                Ok(Effects { close: true, ..Effects::default() })
            }
            ServerFrame::Fault(fault) => {
                let notice = match fault.code {
                    FaultCode::SignedOut => Notice::SignedOut { words: fault.words },
                    FaultCode::OtherCompany => Notice::OtherCompany { words: fault.words },
                    code => Notice::Fault { code, words: fault.words },
                };
                Ok(Effects { notices: vec![notice], close: true, ..Effects::default() })
            }
            frame if self.is_up() => match frame {
                ServerFrame::Names(names) => {
                    let names = names.on(store.names()?);
                    Ok(Effects { writes: vec![Write::Names(names)], ..Effects::default() })
                }
                ServerFrame::Scopes { scopes } => self.scopes(now, scopes, store, entropy),
                ServerFrame::Docs { docs, why, last, at, proof } => {
                    self.docs(now, &docs, why, last, (at, proof), store, entropy)
                }
                ServerFrame::Entries { entries, upto, proof, digests } => {
                    self.entries(now, &entries, (upto, proof), digests, store, entropy)
                }
                ServerFrame::Again { entries } => self.said_before(now, &entries, store, entropy),
                ServerFrame::HeadsOf { scope, heads, at } => {
                    self.heads_of(now, scope, &heads, at, store, entropy)
                }
                ServerFrame::RetryLater { after_ms, words, edits } => {
                    Ok(self.retry_later(now, after_ms, words, &edits))
                }
                ServerFrame::Wipe { by } => self.wipe(by, store),
                _ => Ok(out_of_place()),
            },
            _ => Ok(out_of_place()),
        }
    }

    /// What is to go up now, by what is committed. Call it after each commit, and at `retry_at`.
    pub fn push(&mut self, now: Timestamp, store: &dyn Store) -> Result<Vec<ClientFrame>, StoreError> {
        let Link::Up(up) = &mut self.link else { return Ok(Vec::new()) };
        // Nothing is pushed while all documents are being replaced; to a device that only pushes none come.
        let resets = up.only_push.is_none() && store.meta()?.loading.is_some_and(|loading| loading.reset);
        if resets || up.retry_at.is_some_and(|at| at > now) {
            return Ok(Vec::new());
        }
        up.retry_at = None;
        up.later.retain(|_, at| *at > now);
        let mut frames = Vec::new();
        if !up.discards_sent {
            up.discards_sent = true;
            let edits = store.untold_discards()?;
            let frame = |edits: &[EditId]| ClientFrame::Discard { edits: edits.to_vec() };
            frames.extend(edits.chunks(limits::EDITS_IN_PUSH).map(frame));
        }
        let (mut edits, mut size) = (Vec::new(), 0);
        for stored in due(up, store)? {
            up.in_flight.insert(stored.edit.id, stored.edit.attempt);
            let bytes = codec::encode(&stored.edit).len();
            if edits.len() == limits::EDITS_IN_PUSH || size + bytes > limits::CLIENT_FRAME / 2 {
                frames.push(ClientFrame::Push { edits: std::mem::take(&mut edits), turn: up.turn });
                size = 0;
            }
            size += bytes;
            edits.push(stored.edit);
        }
        if !edits.is_empty() {
            frames.push(ClientFrame::Push { edits, turn: up.turn });
        }
        if up.only_push == Some(false) && up.in_flight.is_empty() && is_empty(store)? {
            up.only_push = Some(true);
            frames.push(ClientFrame::Done {});
        }
        Ok(frames)
    }

    /// A discard was committed: the next push tells the server.
    pub(super) fn tell_discards(&mut self) {
        if let Link::Up(up) = &mut self.link {
            up.discards_sent = false;
        }
    }

    fn welcome(
        &mut self,
        now: Timestamp,
        welcome: Welcome,
        store: &dyn Store,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        let mut effects = Effects::default();
        let mut meta = store.meta()?;
        if welcome.company.is_some_and(|theirs| is_another(meta.company, theirs)) {
            effects.notices.push(Notice::OtherCompany { words: OTHER_COMPANY.to_owned() });
            effects.close = true;
            return Ok(effects);
        }
        meta.company = meta.company.or(welcome.company);
        meta.learn(now, welcome.time);
        meta.last_contact = Some(welcome.time);
        meta.attachment = welcome.attachment;
        // A clock that was ahead does not stay ahead once the true time is known.
        meta.last_at = meta.last_at.min(welcome.time.plus_ms(crate::time::MAX_AHEAD_MS));
        if welcome.counter > meta.counter {
            meta.counter = welcome.counter;
            meta.begin_series(entropy);
            effects.notices.push(Notice::Restored);
        }
        let mut up = Up {
            in_flight: BTreeMap::new(),
            discards_sent: false,
            retry_at: None,
            turn: 0,
            later: BTreeMap::new(),
            compared: Vec::new(),
            at_head: false,
            only_push: None,
        };
        match welcome.next {
            Next::PushOnly | Next::PushAgain => {
                up.only_push = Some(false);
                effects.notices.push(Notice::OnlyPush);
                // What was said at this door stands beyond the cursor: whether the log still has it, nobody compared.
                let known = if welcome.next == Next::PushAgain { None } else { meta.cursor };
                let doubtful =
                    |stored: &StoredEdit| known.is_none_or(|at| stored.pos.is_none_or(|pos| pos > at.pos));
                let listed = store.listed()?.into_iter().filter(is_judged_anew);
                let settled = store.kept()?.into_iter().chain(listed);
                effects.writes.extend(settled.filter(doubtful).map(resend));
            }
            Next::Nothing => {
                up.at_head = true;
                meta.proof = welcome.proof.or(meta.proof);
                effects.notices.push(Notice::CaughtUp);
                effects.send = compare_all(&mut up, welcome.digest, &meta);
            }
            Next::Entries => {}
            Next::Docs => {
                // A reset that was cut off begins anew; a first sync goes on where it was.
                if meta.loading.is_some_and(|loading| loading.reset) || meta.cursor.is_some() {
                    (meta.cursor, meta.proof) = (None, None);
                    meta.digests.clear();
                    meta.loading = Some(Loading { from: Cursor::START, loaded: None, reset: true });
                    effects.writes.push(Write::MarkStale);
                }
            }
            Next::Reset => {
                (meta.cursor, meta.proof) = (None, None);
                meta.digests.clear();
                meta.loading = Some(Loading { from: Cursor::START, loaded: None, reset: true });
                effects.writes.push(Write::MarkStale);
                for mut stored in store.kept()? {
                    stored.state = EditState::Pending;
                    stored.since = welcome.time;
                    stored.pos = None;
                    effects.writes.push(Write::Edit(Box::new(stored)));
                }
                // What was decided of these meanwhile comes by no entry any more.
                effects.writes.extend(store.listed()?.into_iter().filter(is_judged_anew).map(resend));
                effects.notices.push(Notice::Reset);
            }
        }
        effects.writes.push(Write::Meta(meta.into()));
        self.link = Link::Up(up);
        Ok(effects)
    }

    /// What was entered meanwhile goes up first: unsent entries are never wiped.
    fn wipe(&mut self, by: String, store: &dyn Store) -> Result<Effects, StoreError> {
        match &mut self.link {
            Link::Up(up) if up.only_push.is_some() && is_empty(store)? => {
                Ok(Effects { notices: vec![Notice::Wipe { by }], close: true, ..Effects::default() })
            }
            Link::Up(up) if up.only_push.is_some() => {
                up.only_push = Some(false);
                Ok(Effects::default())
            }
            _ => Ok(out_of_place()),
        }
    }

    fn retry_later(&mut self, now: Timestamp, after_ms: u32, words: String, edits: &[EditId]) -> Effects {
        let until = now.plus_ms(i64::from(after_ms));
        if let Link::Up(up) = &mut self.link {
            if edits.is_empty() {
                up.retry_at = Some(until);
                up.turn = up.turn.saturating_add(1);
                up.in_flight.clear();
                up.discards_sent = false;
            }
            for edit in edits.iter().filter(|edit| up.in_flight.remove(edit).is_some()) {
                up.later.insert(*edit, until);
            }
        }
        Effects { notices: vec![Notice::RetryLater { until, words }], ..Effects::default() }
    }

    /// Rebases what needs it and gives everything to write.
    pub(super) fn finish(
        &mut self,
        mut work: Work<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Effects, StoreError> {
        work.clean_erased()?;
        work.rebuild_all(entropy)?;
        let (writes, rebased) = work.finish()?;
        for addr in rebased {
            self.actors.insert(addr, Actor::fresh(entropy));
        }
        let notices = writes.iter().filter_map(|write| match write {
            Write::Edit(stored) if matches!(stored.state, EditState::Attention { .. }) => {
                Some(Notice::Attention(stored.edit.id))
            }
            _ => None,
        });
        let notices = notices.collect();
        Ok(Effects { writes, notices, ..Effects::default() })
    }
}

/// What is to go up now, in the order in which it was entered: nothing goes up before what it rests on.
fn due(up: &Up, store: &dyn Store) -> Result<Vec<StoredEdit>, StoreError> {
    let room = limits::IN_FLIGHT.saturating_sub(up.in_flight.len());
    let waits = |id: &EditId| up.in_flight.contains_key(id) || up.later.contains_key(id);
    let mut all = Vec::new();
    for read in [<dyn Store>::to_resend, <dyn Store>::pending] {
        let (mut due, mut after) = (Vec::new(), 0);
        while due.len() < room {
            let page = read(store, after, limits::IN_FLIGHT)?;
            let Some(last) = page.last() else { break };
            after = last.edit.counter;
            due.extend(page.into_iter().filter(|stored| !waits(&stored.edit.id)));
        }
        all.append(&mut due);
    }
    all.sort_by_key(|stored| stored.edit.counter);
    all.truncate(room);
    Ok(all)
}

/// Nothing waits to be sent, and nothing that was given up to be told.
fn is_empty(store: &dyn Store) -> Result<bool, StoreError> {
    Ok(store.count_pending()? == 0
        && store.unsent_files()? == 0
        && store.untold_discards()?.is_empty()
        && store.to_resend(0, 1)?.is_empty())
}

/// Of the needs-attention list: what a manager has to look at goes to a log that may lack it. What was refused, given up
/// or blocked does not: judged once more it might be accepted without anybody having asked for it again, as an order for
/// somebody erased whose name is gone from it since. It stays what it is until its user acts.
fn is_judged_anew(stored: &StoredEdit) -> bool {
    matches!(&stored.state, EditState::Attention { verdict: Verdict::Held { .. } })
}

fn resend(mut stored: StoredEdit) -> Write {
    stored.resend = true;
    Write::Edit(Box::new(stored))
}

/// Asks for the heads of every scope if the sum of their digests differs: it does not say where.
fn compare_all(up: &mut Up, theirs: Option<Digest>, ours: &Meta) -> Vec<ClientFrame> {
    let held = ours.digests.iter().filter(|(scope, _)| ours.scopes.contains(*scope));
    if theirs.is_none_or(|theirs| held.map(|(_, digest)| *digest).sum::<Digest>() == theirs) {
        return Vec::new();
    }
    up.compared = ours.scopes.iter().collect();
    up.compared.iter().map(|scope| ClientFrame::Heads { scope: *scope }).collect()
}

/// Asks for the heads of each scope whose digest differs, once a socket.
pub(super) fn compare(up: &mut Up, theirs: &[(Scope, Digest)], ours: &Meta) -> Vec<ClientFrame> {
    let mut ask = Vec::new();
    for (scope, digest) in theirs.iter().filter(|(scope, _)| ours.scopes.contains(*scope)) {
        let own = ours
            .digests
            .iter()
            .find(|(held, _)| held == scope)
            .map(|(_, digest)| *digest)
            .unwrap_or_default();
        if own != *digest && !up.compared.contains(scope) {
            up.compared.push(*scope);
            ask.push(ClientFrame::Heads { scope: *scope });
        }
    }
    ask
}

fn is_another(ours: Option<CompanyId>, theirs: CompanyId) -> bool {
    ours.is_some_and(|ours| ours != theirs)
}

/// A frame that cannot come now: the socket is closed and everything begins anew.
pub(super) fn out_of_place() -> Effects {
    Effects { close: true, ..Effects::default() }
}
