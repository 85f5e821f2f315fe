//! A person at a device: internal notes.

use waybill_shared::{
    id::{EditId, LocationId, NoteId, NotesId},
    kind::DocAddr,
    notes::{Notes, Show, TakeOut, Write},
    view::View,
};

use super::Hand;

impl Hand {
    pub fn writes_about(&self, about: impl Into<DocAddr>, text: &str) -> EditId {
        let about = about.into();
        let write = Write { id: NoteId::NIL, about, text: text.to_owned(), saw_shown: false };
        self.does(NotesId::of(about), write)
    }

    /// The note that says this goes.
    pub fn takes_out(&self, about: impl Into<DocAddr>, text: &str) -> EditId {
        let about = about.into();
        let notes = self.reads(about).expect("there are notes");
        let (note, _) =
            notes.standing().into_iter().find(|(_, note)| note.text == text).expect("it is there");
        self.does(NotesId::of(about), TakeOut { note })
    }

    /// To the shops too (of an order, to its place), or to the office alone.
    pub fn shows_notes(&self, about: impl Into<DocAddr>, shown: bool) -> EditId {
        let about = about.into();
        self.does(NotesId::of(about), Show { shown, location: self.place_of(about).filter(|_| shown) })
    }

    /// Of an order, as this device has it.
    pub fn place_of(&self, about: DocAddr) -> Option<LocationId> {
        match self.view(about) {
            Some(View::Order(order)) => order.location(),
            _ => None,
        }
    }

    /// The notes about it, where they are on this device.
    pub fn reads(&self, about: impl Into<DocAddr>) -> Option<Notes> {
        match self.view(NotesId::of(about)) {
            Some(View::Notes(notes)) => Some(*notes),
            _ => None,
        }
    }

    /// What stands in them, the oldest first.
    pub fn reads_texts(&self, about: impl Into<DocAddr>) -> Vec<String> {
        let notes = self.reads(about).unwrap_or_default();
        notes.standing().into_iter().map(|(_, note)| note.text.clone()).collect()
    }
}
