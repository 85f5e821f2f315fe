//! `waybill-server serve`: runs until it is told to stop.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use crate::server::Server;
use crate::settings::Settings;

pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    #[cfg(unix)]
    allow_open_files(settings.limits.connections);
    // Asked for before anything is started, so that no signal finds the process unprepared.
    let mut signals = Signals::new().context("listening for signals")?;
    let server = tokio::select! {
        server = Server::start(settings) => server?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    // For scripts that chose port 0. Nobody may be reading it, which is no reason to stop.
    let (address, metrics) = (server.address(), server.metrics_address());
    let said = format!("Waybill listens on http://{address}\nIts figures are at http://{metrics}/metrics\n");
    let _ = std::io::stdout().write_all(said.as_bytes());
    signals.next().await;
    server.drain(signals.next()).await?;
    Ok(ExitCode::SUCCESS)
}

/// SIGTERM and ctrl-c. The first stops the server in order, a second one at once.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // Without a handler the process ends on ctrl-c all the same.
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Every connection is an open file, and most systems allow a process few of them until it asks for more.
#[cfg(unix)]
fn allow_open_files(connections: usize) {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(1_000);
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(now, most)| {
        let allowed = now.max(wanted.min(most));
        setrlimit(Resource::RLIMIT_NOFILE, allowed, most).map(|()| allowed)
    });
    match raised {
        Ok(allowed) if allowed >= wanted => {}
        Ok(allowed) => {
            tracing::warn!(allowed, wanted, "fewer open files allowed than limits.connections may need")
        }
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
}
