//! A search field: a glass, the words, and a cross that clears them.

use egui::{Response, TextEdit, Ui};

use crate::desktop::focus;
use crate::desktop::icons::{self, Icon};
use crate::desktop::theme::tokens;

/// `name` is what a reader hears; `hint` is what stands in the empty field.
pub fn search_field(
    ui: &mut Ui,
    id: egui::Id,
    name: &str,
    hint: &str,
    text: &mut String,
    width: f32,
) -> Response {
    let height = ui.spacing().interact_size.y;
    let response = ui.add(
        TextEdit::singleline(text)
            .id(id)
            .hint_text(hint)
            .desired_width(width)
            .margin(egui::Margin { left: 30, right: 8, top: 4, bottom: 4 })
            .min_size(egui::vec2(0.0, height))
            .align(egui::Align2::LEFT_CENTER),
    );
    let glass = egui::Rect::from_center_size(
        egui::pos2(response.rect.left() + 16.0, response.rect.center().y),
        egui::vec2(14.0, 14.0),
    );
    icons::paint(ui.painter(), Icon::Search, glass, tokens(ui).muted);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
    if response.has_focus() && focus::take_esc(ui.ctx()) {
        text.clear();
        response.surrender_focus();
    }
    response
}
