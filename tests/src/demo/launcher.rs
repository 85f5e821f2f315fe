//! What `cargo demo` does.

use std::{
    net::SocketAddr,
    path::Path,
    pin::pin,
    process::{ExitCode, ExitStatus, Stdio},
};

use anyhow::{Context, bail};
use tokio::process::Command;
use waybill_server::demo::PASSWORD;

use super::{
    Args,
    company::Place,
    processes::{Serving, myself},
    report,
};

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting threads")?;
    runtime.block_on(demonstrate(args))
}

async fn demonstrate(args: &Args) -> anyhow::Result<ExitCode> {
    // Asked for before anything is started, so that no signal finds this process unprepared.
    let mut interrupted = pin!(interrupted()?);
    let program = myself()?;
    let place = Place { dir: std::path::absolute(&args.data_dir)? };
    if !place.is_ready()? {
        println!("Making the demo company, 90 days of business. This takes some seconds, once.");
        tokio::select! {
            made = place.make(&program, args.seed) => {
                if let Err(status) = made? {
                    return Ok(code(status));
                }
            }
            // The next start begins anew.
            () = &mut interrupted => return Ok(ExitCode::SUCCESS),
        }
    }
    let mut serving = match Serving::start(&program, &place.dir, args.listen).await? {
        Ok(serving) => serving,
        Err(status) => return Ok(code(status)),
    };
    let outcome = tokio::select! {
        outcome = show(args, &program, &place, serving.address) => outcome,
        ended = serving.ended() => {
            bail!("the server ended by itself ({}); what it said stands above", ended?)
        }
        () = &mut interrupted => Ok(ExitCode::SUCCESS),
    };
    serving.stop().await?;
    outcome
}

async fn show(args: &Args, program: &Path, place: &Place, address: SocketAddr) -> anyhow::Result<ExitCode> {
    let url = format!("http://{address}");
    if args.headless {
        let report = report::read(&place.dir).await?;
        println!("Waybill's demo company listens on {url}");
        println!("It is kept in {}", place.dir.display());
        println!("\nAccounts, all with the password {PASSWORD}:\n{}", report.accounts());
        println!("Revenue by month and by the last business days:\n{}", report.revenue());
        println!("Ctrl-C ends it.");
        return std::future::pending().await;
    }
    let device = place.device("manager");
    let signed_in = Command::new(program)
        .args(["client", "login", &url, "manager", "--device", "Demo desktop", "--data"])
        .arg(&device)
        .env("WAYBILL_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .await
        .context("starting the client")?;
    if !signed_in.success() {
        return Ok(code(signed_in));
    }
    println!("The window is signed in as manager; the other accounts have the password {PASSWORD} too.");
    let window =
        Command::new(program).args(["client", "--data"]).arg(&device).kill_on_drop(true).status().await;
    let window = window.context("starting the client")?;
    if !window.success() {
        eprintln!("Without a screen, `cargo demo --headless` shows the rest.");
    }
    Ok(code(window))
}

fn code(status: ExitStatus) -> ExitCode {
    match status.code() {
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    }
}

/// Ctrl-C, SIGTERM, or the terminal that is closed.
#[cfg(unix)]
fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .map(signal)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .context("listening for signals")?;
    Ok(async move {
        let any = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(any).await;
    })
}

#[cfg(not(unix))]
fn interrupted() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
