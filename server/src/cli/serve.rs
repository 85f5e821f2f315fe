//! `waybill-server serve`: runs until it is told to stop.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use sqlx::PgPool;
use waybill_shared::kind::DocKind;

use crate::epoch;
use crate::erase;
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
    let (url, metrics) = (server.url(), server.metrics_address());
    let said = format!("Waybill listens on {url}\nIts figures are at http://{metrics}/metrics\n");
    let _ = std::io::stdout().write_all(said.as_bytes());
    if let Err(error) = hint(&server.app().pool).await {
        tracing::warn!(%error, "it is not known whether anything is missing for a first start");
    }
    signals.next().await;
    server.drain(signals.next()).await?;
    Ok(ExitCode::SUCCESS)
}

/// What a fresh server still needs, and how it comes by it.
async fn hint(pool: &PgPool) -> Result<(), sqlx::Error> {
    let admins =
        "select exists (select from account.person where 'admin' = any (roles) and revoked_at is null)";
    if !sqlx::query_scalar(admins).fetch_one(pool).await? {
        tracing::warn!(
            "there is no admin yet: add one with `waybill-server user add NAME --role admin`, also while this runs"
        );
    }
    let settings = "select exists (select from sync.document where kind = $1)";
    let kind = i16::from(u8::from(DocKind::Settings));
    if !sqlx::query_scalar(settings).bind(kind).fetch_one(pool).await? {
        tracing::warn!(
            "the company is not set up yet: when an admin signs in, the window asks for its name, time zone, currency and taxes"
        );
    }
    for cut_off in erase::cut_off(pool).await? {
        tracing::warn!("{cut_off}");
    }
    if epoch::numbers(pool).await?.wait {
        tracing::warn!(
            "the database was put back or lost its end: no numbers are given until an admin confirms the last one \
             with `waybill-server numbers confirm`"
        );
    }
    Ok(())
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
