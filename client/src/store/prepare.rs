//! What a document becomes in the file: bytes, heads and list row. Needs no database, so it is done beside
//! the writing when there is much of it.

use std::sync::mpsc;

use waybill_shared::{
    doc::Doc,
    session::store::{Write, WriteDoc},
};

use super::rows::{self, Entry};

pub struct Prepared<'a> {
    pub doc: &'a WriteDoc,
    pub heads: Vec<u8>,
    /// The server has it: more than the skeleton was confirmed.
    pub on_server: bool,
    pub confirmed: Vec<u8>,
    pub shown: Option<Vec<u8>>,
    /// `None`: no list shows it.
    pub row: Option<Entry>,
}

/// From so many documents on a second thread pays for itself.
const MANY: usize = 32;

/// How far the preparing may run ahead of the writing.
const AHEAD: usize = 64;

pub fn prepare(doc: &WriteDoc) -> Prepared<'_> {
    let heads = doc.heads();
    Prepared {
        doc,
        on_server: !doc.confirmed.is_blank(),
        heads: heads.iter().flat_map(|hash| hash.0).collect(),
        confirmed: doc.confirmed.save(),
        shown: doc.shown.as_ref().map(Doc::save),
        row: rows::entry(doc.addr.id, &doc.view, doc.shown.is_some()),
    }
}

/// Gives every write to `write`, in order, with documents prepared.
pub fn each<E>(
    writes: &[Write],
    mut write: impl FnMut(&Write, Option<Prepared<'_>>) -> Result<(), E>,
) -> Result<(), E> {
    let documents = || {
        writes.iter().filter_map(|write| match write {
            Write::Document(doc) => Some(doc.as_ref()),
            _ => None,
        })
    };
    if documents().count() < MANY {
        return writes.iter().try_for_each(|one| match one {
            Write::Document(doc) => write(one, Some(prepare(doc))),
            _ => write(one, None),
        });
    }
    std::thread::scope(|scope| {
        let (give, take) = mpsc::sync_channel(AHEAD);
        scope.spawn(move || {
            for doc in documents() {
                // The writing failed and takes no more.
                if give.send(prepare(doc)).is_err() {
                    break;
                }
            }
        });
        writes.iter().try_for_each(|one| match one {
            Write::Document(doc) => write(one, Some(take.recv().unwrap_or_else(|_| prepare(doc)))),
            _ => write(one, None),
        })
    })
}
