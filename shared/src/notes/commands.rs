//! What is done with internal notes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Note, Notes, Out};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    command::commands,
    doc::Draft,
    edit::Context,
    erasure::ERASED,
    finding::{Finding, Rule, check_id},
    history::Entry,
    id::{FactId, LocationId, NoteId, PersonId},
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    rules::plausible::Against,
};

#[rustfmt::skip]
commands! {
    /// What is done with internal notes.
    NotesCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "notes.write/1"    Write   Facts    "write an internal note"                   [A, A, A, N, N, N, N, N];
        "notes.take_out/1" TakeOut Requests "take an internal note out"                [A, A, A, N, N, N, N, N];
        "notes.show/1"     Show    Requests "say who reads internal notes"             [A, A, A, N, N, N, N, N];
    }
}

/// In the history: who reads them.
const READERS: &str = "readers";

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

    fn words(&self, _: &Notes) -> String {
        format!("Noted for the office: {}", self.text)
    }

    fn refers(&self) -> Refers {
        Refers::to_none().doc("about", Some(self.about))
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.text);
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

impl Fact for Write {
    fn reversed(&self, _: FactId, _: &str) -> Option<NotesCommand> {
        None
    }

    fn worth(&self, _: &Notes) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, notes: &Notes) -> Option<Stands> {
        let there = notes.notes.get(&self.id)?;
        Some(("note", there.text == self.text && there.person == person))
    }

    fn likely(&self, _: &Notes, _: &mut Against<'_>) {}
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

    fn words(&self, _: &Notes) -> String {
        "Took an internal note out".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

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

    fn words(&self, _: &Notes) -> String {
        match (self.shown, self.location) {
            (true, None) => "Let the shops read the notes",
            (true, Some(_)) => "Let who works at the order's place read the notes",
            (false, _) => "Kept the notes for the office",
        }
        .to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, notes: &Notes) -> bool {
        notes.fields.shown == self.shown && (!self.shown || notes.fields.location == self.location)
    }
}
