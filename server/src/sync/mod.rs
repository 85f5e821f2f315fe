//! Devices on their sockets: what they may say is the session's to judge, what they hand in goes to intake,
//! what goes down to them is read from the log.

mod answer;
mod carry;
mod connection;
mod look_up;
mod names;
mod pace;
mod question;
mod socket;
mod sockets;
mod tail;
pub mod times;
mod waits;

use std::sync::Arc;

use sqlx::PgPool;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use waybill_shared::{
    id::{CompanyId, Entropy},
    time::Timestamp,
};

pub use socket::enter;
pub use tail::Tail;

use crate::{
    callers::Callers,
    intake::{Intake, Options},
    log::{LogError, postgres::PostgresLog},
    proof::Proofs,
    settings::Limits,
};

/// Of the pool's connections to the database, for intake, the end of the log, names, and whoever looks after the server.
const SPARED: usize = 4;

/// What all connections share.
#[derive(Debug)]
pub struct Hub {
    /// Whose data this is.
    pub company: CompanyId,
    pub log: Arc<PostgresLog>,
    pub intake: Intake,
    pub tail: Arc<Tail<PostgresLog>>,
    /// What devices are given wherever they are told how the log stands.
    pub proofs: Proofs,
    /// The version of people's and devices' names.
    names: watch::Receiver<u64>,
    places: Arc<Semaphore>,
    /// Those of them who have not been greeted yet.
    callers: Arc<Callers>,
    /// And those who have.
    sockets: Arc<sockets::Sockets>,
    /// Connections that ask the database at a time: whoever comes back with a thousand others waits for a turn, and what
    /// all wait for, intake and the end of the log, does not.
    asking: Arc<Semaphore>,
    /// Questions of people that are answered at a time.
    questions: Semaphore,
    pace: pace::Pace,
    /// What edits name and is known to be there.
    made: look_up::Made,
    ending: Ending,
}

/// What runs beside the connections, and how it is ended.
#[derive(Debug)]
struct Ending {
    intake: CancellationToken,
    others: CancellationToken,
    worker: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    tasks: TaskTracker,
}

impl Hub {
    pub async fn start(pool: PgPool, limits: &Limits) -> Result<Self, LogError> {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let asking = Arc::new(Semaphore::new(most.saturating_sub(SPARED).clamp(1, Semaphore::MAX_PERMITS)));
        let company: Uuid = sqlx::query_scalar("select id from sync.company").fetch_one(&pool).await?;
        let proofs = Proofs::load(&pool, company.into()).await?;
        let log = Arc::new(PostgresLog::new(pool.clone()));
        let (moved, moves) = watch::channel(0);
        let ending = Ending {
            intake: CancellationToken::new(),
            others: CancellationToken::new(),
            worker: tokio::sync::Mutex::new(None),
            tasks: TaskTracker::new(),
        };
        let (stop, held) = (ending.intake.clone(), limits.held_per_device);
        let options = Options { stop, moved, held, ..Options::usual() };
        let (intake, worker) = Intake::start(Arc::clone(&log), options).await?;
        *ending.worker.lock().await = Some(worker);
        let tail = Arc::new(Tail::new(Arc::clone(&log), Arc::clone(&asking)).await?);
        ending.tasks.spawn(Arc::clone(&tail).follow(pool.clone(), moves, ending.others.clone()));
        let names = names::follow(pool, &ending.tasks, ending.others.clone()).await?;
        let places = Arc::new(Semaphore::new(limits.connections));
        Ok(Self {
            company: company.into(),
            log,
            intake,
            tail,
            proofs,
            names,
            places,
            callers: Callers::of(limits.connections),
            sockets: Arc::default(),
            asking,
            questions: Semaphore::new(question::AT_ONCE),
            pace: pace::Pace::new(limits),
            made: look_up::Made::default(),
            ending,
        })
    }

    /// After all connections have ended: writes what was handed in, and stops.
    pub async fn stop(&self) {
        self.ending.intake.cancel();
        if let Some(worker) = self.ending.worker.lock().await.take() {
            let _ = worker.await;
        }
        self.ending.others.cancel();
        self.ending.tasks.close();
        self.ending.tasks.wait().await;
    }
}

/// The server's clock.
pub fn now() -> Timestamp {
    Timestamp::from_unix_ms(chrono::Utc::now().timestamp_millis())
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without it neither ids nor actors would be safe to give.
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the system gives no randomness: {error}");
        }
    }
}
