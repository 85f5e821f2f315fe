//! What an empty screen says: what will appear here, and the one button that makes the first.

use egui::Ui;

use super::button;
use crate::desktop::theme::{self, tokens};

/// True when the button was pressed.
pub fn empty_state(ui: &mut Ui, title: &str, sentence: &str, button_words: Option<&str>) -> bool {
    let mut pressed = false;
    ui.vertical_centered(|ui| {
        ui.set_max_width((ui.available_width() - 32.0).min(420.0));
        ui.add_space((ui.available_height() * 0.25).clamp(24.0, 140.0));
        ui.label(theme::strong(title, theme::TITLE));
        ui.label(egui::RichText::new(sentence).color(tokens(ui).muted));
        if let Some(words) = button_words {
            ui.add_space(theme::SPACE[2]);
            pressed = button::primary(ui, words, "").clicked();
        }
    });
    pressed
}

/// In the place of a detail as long as nothing is chosen.
pub fn choose(ui: &mut Ui, sentence: &str) {
    ui.centered_and_justified(|ui| {
        ui.label(theme::caption(ui, sentence));
    });
}
