//! One device's connection: it drives the session, and does what the session asks for, one thing after the
//! other. What is slow here keeps only this device waiting.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, sleep_until},
};
use waybill_shared::{
    id::{DeviceId, EditId},
    kind::DocAddr,
    protocol::{
        ClientFrame, ServerFrame, encode,
        frame::{Fault, FaultCode, Grant, OwnVerdict},
        limits,
    },
    session::server::{Ask, Effect, Event, FeedEntry, ScopesNow, Server},
};

use super::{
    socket::{Inbound, LAST_WORDS, Outbound, Received},
    sockets::Greeted,
    waits::Waits,
};
use crate::{
    app::App,
    callers::Caller,
    intake::{Settled, Turn, Wait},
    log::{Head, Log, LogError},
};

/// How long a socket may say nothing before it must have signed in and said hello.
pub(super) const UNTIL_GREETED: Duration = Duration::from_secs(30);

/// A socket that is silent is asked for a sign of life, and closed when there is none.
pub(super) const ASK_ALIVE: Duration = Duration::from_secs(30);
pub(super) const SILENT: Duration = Duration::from_secs(90);

/// How often it is noted where a connected device stands, for who trims the log.
const NOTE_STAND: Duration = Duration::from_secs(300);

/// How often it is told that a device is slowed down.
const TELL_SLOWED: Duration = Duration::from_secs(60);

/// All connections together look at the log about so often a second: where there are many, each waits a little between
/// two looks, and finds more at once.
const LOOKS_A_SECOND: u32 = 15_000;

/// All connections together tell their devices about so often a second where they stand, if the log went on by what is
/// not for them: where there are few, at once.
const STANDS_A_SECOND: u32 = 2_000;
pub(super) const LONGEST_UNTOLD: Duration = Duration::from_secs(30);

/// The longest wait between two looks, and the shortest that is worth a timer.
const LONGEST_WAIT: Duration = Duration::from_millis(700);
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

pub(super) const COME_AGAIN_MS: u32 = 5_000;

/// When it is looked again whether other devices have come back.
pub(super) const LOOK_AGAIN_MS: u32 = 30_000;

/// When a device comes again with what would be held, and a manager has to look at what is held of it first.
pub(super) const FULL_MS: u32 = 15 * 60 * 1_000;

const MANAGER_FIRST: &str = "A manager has to look at earlier entries of this device first. Keep these; it will try \
    again later.";

const OTHERS_FIRST: &str = "The server was restored. What this was entered on is still on other devices, and is sent \
    again when they connect. Nothing is lost.";

const NUMBERS_WAIT: &str = "The server was restored and gives no numbers until an admin has confirmed the last one \
    printed (waybill-server numbers). Nothing is lost; an entry with a number of its own is taken.";

pub struct Connection {
    pub(super) app: Arc<App>,
    pub(super) peer: IpAddr,
    /// Until it is greeted.
    caller: Option<Caller>,
    /// From then on.
    greeted: Option<Greeted>,
    /// Told when the device has come back on newer ones.
    goes: Arc<Notify>,
    out: Outbound,
    session: Server,
    todo: VecDeque<Effect>,
    /// The next step of the way down, for when the line has taken the one before: until then the device is
    /// heard, so that what it sends up does not wait for what comes down.
    down: Option<Ask>,
    /// Handed to intake and not answered yet.
    pub(super) in_flight: usize,
    pub(super) turn: Turn,
    /// The epoch in which the device was told how the log stands.
    epoch: u64,
    answered: mpsc::UnboundedReceiver<(EditId, Settled)>,
    /// What is being answered beside everything else: questions of people, photos and papers.
    pub(super) beside: JoinSet<Event>,
    /// It floods: nothing is read from it until then.
    slow_until: Option<Instant>,
    /// It is not slowed down, however much it hands in.
    pub(super) unpaced: bool,
    /// What is entered on it may be booked as far back as it likes.
    pub(super) books_history: bool,
    /// When that was last told.
    slowed: Option<Instant>,
    /// It does not look at the log before then.
    looks_from: Option<Instant>,
    /// The device is told then where it stands.
    tells_at: Option<Instant>,
    /// When it was noted last where the device stands.
    noted: Instant,
    /// The last position at which one of its edits was judged.
    judged: u64,
    pub(super) token: Vec<u8>,
    /// The version of the names that the device has.
    pub(super) named: u64,
    /// Who is enrolled on the device.
    pub(super) people: Vec<Grant>,
    /// The terms of what was made on this socket, which may still be on its way into the log, each with what that is.
    pub(super) made: HashMap<DocAddr, DocAddr>,
    /// What waits on the device.
    pub(super) waits: Waits,
}

/// What this was told of the log is of another one.
pub(super) const ANOTHER_LOG: &str = "The log does not go on from there. Connect again.";

pub(super) const UNREADABLE: &str =
    "The server cannot read its database just now. Connect again in a moment.";

const ANOTHER_DOOR: &str = "What this device may do was changed. Connect again.";

const DISPLACED: &str = "This device has connected again, on more sockets than one device may have.";

/// The socket is to be closed.
struct Over;

impl Connection {
    pub fn new(app: Arc<App>, peer: IpAddr, caller: Caller, out: Outbound) -> Self {
        let (answers, answered) = mpsc::unbounded_channel();
        let session = Server::new(app.hub.company);
        Self {
            app,
            peer,
            caller: Some(caller),
            greeted: None,
            goes: Arc::default(),
            out,
            session,
            todo: VecDeque::new(),
            down: None,
            in_flight: 0,
            turn: Turn::new(answers),
            epoch: 0,
            answered,
            beside: JoinSet::new(),
            looks_from: None,
            tells_at: None,
            noted: Instant::now(),
            slow_until: None,
            unpaced: false,
            books_history: false,
            slowed: None,
            judged: 0,
            token: Vec::new(),
            named: 0,
            people: Vec::new(),
            made: HashMap::new(),
            waits: Waits::default(),
        }
    }

    /// As long as the socket is open: what asks the database is seldom under way and large, and boxed where it begins,
    /// so that thousands of silent connections are small. `true`: it went because the device came back on newer ones.
    pub async fn run(mut self, inbound: Inbound) -> bool {
        let goes = Arc::clone(&self.goes);
        // At once, be it that it waits for a place in intake: what it handed in so far is judged, as after any loss.
        let displaced = tokio::select! {
            biased;
            () = self.serve(inbound) => false,
            () = goes.notified() => true,
        };
        if displaced {
            let _ = tokio::time::timeout(LAST_WORDS, self.fault(FaultCode::Unavailable, DISPLACED)).await;
        }
        // What it was told it may not have heard: then it says so at its next hello.
        Box::pin(self.note_waiting()).await;
        displaced
    }

    async fn note_waiting(&mut self) {
        if let Some(device) = self.session.device() {
            self.waits.note(device, &self.app.accounts).await;
        }
    }

    async fn serve(&mut self, mut inbound: Inbound) {
        let mut heads = self.app.hub.tail.heads();
        let mut names = self.app.hub.names.clone();
        let draining = self.app.draining.clone();
        let opened = Instant::now();
        let mut heard = opened;
        let mut clock = tokio::time::interval_at(opened + ASK_ALIVE, ASK_ALIVE);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let slow = self.slow_until.is_some();
            let owes = !self.out.owes_little();
            let reads = self.in_flight < limits::IN_FLIGHT && !slow && !owes && !draining.is_cancelled();
            let step = tokio::select! {
                received = inbound.next(), if reads => {
                    heard = Instant::now();
                    self.received(received).await
                }
                answer = self.answered.recv() => self.settled(answer).await,
                Some(answer) = self.beside.join_next() => self.told(answer).await,
                Ok(()) = heads.changed(), if self.looks_from.is_none() => self.moved(&mut heads).await,
                () = sleep_until(self.looks_from.unwrap_or(opened)), if self.looks_from.is_some() => {
                    self.looks_from = None;
                    Ok(())
                }
                () = sleep_until(self.tells_at.unwrap_or(opened)), if self.tells_at.is_some() => {
                    self.tells_at = None;
                    self.handle(Event::Quiet).await
                }
                Ok(()) = names.changed() => Box::pin(self.named(&mut names)).await,
                free = self.out.is_free(), if self.down.is_some() => {
                    if free { self.descend().await } else { Err(Over) }
                }
                relieved = self.out.relieved(), if owes => {
                    if relieved { Ok(()) } else { Err(Over) }
                }
                () = sleep_until(self.slow_until.unwrap_or(opened)), if slow => {
                    self.slow_until = None;
                    // It was not listened to meanwhile, which is not its silence.
                    heard = Instant::now();
                    Ok(())
                }
                () = draining.cancelled(), if !draining.is_cancelled() => Ok(()),
                _ = clock.tick() => self.silent(opened, heard).await,
            };
            if step.is_err() {
                return;
            }
            if draining.is_cancelled() && self.in_flight == 0 {
                return self.farewell(&mut heads).await;
            }
        }
    }

    pub(super) fn device(&self) -> Option<DeviceId> {
        self.session.device()
    }

    pub(super) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The device is told how the log stands in this epoch. What follows is proven as of it: of a later one it says too
    /// little, which alarms nobody.
    pub(super) fn told_of(&mut self, epoch: u64) {
        self.epoch = epoch;
        self.turn.told_of(epoch);
    }

    /// It hands in more than it should: it is read again only after a while.
    pub(super) fn slow_down(&mut self, now: Instant, wait: Duration) {
        self.slow_until = self.slow_until.max(Some(now + wait));
        metrics::counter!("waybill_slowed_total").increment(1);
        if self.slowed.is_none_or(|told| now.duration_since(told) >= TELL_SLOWED) {
            self.slowed = Some(now);
            tracing::warn!(
                device = ?self.session.device(),
                "a device or its person hands in more entries than limits.edits_per_second: it is slowed down, nothing is refused"
            );
        }
    }

    async fn received(&mut self, received: Received) -> Result<(), Over> {
        let event = match received {
            Received::Frame(bytes) => {
                let event = Event::received(&bytes, self.device().is_some());
                if let Event::Frame(ClientFrame::Push { edits, .. }) = &event {
                    super::answer::note_read(self, super::answer::parts(edits));
                }
                if let Event::Partly(push) = &event {
                    let whole =
                        if let ClientFrame::Push { edits, .. } = &push.known { &**edits } else { &[] };
                    let beside = push.count().saturating_sub(whole.len());
                    super::answer::note_read(self, super::answer::parts(whole) + beside);
                    let unheard = push.unknown.iter().filter(|unknown| unknown.stranger.is_some()).count();
                    super::answer::note_fallen(self, push.malformed.len() + unheard);
                    self.waits.fell(push.malformed.len());
                }
                event
            }
            Received::Other => {
                return self.fault(FaultCode::BadFrame, "Frames are binary; this was text.").await;
            }
            Received::TooLarge => {
                let words =
                    format!("A frame has at most {} bytes; this one is larger.", limits::CLIENT_FRAME);
                return self.fault(FaultCode::BadFrame, &words).await;
            }
            Received::Alive => return Ok(()),
            Received::Ended => return Err(Over),
        };
        self.handle(event).await
    }

    /// Some of its edits have been settled.
    async fn settled(&mut self, first: Option<(EditId, Settled)>) -> Result<(), Over> {
        let (mut again, mut come_again) = (Vec::new(), false);
        let (mut numbers, mut others, mut full) = (Vec::new(), Vec::new(), Vec::new());
        let mut unwritten = Vec::new();
        let mut next = first;
        while let Some((edit, settled)) = next {
            self.in_flight = self.in_flight.saturating_sub(1);
            if matches!(settled, Settled::Judged { .. } | Settled::Again { .. } | Settled::Unwritten { .. }) {
                self.waits.settled(edit);
            }
            match settled {
                Settled::Judged { pos } => {
                    self.judged = self.judged.max(pos);
                    // Its people wait for it.
                    self.looks_from = None;
                    // The log does not come down to it.
                    if self.session.only_push() {
                        again.push(edit);
                    }
                }
                Settled::Again { .. } => again.push(edit),
                // Only a review is declined, and none is handed in here.
                Settled::Later | Settled::Declined { .. } | Settled::Erased => come_again = true,
                Settled::Waits(Wait::Number) => numbers.push(edit),
                Settled::Waits(Wait::Others) => others.push(edit),
                Settled::Waits(Wait::Manager) => full.push(edit),
                Settled::AnotherLog => return self.fault(FaultCode::Unavailable, ANOTHER_LOG).await,
                Settled::Unwritten { attempt, verdict } => {
                    unwritten.push((edit, OwnVerdict::new(attempt, verdict)));
                }
            }
            next = self.answered.try_recv().ok();
        }
        let fallen = self.turn.fallen() + full.len() + unwritten.len();
        super::answer::note_fallen(self, fallen);
        if !unwritten.is_empty() {
            self.handle(Event::Unwritten(unwritten)).await?;
        }
        while !again.is_empty() {
            let Ok((entries, now)) = Box::pin(self.said_before(&again)).await else {
                come_again = true;
                break;
            };
            if entries.is_empty() {
                // The log became another one meanwhile.
                come_again = true;
                break;
            }
            again.retain(|edit| !entries.iter().any(|entry| entry.edit == *edit));
            self.handle(Event::Again { entries, now }).await?;
        }
        for (edits, after_ms, words) in [
            (numbers, COME_AGAIN_MS, NUMBERS_WAIT),
            (others, LOOK_AGAIN_MS, OTHERS_FIRST),
            (full, FULL_MS, MANAGER_FIRST),
        ] {
            if !edits.is_empty() {
                self.handle(Event::RetryLater { after_ms, words: words.to_owned(), edits }).await?;
            }
        }
        if self.waits.is_news() {
            Box::pin(self.note_waiting()).await;
        }
        if come_again {
            // Whatever was handed in behind it is turned away, too, or answered when it comes again.
            let (answers, answered) = mpsc::unbounded_channel();
            (self.turn, self.answered, self.in_flight) = (self.turn.next(answers), answered, 0);
            let words = "The server cannot store it just now; nothing is lost.".to_owned();
            let edits = Vec::new();
            self.handle(Event::RetryLater { after_ms: COME_AGAIN_MS, words, edits }).await?;
        }
        Ok(())
    }

    /// The verdicts of edits that had theirs, and whose documents they are about now.
    async fn said_before(&self, edits: &[EditId]) -> Result<(Vec<Arc<FeedEntry>>, ScopesNow), LogError> {
        let log = &self.app.hub.log;
        let entries = log.verdicts(edits).await?;
        let now = log.scopes(&FeedEntry::look_up_again(&entries)).await?;
        Ok((entries, now))
    }

    async fn told(&mut self, answer: Result<Event, JoinError>) -> Result<(), Over> {
        match answer {
            Ok(answer) => self.handle(answer).await,
            Err(error) => {
                tracing::error!(%error, "a question could not be answered for a defect");
                self.fault(FaultCode::Unavailable, "The server cannot answer this. Connect again.").await
            }
        }
    }

    async fn moved(&mut self, heads: &mut watch::Receiver<Head>) -> Result<(), Over> {
        let head = heads.borrow_and_update().cursor;
        let others = u32::try_from(self.app.hub.tail.followers()).unwrap_or(u32::MAX);
        let wait = (Duration::from_secs(1) * others / LOOKS_A_SECOND).min(LONGEST_WAIT);
        self.looks_from = (wait >= SHORTEST_WAIT).then(|| Instant::now() + wait);
        self.handle(Event::Head(head)).await
    }

    /// Names, roles or enrolments changed: those of this device are looked up again.
    async fn named(&mut self, names: &mut watch::Receiver<u64>) -> Result<(), Over> {
        let version = *names.borrow_and_update();
        let Some(device) = self.session.device().filter(|_| version != self.named) else { return Ok(()) };
        let (recognised, names) = {
            // All of them hear of it at once. What follows from it may ask in its turn.
            let _turn = self.app.hub.asking.acquire().await;
            (self.recognised().await, self.app.accounts.names(device, self.named).await)
        };
        match recognised {
            Ok(session) if session.only_push.is_some() == self.session.only_push() => {
                self.unpaced = session.unpaced;
                self.books_history = session.books_history;
            }
            // It says hello again, and is welcomed as what it is now.
            Ok(_) => return self.fault(FaultCode::Unavailable, ANOTHER_DOOR).await,
            Err(fault) => return self.fault(fault.code, &fault.words).await,
        }
        if self.session.only_push() {
            return Ok(());
        }
        match names {
            Ok(names) => {
                self.named = names.version;
                self.people.clone_from(&names.here);
                self.handle(Event::Names(names)).await
            }
            // What its people may see may be other than it is given: it says hello again.
            Err(error) => {
                tracing::warn!(%error, "the names of a device could not be read");
                self.fault(FaultCode::Unavailable, UNREADABLE).await
            }
        }
    }

    async fn silent(&mut self, opened: Instant, heard: Instant) -> Result<(), Over> {
        if self.session.device().is_none() && opened.elapsed() >= UNTIL_GREETED {
            return self.fault(FaultCode::OutOfPlace, "Sign in or say hello first.").await;
        }
        // While its edits are in flight nothing is read from it, which is not its fault.
        if heard.elapsed() >= SILENT && self.in_flight == 0 {
            return Err(Over);
        }
        if self.noted.elapsed() >= NOTE_STAND
            && let (Some(device), Some(told)) = (self.session.device(), self.session.told())
        {
            self.noted = Instant::now();
            if let Err(error) = self.app.accounts.record_stand(device, told.pos).await {
                tracing::debug!(%error, "where a device stands could not be noted");
            }
        }
        if self.out.ping().await { Ok(()) } else { Err(Over) }
    }

    /// The server stops: all that was handed in has its verdict, and takes it along.
    async fn farewell(&mut self, heads: &mut watch::Receiver<Head>) {
        let judged = self.judged;
        if self.session.device().is_some() {
            let there = tokio::time::timeout(
                Duration::from_secs(5),
                heads.wait_for(|head| head.cursor.pos >= judged),
            );
            let _ = there.await.map(|head| head.map(|head| head.cursor));
            if self.moved(heads).await.is_err() {
                return;
            }
            while self.down.is_some() {
                if self.descend().await.is_err() {
                    return;
                }
            }
        }
        let _ =
            self.fault(FaultCode::Unavailable, "The server is stopping. Connect again in a moment.").await;
    }

    async fn fault(&mut self, code: FaultCode, words: &str) -> Result<(), Over> {
        let fault = Fault { code, words: words.to_owned() };
        let _ = self.out.send(encode(&ServerFrame::Fault(fault))).await;
        Err(Over)
    }

    /// Gives the session an event, and does all that follows from it.
    async fn handle(&mut self, event: Event) -> Result<(), Over> {
        self.todo.extend(self.session.handle(event));
        self.tell_in_time();
        while let Some(effect) = self.todo.pop_front() {
            self.greet();
            match effect {
                Effect::Send(mut frame) => {
                    if let Some((at, proof)) = frame.stand() {
                        *proof = Some(self.app.hub.proofs.of(self.epoch, at));
                    }
                    if !self.out.send(encode(&frame)).await {
                        return Err(Over);
                    }
                }
                Effect::Ask(ask) if leads_on(&ask) => self.down = Some(ask),
                Effect::Ask(ask) => match self.answer(ask).await {
                    Ok(Some(event)) => self.todo.extend(self.session.handle(event)),
                    Ok(None) => {}
                    Err(fault) => return self.fault(fault.code, &fault.words).await,
                },
                Effect::Close => return Err(Over),
            }
        }
        Ok(())
    }

    /// Once it is known who is there: before the welcome, and before anything they hand in.
    fn greet(&mut self) {
        if let Some(device) = self.session.device().filter(|_| self.greeted.is_none()) {
            self.caller = None;
            self.greeted = Some(self.app.hub.sockets.greeted(device, Arc::clone(&self.goes)));
            self.out.greeted();
        }
    }

    fn tell_in_time(&mut self) {
        if self.tells_at.is_none() && self.session.owes_where() {
            let others = u32::try_from(self.app.hub.tail.followers()).unwrap_or(u32::MAX);
            let wait = (Duration::from_secs(1) * others / STANDS_A_SECOND).min(LONGEST_UNTOLD);
            self.tells_at = Some(Instant::now() + wait);
        }
    }

    /// One step of the way down.
    async fn descend(&mut self) -> Result<(), Over> {
        let Some(ask) = self.down.take() else { return Ok(()) };
        match self.answer(ask).await {
            Ok(Some(event)) => self.handle(event).await,
            Ok(None) => Ok(()),
            Err(fault) => self.fault(fault.code, &fault.words).await,
        }
    }

    async fn answer(&mut self, ask: Ask) -> Result<Option<Event>, Fault> {
        Box::pin(super::answer::answer(self, ask)).await
    }
}

/// The first page of documents fixes where the log goes on: it is read before anything else is judged, so that
/// no verdict falls between the two. All others may wait for the line.
fn leads_on(ask: &Ask) -> bool {
    matches!(ask, Ask::Feed { .. } | Ask::Docs { after: Some(_), .. })
}
