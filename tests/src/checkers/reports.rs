//! Report rows, as the batches wrote them one after the other, equal a rebuild from the documents.

use std::collections::BTreeSet;

use waybill_server::reports::{Rows, rows};

use super::replay::Replay;
use crate::world::sim::Sim;

pub fn check(sim: &Sim, replay: &Replay, wrong: &mut Vec<String>) {
    let written = match sim.ledger.reports() {
        Ok(written) => written,
        Err(words) => return wrong.push(words),
    };
    let addrs: BTreeSet<_> = written.keys().chain(replay.docs.keys()).copied().collect();
    for addr in addrs {
        let rebuilt = replay.docs.get(&addr).map_or_else(Rows::default, |(_, view)| rows(addr, view));
        let held = written.get(&addr).cloned().unwrap_or_default();
        // A document that nobody wrote in has no rows either way.
        let blank = replay.docs.get(&addr).is_none_or(|(doc, _)| doc.is_blank());
        if held != rebuilt && !(blank && held == Rows::default()) {
            wrong.push(format!("the report rows of {addr} are not those of the document"));
        }
    }
}
