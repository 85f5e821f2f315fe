//! Syncing, and telling where the device stands.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    time::{Duration, Instant},
};

use clap::Subcommand;
use serde_json::json;
use waybill_shared::session::store::StoreError;

use super::{
    outcome::{Failure, Out},
    session::{Session, is_there},
};
use crate::{
    engine::{self, Answer, Config, EngineHandle, LinkState, Remote, Request, SyncStatus},
    pin::Book,
    store::{self, OpenError, Reader, export_unsent},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sends what waits and fetches what is new, then ends.
    Sync,
    /// Tells where this device stands; asks no server.
    Status,
    /// Stays connected and tells what changes, until it is interrupted.
    Watch {
        /// End after so many seconds.
        #[arg(long)]
        seconds: Option<u64>,
    },
    /// Saves the entries that were not sent in a file, also from a local file that does not open.
    ExportUnsent {
        /// JSON, or CBOR if it ends in .cbor.
        file: PathBuf,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::Sync => sync(session),
        Command::Status => {
            let status = status(session)?;
            tell(session.out, &status);
            Ok(())
        }
        Command::Watch { seconds } => watch(session, seconds.map(Duration::from_secs)),
        Command::ExportUnsent { file } => export(session, &file),
    }
}

fn sync(session: &mut Session) -> Result<(), Failure> {
    let Answer::Status(status) = session.ask(Request::SyncNow)? else {
        return Err(Failure::Declined("The engine answered in a way that does not fit.".to_owned()));
    };
    tell(session.out, &status);
    Ok(())
}

fn tell(out: Out, status: &SyncStatus) {
    out.say(|| json!({ "status": status, "words": status.words() }), || status.words());
}

/// By the engine that runs, or by the file; where that does not agree with itself an engine puts it right and tells.
fn status(session: &mut Session) -> Result<SyncStatus, Failure> {
    if let Some(remote) = Remote::connect(&session.dir)
        && let Ok(Answer::Status(status)) = remote.ask(&Request::Status).ok()
    {
        return Ok(*status);
    }
    let dir = session.dir.clone();
    let mut status = of_file(session.locked_reader()?, &dir)?;
    if session.locked_reader()?.tells_wrongly()?
        && let Answer::Status(told) = session.ask(Request::Status)?
    {
        status = SyncStatus { mended: told.mended, ..of_file(session.locked_reader()?, &dir)? };
    }
    Ok(status)
}

fn of_file(reader: &Reader, dir: &Path) -> Result<SyncStatus, StoreError> {
    let (meta, local) = (reader.meta()?, reader.local()?);
    let locked = local.is_locked(&reader.names()?.here);
    let damaged = reader.damaged()?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let signed_in = local.account.as_ref().is_some_and(|account| !account.ended);
    Ok(SyncStatus {
        link: if signed_in { LinkState::Offline } else { LinkState::SignedOut },
        waiting: reader.count_waiting()?,
        waiting_since: reader.waiting_since()?,
        sending: None,
        carrying: None,
        attention: reader.count_attention()?.saturating_add(count(damaged.len())),
        set_aside: count(damaged.iter().filter(|one| !one.sent).count()),
        last_contact: meta.last_contact,
        server: local.account.map(|account| account.server),
        person: local.person,
        locked,
        complete: meta.cursor.is_some(),
        trouble: Book::open(dir).lacks_seal(local.person),
        reason: None,
        wiped: store::note(dir).filter(|_| !signed_in),
        mended: 0,
        damaged: None,
        clock: meta.clock_off(engine::now()),
        revision: reader.revision()?,
    })
}

enum Happened {
    Changed,
    Interrupted,
}

fn watch(session: &mut Session, span: Option<Duration>) -> Result<(), Failure> {
    let until = span.map(|span| Instant::now() + span);
    let Some(engine) = engine_or_time(session, until)? else { return Ok(()) };
    let (happened, events) = mpsc::channel();
    let changed = happened.clone();
    engine.on_change(move || drop(changed.send(Happened::Changed)));
    on_interrupt(move || drop(happened.send(Happened::Interrupted)));
    let mut told = None;
    loop {
        let status = engine.status();
        if let Some(words) = status.damaged {
            engine.stop();
            return Err(Failure::File(words));
        }
        if told.as_ref() != Some(&status) {
            tell(session.out, &status);
            told = Some(status);
        }
        let rest = until.map_or(Duration::from_secs(3600), |at| at.saturating_duration_since(Instant::now()));
        match events.recv_timeout(rest) {
            Ok(Happened::Changed) => {}
            Err(mpsc::RecvTimeoutError::Timeout) if until.is_none() => {}
            _ => break,
        }
    }
    engine.stop();
    Ok(())
}

/// This program as the engine; `None`: the time was over before nobody else was it.
fn engine_or_time(session: &mut Session, until: Option<Instant>) -> Result<Option<EngineHandle>, Failure> {
    let patience = Instant::now() + Duration::from_secs(10);
    let mut told = None;
    loop {
        if let Some(remote) = Remote::connect(&session.dir) {
            watch_other(session.out, &remote, until, &mut told);
            if until.is_some_and(|at| Instant::now() >= at) {
                return Ok(None);
            }
        }
        is_there(&session.dir)?;
        session.unseal(None)?;
        match engine::start(Config { dir: session.dir.clone(), online: true, listen: true }) {
            // Between two that have the file.
            Err(OpenError::InUse(_)) if told.is_some() || Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(20));
            }
            started => return Ok(Some(started?)),
        }
    }
}

/// Another program is the engine: it is asked twice a second, as long as it is.
fn watch_other(out: Out, remote: &Remote, until: Option<Instant>, told: &mut Option<Box<SyncStatus>>) {
    while until.is_none_or(|at| Instant::now() < at) {
        let Answer::Status(status) = remote.ask(&Request::Status) else { return };
        if told.as_ref() != Some(&status) {
            tell(out, &status);
            *told = Some(status);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn on_interrupt(call: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let interrupted = async {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                match signal(SignalKind::terminate()) {
                    Ok(mut terminate) => {
                        tokio::select! {
                            _ = tokio::signal::ctrl_c() => {}
                            _ = terminate.recv() => {}
                        }
                    }
                    Err(_) => drop(tokio::signal::ctrl_c().await),
                }
            }
            #[cfg(not(unix))]
            drop(tokio::signal::ctrl_c().await);
        };
        if let Ok(runtime) = runtime {
            runtime.block_on(interrupted);
            call();
        }
    });
}

fn export(session: &mut Session, file: &Path) -> Result<(), Failure> {
    session.unseal(None)?;
    let exported = export_unsent(&session.dir, file, engine::now())?;
    session.out.say(
        || {
            json!({
                "file": file, "entries": exported.edits.len(), "damaged": exported.damaged.len(),
                "unreadable": exported.unreadable,
            })
        },
        || exported.words(file),
    );
    Ok(())
}
