//! Internal notes: a part of what an order and a customer show to those who may read it.

mod view;

use waybill_shared::id::{LocationId, NoteId, NotesId};
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::notes;
use waybill_shared::notes::Note;

pub use view::{NotesState, confirm, notes_card};

use crate::desktop::names::{May, Names};
use crate::store::NotesHere;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotesPart {
    pub about: DocAddr,
    pub addr: DocAddr,
    /// Of an order, where it is at one.
    pub place: Option<LocationId>,
    /// Newest first, with those that were taken out.
    pub rows: Vec<NoteRow>,
    /// The shops may read them.
    pub shown: bool,
    /// No more, since a note came from somebody who had not seen that.
    pub closed: bool,
    /// That waits to be sent.
    pub pending: bool,
    pub may: May,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRow {
    pub id: NoteId,
    /// `None`: it was taken out.
    pub text: Option<String>,
    /// `Mon 14:03 · Office · Ana Ruiz`.
    pub small: String,
}

impl NotesPart {
    pub fn of(about: DocAddr, place: Option<LocationId>, here: &NotesHere, names: &Names, may: May) -> Self {
        let NotesHere { shown, confirmed } = here;
        let mut all: Vec<(&NoteId, &Note)> = shown.notes.iter().collect();
        all.sort_by_key(|(id, note)| (std::cmp::Reverse(note.at), **id));
        let rows = all.into_iter().map(|(id, note)| {
            let waits = confirmed.notes.get(id) != Some(note);
            NoteRow {
                id: *id,
                text: note.out.is_none().then(|| note.text.clone()),
                small: small(note, waits, names),
            }
        });
        Self {
            about,
            addr: NotesId::of(about).into(),
            place,
            rows: rows.collect(),
            shown: shown.fields.shown,
            closed: shown.fields.closed,
            pending: shown.fields != confirmed.fields,
            may,
        }
    }

    /// Besides the office there is somebody to show them to.
    pub fn can_be_shown(&self) -> bool {
        !self.is_of_an_order() || self.place.is_some()
    }

    pub fn is_of_an_order(&self) -> bool {
        self.about.kind == DocKind::Order
    }

    /// Who reads them, in a sentence.
    pub fn readers(&self) -> &'static str {
        match (self.shown, self.may.run::<notes::Show>()) {
            (false, _) if self.closed => {
                "Only the office reads these again: a note came from somebody who had not seen that the shops read along."
            }
            (true, true) if self.is_of_an_order() => "Who works at the order's place reads these too.",
            (true, true) => "The shops read these too.",
            (true, false) => "From the office. The customer is not told.",
            (false, _) if !self.can_be_shown() => {
                "Only the office reads these: the order is at no shop that they could be shown to."
            }
            (false, _) => "Only the office reads these.",
        }
    }
}

fn small(note: &Note, waits: bool, names: &Names) -> String {
    let (at, person, device) = match &note.out {
        Some(out) => (out.at, out.person, out.device),
        None => (note.at, note.person, note.device),
    };
    let person = names.person(person);
    let said = if note.out.is_some() { format!("{person} took a note out") } else { person.to_owned() };
    let waits = if waits { "waits to be sent" } else { "" };
    let parts = [names.when(at), names.device(device).to_owned(), said, waits.to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
