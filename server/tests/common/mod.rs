//! What the server's tests share: a private PostgreSQL with a database for each test, and the real program.
#![allow(dead_code, reason = "every test file uses its own part of this")]

pub mod people;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use sqlx::PgPool;
use tempfile::TempDir;
use waybill_server::postgres::{EmbeddedPostgres, Options};

/// A database of its own, on a cluster that the tests of one process share while any of them runs.
pub struct TestDatabase {
    pub pool: PgPool,
    pub url: String,
    _cluster: Arc<Cluster>,
}

struct Cluster {
    postgres: EmbeddedPostgres,
    // After the cluster, which must have stopped when its files go.
    _dir: TempDir,
}

impl TestDatabase {
    /// With all tables, and nothing in them.
    pub async fn new() -> TestDatabase {
        let database = TestDatabase::without_tables().await;
        waybill_server::database::migrate(&database.pool).await.unwrap();
        database
    }

    pub async fn without_tables() -> TestDatabase {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let cluster = tokio::task::spawn_blocking(|| {
            let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            shared.upgrade().unwrap_or_else(|| {
                let dir = tempfile::tempdir().unwrap();
                let postgres = start_postgres(dir.path());
                let cluster = Arc::new(Cluster { postgres, _dir: dir });
                *shared = Arc::downgrade(&cluster);
                cluster
            })
        })
        .await
        .unwrap();
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let options = cluster.postgres.create_database(&name).await.unwrap();
        let pool = PgPool::connect_with(options).await.unwrap();
        TestDatabase { pool, url: cluster.postgres.url(&name), _cluster: cluster }
    }
}

/// A private PostgreSQL; where there is none, the test says how to get it. Its programs may be in an unusual place.
pub fn start_postgres(data_dir: &Path) -> EmbeddedPostgres {
    let bin_dir = std::env::var_os("WAYBILL_POSTGRES_BIN").map(PathBuf::from);
    let options = Options { bin_dir, ..Options::default() };
    EmbeddedPostgres::start(data_dir, options).unwrap_or_else(|error| panic!("{error}"))
}

/// For a server beside which others run.
pub const FREE_PORTS: [&str; 4] = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];

/// The program `waybill-server`.
pub fn program() -> Command {
    program_at(Path::new(env!("CARGO_BIN_EXE_waybill-server")))
}

pub fn program_at(path: &Path) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WAYBILL_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running `waybill-server serve`, killed when dropped.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
    pub metrics_address: SocketAddr,
}

impl Serving {
    pub fn on(data_dir: &Path) -> Serving {
        Serving::spawn(program().arg("serve").arg("--data-dir").arg(data_dir))
    }

    /// Starts the command with free ports and waits until it says where it listens.
    pub fn spawn(command: &mut Command) -> Serving {
        let mut child = command.args(FREE_PORTS).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = |before: &str, after: &str| -> SocketAddr {
            let line = lines.next().unwrap_or_else(|| panic!("the server did not say {before}…")).unwrap();
            let address = line.strip_prefix(before).and_then(|line| line.strip_suffix(after));
            let address = address.unwrap_or_else(|| panic!("the server said {line:?} instead of {before}…"));
            address.parse().unwrap()
        };
        let address = next("Waybill listens on http://", "");
        let metrics_address = next("Its figures are at http://", "/metrics");
        Serving { child, address, metrics_address }
    }

    pub fn figures(&self) -> (u16, String) {
        get(self.metrics_address, "/metrics")
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.address, path)
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        send_signal(self.child.id(), signal);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_string())
}

pub fn send_signal(pid: u32, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
}

/// Runs a command with this text on its standard input.
pub fn run_with_input(command: &mut Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses its arguments ends without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Looks again and again until something is so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came about: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn am_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// The first line of PostgreSQL's own pid file below a data directory.
pub fn postmaster_pid(data_dir: &Path) -> Option<u32> {
    fs::read_to_string(data_dir.join("postgres/pgdata/postmaster.pid")).ok()?.lines().next()?.parse().ok()
}

/// A copy of the program that any user may run, wherever the build directory is.
pub fn program_for_everybody(dir: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let copy = dir.join("waybill-server");
    fs::copy(env!("CARGO_BIN_EXE_waybill-server"), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}
