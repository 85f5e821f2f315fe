//! List and entry side by side, or one after the other where there is no room.

use std::cell::RefCell;

use egui::Ui;

use super::{HeldData, HeldState, entry_ui, held_ui, word_ui};
use crate::desktop::frame::{self, Size};
use crate::desktop::intent::Intent;
use crate::desktop::widgets::empty_state;

pub fn place_ui(
    ui: &mut Ui,
    data: &HeldData<'_>,
    state: &mut HeldState,
    size: Size,
    opened: bool,
) -> Option<Intent> {
    let shown = state.selected.and_then(|id| data.heard.rows.iter().find(|held| held.edit == id));
    let word = shown.and_then(|shown| word_ui(ui, shown, state));
    if size != Size::Wide {
        let intent = match shown.filter(|_| opened) {
            Some(shown) => entry_ui(ui, shown, data, state, true),
            None => held_ui(ui, data, state, false),
        };
        return word.or(intent);
    }
    let (mut list, mut one) = (None, None);
    let state = RefCell::new(state);
    frame::halves(
        ui,
        "held",
        0.5,
        |ui| list = held_ui(ui, data, &mut state.borrow_mut(), true),
        |ui| match shown {
            Some(shown) => one = entry_ui(ui, shown, data, &mut state.borrow_mut(), false),
            None => empty_state::choose(ui, "Choose an entry on the left."),
        },
    );
    word.or(one).or(list)
}
