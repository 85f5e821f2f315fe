//! One local edit, from asking the engine until it is on the disk, at 100,000 local orders.

use std::{path::Path, time::Instant};

use anyhow::{Context, bail};
use uuid::Uuid;
use waybill_client::{
    engine::{self, Answer, Config, Submit},
    store::Store,
};
use waybill_shared::{
    chain::Cursor,
    command::Command,
    doc::Hash,
    id::{DeviceId, FactId, LineId, OrderId, PersonId, SettingsId},
    order::commands::{Note, SetQuantity, Tag},
    protocol::frame::{DeviceName, Grant, Names, PersonName},
    quantity::Quantity,
    rules::roles::Role,
    scope::Scopes,
    session::store::{Meta, Write, WriteDoc},
    view::View,
};

use super::{Report, goods, machine, now};
use crate::scribe::{Page, Scribe, Seeded};

const ORDERS: usize = 100_000;
const EDITS: usize = 3_000;

/// An order and the quantity of its first line.
struct Known {
    id: OrderId,
    line: LineId,
    quantity: Quantity,
}

pub fn run(report: &Report) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let person = PersonId::new(Uuid::now_v7());
    let (orders, edits) = (report.size(ORDERS), report.size(EDITS));
    let mut known = filled(dir.path(), person, orders)?;
    let engine = engine::start(Config { dir: dir.path().to_owned(), online: false, listen: false })?;
    let mut dice = Seeded(5);
    let mut latencies = Vec::with_capacity(edits);
    for nth in 0..edits {
        let command = next(nth, &mut known, &mut dice)?;
        let began = Instant::now();
        let submit = Submit { person: Some(person), ..Submit::new(vec![command]) };
        match engine.submit(submit).wait() {
            Answer::Entered { .. } => latencies.push(began.elapsed()),
            other => bail!("an edit was not saved: {other:?}"),
        }
    }
    engine.stop();
    report.figure("local orders", orders as f64, "orders");
    report.latencies("an edit on the disk", latencies);
    report.latencies("bare SQLite commit of 4 kB", machine::sqlite_commits(dir.path(), 1000, 4096)?);
    report.latencies("bare fdatasync of 4 kB", machine::fdatasyncs(dir.path(), 1000)?);
    let size = std::fs::metadata(waybill_client::store::file(dir.path()))?.len();
    report.figure("the local file", size as f64 / 1e6, "MB");
    Ok(())
}

/// Mostly changes of orders, some notes and tags, some new orders.
fn next(
    nth: usize,
    known: &mut [Known],
    dice: &mut Seeded,
) -> anyhow::Result<(waybill_shared::kind::DocAddr, Command)> {
    let at = usize::try_from(dice.below(known.len() as u64))?;
    let order = known.get_mut(at).context("an order")?;
    Ok(match nth % 10 {
        0 => {
            let id: OrderId = dice.id(now());
            (id.into(), goods::order((ORDERS + nth) as u64, 500, now(), dice).into())
        }
        1 | 2 => {
            (order.id.into(), Note { id: dice.id::<FactId>(now()), text: "Ring twice.".to_owned() }.into())
        }
        3 => (order.id.into(), Tag { tag: format!("round {}", dice.below(20)) }.into()),
        _ => {
            let was = order.quantity;
            order.quantity = was + Quantity::new(1);
            (order.id.into(), SetQuantity { line: order.line, was, now: order.quantity }.into())
        }
    })
}

/// A file with everything on it, as after a first sync.
fn filled(dir: &Path, person: PersonId, orders: usize) -> anyhow::Result<Vec<Known>> {
    let at = now().plus_ms(-60 * 60 * 1000);
    let mut store = Store::open(dir, now())?;
    let device = DeviceId::new(Uuid::now_v7());
    let meta = Meta {
        device,
        device_code: "T1".to_owned(),
        device_name: "Till 1".to_owned(),
        cursor: Some(Cursor { pos: orders as u64, chain: Hash([7; 32]) }),
        ..Meta::default()
    };
    let roles = vec![Role::Manager];
    let names = Names {
        version: 1,
        since: 0,
        people: vec![PersonName { id: person, name: "Ida".to_owned(), roles: roles.clone() }],
        devices: vec![DeviceName { id: device, code: "T1".to_owned(), name: "Till 1".to_owned() }],
        here: vec![Grant { person, roles, locations: vec![goods::location()], unlocked: None }],
        encrypt: false,
    };
    store.commit(&[Write::Meta(meta.into()), Write::Names(names)])?;
    let mut scribe = Scribe::any(at, 23);
    let mut business = Page::blank(SettingsId::ONLY);
    scribe.edit(&mut business, goods::settings());
    store.commit(&[whole(business)])?;
    let mut known = Vec::with_capacity(orders);
    let mut writes = Vec::with_capacity(1000);
    for nth in 0..orders {
        let mut page = Page::blank(scribe.dice.id::<OrderId>(at));
        let create = goods::order(nth as u64, 500, at, &mut scribe.dice);
        scribe.edit(&mut page, create);
        known.push(first_line(&page)?);
        writes.push(whole(page));
        if writes.len() == 1000 {
            store.commit(&writes)?;
            writes.clear();
        }
    }
    store.commit(&writes)?;
    store.close()?;
    waybill_client::store::checkpoint(dir)?;
    Ok(known)
}

fn first_line(page: &Page) -> anyhow::Result<Known> {
    let View::Order(order) = &page.view else { bail!("not an order") };
    let (line, first) = order.live_lines().into_iter().next().context("an order without lines")?;
    Ok(Known { id: OrderId::new(page.addr.id), line, quantity: first.quantity })
}

fn whole(page: Page) -> Write {
    let Page { addr, doc, view } = page;
    let scopes = Scopes::of(&view);
    Write::Document(Box::new(WriteDoc { addr, scopes, replaced: true, confirmed: doc, shown: None, view }))
}
