//! Edits accepted durably per second: real intake, rules, log and reports, on a PostgreSQL on the same machine.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{runtime::Runtime, sync::mpsc};
use waybill_server::intake::{Handed, Intake, Settled, Submission, Submitted, Turn};
use waybill_shared::{
    customer,
    edit::Edit,
    id::{CustomerTermsId, DeviceId, EditId, OrderId},
    money::{Amount, Currency},
    rules::roles::Role,
};

use super::{
    Report,
    beside::{Beside, Longest},
    crowd, goods, life, machine, now,
};
use crate::{
    scribe::{Page, Scribe},
    serving::Serving,
};

const SUSTAINED: Duration = Duration::from_secs(22);
const HALF_LOAD: Duration = Duration::from_secs(20);
/// Enough for both parts at 13,000 a second.
const ORDERS: usize = 32_000;

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let edits = prepared(report.size(ORDERS));
    let serving = runtime.block_on(Serving::start())?;
    let cluster = serving.server.database().private().context("the server has its own PostgreSQL")?;
    runtime.block_on(cluster.create_database("pgbench"))?;
    let tps = machine::pgbench(&cluster.url("pgbench"))?;
    // Left there, its tables would be vacuumed while edits are timed.
    runtime.block_on(sqlx::query("drop database pgbench").execute(&serving.server.app().pool))?;
    report.figure("pgbench TPC-B, 8 clients", tps, "transactions/s");

    runtime.block_on(limit_credit(&serving))?;
    let (done, took) = runtime.block_on(at_full_load(&serving, &edits))?;
    let rate = done as f64 / took.as_secs_f64();
    report.figure("sustained for", took.as_secs_f64(), "s");
    report.figure("edits accepted durably", rate, "edits/s");
    report.figure("edits to pgbench's transactions", rate / tps, "times");

    // Half load by itself, not with what the full one left to clean up.
    for clean_up in ["vacuum analyze", "checkpoint"] {
        runtime.block_on(sqlx::query(clean_up).execute(&serving.server.app().pool))?;
    }
    let rest = edits.get(done..).unwrap_or_default();
    let dir = tempfile::tempdir()?;
    let beside = Beside::start(dir.path())?;
    let latencies = runtime.block_on(at_pace(&serving, rest, rate / 2.0))?;
    let Longest { late, fdatasync } = beside.stop()?;
    report.figure("half load", rate / 2.0, "edits/s");
    report.latencies("at half load", latencies);
    report.figure("beside it, a sleeping thread woke late by at most", late.as_secs_f64() * 1000.0, "ms");
    report.figure("beside it, an fdatasync took at most", fdatasync.as_secs_f64() * 1000.0, "ms");
    runtime.block_on(verdicts(&serving, report))?;
    runtime.block_on(serving.stop())
}

/// Made before anything is timed, by the code that devices run.
fn prepared(orders: usize) -> Vec<Arc<Edit>> {
    let at = now().plus_ms(-24 * 60 * 60 * 1000);
    let shares = std::thread::available_parallelism().map_or(1, usize::from);
    let makers: Vec<_> = (0..shares as u64)
        .map(|share| std::thread::spawn(move || life::edits(orders / shares, share, at)))
        .collect();
    let mut lists: Vec<_> = makers
        .into_iter()
        .map(|maker| maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter())
        .collect();
    let mut all = Vec::with_capacity(orders * life::EDITS_OF_A_LIFE);
    loop {
        let before = all.len();
        all.extend(lists.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}

/// How many were answered in how long.
async fn at_full_load(serving: &Serving, edits: &[Arc<Edit>]) -> anyhow::Result<(usize, Duration)> {
    let intake = serving.server.app().hub.intake.clone();
    let (answer, answers) = mpsc::unbounded_channel();
    let turn = Turn::new(answer);
    let counting = tokio::spawn(count(answers));
    let roles = roles();
    let began = Instant::now();
    let mut sent = 0;
    for edit in edits {
        if began.elapsed() > SUSTAINED {
            break;
        }
        hand_in(&intake, edit, &roles, &turn).await?;
        sent += 1;
    }
    drop(turn);
    let answered = counting.await??;
    ensure!(answered == sent, "{sent} edits were handed in, {answered} answered");
    Ok((answered, began.elapsed()))
}

pub(super) async fn count(mut answers: mpsc::UnboundedReceiver<(EditId, Settled)>) -> anyhow::Result<usize> {
    let mut answered = 0;
    while let Some((edit, settled)) = answers.recv().await {
        ensure!(matches!(settled, Settled::Judged { .. }), "edit {edit} was {settled:?}");
        answered += 1;
    }
    Ok(answered)
}

/// Hands edits in at this pace, whether or not answers come; gives the time from when each was due.
async fn at_pace(serving: &Serving, edits: &[Arc<Edit>], rate: f64) -> anyhow::Result<Vec<Duration>> {
    let intake = serving.server.app().hub.intake.clone();
    let (answer, mut answers) = mpsc::unbounded_channel();
    let turn = Turn::new(answer);
    let roles = roles();
    let most = (rate * HALF_LOAD.as_secs_f64()) as usize;
    let edits = edits.get(..most.min(edits.len())).unwrap_or_default();
    ensure!(edits.len() as f64 > rate * 3.0, "too few edits are left for the half load");
    let began = Instant::now();
    let due: HashMap<EditId, Instant> = edits
        .iter()
        .enumerate()
        .map(|(nth, edit)| (edit.id, began + Duration::from_secs_f64(nth as f64 / rate)))
        .collect();
    let receiving = tokio::spawn(async move {
        let mut all = Vec::with_capacity(due.len());
        while let Some((edit, _)) = answers.recv().await {
            if let Some(due) = due.get(&edit) {
                all.push(due.elapsed());
            }
        }
        all
    });
    for (nth, edit) in edits.iter().enumerate() {
        let due = began + Duration::from_secs_f64(nth as f64 / rate);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        hand_in(&intake, edit, &roles, &turn).await?;
    }
    drop(turn);
    Ok(receiving.await?)
}

pub(super) async fn hand_in(
    intake: &Intake,
    edit: &Arc<Edit>,
    roles: &Arc<[Role]>,
    turn: &Turn,
) -> anyhow::Result<()> {
    let handed = Handed {
        edit: Arc::clone(edit),
        roles: Some(Arc::clone(roles)),
        approver: Arc::from([]),
        looked_up: Default::default(),
    };
    Ok(intake.submit(Submitted { what: Submission::Edit(handed), turn: turn.clone() }).await?)
}

pub(super) fn admin() -> Arc<[Role]> {
    Arc::from([Role::Admin])
}

pub(super) fn roles() -> Arc<[Role]> {
    Arc::from([Role::Manager])
}

/// All must have been accepted as they were made: otherwise the bench measured something else.
async fn verdicts(serving: &Serving, report: &Report) -> anyhow::Result<()> {
    let rows: Vec<(String, i64)> = sqlx::query_as("select verdict, count(*) from sync.edit group by verdict")
        .fetch_all(&serving.server.app().pool)
        .await?;
    for (verdict, count) in &rows {
        report.figure(&format!("verdicts: {verdict}"), *count as f64, "edits");
    }
    if rows.iter().any(|(verdict, _)| verdict != "accepted") {
        bail!("not every edit was accepted: {rows:?}");
    }
    Ok(())
}

/// Every fourth customer may owe so much and no more: what the others owe need not be known.
async fn limit_credit(serving: &Serving) -> anyhow::Result<()> {
    let limit =
        customer::SetCreditLimit { limit: Some(Amount::from_minor(9_000_000, 0)), currency: Currency::EUR };
    let mut scribe = Scribe::any(now().plus_ms(-60 * 60 * 1000), 23);
    scribe.device = DeviceId::new(uuid::Uuid::now_v7());
    let limited = (0..life::CUSTOMERS).step_by(4).map(|nth| CustomerTermsId::of(goods::customer(nth)));
    let edits = limited.map(|terms| scribe.edit(&mut Page::blank(terms), limit.clone()));
    hand_in_all(serving, edits).await
}

/// Orders of five lines on the server, handed in as everything else.
pub(super) async fn fill(serving: &Serving, orders: usize) -> anyhow::Result<()> {
    let at = now().plus_ms(-60 * 60 * 1000);
    let mut scribe = Scribe::any(at, 17);
    scribe.device = DeviceId::new(uuid::Uuid::now_v7());
    let edits = (0..orders).map(|nth| {
        let id: OrderId = scribe.dice.id(at);
        let create = goods::order(nth as u64, 500, at, &mut scribe.dice);
        scribe.edit(&mut Page::blank(id), create)
    });
    hand_in_all(serving, edits).await
}

/// The same, each at one of the places of so many devices.
pub(super) async fn fill_places(serving: &Serving, orders: usize, devices: usize) -> anyhow::Result<()> {
    let at = now().plus_ms(-60 * 60 * 1000);
    let mut scribe = Scribe::any(at, 19);
    scribe.device = DeviceId::new(uuid::Uuid::now_v7());
    let edits = (0..orders).map(|nth| {
        let id: OrderId = scribe.dice.id(at);
        let mut create = goods::order(1_000_000 + nth as u64, 500, at, &mut scribe.dice);
        create.location = crowd::place(scribe.dice.below(devices as u64) as usize);
        scribe.edit(&mut Page::blank(id), create)
    });
    hand_in_all(serving, edits).await
}

async fn hand_in_all(serving: &Serving, edits: impl Iterator<Item = Edit>) -> anyhow::Result<()> {
    let intake = serving.server.app().hub.intake.clone();
    let (answer, answers) = mpsc::unbounded_channel();
    let turn = Turn::new(answer);
    let counting = tokio::spawn(count(answers));
    let roles = roles();
    let mut handed_in = 0;
    for edit in edits {
        hand_in(&intake, &Arc::new(edit), &roles, &turn).await?;
        handed_in += 1;
    }
    drop(turn);
    ensure!(counting.await?? == handed_in, "not everything was taken");
    Ok(())
}
