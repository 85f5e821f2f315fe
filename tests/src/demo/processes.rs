//! Starting this very binary as server and client, and stopping it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// This binary, or the one that the tests name.
pub fn myself() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("finding this program's own file")
}

/// `demo server …` on a data directory. What the environment says of other servers does not count, but for
/// where PostgreSQL's programs are.
pub fn server(program: &Path, data_dir: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let is_setting = name.starts_with("WAYBILL_") || name == "DATABASE_URL";
        if is_setting && name != "WAYBILL_POSTGRES_BIN" {
            command.env_remove(&*name);
        }
    }
    command.env("WAYBILL_LOG_LEVEL", "warn");
    command.arg("server").arg("--data-dir").arg(data_dir).stdin(Stdio::null());
    command
}

/// A running `demo server … serve`.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    pub address: SocketAddr,
}

impl Serving {
    /// Waits until it says where it listens. An error it has told itself, on standard error.
    pub async fn start(
        program: &Path,
        data_dir: &Path,
        listen: SocketAddr,
    ) -> anyhow::Result<Result<Self, ExitStatus>> {
        let mut command = server(program, data_dir);
        command.arg("serve").arg("--listen").arg(listen.to_string()).stdout(Stdio::piped());
        // Nobody asks for them here, and another server of this machine may have the usual port.
        command.args(["--metrics-listen", "127.0.0.1:0"]);
        // Ctrl-C in the terminal is for the launcher, which then stops it in order.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.kill_on_drop(true).spawn().context("starting the server")?;
        let Some(stdout) = child.stdout.take() else { bail!("the server has no output to read") };
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await.context("listening to the server")? {
            if let Some(address) = line.trim().strip_prefix("Waybill listens on http://") {
                let address = address.parse().context("reading the server's address")?;
                return Ok(Ok(Self { child, address }));
            }
        }
        Ok(Err(child.wait().await?))
    }

    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// In order: what was acknowledged is on the disk, PostgreSQL is stopped.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        if let Some(id) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            use nix::{sys::signal, unistd::Pid};
            // It may have ended just now.
            let _ = signal::kill(Pid::from_raw(id), signal::Signal::SIGTERM);
            if tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await.is_ok() {
                return Ok(());
            }
        }
        self.child.kill().await.context("stopping the server")
    }
}
