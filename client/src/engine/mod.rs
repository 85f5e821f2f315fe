//! The engine: on its own thread, the only writer of the local file and the owner of the socket.

mod address;
mod calls;
mod clock;
mod core;
mod edge;
mod files;
mod link;
mod local_socket;
mod mending;
mod needs;
mod people;
mod questions;
mod remote;
mod request;
mod set_up;
mod socket;
mod status;
mod taxes;
pub mod trust;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

pub use address::sockets as addresses;
pub use clock::Clocks;
pub use edge::{fresh, fresh_id, now, run};
pub use remote::Remote;
pub use request::{Answer, NotDone, Request, SignIn, Submit};
pub use set_up::not_set_up;
pub use status::{Carrying, LinkState, Sending, SyncStatus};
pub use trust::Trust;

use self::{calls::Call, core::Core};
use crate::store::{Looking, OpenError, Store, Wrong};

#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub dir: PathBuf,
    /// Connects by itself and stays connected; otherwise only to sign in and when asked to sync.
    pub online: bool,
    /// Lets other programs of this device in by the local socket, as whoever holds the file should: they hand over to it
    /// what they would enter.
    pub listen: bool,
}

/// Asks the engine; can be cloned and given to other threads. The engine ends with its last handle.
#[derive(Clone)]
pub struct EngineHandle {
    calls: mpsc::UnboundedSender<Call>,
    status: watch::Receiver<SyncStatus>,
    wake: Wake,
    dir: Arc<Path>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// The answer to come.
#[derive(Debug)]
pub struct Reply(oneshot::Receiver<Answer>);

/// What is called when something changed, as to draw anew.
#[derive(Clone, Default)]
struct Wake(Arc<Mutex<Option<WakeCall>>>);

type WakeCall = Box<dyn Fn() + Send>;

/// Opens the file and starts the engine on it.
pub fn start(config: Config) -> Result<EngineHandle, OpenError> {
    start_by(config, Clocks::system())
}

/// The same by clocks that are given.
pub fn start_by(config: Config, clocks: Clocks) -> Result<EngineHandle, OpenError> {
    let store = Store::open(&config.dir, (clocks.wall)())?;
    let (calls, inbox) = mpsc::unbounded_channel();
    let (status, watched) = watch::channel(SyncStatus::default());
    let wake = Wake::default();
    let dir: Arc<Path> = Arc::from(config.dir.as_path());
    let io = |error: String| OpenError::Io { path: config.dir.clone(), error };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| io(error.to_string()))?;
    let (events, socket_events) = mpsc::channel(16);
    let core = Core::new(store, clocks, config.online, events, status, wake.clone())
        .map_err(|error| OpenError::Unread(error.0))?;
    // Said once, and then nothing is written any more.
    let (damage, damaged) = mpsc::channel(1);
    let looking = core.store.look(move |wrong| drop(damage.blocking_send(wrong)))?;
    let weak = calls.downgrade();
    let listen = config.listen;
    let thread = std::thread::Builder::new()
        .name("waybill-engine".to_owned())
        .spawn(move || {
            // Given to another part of the program already when it comes late: that one is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            runtime.block_on(serve(core, looking, damaged, inbox, socket_events, listen.then_some(weak)));
            // Not held up by a name that is still being looked up.
            runtime.shutdown_background();
        })
        .map_err(|error| io(error.to_string()))?;
    Ok(EngineHandle { calls, status: watched, wake, dir, thread: Arc::new(Mutex::new(Some(thread))) })
}

/// The same, after a moment where a command line has the file just now.
pub fn start_when_free(config: Config) -> Result<EngineHandle, OpenError> {
    let until = Instant::now() + Duration::from_secs(3);
    loop {
        match start(config.clone()) {
            Err(OpenError::InUse(_)) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            started => return started,
        }
    }
}

async fn serve(
    mut core: Core,
    looking: Option<Looking>,
    mut damaged: mpsc::Receiver<Wrong>,
    mut calls: mpsc::UnboundedReceiver<Call>,
    mut socket_events: mpsc::Receiver<(u64, socket::Event)>,
    door: Option<mpsc::WeakUnboundedSender<Call>>,
) {
    let (lives, ends) = watch::channel(());
    let listening = door.and_then(|calls| match local_socket::listen(core.store.dir()) {
        Ok(listener) => Some(tokio::spawn(local_socket::serve(listener, calls, ends))),
        Err(error) => {
            tracing::warn!(%error, "other programs of this device cannot reach this one");
            None
        }
    });
    let damage = loop {
        // What people enter goes before what comes down.
        tokio::select! {
            biased;
            Some(wrong) = damaged.recv() => match wrong {
                Wrong::Broken(words) => break Some(words),
                Wrong::Rotten => core.mend(true),
            },
            call = calls.recv() => match call {
                Some(call) => {
                    core.look_at_clock();
                    core.call(call);
                }
                None => break None,
            },
            Some((number, event)) = socket_events.recv() => {
                core.look_at_clock();
                core.event(number, event);
            }
            () = tokio::time::sleep_until(core.next_tick()) => {
                core.look_at_clock();
                core.tick();
            }
        }
        if core.wiped_by.is_some() {
            break None;
        }
        core.mend_what_rotted();
        core.publish();
    };
    drop(looking);
    drop(lives);
    // The socket is gone before the file is closed: who comes now opens the file itself, with a socket of its own.
    let callers = match listening {
        Some(listening) => listening.await.unwrap_or_default(),
        None => JoinSet::new(),
    };
    if let Some(by) = core.wiped_by.take() {
        core.wipe(&by);
        return told(callers).await;
    }
    if let Some(words) = damage {
        core.abandon(&words);
        // Whoever still asks is told why.
        while let Some(call) = calls.recv().await {
            let _ = call.reply.send(Answer::Failed { words: words.clone() });
        }
        return told(callers).await;
    }
    core.lets_go();
    let until = tokio::time::Instant::now() + LAST_ANSWERS;
    while core.owes_an_answer() {
        tokio::select! {
            event = socket_events.recv() => match event {
                Some((number, event)) => core.event(number, event),
                None => break,
            },
            () = tokio::time::sleep_until(until) => break,
        }
    }
    if let Err(error) = core.close() {
        tracing::warn!(%error, "the local file was not closed in order");
    }
    told(callers).await;
}

/// What the server was asked for other programs of this device is waited for so long when this one ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Until everybody who asked has read the answer, or does not read.
async fn told(mut callers: JoinSet<()>) {
    let all = async { while callers.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(1), all).await;
}

impl EngineHandle {
    /// Asks; the answer comes when it is done.
    pub fn ask(&self, request: Request) -> Reply {
        let (reply, answer) = oneshot::channel();
        // An engine that has ended drops the reply, which says so.
        let _ = self.calls.send(Call { request, reply });
        Reply(answer)
    }

    pub fn submit(&self, submit: Submit) -> Reply {
        self.ask(Request::Submit(submit))
    }

    pub fn status(&self) -> SyncStatus {
        self.status.borrow().clone()
    }

    /// Changes whenever the status or the revision does.
    pub fn watch(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }

    pub fn revision(&self) -> u64 {
        self.status.borrow().revision
    }

    /// Called on the engine's thread whenever the status or the revision changed; it must not wait.
    pub fn on_change(&self, call: impl Fn() + Send + 'static) {
        *self.wake.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(call));
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lets go of the engine; by the last handle, waits until the file is closed.
    pub fn stop(self) {
        let Self { calls, thread, .. } = self;
        drop(calls);
        if let Some(thread) = Arc::into_inner(thread)
            && let Some(thread) = thread.into_inner().unwrap_or_else(PoisonError::into_inner)
            && thread.join().is_err()
        {
            tracing::error!("the engine ended by a defect");
        }
    }
}

impl Reply {
    /// Waits. Not from the engine's thread, nor from within an async runtime.
    pub fn wait(self) -> Answer {
        self.0.blocking_recv().unwrap_or_else(|_| Answer::Unknown { words: ENDED.to_owned() })
    }

    /// The answer, if it is there.
    pub fn poll(&mut self) -> Option<Answer> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Answer::Unknown { words: ENDED.to_owned() }),
        }
    }
}

const ENDED: &str = "Waybill is ending; whether it was saved shows when it is started again.";

impl Wake {
    fn call(&self) {
        if let Some(call) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            call();
        }
    }
}
