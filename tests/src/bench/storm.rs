//! After an outage 1,000 devices come back at once, each a week behind.

use anyhow::{bail, ensure};
use std::time::Duration;
use tokio::runtime::Runtime;
use waybill_server::log::Log;

use super::{
    Report,
    crowd::{self, AT_A_PLACE, Crowd, Orders, Said},
    intake,
};
use crate::serving::Serving;

const DEVICES: usize = 1_000;

/// What a company of so many devices does in a week.
const A_WEEK: usize = 50_000;

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let devices = report.size(DEVICES).max(AT_A_PLACE);
    let serving = runtime.block_on(Serving::start())?;
    let names = runtime.block_on(crowd::enrol(&serving.server.app().pool, devices))?;
    runtime.block_on(intake::fill(&serving, 10))?;
    let cursor = runtime.block_on(serving.server.app().hub.log.head())?.cursor;
    let week = report.size(A_WEEK);
    runtime.block_on(intake::fill_places(&serving, week, devices))?;
    runtime.block_on(sqlx::query("analyze").execute(&serving.server.app().pool))?;

    let orders = Orders { address: serving.socket(), devices, cursor: Some(cursor), names, stay: false };
    let mut crowd = Crowd::sets_out(&orders)?;
    let mut took = Vec::with_capacity(devices);
    while let Some(said) = crowd.says()? {
        match said {
            Said::Live { after_ms } => took.push(Duration::from_secs_f64(after_ms / 1000.0)),
            Said::Arrived { .. } => bail!("something arrived"),
        }
    }
    ensure!(took.len() == devices, "{} of {devices} devices came back", took.len());
    let last = took.iter().max().copied().unwrap_or_default();
    report.figure("devices that come back at once", devices as f64, "devices");
    report.figure("entries that each is behind", week as f64, "entries");
    report.figure("of which each may see about", (week * AT_A_PLACE / devices) as f64, "entries");
    report.latencies("until a device has everything", took);
    report.figure("until all have", last.as_secs_f64(), "s");
    runtime.block_on(serving.stop())
}
