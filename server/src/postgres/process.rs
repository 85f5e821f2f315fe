//! The PostgreSQL process: started on a thread of its own, which starts it again when it dies and stops it when
//! the server stops. The kernel's parent-death signal belongs to the *thread* that forks, so that thread lives as
//! long as the cluster.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Options;
use super::binaries::{self, Binaries};
use super::cluster::{self, Layout, PORT, PidFile, files};
use super::error::LaunchError;
use super::leftover;
use super::run_as::{self, RunAs};

const LONGEST_LOG: u64 = 10 * 1024 * 1024;

pub(super) struct Started {
    pub socket_dir: PathBuf,
    pub pid: Arc<AtomicU32>,
    pub stop: mpsc::Sender<()>,
    pub supervisor: JoinHandle<()>,
}

pub(super) fn start(data_dir: &Path, options: Options) -> Result<Started, LaunchError> {
    let data_dir = data_dir.to_path_buf();
    let pid = Arc::new(AtomicU32::new(0));
    let (stop, stopped) = mpsc::channel();
    let (tell, told) = mpsc::sync_channel(1);
    let shared_pid = Arc::clone(&pid);
    let supervisor = std::thread::Builder::new()
        .name("postgres".into())
        .spawn(move || {
            match Cluster::open(&data_dir, options).and_then(|cluster| Ok((cluster.launch()?, cluster))) {
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
                Ok((child, cluster)) => {
                    shared_pid.store(child.id(), Ordering::Relaxed);
                    let _ = tell.send(Ok(cluster.socket_dir.clone()));
                    cluster.supervise(child, &stopped, &shared_pid);
                }
            }
        })
        .map_err(|source| files("starting a thread for", Path::new("postgres"), source))?;
    match told.recv() {
        Ok(Ok(socket_dir)) => Ok(Started { socket_dir, pid, stop, supervisor }),
        Ok(Err(error)) => {
            // The lock must be free again when the caller hears of the failure.
            let _ = supervisor.join();
            Err(error)
        }
        Err(_) => Err(LaunchError::SupervisorEnded),
    }
}

/// A command that runs as PostgreSQL's user, in a process group of its own so that ctrl-c in a terminal reaches
/// only the server, and that gets `death_signal` when the calling thread ends.
pub(super) fn command(program: &Path, run_as: Option<&RunAs>, death_signal: Signal) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).process_group(0);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    if let Some(run_as) = run_as {
        command.uid(run_as.uid).gid(run_as.gid);
    }
    #[cfg(target_os = "linux")]
    {
        let parent = std::process::id();
        // SAFETY: between fork and exec only the two system calls are made, both async-signal-safe.
        unsafe {
            command.pre_exec(move || {
                nix::sys::prctl::set_pdeathsig(death_signal)?;
                // The parent may have died before the signal was asked for.
                let alive = u32::try_from(nix::unistd::getppid().as_raw()).is_ok_and(|pid| pid == parent);
                if alive { Ok(()) } else { Err(nix::errno::Errno::ESRCH.into()) }
            });
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = death_signal;
    command
}

/// An opened cluster: prepared on disk, locked for this process, ready to be launched any number of times.
struct Cluster {
    layout: Layout,
    binaries: Binaries,
    run_as: Option<RunAs>,
    socket_dir: PathBuf,
    settings: Vec<(String, String)>,
    _lock: File,
}

impl Cluster {
    fn open(data_dir: &Path, options: Options) -> Result<Cluster, LaunchError> {
        fs::create_dir_all(data_dir).map_err(|source| files("creating", data_dir, source))?;
        let data_dir = data_dir.canonicalize().map_err(|source| files("finding", data_dir, source))?;
        let layout = Layout::below(&data_dir);
        let binaries = binaries::find(
            options.bin_dir.as_deref(),
            layout.made_by().map(|major| (major, layout.pgdata.as_path())),
        )?;
        let run_as = run_as::choose(&layout.home)?;
        if let Some(run_as) = &run_as {
            run_as.let_in(&data_dir)?;
        }
        cluster::private_dir(&layout.home, run_as.as_ref())?;
        let lock = cluster::take_lock(&layout)?;
        cluster::prepare(&layout, &binaries, run_as.as_ref())?;
        let socket_dir = cluster::socket_dir(&layout, run_as.as_ref())?;
        let mut cluster =
            Cluster { layout, binaries, run_as, socket_dir, settings: own_settings(), _lock: lock };
        cluster.settings.push(("wal_compression".into(), cluster.wal_compression().into()));
        cluster.settings.extend(options.settings);
        if let Some(port) = options.report_port {
            cluster.open_for_reports(port)?;
        }
        Ok(cluster)
    }

    /// The superuser only by the socket, as ever; by network only the reader, from this machine, with a password.
    fn open_for_reports(&mut self, port: u16) -> Result<(), LaunchError> {
        let access = &self.layout.access;
        let (reader, database) = (super::READER, crate::database::NAME);
        let lines = format!(
            "# Written at each start.\nlocal all all trust\n\
             host {database} {reader} 127.0.0.1/32 scram-sha-256\nhost all all all reject\n"
        );
        fs::write(access, lines).map_err(|source| files("writing", access, source))?;
        if let Some(run_as) = &self.run_as {
            run_as.own(access)?;
        }
        self.settings.extend([
            ("hba_file".into(), access.display().to_string()),
            ("listen_addresses".into(), "127.0.0.1".into()),
            ("port".into(), port.to_string()),
            ("password_encryption".into(), "scram-sha-256".into()),
        ]);
        Ok(())
    }

    /// Starts PostgreSQL and waits until it takes connections. Recovery after a crash may take its time, so the
    /// wait ends only when PostgreSQL does.
    fn launch(&self) -> Result<Child, LaunchError> {
        leftover::clear(&self.layout.pgdata)?;
        leftover::clear_sockets(&self.socket_dir)?;
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(|source| files("opening", &self.layout.log, source))?;
        let mut child = self
            .postgres()
            .arg("-k")
            .arg(&self.socket_dir)
            .args(self.settings.iter().flat_map(|(name, value)| ["-c".into(), format!("{name}={value}")]))
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|source| files("running", &self.binaries.postgres, source))?;
        loop {
            let ended =
                child.try_wait().map_err(|source| files("waiting for", &self.binaries.postgres, source))?;
            if let Some(status) = ended {
                return Err(LaunchError::Failed {
                    what: "starting PostgreSQL",
                    status: status.to_string(),
                    said: cluster::tail(&self.layout.log).unwrap_or_default(),
                });
            }
            if PidFile::read(&self.layout.pgdata).is_some_and(|file| file.pid == child.id() && file.ready) {
                return Ok(child);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Keeps PostgreSQL running until told to stop: whoever kills it, it comes back with all that was committed.
    fn supervise(self, mut child: Child, stopped: &mpsc::Receiver<()>, pid: &AtomicU32) {
        let mut delay = Duration::ZERO;
        let mut wait = Duration::from_millis(50);
        loop {
            match stopped.recv_timeout(wait) {
                Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            wait = Duration::from_millis(50);
            let status = match child.try_wait() {
                Ok(None) => continue,
                Ok(Some(status)) => status.to_string(),
                Err(error) => error.to_string(),
            };
            tracing::warn!(%status, "PostgreSQL ended by itself; starting it again");
            metrics::counter!("waybill_postgres_restarts_total").increment(1);
            match self.launch() {
                Ok(again) => {
                    child = again;
                    pid.store(child.id(), Ordering::Relaxed);
                    delay = Duration::ZERO;
                }
                Err(error) => {
                    delay = (delay * 2).clamp(Duration::from_millis(500), Duration::from_secs(10));
                    wait = delay;
                    tracing::error!(%error, retry_in_ms = delay.as_millis(), "PostgreSQL does not start");
                }
            }
        }
        stop(&mut child);
        if !self.socket_dir.starts_with(&self.layout.home) {
            let _ = fs::remove_dir_all(&self.socket_dir);
        }
    }

    fn postgres(&self) -> Command {
        let mut command = command(&self.binaries.postgres, self.run_as.as_ref(), Signal::SIGINT);
        command.arg("-D").arg(&self.layout.pgdata);
        command
    }

    /// lz4 takes a third off the write-ahead log, where PostgreSQL was built with it.
    fn wal_compression(&self) -> &'static str {
        let asked = self.postgres().args(["-C", "wal_compression", "-c", "wal_compression=lz4"]).output();
        if asked.is_ok_and(|output| output.status.success()) { "lz4" } else { "on" }
    }

    fn open_log(&self) -> Result<File, LaunchError> {
        let log = &self.layout.log;
        if fs::metadata(log).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
            fs::rename(log, log.with_extension("log.old"))
                .map_err(|source| files("renaming", log, source))?;
        }
        OpenOptions::new().append(true).create(true).open(log).map_err(|source| files("opening", log, source))
    }
}

fn own_settings() -> Vec<(String, String)> {
    [
        ("listen_addresses", ""),
        ("port", &PORT.to_string()),
        ("unix_socket_permissions", "0700"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("log_checkpoints", "off"),
        // Segments of the write-ahead log are used again instead of made anew, which holds commits up.
        ("min_wal_size", "1GB"),
        ("max_wal_size", "2GB"),
        // A failing statement's text or key could carry a customer's name into the log.
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
    ]
    .map(|(name, value)| (name.to_string(), value.to_string()))
    .to_vec()
}

/// A fast stop: connections are ended, everything is written out. An immediate one after 30 seconds.
fn stop(child: &mut Child) {
    let mut signal = Signal::SIGINT;
    let mut deadline = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() >= deadline {
            if let Ok(pid) = i32::try_from(child.id()) {
                let _ = kill(Pid::from_raw(pid), signal);
            }
            signal = Signal::SIGQUIT;
            deadline = Instant::now() + Duration::from_secs(30);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
