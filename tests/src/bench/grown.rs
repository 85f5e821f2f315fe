//! Documents that have lived long: an order changed 5,000 times, settings of ten years, a customer with 20,000 notes.
//! What the first and what the last edits cost on the server, and what one costs on a device that has them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{runtime::Runtime, sync::mpsc};
use uuid::Uuid;
use waybill_client::engine::{Answer, EngineHandle, Submit};
use waybill_server::intake::{Settled, Turn};
use waybill_shared::{
    command::Command,
    customer::ContactNote,
    doc::Doc,
    edit::{Edit, Part},
    id::{DeviceId, EditId, FactId, LineId, OrderId, PersonId, SettingsId},
    kind::DocAddr,
    order::commands::{Place, SetQuantity, Tag, Untag},
    quantity::Quantity,
    settings,
    time::{Booked, Timestamp},
};

use super::{
    Report,
    first_sync::{live, signed_in},
    goods, intake, now,
};
use crate::{scribe::Seeded, serving::Serving};

/// Edits that are timed, at each end of a life and on the device.
const TIMED: usize = 200;

/// A document and what is done to it, edit after edit.
struct Life {
    name: &'static str,
    addr: DocAddr,
    begins: Vec<Command>,
    edits: usize,
    next: fn(usize, &mut Seeded, LineId) -> Command,
}

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let mut dice = Seeded(41);
    let serving = runtime.block_on(Serving::start())?;
    let ida = runtime.block_on(serving.add_person("ida", waybill_shared::rules::roles::Role::Admin))?;
    let line: LineId = dice.id(now());
    let lives = lives(&mut dice, line, report);
    for life in &lives {
        runtime.block_on(lives_long(&serving, ida, life, &mut dice, line, report))?;
    }
    let dir = tempfile::tempdir()?;
    let engine = signed_in(dir.path(), &serving.url())?;
    live(&engine)?;
    for life in &lives {
        let took = on_device(&engine, life, &mut dice, line)?;
        report.latencies(&format!("{}: an edit on a device", life.name), took);
    }
    engine.stop();
    runtime.block_on(serving.stop())
}

fn lives(dice: &mut Seeded, line: LineId, report: &Report) -> Vec<Life> {
    let at = now();
    let order: OrderId = dice.id(at);
    let mut create = goods::order(1, 500, at, dice);
    let first = create.lines.values().next().cloned();
    create.lines = first.into_iter().map(|first| (line, first)).collect();
    create.lines.values_mut().for_each(|first| first.quantity = Quantity::new(1));
    vec![
        Life {
            name: "order",
            addr: order.into(),
            begins: vec![create.into(), Place {}.into()],
            edits: report.size(5_000),
            next: |nth, _, line| match nth % 4 {
                0 => Tag { tag: "gift".to_owned() }.into(),
                2 => Untag { tag: "gift".to_owned() }.into(),
                _ => {
                    let (was, now) = if nth % 4 == 1 { (1, 2) } else { (2, 1) };
                    SetQuantity { line, was: Quantity::new(was), now: Quantity::new(now) }.into()
                }
            },
        },
        Life {
            name: "settings",
            addr: SettingsId::ONLY.into(),
            begins: vec![goods::settings().into()],
            edits: report.size(10_000),
            next: |nth, _, _| {
                let field = settings::Field::MaxQuantity(Quantity::new(1_000_000 + nth as i64));
                settings::SetField { field }.into()
            },
        },
        Life {
            name: "customer",
            addr: goods::customer(7).into(),
            begins: vec![goods::new_customer(7).into()],
            edits: report.size(20_000),
            next: |nth, dice, _| {
                let text =
                    format!("Called about the {nth}th delivery: wants it before noon, by the back door.");
                ContactNote { id: dice.id::<FactId>(now()), text }.into()
            },
        },
    ]
}

async fn lives_long(
    serving: &Serving,
    person: PersonId,
    life: &Life,
    dice: &mut Seeded,
    line: LineId,
    report: &Report,
) -> anyhow::Result<()> {
    let mut hand = Hand::at(serving, person);
    for command in &life.begins {
        hand.enters(life.addr, command.clone(), dice).await?;
    }
    let timed = TIMED.min(life.edits / 4);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for nth in 0..life.edits {
        let command = (life.next)(nth, dice, line);
        let began = Instant::now();
        hand.enters(life.addr, command, dice).await?;
        if nth < timed {
            first.push(began.elapsed());
        } else if nth >= life.edits - timed {
            last.push(began.elapsed());
        }
    }
    let name = life.name;
    report.figure(&format!("{name}: edits"), life.edits as f64, "edits");
    report.latencies(&format!("{name}: the first {timed} on the server"), first);
    report.latencies(&format!("{name}: the last {timed} on the server"), last);
    let log = &serving.server.app().hub.log;
    let stored = waybill_server::log::Log::load(&**log, &[life.addr], &[]).await?.docs.pop();
    let stored = stored.context("it is stored")?;
    let doc = Doc::load(life.addr.kind, &stored.saved)?;
    report.figure(&format!("{name}: made anew"), f64::from(doc.generation()), "times");
    report.figure(&format!("{name}: its size"), stored.saved.len() as f64 / 1000.0, "kB");
    Ok(())
}

/// Somebody without documents, who waits for each answer.
struct Hand<'a> {
    serving: &'a Serving,
    person: PersonId,
    device: DeviceId,
    counter: u64,
    at: Timestamp,
}

impl<'a> Hand<'a> {
    fn at(serving: &'a Serving, person: PersonId) -> Self {
        let at = now().plus_ms(-60 * 60 * 1000);
        Self { serving, person, device: DeviceId::new(Uuid::now_v7()), counter: 0, at }
    }

    async fn enters(&mut self, doc: DocAddr, command: Command, dice: &mut Seeded) -> anyhow::Result<()> {
        self.counter += 1;
        self.at = self.at.plus_ms(10);
        let edit = Edit {
            id: dice.id::<EditId>(self.at),
            kind: command.kind(),
            person: self.person,
            device: self.device,
            counter: self.counter,
            attempt: 0,
            booked: Booked::on(self.at.utc().date_naive()),
            parts: vec![Part { doc, command, at: self.at, made: None }],
            after: Vec::new(),
            overriding: None,
        };
        let door = &self.serving.server.app().hub.intake;
        let (answer, mut answers) = mpsc::unbounded_channel();
        intake::hand_in(door, &Arc::new(edit), &intake::admin(), &Turn::new(answer)).await?;
        let Some((_, settled)) = answers.recv().await else { bail!("no answer came") };
        ensure!(matches!(settled, Settled::Judged { .. }), "{settled:?}");
        Ok(())
    }
}

fn on_device(
    engine: &EngineHandle,
    life: &Life,
    dice: &mut Seeded,
    line: LineId,
) -> anyhow::Result<Vec<Duration>> {
    let mut all = Vec::with_capacity(TIMED);
    for nth in 0..TIMED {
        let command = (life.next)(life.edits + nth, dice, line);
        let began = Instant::now();
        match engine.submit(Submit::new(vec![(life.addr, command)])).wait() {
            Answer::Entered { .. } => all.push(began.elapsed()),
            other => bail!("{}: an edit was not saved: {other:?}", life.name),
        }
    }
    Ok(all)
}
