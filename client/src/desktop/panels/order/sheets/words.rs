//! Forms of one or two lines of words: note, tag, reference, the reason for cancelling or taking back.

use egui::Ui;
use waybill_shared::id::FactId;
use waybill_shared::order::commands::{Cancel, Note, Reverse, SetReference, Tag, Untag};

use super::Answer;
use crate::desktop::intent::Wish;
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::theme::tokens;
use crate::desktop::widgets::field::{Field, field};
use crate::desktop::widgets::sheet::buttons_or;

#[derive(Clone, Debug)]
pub struct WordsForm {
    kind: Kind,
    name: String,
    words: String,
}

#[derive(Clone, Debug)]
enum Kind {
    Note,
    Tag,
    Reference,
    Cancel,
    Reverse { fact: FactId, what: String },
}

impl WordsForm {
    pub fn note() -> Self {
        Self::new(Kind::Note)
    }
    pub fn tag() -> Self {
        Self::new(Kind::Tag)
    }
    pub fn reference() -> Self {
        Self { name: "their order".into(), ..Self::new(Kind::Reference) }
    }
    pub fn cancel() -> Self {
        Self::new(Kind::Cancel)
    }
    pub fn reverse(fact: FactId, what: &str) -> Self {
        Self::new(Kind::Reverse { fact, what: what.to_owned() })
    }

    fn new(kind: Kind) -> Self {
        Self { kind, name: String::new(), words: String::new() }
    }

    pub fn title(&self) -> &'static str {
        match self.kind {
            Kind::Note => "Write a note",
            Kind::Tag => "Add a tag",
            Kind::Reference => "Add a reference",
            Kind::Cancel => "Cancel the order",
            Kind::Reverse { .. } => "Take this back",
        }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        let muted = tokens(ui).muted;
        let sentence = match &self.kind {
            Kind::Cancel => "Nothing will be delivered. Placing the order again brings it back.".to_owned(),
            Kind::Reverse { what, .. } => format!("“{what}” stays on record and no longer counts."),
            Kind::Note | Kind::Tag | Kind::Reference => String::new(),
        };
        if !sentence.is_empty() {
            ui.label(egui::RichText::new(sentence).color(muted));
        }
        if matches!(self.kind, Kind::Reference) {
            field(ui, "What it refers to", &mut self.name);
        }
        let (name, rows) = match self.kind {
            Kind::Note => ("Note", 4),
            Kind::Tag => ("Tag", 1),
            Kind::Reference => ("Number or words", 1),
            Kind::Cancel | Kind::Reverse { .. } => ("Reason", 1),
        };
        Field { name, rows, ..Default::default() }.show(ui, &mut self.words);
        let words = self.words.trim().to_owned();
        let named = !matches!(self.kind, Kind::Reference) || !self.name.trim().is_empty();
        let ready = named && !words.is_empty();
        let other = if matches!(self.kind, Kind::Cancel) { "Back" } else { "Cancel" };
        match buttons_or(ui, self.button(), other, ready) {
            Some(false) => Answer::Close,
            Some(true) => Answer::done(self.wish(data, words)),
            None => Answer::Stay,
        }
    }

    fn button(&self) -> &'static str {
        match self.kind {
            Kind::Note => "Save note",
            Kind::Tag => "Add tag",
            Kind::Reference => "Add reference",
            Kind::Cancel => "Cancel order",
            Kind::Reverse { .. } => "Take it back",
        }
    }

    fn wish(&self, data: &OrderDetail, words: String) -> Wish {
        let addr = data.addr;
        match &self.kind {
            Kind::Note => Wish::new(addr, Note { id: FactId::NIL, text: words }, "Saved the note"),
            Kind::Tag => {
                let back = Untag { tag: words.clone() };
                let said = format!("Tagged {words}");
                Wish::new(addr, Tag { tag: words }, said)
                    .undo(vec![(addr, back.into())], "Took the tag off again")
            }
            Kind::Reference => {
                let name = self.name.trim().to_lowercase().replace(' ', "_");
                Wish::new(addr, SetReference { name, value: words }, "Added the reference")
            }
            Kind::Cancel => {
                Wish::new(addr, Cancel { reason: words }, format!("Cancelled {}", data.order.number()))
            }
            Kind::Reverse { fact, .. } => {
                let reverse = Reverse { id: FactId::NIL, fact: *fact, reason: words };
                Wish::new(addr, reverse, "Taken back; both entries stay on record")
            }
        }
    }
}
