//! What leaves the server for a device that may not see all of the office's: no word of an internal note that only
//! ever stood while the shops could not read it.

use std::collections::{BTreeMap, BTreeSet};

use waybill_server::log::memory::MemoryLog;
use waybill_shared::{
    command::Command,
    id::{Id, NoteId, NotesId},
    kind::{DocAddr, DocKind},
    notes::commands::NotesCommand,
    protocol::{
        ServerFrame, batch,
        frame::{Entry, SavedDoc},
    },
};

/// The notes of which the frame tells a text that was taken out before anybody but the office saw it.
pub fn told(frame: &ServerFrame, log: &MemoryLog) -> Vec<DocAddr> {
    let told: Vec<(DocAddr, Vec<u8>)> =
        bytes(frame).into_iter().filter(|(addr, _)| addr.kind == DocKind::Notes).collect();
    if told.is_empty() {
        return Vec::new();
    }
    let unseen = unseen(log);
    let tells = |addr: &DocAddr, bytes: &[u8]| {
        let texts = unseen.get(addr).into_iter().flatten();
        texts.into_iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    told.into_iter().filter(|(addr, bytes)| tells(addr, bytes)).map(|(addr, _)| addr).collect()
}

fn bytes(frame: &ServerFrame) -> Vec<(DocAddr, Vec<u8>)> {
    let saved = |saved: SavedDoc| (saved.doc, saved.saved);
    match frame {
        ServerFrame::Docs { docs, .. } => {
            let docs = batch::unpack::<SavedDoc>(docs).expect("the server's documents unpack");
            docs.into_iter().map(saved).collect()
        }
        ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries } => {
            let entries = batch::unpack::<Entry>(entries).expect("the server's entries unpack");
            let of_one = |entry: Entry| {
                let changes = entry.changes.into_iter().map(|change| (change.doc, change.bytes));
                changes.chain(entry.reveal.into_iter().map(saved)).collect::<Vec<_>>()
            };
            entries.into_iter().flat_map(of_one).collect()
        }
        _ => Vec::new(),
    }
}

/// By document, the texts that never stood while it was shown to the shops.
fn unseen(log: &MemoryLog) -> BTreeMap<DocAddr, BTreeSet<String>> {
    let mut edits = log.edits();
    edits.retain(|(known, _)| known.verdict.stands());
    edits.sort_by_key(|(known, _)| known.pos);
    let mut all: BTreeMap<DocAddr, Stood> = BTreeMap::new();
    for part in edits.iter().filter_map(|(_, edit)| edit.as_ref()).flat_map(|edit| &edit.parts) {
        let stood = all.entry(part.doc).or_default();
        match &part.command {
            Command::Notes(NotesCommand::Write(write)) => {
                // Written by who had not seen that they are shown it closes them.
                stood.shown &= write.saw_shown;
                stood.unseen.insert(write.text.clone());
                stood.standing.entry(write.id).or_insert_with(|| write.text.clone());
            }
            Command::Notes(NotesCommand::TakeOut(out)) => _ = stood.standing.insert(out.note, String::new()),
            Command::Notes(NotesCommand::Show(show)) => stood.shown = show.shown,
            _ => continue,
        }
        if stood.shown {
            let Stood { standing, unseen, .. } = stood;
            unseen.retain(|text| !standing.values().any(|stands| stands == text));
        }
    }
    all.into_iter().map(|(addr, stood)| (addr, stood.unseen)).collect()
}

#[derive(Default)]
struct Stood {
    shown: bool,
    standing: BTreeMap<NoteId, String>,
    unseen: BTreeSet<String>,
}

/// A text of its own for each note, so that it can be looked for.
pub fn text(notes: NotesId, nth: i64) -> String {
    format!("note-{}-{nth:016x}", &notes.uuid().simple().to_string()[..8])
}
