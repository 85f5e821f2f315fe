//! `waybill-server serve`: runs until it is told to stop.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

use crate::server::Server;
use crate::settings::Settings;

pub async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    // Asked for before anything is started, so that no signal finds the process unprepared.
    let mut signals = Signals::new().context("listening for signals")?;
    let server = tokio::select! {
        server = Server::start(settings) => server?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    // For scripts that chose port 0. Nobody may be reading it, which is no reason to stop.
    let _ = writeln!(std::io::stdout(), "Waybill listens on http://{}", server.address());
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
