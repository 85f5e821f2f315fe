//! Internal notes beside an order or a customer: what the office writes down for itself, and may let the shops read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    command::{Act, Command, RunError},
    doc::Draft,
    edit::{Context, Edit, Part},
    erasure::Erased,
    finding::{Finding, Rule, check_id},
    history::Entry,
    id::{DeviceId, EntryId, LocationId, NoteId, NotesId, PersonId},
    kind::{DocAddr, DocKind},
    time::{Month, Timestamp},
};

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

/// In the history: who reads them.
const READERS: &str = "readers";
const OFFICE: &str = "office";
const SHOPS_TOO: &str = "office and shops";
const PLACE_TOO: &str = "office and the order's place";

/// The orders and customers that an edit writes notes about.
pub fn abouts(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.parts.iter().filter_map(|part| match &part.command {
        Command::NotesWrite(write) => Some(write.about),
        _ => None,
    })
}

/// The documents in which an edit takes notes out.
pub fn taken_out(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    let takes_out = |part: &&Part| matches!(part.command, Command::NotesTakeOut(_));
    edit.parts.iter().filter(takes_out).map(|part| part.doc)
}

/// Where the notes are about the orders that an edit makes for a customer it names.
pub fn of_orders(edit: &Edit) -> impl Iterator<Item = DocAddr> + '_ {
    edit.parts.iter().filter_map(|part| match &part.command {
        Command::OrderCreate(create) if create.customer.is_some() => Some(NotesId::of(part.doc).into()),
        Command::OrderRecordSale(record) if record.sale.customer.is_some() => {
            Some(NotesId::of(part.doc).into())
        }
        _ => None,
    })
}

/// Something to know about an order or a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    #[serde(default)]
    pub id: NoteId,
    /// What it is about; the document's id follows from it.
    pub about: DocAddr,
    pub text: String,
    /// Its author saw that the shops read along. Else it was written for the office, and they read no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub saw_shown: bool,
}

impl Act for Write {
    type Of = Notes;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        if !matches!(self.about.kind, DocKind::Order | DocKind::Customer) || self.about.id.is_nil() {
            let what = "Notes are about an order or a customer.";
            findings.push(Finding::malformed("about", what, "Name one by its kind and id."));
        }
        if self.text.trim().is_empty() {
            findings.push(Finding::malformed("text", "The note is empty.", "Write something, or leave it."));
        }
        findings
    }

    fn run(&self, notes: &Notes, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.there(notes) {
            return Ok(());
        }
        draft.set(&["about", "kind"], &self.about.kind)?;
        draft.set(&["about", "id"], &self.about.id)?;
        let note = Note {
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
            text: self.text.clone(),
            out: None,
        };
        draft.set(&["notes", &self.id.to_string()], &note)?;
        if self.saw_shown || !notes.fields.shown {
            return Ok(());
        }
        draft.set(&["fields", "shown"], &false)?;
        draft.set(&["fields", "closed"], &true)?;
        Entry::new(ctx, READERS, notes.readers(true), notes.readers(false)).write(ctx, draft)
    }

    fn shows(&self, notes: &Notes) -> bool {
        self.there(notes)
    }

    /// Merged as it was made it would stand in what the shops read.
    fn overtaken(&self, _base: &Notes, head: &Notes) -> bool {
        !self.saw_shown && head.fields.shown
    }

    fn see(&mut self, notes: &Notes) {
        self.saw_shown = notes.fields.shown;
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = NoteId::new(fresh());
        }
    }

    fn there(&self, notes: &Notes) -> bool {
        notes.notes.contains_key(&self.id)
    }
}

/// A note goes: that there was one stays, and nothing of what it said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakeOut {
    pub note: NoteId,
}

impl Act for TakeOut {
    type Of = Notes;

    fn run(&self, notes: &Notes, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if !notes.notes.contains_key(&self.note) {
            let what = "There is no such note any more.";
            return Err(Finding::new(Rule::NotThere, what, "Look at the notes that are there.").into());
        }
        if notes.is_out(self.note) {
            return Ok(());
        }
        let note = self.note.to_string();
        draft.set(&["notes", &note, "text"], "")?;
        let out = Out { at: ctx.at, person: ctx.person, device: ctx.device };
        draft.set(&["notes", &note, "out"], &out)?;
        Entry::new(ctx, "note", None, Some("taken out".to_owned())).write(ctx, draft)
    }

    fn shows(&self, notes: &Notes) -> bool {
        notes.is_out(self.note)
    }

    fn overtaken(&self, base: &Notes, head: &Notes) -> bool {
        !base.is_out(self.note) && head.is_out(self.note)
    }
}

/// Who may read the notes: the shops too, or the office alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Show {
    pub shown: bool,
    /// Of an order: its place, where they are shown. An order at none has nobody but the office to show them to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
}

impl Act for Show {
    type Of = Notes;

    fn check(&self) -> Vec<Finding> {
        self.location.map(|location| check_id("location", location)).unwrap_or_default()
    }

    fn run(&self, notes: &Notes, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.location.is_some() && notes.about.kind.is_some_and(|kind| kind != DocKind::Order) {
            let what = "These notes are of no place: they are not about an order.";
            return Err(Finding::malformed("location", what, "Leave the place out.").into());
        }
        if self.shows(notes) {
            return Ok(());
        }
        draft.set(&["fields", "shown"], &self.shown)?;
        if self.shown && notes.fields.location != self.location {
            draft.set(&["fields", "location"], &self.location)?;
        }
        if notes.fields.closed {
            draft.set(&["fields", "closed"], &false)?;
        }
        let [was, now] = [notes.fields.shown, self.shown].map(|shown| notes.readers(shown));
        Entry::new(ctx, READERS, was, now).write(ctx, draft)
    }

    fn shows(&self, notes: &Notes) -> bool {
        notes.fields.shown == self.shown && (!self.shown || notes.fields.location == self.location)
    }
}
