//! Entries of a later version than the server's: they wait until it is brought up to date, and with them what rests on
//! them. Everything else goes on.

use std::collections::BTreeMap;

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
pub(super) struct Later(BTreeMap<EditId, Waits>);

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
        self.0.len() >= MOST
    }

    pub fn note(&mut self, unknown: Vec<Unknown>) -> ServerFrame {
        let ids = unknown.iter().map(|edit| edit.id).collect();
        let waits = |Unknown { id, counter, docs, .. }: Unknown| (id, Waits { counter, docs, unknown: true });
        self.0.extend(unknown.into_iter().map(waits));
        wait(ids)
    }

    /// Takes out of a push what comes after an edit that waits, or works on a document of it.
    pub fn hold(&mut self, edits: &mut Vec<Edit>) -> Option<ServerFrame> {
        if self.0.is_empty() {
            return None;
        }
        let mut held = Vec::new();
        edits.retain(|edit| {
            // It is read by now.
            if self.0.get(&edit.id).is_some_and(|waits| waits.unknown) {
                self.forget(&[edit.id]);
            }
            let mut before = self.0.values().filter(|waits| waits.counter <= edit.counter);
            let waits = edit.after.iter().any(|id| self.0.contains_key(id))
                || before.any(|waits| edit.docs().any(|doc| waits.docs.contains(&doc)));
            if waits {
                let docs = edit.docs().collect();
                self.0.insert(edit.id, Waits { counter: edit.counter, docs, unknown: false });
                held.push(edit.id);
            }
            !waits
        });
        (!held.is_empty()).then(|| wait(held))
    }

    /// Their user gave these up: what rested on one of them may go on when it comes again.
    pub fn forget(&mut self, given_up: &[EditId]) {
        if given_up.iter().any(|id| self.0.remove(id).is_some()) {
            self.0.retain(|_, waits| waits.unknown);
        }
    }
}

fn wait(edits: Vec<EditId>) -> ServerFrame {
    ServerFrame::RetryLater { after_ms: AFTER_MS, words: WORDS.to_owned(), edits }
}
