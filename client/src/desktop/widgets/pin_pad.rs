//! A field for a PIN, and digits large enough for a thumb below it.

use egui::{Align2, Button, Response, TextEdit, Ui, vec2};

use crate::desktop::focus;
use crate::desktop::theme::{self, tokens};

const KEYS: [[&str; 3]; 4] = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], [CLEAR, "0", DELETE]];
const CLEAR: &str = "Clear";
const DELETE: &str = "Delete";

/// The field; true when Enter was pressed in it. `wrong` is said below.
pub fn pin_field(ui: &mut Ui, name: &str, pin: &mut String, wrong: Option<&str>) -> (Response, bool) {
    let response = ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = theme::SPACE[0];
        let id = ui.make_persistent_id(("pin", name));
        focus::enters(ui, id);
        let label = ui.label(theme::caption(ui, name));
        let edit = TextEdit::singleline(pin)
            .id(id)
            .password(true)
            .font(theme::font(theme::TITLE, false))
            .desired_width(ui.available_width())
            .min_size(vec2(0.0, theme::TOUCH))
            .align(Align2::LEFT_CENTER);
        let response = ui.add(edit).labelled_by(label.id);
        if wrong.is_some() && focus::is_wrong_one(ui.ctx()) {
            response.request_focus();
        }
        if let Some(words) = wrong {
            ui.label(egui::RichText::new(words).size(theme::CAPTION).color(tokens(ui).bad.ink));
        }
        response
    });
    let response = response.inner;
    let enter = focus::entered(&response);
    (response, enter)
}

/// What is pressed goes into the field, which keeps the keyboard.
pub fn pad(ui: &mut Ui, field: &Response, pin: &mut String) {
    let gap = theme::SPACE[1];
    let width = (ui.available_width() - 2.0 * gap) / 3.0;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for row in KEYS {
        ui.horizontal(|ui| {
            for key in row {
                let size = if key.len() == 1 { theme::TITLE } else { theme::BODY };
                let text = egui::RichText::new(key).font(theme::font(size, false));
                if ui.add_sized(vec2(width, 48.0), Button::new(text)).clicked() {
                    match key {
                        CLEAR => pin.clear(),
                        DELETE => drop(pin.pop()),
                        digit => pin.push_str(digit),
                    }
                    field.request_focus();
                }
            }
        });
    }
}
