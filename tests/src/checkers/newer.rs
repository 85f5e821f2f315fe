//! What a later version wrote is kept, by the server and by every device that holds its document.

use waybill_shared::{
    doc::Doc,
    erasure,
    session::store::{Store as _, StoredDoc},
};

use super::replay::Replay;
use crate::world::sim::Sim;

pub fn check(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    for (edit, wrote) in &sim.ledger.newer {
        let addr = wrote.doc();
        let Some((doc, view)) = replay.docs.get(&addr).filter(|_| replay.said.contains_key(edit)) else {
            continue;
        };
        if erasure::is_erased(view) {
            continue;
        }
        if !wrote.stands_in(doc) {
            wrong.push(format!("the log has lost {wrote:?}"));
        }
        for device in &sim.devices {
            let held = device.disk.document(addr).expect("in memory");
            let Some(StoredDoc { confirmed, shown, .. }) = held else { continue };
            for saved in shown.iter().chain([&confirmed]) {
                let doc = Doc::load(addr.kind, saved).expect("a document loads");
                if !wrote.stands_in(&doc) && !device.retired {
                    wrong.push(format!("{} has lost {wrote:?}", device.name));
                }
            }
        }
    }
}
