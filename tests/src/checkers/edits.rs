//! Everything entered is in exactly one state, the same on device and server, and none of it vanished.

use waybill_shared::{
    edit::Verdict,
    id::EditId,
    review::{Decision, Review},
    session::store::EditState,
};

use super::replay::Replay;
use crate::world::{device::Device, sim::Sim, words::short};

pub fn check(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    for id in &sim.script.believed {
        wrong.push(format!("{} lied of its day or its people, and stands", short(*id)));
    }
    for (id, entry) in &sim.ledger.entries {
        let held = sim.devices.iter().any(|device| device.disk.seen().stored(*id).is_some());
        // A device that was wiped had handed it over. A server that was put back since may have forgotten it.
        let device = &sim.devices[entry.device];
        let forgotten = was_put_back_since(sim, device) || was_given_up_and_forgotten(sim, *id);
        let handed_over = device.retired && (replay.said.contains_key(id) || forgotten);
        // What rotted is kept as it is, as long as there is a file to keep it in.
        let set_aside = sim.ledger.rotted.contains(id)
            && (device.retired || sim.devices.iter().any(|device| device.disk.seen().is_set_aside(*id)));
        if !held && !entry.lost_with_file && !handed_over && !set_aside {
            wrong.push(format!("{} ({}) vanished from its device", short(*id), entry.words));
        }
    }
    for device in &sim.devices {
        for stored in device.disk.seen().edits() {
            let id = stored.edit.id;
            let said = replay.said.get(&id).map(|(_, verdict)| verdict);
            // Nobody tells a device that has gone what a manager decided since.
            if device.retired && matches!(stored.state, EditState::Attention { .. }) {
                continue;
            }
            if said.is_none() && was_put_back_since(sim, device) {
                continue;
            }
            if let Some(what) = disagreement(&stored.state, said, sim.ledger.log_restores > 0) {
                wrong.push(format!("{}: {} ({}) {what}", device.name, short(id), stored.words));
            }
            own_words(sim, device, id, &stored.state, wrong);
        }
    }
}

/// The device had handed everything over and was gone by then: nobody can ask it.
fn was_put_back_since(sim: &Sim, device: &Device) -> bool {
    device.retired && device.greeted_at < sim.ledger.log_restores
}

/// Its user gave it up, and the server lost its end with that in it. A device that was shut out is asked for what it has
/// not handed over, and not for this.
fn was_given_up_and_forgotten(sim: &Sim, id: EditId) -> bool {
    sim.ledger.given_up.contains(&id) && sim.ledger.log_restores > 0
}

/// What its user sees and what the server says.
fn disagreement(state: &EditState, said: Option<&Verdict>, forgetful: bool) -> Option<String> {
    let said_name = said.map_or("nothing", Verdict::name);
    let agrees = match state {
        EditState::Pending => return Some(format!("is still pending; the server said {said_name}")),
        EditState::Accepted => matches!(said, Some(Verdict::Accepted)),
        EditState::Rewritten => matches!(said, Some(Verdict::Rewritten)),
        // What was refused stays so, also before a server that was put back and has not heard of it.
        EditState::Attention { verdict } => {
            let speaks = |said: &Verdict| {
                matches!(
                    said,
                    Verdict::Refused { .. }
                        | Verdict::Blocked { .. }
                        | Verdict::Held { .. }
                        | Verdict::Discarded { by: Some(_) }
                )
            };
            said.map_or(forgetful && !matches!(verdict, Verdict::Held { .. }), speaks)
        }
        // A server that was put back may have forgotten what it was told.
        EditState::Discarded { told } => {
            *told
                && (matches!(said, Some(Verdict::Discarded { .. }))
                    || forgetful && !said.is_some_and(Verdict::stands))
        }
    };
    (!agrees).then(|| format!("is {} on the device; the server said {said_name}", state.name()))
}

/// Only its user gives something up, or a manager who said so.
fn own_words(sim: &Sim, device: &Device, id: EditId, state: &EditState, wrong: &mut Vec<String>) {
    let discarded = |review: &Review| review.edit == id && review.decision == Decision::Discard;
    let given_up = sim.ledger.given_up.contains(&id) || sim.server.log.reviews().iter().any(discarded);
    if matches!(state, EditState::Discarded { .. }) && !given_up {
        wrong.push(format!("{}: {} was given up by nobody", device.name, short(id)));
    }
}
