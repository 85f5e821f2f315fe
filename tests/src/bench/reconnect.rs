//! A device with 10,000 documents comes back and there is nothing new: what passes between the two.

use std::time::Instant;

use anyhow::{Context, bail, ensure};
use tokio::runtime::Runtime;
use waybill_client::store::Store;
use waybill_shared::session::{Device, Notice};

use super::{
    Report,
    first_sync::{ORDERS, filled, live, signed_in},
    now,
};
use crate::{scribe::Seeded, serving::Serving, wire::Wire};

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let orders = report.size(ORDERS);
    let serving = runtime.block_on(filled(orders))?;
    let dir = tempfile::tempdir()?;
    let engine = signed_in(dir.path(), &serving.url())?;
    live(&engine)?;
    engine.stop();
    let mut store = Store::open(dir.path(), now())?;
    let began = Instant::now();
    let wire = runtime.block_on(come_back(&serving, &mut store))?;
    let took = began.elapsed();
    report.figure("documents", orders as f64, "documents");
    report.figure("round trips", wire.up.frames as f64, "round trips");
    report.figure("frames down", wire.down.frames as f64, "frames");
    report.figure("bytes of frames up", wire.up.bytes as f64, "bytes");
    report.figure("bytes of frames down", wire.down.bytes as f64, "bytes");
    report.figure("bytes of frames both ways", (wire.up.bytes + wire.down.bytes) as f64, "bytes");
    report.figure("time, connection included", took.as_secs_f64() * 1000.0, "ms");
    let ping = runtime.block_on(bare_round_trip(&serving))?;
    report.figure("a bare connection to the same address", ping, "ms");
    runtime.block_on(serving.stop())
}

/// The device's session on its file, driven by hand so that every frame is counted.
async fn come_back(serving: &Serving, store: &mut Store) -> anyhow::Result<Wire> {
    let token = store.local()?.account.context("the device is signed in")?.token;
    let mut wire = Wire::open(&serving.socket()).await?;
    let mut dice = Seeded(1);
    let mut device = Device::new(&mut dice);
    wire.send(&device.opened(now(), token, "bench", store)?).await?;
    loop {
        let Some(frame) = wire.next().await else { bail!("the server closed the socket") };
        let effects = device.received(now(), frame, store, &mut dice)?;
        store.commit(&effects.writes)?;
        for frame in effects.send.iter().chain(&device.push(now(), store)?) {
            wire.send(frame).await?;
        }
        ensure!(!effects.close, "the session closed the socket: {:?}", effects.notices);
        if effects.notices.contains(&Notice::CaughtUp) {
            return Ok(wire);
        }
    }
}

async fn bare_round_trip(serving: &Serving) -> anyhow::Result<f64> {
    let began = Instant::now();
    let _wire = Wire::open(&serving.socket()).await?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
