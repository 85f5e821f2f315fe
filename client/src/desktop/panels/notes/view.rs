//! Draws internal notes: what stands, a line to add, and the switch that lets the shops read along.

use std::collections::BTreeMap;
use waybill_shared::notes;

use egui::{Align, Layout, Ui, WidgetInfo};
use waybill_shared::id::NoteId;
use waybill_shared::kind::DocAddr;
use waybill_shared::notes::{Show, TakeOut, Write};

use super::{NoteRow, NotesPart};
use crate::desktop::focus;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::keys::{self, Action};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::field::Field;
use crate::desktop::widgets::{button, card, chip, sheet};

/// What is being typed, by what it is about, and the note that is about to go.
#[derive(Clone, Debug, Default)]
pub struct NotesState {
    typed: BTreeMap<DocAddr, String>,
    out: Option<(DocAddr, NoteId)>,
}

impl NotesState {
    /// It asks whether a note shall go.
    pub const fn asks(&self) -> bool {
        self.out.is_some()
    }
}

pub fn notes_card(ui: &mut Ui, part: &NotesPart, state: &mut NotesState) -> Option<Intent> {
    let mut intent = None;
    let may = &part.may;
    card::card(ui, |ui| {
        card::heading(ui, "Internal notes");
        if part.rows.is_empty() {
            let words = "Nothing noted yet. What stands here is for the office; no customer is told.";
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        } else {
            ui.add(egui::Label::new(theme::caption(ui, part.readers())).wrap());
        }
        for note in &part.rows {
            if row(ui, note, may.run::<notes::TakeOut>()) {
                state.out = Some((part.addr, note.id));
            }
        }
        if may.run::<notes::Write>() {
            intent = add(ui, part, state);
        }
        if may.run::<notes::Show>() && !part.rows.is_empty() && (part.shown || part.can_be_shown()) {
            intent = readers(ui, part).or(intent.take());
        }
    });
    intent
}

/// True when it is to go.
fn row(ui: &mut Ui, note: &NoteRow, may_go: bool) -> bool {
    let mut goes = false;
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.separator();
    let Some(text) = &note.text else {
        ui.add_space(theme::SPACE[0]);
        ui.add(egui::Label::new(theme::caption(ui, &note.small)).wrap());
        ui.add_space(theme::SPACE[0]);
        return false;
    };
    ui.add_space(theme::SPACE[0]);
    ui.add(egui::Label::new(text).wrap());
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(theme::caption(ui, &note.small)).truncate());
        if may_go {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let tip = "What it says goes from the notes, for everybody";
                let take_out = button::quiet(ui, "Take out", tip);
                let name = format!("Take out {text}");
                take_out.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name.clone()));
                goes = take_out.clicked();
            });
        }
    });
    goes
}

/// One line, added by Enter or the button.
fn add(ui: &mut Ui, part: &NotesPart, state: &mut NotesState) -> Option<Intent> {
    let typed = state.typed.entry(part.about).or_default();
    let mut done = false;
    ui.add_space(theme::SPACE[1]);
    let (width, height) = (92.0, ui.spacing().interact_size.y);
    ui.horizontal(|ui| {
        let room = (ui.available_width() - width - ui.spacing().item_spacing.x).max(80.0);
        let field = Field { name: "Write an internal note", width: room, ..Default::default() };
        let response = field.show(ui, typed);
        if keys::pressed(ui.ctx(), Action::InternalNote) {
            response.request_focus();
            response.scroll_to_me(Some(Align::Center));
        }
        done = focus::entered(&response);
        ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
            let ready = !typed.trim().is_empty();
            let tip = keys::tip("Enter; to write", Action::InternalNote);
            let button = egui::Button::new("Add note").min_size(egui::vec2(width, height));
            done |= ui.add_enabled(ready, button).on_hover_text(tip).clicked();
        });
    });
    let text = typed.trim().to_owned();
    if !done || text.is_empty() {
        return None;
    }
    state.typed.remove(&part.about);
    let write = Write { id: NoteId::NIL, about: part.about, text, saw_shown: part.shown };
    Some(Wish::new(part.addr, write, "Noted").into())
}

/// Whether the shops read along. Each way can be taken back; what they read meanwhile they have read.
fn readers(ui: &mut Ui, part: &NotesPart) -> Option<Intent> {
    let mut shown = part.shown;
    let label = if part.is_of_an_order() {
        "Who works at the order's place may read these"
    } else {
        "The shops may read these"
    };
    ui.add_space(theme::SPACE[0]);
    let pressed = ui
        .horizontal(|ui| {
            let tip = "They get what stands here, and nothing that was taken out before";
            let response = ui.checkbox(&mut shown, label).on_hover_text(tip);
            if part.pending {
                chip::pending_dot(ui);
            }
            response.changed()
        })
        .inner;
    let said = |shown| if shown { "The notes are shown" } else { "Only the office reads the notes" };
    let set = |shown| Show { shown, location: part.place.filter(|_| shown) };
    pressed.then(|| {
        Wish::new(part.addr, set(shown), said(shown))
            .undo(vec![(part.addr, set(!shown).into())], said(!shown))
            .into()
    })
}

/// Whether it is meant: the words do not come back.
pub fn confirm(ui: &mut Ui, part: &NotesPart, state: &mut NotesState) -> Option<Intent> {
    let (addr, note) = state.out.filter(|(addr, _)| *addr == part.addr)?;
    let Some(text) = part.rows.iter().find(|row| row.id == note).and_then(|row| row.text.as_ref()) else {
        // Somebody else was faster.
        state.out = None;
        return None;
    };
    let (pressed, closed) = sheet::sheet(ui, "Take this note out?", |ui| {
        ui.add(egui::Label::new(format!("“{text}”")).wrap());
        let words = "What it says goes from the notes, for everybody; that one was taken out stays. The server's \
                     records keep what was entered, and the device of who wrote it does so for 30 days.";
        ui.add(egui::Label::new(egui::RichText::new(words).color(tokens(ui).muted)).wrap());
        sheet::buttons(ui, "Take it out", true)
    });
    if closed || pressed.is_some() {
        state.out = None;
    }
    (pressed == Some(true)).then(|| Wish::new(addr, TakeOut { note }, "Took the note out").into())
}
