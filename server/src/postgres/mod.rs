//! The private PostgreSQL that the server starts for itself when no database is named: found on the machine,
//! set up once below the data directory, supervised while the server lives, never left behind.

mod binaries;
mod cluster;
mod error;
#[cfg(unix)]
mod leftover;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod run_as;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

pub use binaries::how_to_install;
pub use error::LaunchError;

/// The superuser of the private cluster; nobody but the operating system's owner of the socket can be it.
pub const SUPERUSER: &str = "waybill";

/// What a caller may choose about the private cluster.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where `initdb` and `postgres` are; looked for in the usual places when not given.
    pub bin_dir: Option<PathBuf>,
    /// Settings handed to `postgres` as `-c name=value`, after and above the launcher's own.
    pub settings: Vec<(String, String)>,
    /// A port on this machine for reports, with the login that reads nothing else; without it PostgreSQL listens on no
    /// network at all.
    pub report_port: Option<u16>,
}

/// Who may come in by that port.
pub const READER: &str = "waybill_reader";

/// A running private cluster. It stops when this value is stopped or dropped, and also when this process dies.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    socket_dir: PathBuf,
    port: u16,
    pid: Arc<AtomicU32>,
    stop: mpsc::Sender<()>,
    supervisor: Option<JoinHandle<()>>,
}

impl EmbeddedPostgres {
    /// Sets the cluster up if it is not there yet, and starts it. Blocks until PostgreSQL takes connections.
    #[cfg(unix)]
    pub fn start(data_dir: &Path, options: Options) -> Result<EmbeddedPostgres, LaunchError> {
        let port = options.report_port.unwrap_or(cluster::PORT);
        let started = process::start(data_dir, options)?;
        Ok(EmbeddedPostgres {
            port,
            socket_dir: started.socket_dir,
            pid: started.pid,
            stop: started.stop,
            supervisor: Some(started.supervisor),
        })
    }

    #[cfg(not(unix))]
    pub fn start(_data_dir: &Path, _options: Options) -> Result<EmbeddedPostgres, LaunchError> {
        Err(LaunchError::NotOnThisSystem)
    }

    /// The process id of PostgreSQL. It changes when PostgreSQL died and was started again.
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    /// How to reach a database of this cluster.
    pub fn connect_options(&self, database: &str) -> PgConnectOptions {
        connect_options(&self.socket_dir, self.port, database)
    }

    /// The same as a URL, for psql, pgbench and reporting tools on this machine.
    pub fn url(&self, database: &str) -> String {
        let host: String = self.socket_dir.to_string_lossy().bytes().map(percent_encoded).collect();
        format!("postgres:///{database}?user={SUPERUSER}&host={host}&port={}", self.port)
    }

    /// Makes sure that a database of this name is there, and says how to reach it.
    pub async fn create_database(&self, name: &str) -> Result<PgConnectOptions, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.connect_options("postgres")).await?;
        let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        if !there {
            let quoted = name.replace('"', "\"\"");
            sqlx::query(AssertSqlSafe(format!("create database \"{quoted}\"")))
                .execute(&mut connection)
                .await?;
        }
        connection.close().await?;
        Ok(self.connect_options(name))
    }

    /// Stops PostgreSQL cleanly and waits until it has ended.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // A supervisor that has already ended no longer listens; there is nothing left to stop then.
        let _ = self.stop.send(());
        if let Some(supervisor) = self.supervisor.take() {
            let _ = supervisor.join();
        }
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a cluster was ever made below this directory.
pub fn is_there(data_dir: &Path) -> bool {
    cluster::Layout::below(data_dir).made_by().is_some()
}

/// How to reach the private cluster that another process runs on this data directory, if one does: so that
/// `waybill-server user …` works beside a running server.
pub fn running(data_dir: &Path, database: &str) -> Option<PgConnectOptions> {
    let (socket_dir, port) = cluster::socket_of_running(data_dir)?;
    Some(connect_options(&socket_dir, port, database))
}

fn connect_options(socket_dir: &Path, port: u16, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_dir)
        .port(port)
        .username(SUPERUSER)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
