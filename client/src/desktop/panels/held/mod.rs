//! What is held for review: the entries of people who had no right to them, or whose access was withdrawn, and what
//! a manager makes of each.

mod detail;
mod place;
mod word;

use egui::Ui;
use waybill_shared::id::EditId;
use waybill_shared::review::{Decision, HeldEdit};

use detail::entry_ui;
pub use place::place_ui;
use word::word_ui;

use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::Intent;
use crate::desktop::names::Names;
use crate::desktop::online::{Heard, List, Want};
use crate::desktop::theme;
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{button, empty_state, money, notice};

#[derive(Clone, Debug)]
pub struct HeldData<'a> {
    pub heard: &'a Heard<HeldEdit, u64>,
    pub names: &'a Names,
    /// The server can be asked.
    pub live: bool,
}

#[derive(Clone, Debug, Default)]
pub struct HeldState {
    pub selected: Option<EditId>,
    /// What is about to be said of the selected entry, with the reason that is typed for it.
    pub word: Option<Word>,
}

#[derive(Clone, Debug)]
pub struct Word {
    pub decision: Decision,
    pub reason: String,
}

impl HeldState {
    /// The next one stands where this one was.
    pub fn decided(&mut self) {
        (self.selected, self.word) = (None, None);
    }

    pub(super) fn ask_why(&mut self, decision: Decision) {
        self.word = Some(Word { decision, reason: String::new() });
    }
}

const COLUMNS: [Column; 4] = [
    table::share("What", 1.0).fixed(),
    table::share("Who", 0.3).gives(2).fixed(),
    table::exact("When", 112.0).least(104.0).gives(1).fixed(),
    table::number("Amount", 112.0).least(100.0).fixed(),
];
const CARD: [Column; 1] = [table::share("", 1.0)];

fn held_ui(ui: &mut Ui, data: &HeldData<'_>, state: &mut HeldState, beside: bool) -> Option<Intent> {
    frame::ground(ui);
    egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 12)).show(ui, |ui| {
        ui.label(theme::strong("Held for review", theme::TITLE));
        notice::standing(ui, data.live, data.heard.known, data.heard.trouble.as_deref());
    });
    let rows = &data.heard.rows;
    if rows.is_empty() {
        if data.heard.known {
            let sentence = "What somebody entered without the right to it, or after their access was withdrawn, \
                waits here until you accept it, take it back or discard it.";
            empty_state::empty_state(ui, "Nothing is held for review", sentence, None);
        }
        return None;
    }
    let mut more = false;
    if data.heard.next.is_some() {
        frame::foot(ui, "held more", |ui| more = button::plain(ui, "Show more", "").clicked());
    }
    let touch = is_touch(ui);
    let selected = state.selected.and_then(|id| rows.iter().position(|row| row.edit == id));
    let table = Table {
        id: egui::Id::unique("held"),
        name: "Held for review",
        columns: if touch { &CARD } else { &COLUMNS },
        rows: rows.len(),
        selected,
        sort: None,
        row_height: if touch { 56.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    };
    let name = |row: &HeldEdit| format!("{}, {}", what(row), data.names.person(row.person));
    let describe = |at: usize| rows.get(at).map(name).unwrap_or_default();
    let answer = table.show(ui, describe, |ui, at, column| {
        if let Some(row) = rows.get(at) {
            draw(ui, row, column, touch, data.names);
        }
    });
    let id_of = |at: Option<usize>| at.and_then(|at| rows.get(at)).map(|row| row.edit);
    let chosen = id_of(answer.selected);
    if chosen.is_some() && chosen != state.selected {
        state.word = None;
    }
    state.selected = chosen.or(state.selected);
    if more {
        return Some(Intent::Online(Want::More(List::Held)));
    }
    id_of(answer.opened).or(chosen.filter(|_| beside)).map(Intent::OpenHeld)
}

fn draw(ui: &mut Ui, row: &HeldEdit, column: usize, card: bool, names: &Names) {
    let (who, when) = (names.person(row.person), names.when(row.at));
    if card {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(9.0);
            ui.label(theme::strong(what(row), theme::BODY));
            let amount = amount(row);
            let parts = [who, when.as_str(), amount.as_str()];
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            ui.label(theme::caption(ui, parts.join(" · ")));
        });
        return;
    }
    match column {
        0 => ui.label(what(row)),
        1 => ui.label(who),
        2 => ui.label(theme::caption(ui, when)),
        _ => ui.label(amount(row)),
    };
}

/// `Took € 20.00 by cash · order T1-7`, and how many more things it does.
pub(super) fn what(row: &HeldEdit) -> String {
    let first = row.does.first().map(|does| does.words.clone()).unwrap_or_default();
    match row.does.len() {
        0 | 1 => first,
        more => format!("{first}, and {} more", more - 1),
    }
}

/// Of all that it does, where that is in one currency.
pub(super) fn amount(row: &HeldEdit) -> String {
    let worth: Vec<_> = row.does.iter().filter_map(|does| does.worth).collect();
    let Some((_, currency)) = worth.first().copied() else { return String::new() };
    if worth.iter().any(|(_, other)| *other != currency) {
        return "several".to_owned();
    }
    money::words(worth.into_iter().map(|(amount, _)| amount).sum(), currency)
}
