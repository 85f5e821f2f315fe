//! Internal notes beside an order or a customer: what the office writes down for itself, and may let the shops read.

pub mod commands;

use std::{any::Any, collections::BTreeMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use commands::{Show, TakeOut, Write};

use crate::{
    document::{Called, Document, Says, rooms},
    edit::Edit,
    erasure::Erased,
    finding::Finding,
    generation::{Archived, beyond, entries},
    history::Entry,
    id::{DeviceId, EntryId, LocationId, NoteId, NotesId, PersonId},
    kind::{DocAddr, DocKind},
    rules::{Judged, address},
    scope::{Scope, Scopes},
    time::{Month, Timestamp},
};
use commands::NotesCommand;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    pub about: About,
    pub fields: Fields,
    pub notes: BTreeMap<NoteId, Note>,
    pub history: BTreeMap<EntryId, Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erased>,
}

/// What they are about: written with the first note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// The shops may read them too; of an order, whoever works at its place.
    pub shown: bool,
    /// The order's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    /// No more, since a note came from somebody who had not seen that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// Its text is the one thing entered that is ever written over: whoever takes it out wants it gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Out>,
}

/// Who took a note out, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    pub at: Timestamp,
    pub person: PersonId,
    pub device: DeviceId,
}

impl Notes {
    /// Somebody wrote one.
    pub const fn exists(&self) -> bool {
        self.about.id.is_some()
    }

    pub fn about(&self) -> Option<DocAddr> {
        Some(DocAddr::new(self.about.kind?, self.about.id?))
    }

    /// Those that stand, the oldest first.
    pub fn standing(&self) -> Vec<(NoteId, &Note)> {
        let standing = self.notes.iter().filter(|(_, note)| note.out.is_none());
        let mut standing: Vec<_> = standing.map(|(id, note)| (*id, note)).collect();
        standing.sort_by_key(|(id, note)| (note.at, *id));
        standing
    }

    /// As the history says it.
    fn readers(&self, shown: bool) -> Option<String> {
        let readers = match (shown, self.about.kind) {
            (false, _) => OFFICE,
            (true, Some(DocKind::Order)) => PLACE_TOO,
            (true, _) => SHOPS_TOO,
        };
        Some(readers.to_owned())
    }

    fn is_out(&self, id: NoteId) -> bool {
        self.notes.get(&id).is_some_and(|note| note.out.is_some())
    }
}

const OFFICE: &str = "office";
const SHOPS_TOO: &str = "office and shops";
const PLACE_TOO: &str = "office and the order's place";

/// The orders and customers that an edit writes notes about.
pub fn abouts(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.parts.iter().filter_map(|part| part.command.get::<Write>()).map(|write| write.about)
}

/// The documents in which an edit takes notes out.
pub fn taken_out(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.parts.iter().filter(|part| part.command.is::<TakeOut>()).map(|part| part.doc)
}

/// Where the notes are about the orders that an edit makes for a customer it names.
pub fn of_orders(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    let orders = edit.parts.iter().filter(|part| part.doc.kind == DocKind::Order);
    let named = orders
        .filter(|part| part.command.refers().docs.iter().any(|named| named.doc.kind == DocKind::Customer));
    named.map(|part| NotesId::of(part.doc).into())
}

impl Document for Notes {
    const KIND: DocKind = DocKind::Notes;
    const THING: &'static str = "note";
    const SKELETON: &'static [&'static [&'static str]] = &[&["about", "fields", "notes", "history"]];
    const HIDES_ITS_PAST: bool = true;
    const TELLS_OF_CUSTOMERS: bool = true;

    type Command = NotesCommand;

    /// Nothing beyond what holds for all kinds.
    fn judge(_: &NotesCommand, _: &Self, _: &Self, _: &Judged<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn misplaced(command: &NotesCommand, addr: DocAddr) -> Option<Finding> {
        match command {
            // They are found by the id of what they are about alone, by devices that never met.
            NotesCommand::Write(write) => {
                let what = "These are not the notes of what the note is about.";
                let remedy = "Send it to the document whose id follows from that.";
                address::only(addr, NotesId::of(write.about), what, remedy)
            }
            NotesCommand::TakeOut(_) | NotesCommand::Show(_) => {
                address::beside(addr, "notes", "order or customer")
            }
        }
    }
}

impl Says for Notes {
    rooms!(about, fields, erased; notes, history);

    fn exists(&self) -> Option<bool> {
        Some(Notes::exists(self))
    }

    fn title(&self) -> String {
        String::new()
    }

    fn called(&self) -> Option<Called<'_>> {
        None
    }

    fn scopes(&self) -> Scopes {
        let mut scopes = vec![Scope::Office];
        // Who may not see an order does not see its notes either.
        if self.fields.shown {
            match self.about.kind {
                Some(DocKind::Customer) => scopes.push(Scope::Shops),
                Some(DocKind::Order) => scopes.extend(self.fields.location.map(Scope::Location)),
                _ => {}
            }
        }
        scopes.into()
    }

    fn is_own(&self, _: PersonId, _: &dyn Any) -> bool {
        false
    }

    fn erased(&self) -> Option<Erased> {
        self.erased
    }

    /// What they were about is a number, and who may read them is no secret.
    fn clean(&mut self, at: Timestamp) {
        let Self { about: _, fields: _, notes, history, erased } = self;
        notes.clear();
        history.clear();
        *erased = Some(Erased { at });
    }

    fn old(&self, kept: usize) -> Vec<Archived> {
        let mut old = entries(&self.history, kept);
        old.extend(beyond(self.notes.iter(), "notes", kept, |note| (0, note.at)));
        old
    }
}
