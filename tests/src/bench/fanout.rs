//! Edits to many connected devices: what a connection costs, and how long an accepted edit is on its way.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{runtime::Runtime, sync::mpsc};
use uuid::Uuid;
use waybill_server::intake::Turn;
use waybill_shared::{edit::Edit, id::OrderId};

use super::{
    Report,
    crowd::{self, AT_A_PLACE, Crowd, Orders, Said},
    goods, intake, now,
};
use crate::{
    scribe::{Page, Scribe},
    serving::Serving,
};

const DEVICES: usize = 10_000;
const A_SECOND: f64 = 100.0;
const FOR: Duration = Duration::from_secs(20);

/// So long an entry may be on its way before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let devices = report.size(DEVICES);
    let serving = runtime.block_on(Serving::start())?;
    let names = runtime.block_on(crowd::enrol(&serving.server.app().pool, devices))?;
    runtime.block_on(intake::fill(&serving, 1))?;
    let before = memory()?;
    let address = serving.socket();
    let mut crowd = Crowd::sets_out(&Orders { address, devices, cursor: None, names, stay: true })?;
    for _ in 0..devices {
        match crowd.says()? {
            Some(Said::Live { .. }) => {}
            other => bail!("the crowd said {other:?}"),
        }
    }
    let after = at_rest()?;
    report.figure("connected devices", devices as f64, "devices");
    report.figure("the server's memory for each", (after - before) * 1024.0 / devices as f64 / 1000.0, "kB");

    let edits =
        edits(devices, (A_SECOND * FOR.as_secs_f64()) as usize / if devices < DEVICES { 20 } else { 1 });
    let mut due: HashMap<Uuid, usize> =
        edits.iter().map(|edit| (edit.id.into(), AT_A_PLACE.min(devices))).collect();
    let expected: usize = due.values().sum();
    let listening = std::thread::spawn(move || {
        let mut arrived = Vec::with_capacity(expected);
        let deadline = Instant::now() + FOR + PATIENCE;
        while arrived.len() < expected && Instant::now() < deadline {
            match crowd.says()? {
                Some(Said::Arrived { edit, at }) => match due.get_mut(&edit) {
                    Some(left) if *left > 0 => {
                        *left -= 1;
                        arrived.push((edit, at));
                    }
                    _ => {}
                },
                other => bail!("the crowd said {other:?}"),
            }
        }
        Ok(arrived)
    });
    let began = Instant::now();
    let accepted = runtime.block_on(hand_in(&serving, &edits))?;
    let rate = accepted.len() as f64 / began.elapsed().as_secs_f64();
    let arrived = listening.join().map_err(|_| anyhow::anyhow!("listening ended"))??;
    ensure!(arrived.len() == expected, "{} of {expected} entries arrived", arrived.len());
    let took = arrived.iter().map(|(edit, at)| {
        let from = accepted.get(edit).copied().unwrap_or(*at);
        Duration::from_micros(at.saturating_sub(from))
    });
    report.figure("edits accepted", rate, "edits/s");
    report.figure("each to so many devices", AT_A_PLACE as f64, "devices");
    report.latencies("from accepted to arrived", took.collect());
    runtime.block_on(serving.stop())
}

/// New orders, each at one of the places.
fn edits(devices: usize, count: usize) -> Vec<Arc<Edit>> {
    let at = now().plus_ms(-60 * 60 * 1000);
    let mut scribe = Scribe::any(at, 31);
    let edit = |nth: usize| {
        let id: OrderId = scribe.dice.id(at);
        let mut create = goods::order(nth as u64, 500, at, &mut scribe.dice);
        create.location = crowd::place(scribe.dice.below(devices as u64) as usize);
        Arc::new(scribe.edit(&mut Page::blank(id), create))
    };
    (0..count).map(edit).collect()
}

/// At an even pace; when each was accepted.
async fn hand_in(serving: &Serving, edits: &[Arc<Edit>]) -> anyhow::Result<HashMap<Uuid, u64>> {
    let door = serving.server.app().hub.intake.clone();
    let (answer, mut answers) = mpsc::unbounded_channel();
    let turn = Turn::new(answer);
    let hearing = tokio::spawn(async move {
        let mut accepted = HashMap::new();
        while let Some((edit, _)) = answers.recv().await {
            accepted.insert(edit.into(), crowd::micros());
        }
        accepted
    });
    let roles = intake::roles();
    let began = Instant::now();
    for (nth, edit) in edits.iter().enumerate() {
        let due = began + Duration::from_secs_f64(nth as f64 / A_SECOND);
        tokio::time::sleep_until(due.into()).await;
        intake::hand_in(&door, edit, &roles, &turn).await?;
    }
    drop(turn);
    Ok(hearing.await?)
}

/// Once what was only needed for a moment has been given back.
fn at_rest() -> anyhow::Result<f64> {
    let mut before = memory()?;
    loop {
        std::thread::sleep(Duration::from_secs(2));
        let after = memory()?;
        if after > before * 0.99 {
            return Ok(after);
        }
        before = after;
    }
}

/// What this process has in memory, in KiB.
fn memory() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS here")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
