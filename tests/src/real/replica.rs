//! A PostgreSQL with a replica that follows it, is cut off, and takes over without the last commits.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use waybill_server::{
    database::NAME,
    postgres::{EmbeddedPostgres, Options, SUPERUSER},
};

use super::until;

/// Sockets in one directory are told apart by their port.
const PRIMARY: u16 = 5432;
const REPLICA: u16 = 5433;

pub struct Pair {
    primary: Option<EmbeddedPostgres>,
    replica: Option<Child>,
    /// Of PostgreSQL's programs.
    bin: PathBuf,
    sockets: PathBuf,
    url: String,
    runtime: Runtime,
    _primary_dir: TempDir,
    replica_dir: TempDir,
}

impl Pair {
    pub fn start() -> Pair {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (primary_dir, replica_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let primary = EmbeddedPostgres::start(primary_dir.path(), Options::default()).unwrap();
        let reached = runtime.block_on(primary.create_database(NAME)).unwrap();
        let program = fs::read_link(format!("/proc/{}/exe", primary.pid())).unwrap();
        let mut pair = Pair {
            bin: program.parent().unwrap().to_owned(),
            sockets: reached.get_socket().unwrap().clone(),
            url: primary.url(NAME),
            primary: Some(primary),
            replica: None,
            runtime,
            replica_dir,
            _primary_dir: primary_dir,
        };
        pair.copies();
        pair.replica = Some(pair.follows(REPLICA));
        pair
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The replica has everything up to here, and nothing from here on.
    pub fn is_cut_off(&mut self) {
        let stands = self.asks(PRIMARY, "select pg_current_wal_lsn()::text").unwrap();
        let sql = format!("select (pg_last_wal_replay_lsn() >= '{stands}')::text");
        until("the replica has everything", || (self.asks(REPLICA, &sql)? == "true").then_some(()));
        stop(self.replica.take());
    }

    /// The replica stands where the primary stood, and takes what is written from now on.
    pub fn fails_over(&mut self) {
        drop(self.primary.take());
        self.replica = Some(self.follows(PRIMARY));
        let promoted = "select pg_promote()::text";
        until("the replica takes over", || (self.asks(PRIMARY, promoted)? == "true").then_some(()));
    }

    fn pgdata(&self) -> PathBuf {
        self.replica_dir.path().join("pgdata")
    }

    fn copies(&self) {
        // PostgreSQL's user has to come through.
        fs::set_permissions(self.replica_dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut copy = Command::new(self.bin.join("pg_basebackup"));
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream"]);
        copy.arg("-h").arg(&self.sockets).args(["-p", &PRIMARY.to_string(), "-U", SUPERUSER]);
        copy.arg("-D").arg(self.pgdata());
        succeeds(&mut copy);
        let owner = fs::metadata(&self.sockets).unwrap();
        let owner = format!("{}:{}", owner.uid(), owner.gid());
        succeeds(Command::new("chown").args(["-R", &owner]).arg(self.pgdata()));
    }

    fn follows(&self, port: u16) -> Child {
        let owner = fs::metadata(self.pgdata()).unwrap();
        let mut postgres = Command::new(self.bin.join("postgres"));
        postgres.arg("-D").arg(self.pgdata()).arg("-k").arg(&self.sockets);
        postgres.args(["-p", &port.to_string(), "-c", "listen_addresses="]);
        postgres.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if nix::unistd::Uid::effective().is_root() {
            postgres.uid(owner.uid()).gid(owner.gid());
        }
        postgres.spawn().unwrap()
    }

    /// `None` while it does not answer.
    fn asks(&self, port: u16, sql: &str) -> Option<String> {
        let options = reached(&self.sockets, port);
        self.runtime.block_on(async {
            let mut conn = PgConnection::connect_with(&options).await.ok()?;
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut conn).await.ok()?
        })
    }
}

fn reached(sockets: &Path, port: u16) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(sockets).port(port).username(SUPERUSER).database(NAME)
}

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn stop(postgres: Option<Child>) {
    if let Some(mut postgres) = postgres {
        let _ = kill(Pid::from_raw(postgres.id().try_into().unwrap()), Signal::SIGINT);
        let _ = postgres.wait();
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        stop(self.replica.take());
    }
}
