//! What leaves the server for a device, frame by frame: nothing of a document that its people may not see by then.

use waybill_server::log::{Log, memory::MemoryLog};
use waybill_shared::{
    edit::Verdict,
    erasure,
    finding::Rule,
    kind::DocAddr,
    protocol::{
        ServerFrame, batch,
        frame::{DocHeads, Entry, SavedDoc},
    },
    scope::Scopes,
};

use crate::world::sim::now;

/// The documents of which the frame tells and that are outside these scopes.
pub fn unseen(frame: &ServerFrame, scopes: &Scopes, log: &MemoryLog) -> Vec<DocAddr> {
    let told = told(frame, log);
    let are = now(log.scopes(&told)).expect("in memory");
    told.into_iter().filter(|addr| are.get(addr).is_some_and(|is| !is.meets(scopes))).collect()
}

fn told(frame: &ServerFrame, log: &MemoryLog) -> Vec<DocAddr> {
    match frame {
        ServerFrame::Docs { docs, .. } => {
            let docs = batch::unpack::<SavedDoc>(docs).expect("the server's documents unpack");
            docs.into_iter().map(|saved| saved.doc).collect()
        }
        ServerFrame::HeadsOf { heads, .. } => {
            let heads = batch::unpack::<DocHeads>(heads).expect("the server's heads unpack");
            heads.into_iter().map(|heads| heads.doc).collect()
        }
        ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries } => {
            let entries = batch::unpack::<Entry>(entries).expect("the server's entries unpack");
            entries.iter().flat_map(|entry| in_entry(entry, log)).collect()
        }
        _ => Vec::new(),
    }
}

fn in_entry(entry: &Entry, log: &MemoryLog) -> Vec<DocAddr> {
    let changed = entry.changes.iter().map(|change| change.doc);
    let mut docs: Vec<DocAddr> = changed.chain(entry.reveal.iter().map(|saved| saved.doc)).collect();
    if entry.verdict.as_ref().is_some_and(|own| speaks(&own.verdict)) {
        let said = now(log.verdicts(&[entry.edit])).expect("in memory");
        docs.extend(said.iter().flat_map(|said| said.about.iter().copied()));
    }
    docs
}

/// It gives reasons that may tell of a document. That somebody was erased every device hears, and no more than that; that
/// an id is in use says nothing of what stands under it.
fn speaks(verdict: &Verdict) -> bool {
    let erased = erasure::finding();
    let is_silent = |rule| matches!(rule, Rule::OutOfSight | Rule::IdInUse);
    verdict.findings().iter().any(|finding| !is_silent(finding.rule) && *finding != erased)
}
