//! Devices against the server: at the same cursor they hold the same documents, and nothing besides.

use std::collections::BTreeMap;

use waybill_shared::{
    chain::Cursor,
    erasure,
    finding::{Finding, Rule},
    kind::DocAddr,
    scope::Scopes,
    session::{
        Notice,
        store::{EditState, Store},
    },
};

use super::{log::digests, replay::Replay};
use crate::world::{device::Device, sim::Sim};

pub fn check(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    for device in &sim.devices {
        if sim.accounts.only_push(device.id).is_some() {
            handed_over(device, wrong);
            continue;
        }
        let scopes = sim.accounts.scopes(device.id);
        stands_at_the_end(device, replay, wrong);
        documents(device, &scopes, replay, wrong);
        erased(sim, device, replay, wrong);
        healed(sim, device, wrong);
    }
}

/// It gets nothing any more, and keeps nothing to itself: what it had is with the server, and it is gone.
fn handed_over(device: &Device, wrong: &mut Vec<String>) {
    let waits = device.disk.count_pending().expect("in memory");
    if waits > 0 || !device.retired {
        wrong.push(format!("{} may only hand over; {waits} entries wait, and it has not gone", device.name));
    }
}

/// What differs from the server is mended through the digest, so it is not there any more by now; it was a defect
/// all the same, unless a file or the log was put back.
fn healed(sim: &Sim, device: &Device, wrong: &mut Vec<String>) {
    if sim.ledger.log_restores > 0 || sim.ledger.files_restored.contains(&device.id) {
        return;
    }
    for notice in &device.notices {
        if let Notice::Mended { docs } = notice {
            wrong.push(format!("{} had to mend {docs:?}, and no fault of this run explains it", device.name));
        }
    }
}

/// Of what was erased nothing personal is in what was entered on it. A device that no longer sees the document hears
/// of it by the log alone, which it may have missed a part of.
fn erased(sim: &Sim, device: &Device, replay: &Replay, wrong: &mut Vec<String>) {
    let misses = sim.ledger.log_restores > 0
        || sim.server.log.begins_after() > 0
        || sim.ledger.files_restored.contains(&device.id);
    for stored in device.disk.seen().edits() {
        let of_it = |addr: &DocAddr| {
            let erased = replay.docs.get(addr).is_some_and(|(_, view)| erasure::is_erased(view));
            erased && (!misses || device.disk.seen().view(*addr).is_some())
        };
        if stored.edit.docs().any(|addr| of_it(&addr)) && erasure::clean(&mut stored.edit.clone()) {
            wrong.push(format!("{} keeps personal data: {}", device.name, stored.words));
        }
    }
}

fn stands_at_the_end(device: &Device, replay: &Replay, wrong: &mut Vec<String>) {
    let name = &device.name;
    let meta = device.disk.seen().meta();
    if !device.session.as_ref().is_some_and(waybill_shared::session::Device::at_head) {
        wrong.push(format!("{name} does not think it has everything"));
    }
    let head = replay.cursor.unwrap_or(Cursor::START);
    if meta.cursor != Some(head) {
        wrong.push(format!("{name} stands at {:?}, the log at {head:?}", meta.cursor));
    }
    if meta.loading.is_some() {
        wrong.push(format!("{name} is still loading"));
    }
    let flying = device.session.as_ref().map_or(0, waybill_shared::session::Device::in_flight);
    if flying > 0 {
        wrong.push(format!("{name} still waits for {flying} verdicts"));
    }
    if device.disk.unsynced() > 0 {
        wrong.push(format!("{name} has not synced everything"));
    }
    let stale = device.disk.stale().expect("in memory");
    if !stale.is_empty() {
        wrong.push(format!("{name} still has stale documents: {stale:?}"));
    }
}

fn documents(device: &Device, scopes: &Scopes, replay: &Replay, wrong: &mut Vec<String>) {
    let name = &device.name;
    let held: BTreeMap<DocAddr, _> = device
        .disk
        .seen()
        .documents()
        .map(|(addr, scopes, heads, view)| (addr, (scopes, heads, view)))
        .collect();
    for (addr, (doc, view)) in &replay.docs {
        let visible = scopes.meets(&Scopes::of(view)) && !doc.is_blank();
        match held.get(addr) {
            None if visible => wrong.push(format!("{name} has not got {addr}")),
            Some((_, heads, _)) if visible && *heads != doc.heads() => {
                wrong.push(format!("{name} holds {addr} at {heads:?}, the server at {:?}", doc.heads()));
            }
            Some((_, _, shown)) if visible && *shown != view => {
                wrong.push(format!("{name} shows {addr} otherwise than the server has it"));
            }
            _ => {}
        }
    }
    for (addr, (said, _, _)) in &held {
        let on_server = replay.docs.get(addr).filter(|(doc, _)| !doc.is_blank());
        match on_server.map(|(_, view)| Scopes::of(view)) {
            None => wrong.push(format!("{name} holds {addr}, which the server has not got")),
            Some(of_it) if !scopes.meets(&of_it) => {
                wrong.push(format!("{name} holds {addr}, which it may not see"));
            }
            Some(of_it) if of_it != **said => {
                wrong.push(format!("{name} takes {addr} to be of {said}, it is of {of_it}"));
            }
            Some(_) => {}
        }
    }
    // What a list calls not yet sent waits, or it would be called so for ever.
    for addr in held.keys() {
        let stored = device.disk.document(*addr).expect("in memory");
        let waits = !device.disk.pending_on(*addr).expect("in memory").is_empty();
        if !waits && stored.is_some_and(|stored| stored.shown.is_some()) {
            wrong.push(format!("{name} calls {addr} not yet sent, and nothing entered on it waits"));
        }
    }
    told(device, scopes, replay, wrong);
    if device.disk.seen().meta().scopes != *scopes {
        wrong.push(format!("{name} thinks that it may see {}", device.disk.seen().meta().scopes));
    }
    let digests = digests(replay);
    for scope in scopes.iter() {
        let own = device.disk.seen().meta().digests.iter().find(|(held, _)| *held == scope);
        let own = own.map(|(_, digest)| *digest).unwrap_or_default();
        if own != digests.get(&scope).copied().unwrap_or_default() {
            wrong.push(format!("{name}: its digest of {scope} is not that of the documents"));
        }
    }
}

/// What a person is told of an entry names nothing that they may not see.
fn told(device: &Device, scopes: &Scopes, replay: &Replay, wrong: &mut Vec<String>) {
    for stored in device.disk.seen().edits() {
        let EditState::Attention { verdict } = &stored.state else { continue };
        // What was said before there was such a document tells nothing of it.
        let outside = stored.edit.docs().any(|addr| {
            let there =
                replay.made.get(&addr).is_some_and(|made| stored.pos.is_some_and(|said| *made < said));
            there && replay.docs.get(&addr).is_some_and(|(_, view)| !scopes.meets(&Scopes::of(view)))
        });
        // That somebody was erased everybody hears who wrote something about them.
        let erased = erasure::finding();
        let speaks = |finding: &Finding| finding.rule != Rule::OutOfSight && *finding != erased;
        if outside && verdict.findings().iter().any(speaks) {
            let words: Vec<_> = verdict.findings().iter().map(|finding| finding.what.as_str()).collect();
            wrong.push(format!("{} is told what it may not see: {words:?}", device.name));
        }
    }
}
