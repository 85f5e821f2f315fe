//! The server's own tables against the log read once more.

use std::collections::BTreeMap;

use waybill_server::log::Log;
use waybill_shared::{
    chain::Cursor,
    command::Command,
    digest::Digest,
    doc::Doc,
    kind::{DocAddr, DocKind},
    order::commands::OrderCommand,
    order::receipt::Receipts,
    scope::{Scope, Scopes},
    view::View,
};

use super::replay::Replay;
use crate::world::sim::{Sim, now};

pub fn check(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    let head = now(sim.server.log.head()).expect("in memory");
    let cursor = replay.cursor.unwrap_or(Cursor::START);
    if head.cursor != cursor {
        wrong.push(format!("the log stands at {:?}, its entries lead to {cursor:?}", head.cursor));
    }
    documents(sim, replay, wrong);
    let digests = digests(replay);
    for (scope, digest) in &digests {
        if head.digests.get(scope) != Some(digest) {
            wrong.push(format!("the digest of {scope} is not that of its documents"));
        }
    }
    for (known, _) in sim.server.log.edits() {
        let said = replay.said.get(&known.edit).map(|(attempt, verdict)| (*attempt, verdict));
        if said != Some((known.attempt, &known.verdict)) {
            wrong.push(format!(
                "{} is stored as {}, the log says {said:?}",
                known.edit,
                known.verdict.name()
            ));
        }
    }
    printed(sim, wrong);
    let epochs = now(sim.server.log.head()).map_or(0, |head| head.epoch);
    if epochs > u64::from(sim.ledger.log_restores) {
        wrong.push(format!(
            "the log was taken for another one {epochs} times, and was put back or lost its end {} times",
            sim.ledger.log_restores
        ));
    }
    if sim.ledger.files_restored.is_empty() && sim.ledger.log_restores == 0 {
        numbers(replay, wrong);
        receipts(sim, wrong);
    }
}

/// One digest a scope, from the heads of documents alone.
pub fn digests(replay: &Replay) -> BTreeMap<Scope, Digest> {
    let mut digests: BTreeMap<Scope, Digest> = BTreeMap::new();
    for (addr, (doc, view)) in replay.docs.iter().filter(|(_, (doc, _))| !doc.is_blank()) {
        for scope in Scopes::of(view).iter() {
            digests.entry(scope).or_default().moved(Digest::default(), Digest::of(*addr, doc.heads()));
        }
    }
    digests
}

fn documents(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    let stored: BTreeMap<DocAddr, Vec<u8>> =
        sim.server.log.all_documents().into_iter().map(|saved| (saved.doc, saved.saved)).collect();
    for (addr, (doc, view)) in replay.docs.iter().filter(|(_, (doc, _))| !doc.is_blank()) {
        let held = stored.get(addr).and_then(|saved| Doc::load(addr.kind, saved).ok());
        match held {
            None => wrong.push(format!("the server has not got {addr}")),
            Some(held) if held.heads() != doc.heads() => {
                wrong.push(format!("the server's {addr} is not what the log leads to"));
            }
            Some(held) if View::read(&held).ok().as_ref() != Some(view) => {
                wrong.push(format!("the server's {addr} reads otherwise than the log's"));
            }
            Some(_) => {}
        }
    }
    for addr in stored.keys().filter(|addr| replay.docs.get(addr).is_none_or(|(doc, _)| doc.is_blank())) {
        wrong.push(format!("the server has {addr}, which no entry of the log made"));
    }
}

/// What a script printed stands on no second sheet of paper, whatever the database forgot.
fn printed(sim: &Sim, wrong: &mut Vec<String>) {
    for (number, orders) in sim.script.printed.iter().filter(|(_, orders)| orders.len() > 1) {
        wrong.push(format!("{number} was printed for {} orders", orders.len()));
    }
    let waits = now(sim.server.log.head()).expect("in memory").numbers_wait;
    let forgot = sim.ledger.log_restores > 0;
    let untold = if forgot { sim.script.honest_waits() } else { sim.script.waits() };
    if untold > 0 && !waits {
        wrong.push(format!("{untold} orders of the script were told nothing"));
    }
}

/// No two orders or receipts have one number.
fn numbers(replay: &Replay, wrong: &mut Vec<String>) {
    let mut given: BTreeMap<String, DocAddr> = BTreeMap::new();
    for (addr, (_, view)) in replay.docs.iter().filter(|(addr, _)| addr.kind == DocKind::Order) {
        let View::Order(order) = view else { continue };
        if order.number().is_empty() {
            continue;
        }
        if let Some(other) = given.insert(order.number().to_owned(), *addr) {
            wrong.push(format!("{addr} and {other} have the same number {}", order.number()));
        }
    }
}

/// Every device's receipts are a series without gaps, whatever became of the sales.
fn receipts(sim: &Sim, wrong: &mut Vec<String>) {
    let mut receipts = Receipts::default();
    for edit in sim.server.log.edits().iter().filter_map(|(_, edit)| edit.as_deref()) {
        for part in &edit.parts {
            if let Command::Order(OrderCommand::RecordSale(record)) = &part.command {
                receipts.note(edit.device, &record.sale, false);
            }
        }
    }
    wrong.extend(receipts.wrong(&[]));
}
