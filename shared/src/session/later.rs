//! Entries of a later version than the server's: they wait until it is brought up to date, and with them what rests on
//! them. Everything else goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    edit::Edit,
    id::EditId,
    kind::DocAddr,
    protocol::{ServerFrame, push::Unknown},
};

/// When the device asks again whether the server has been brought up to date.
pub const AFTER_MS: u32 = 15 * 60 * 1_000;

const WORDS: &str = "This device has a newer version of Waybill than the server, which does not know this kind of entry \
    yet. Nothing is lost; it is taken once the server is updated.";

/// What was told to wait on one socket.
#[derive(Default)]
pub(super) struct Later {
    edits: BTreeMap<EditId, Waits>,
    /// Those that wait on a document, the one entered first before the others.
    on: BTreeMap<DocAddr, BTreeSet<(u64, EditId)>>,
}

struct Waits {
    /// What was entered before it does not rest on it.
    counter: u64,
    docs: Vec<DocAddr>,
    /// Otherwise it rests on one that is.
    unknown: bool,
}

/// So many are remembered of one socket.
const MOST: usize = 10_000;

impl Later {
    pub fn is_full(&self) -> bool {
        self.edits.len() >= MOST
    }

    pub fn note(&mut self, unknown: Vec<Unknown>) -> ServerFrame {
        let ids = unknown.iter().map(|edit| edit.id).collect();
        for Unknown { id, counter, docs, .. } in unknown {
            self.add(id, Waits { counter, docs, unknown: true });
        }
        wait(ids)
    }

    fn add(&mut self, id: EditId, waits: Waits) {
        for doc in &waits.docs {
            self.on.entry(*doc).or_default().insert((waits.counter, id));
        }
        self.edits.insert(id, waits);
    }

    /// Something entered before it waits on a document of it.
    fn is_behind(&self, edit: &Edit) -> bool {
        let first = |doc: DocAddr| self.on.get(&doc).and_then(BTreeSet::first);
        edit.docs().filter_map(first).any(|(counter, _)| *counter <= edit.counter)
    }

    /// Takes out of a push what comes after an edit that waits, or works on a document of it.
    pub fn hold(&mut self, edits: &mut Vec<Edit>) -> Option<ServerFrame> {
        if self.edits.is_empty() {
            return None;
        }
        let mut held = Vec::new();
        edits.retain(|edit| {
            // It is read by now.
            if self.edits.get(&edit.id).is_some_and(|waits| waits.unknown) {
                self.forget(&[edit.id]);
            }
            let waits = edit.after.iter().any(|id| self.edits.contains_key(id)) || self.is_behind(edit);
            if waits {
                // Beyond that it waits behind what it rests on all the same, by its documents.
                if !self.is_full() {
                    let docs = edit.docs().collect();
                    self.add(edit.id, Waits { counter: edit.counter, docs, unknown: false });
                }
                held.push(edit.id);
            }
            !waits
        });
        (!held.is_empty()).then(|| wait(held))
    }

    /// Their user gave these up: what rested on one of them may go on when it comes again.
    pub fn forget(&mut self, given_up: &[EditId]) {
        let known = self.edits.len();
        given_up.iter().for_each(|id| drop(self.edits.remove(id)));
        if self.edits.len() < known {
            self.edits.retain(|_, waits| waits.unknown);
            let edits = &self.edits;
            self.on.retain(|_, on| {
                on.retain(|(_, id)| edits.contains_key(id));
                !on.is_empty()
            });
        }
    }
}

fn wait(edits: Vec<EditId>) -> ServerFrame {
    ServerFrame::RetryLater { after_ms: AFTER_MS, words: WORDS.to_owned(), edits }
}
