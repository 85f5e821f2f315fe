//! The `?` overlay: every key that does something here, in one list.

use egui::{Grid, Ui};

use crate::desktop::focus;
use crate::desktop::keys::{Action, KEYS, LIST_KEYS, write};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::{button, sheet};

/// Of what this person may do. False when it was closed.
pub fn key_help(ui: &mut Ui, offered: impl Fn(Action) -> bool) -> bool {
    let (close, closed) = sheet::over(ui, egui::Id::unique("key help"), |ui| {
        ui.set_width(ui.ctx().content_rect().width().min(460.0) - 32.0);
        ui.label(theme::strong("Keys", theme::TITLE));
        ui.add_space(theme::SPACE[0]);
        egui::ScrollArea::vertical()
            .auto_shrink([false, true])
            .max_height(ui.ctx().content_rect().height() - 180.0)
            .show(ui, |ui| {
                Grid::new("keys").num_columns(2).spacing([24.0, 6.0]).show(ui, |ui| {
                    let table = KEYS
                        .iter()
                        .filter(|entry| offered(entry.action))
                        .map(|entry| (write(&entry.shortcut), entry.words));
                    let lists = LIST_KEYS.iter().map(|&(keys, words)| (keys.to_owned(), words));
                    for (keys, words) in table.chain(lists) {
                        key_cap(ui, &keys);
                        ui.label(words);
                        ui.end_row();
                    }
                });
            });
        ui.add_space(theme::SPACE[1]);
        let close = button::plain(ui, "Close", "Esc");
        focus::claim(&close);
        close.clicked() || focus::asked(ui.ctx())
    });
    !(close || closed)
}

/// A key as it looks on a keyboard.
pub fn key_cap(ui: &mut Ui, keys: &str) {
    let t = tokens(ui);
    egui::Frame::new()
        .fill(t.page)
        .stroke(egui::Stroke::new(1.0, t.line_strong))
        .corner_radius(4)
        .inner_margin(egui::Margin::symmetric(6, 1))
        .show(ui, |ui| ui.label(egui::RichText::new(keys).size(theme::CAPTION).color(t.text)));
}
