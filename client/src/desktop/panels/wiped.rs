//! The company removed its data from this device: nothing is left to show but that.

use egui::Ui;

use crate::desktop::frame;
use crate::desktop::theme::{self, tokens};

pub fn wiped_ui(ui: &mut Ui, words: &str) {
    frame::alone(ui, "wiped", 400.0, |ui| {
        ui.label(theme::strong("Waybill", theme::FIGURE).color(tokens(ui).accent));
        ui.label(words);
        ui.label(theme::caption(ui, "Close this window; it starts empty next time."));
    });
}
