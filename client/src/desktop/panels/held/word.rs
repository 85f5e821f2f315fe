//! The sheet in which a manager says why something is taken back or discarded.

use egui::Ui;
use waybill_shared::review::{Decision, HeldEdit};

use super::HeldState;
use crate::desktop::intent::Intent;
use crate::desktop::online::Want;
use crate::desktop::theme::tokens;
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::sheet;

pub fn word_ui(ui: &mut Ui, held: &HeldEdit, state: &mut HeldState) -> Option<Intent> {
    let word = state.word.as_mut()?;
    let (title, sentence, button) = match word.decision {
        Decision::Reverse => (
            "Why is it taken back?",
            "It stays in the books, and what takes it back stands behind it.",
            "Take it back",
        ),
        Decision::Discard | Decision::Accept => (
            "Why is it discarded?",
            "It counts nowhere, for good. Whoever entered it reads why.",
            "Discard it",
        ),
    };
    let (answer, closed) = sheet::sheet(ui, title, |ui| {
        ui.label(egui::RichText::new(sentence).color(tokens(ui).muted));
        Field { name: "Reason", ..Default::default() }.show(ui, &mut word.reason);
        sheet::buttons(ui, button, !word.reason.trim().is_empty())
    });
    match answer {
        Some(true) => {
            let (decision, reason) = (word.decision, word.reason.trim().to_owned());
            let (edit, attempt) = (held.edit, held.attempt);
            state.word = None;
            Some(Intent::Online(Want::Decide { edit, attempt, decision, reason }))
        }
        Some(false) => {
            state.word = None;
            None
        }
        None => {
            if closed {
                state.word = None;
            }
            None
        }
    }
}
