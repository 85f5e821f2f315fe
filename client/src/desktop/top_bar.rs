//! The top bar of wide windows: search, the person at this device, and the sync chip.

use egui::{Align, Layout, Popup, Ui};

use super::frame::{FrameAnswer, FrameData, answer_of};
use super::icons::{self, Icon};
use super::theme::{self, tokens};
use super::widgets::{button, search_field, sync_chip};

pub fn search_id() -> egui::Id {
    egui::Id::unique("search everywhere")
}

pub fn top_bar(ui: &mut Ui, data: &FrameData, search: &mut String) -> Option<FrameAnswer> {
    let mut answer = None;
    ui.horizontal(|ui| {
        ui.set_min_height(theme::ROW);
        let width = (ui.available_width() * 0.42).clamp(160.0, 420.0);
        let hint = "Search orders, customers, products (Ctrl+K)";
        let field = search_field::search_field(ui, search_id(), "Search", hint, search, width);
        if field.changed() || field.gained_focus() {
            answer = Some(FrameAnswer::Search);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let chip = sync_chip::sync_chip(ui, &data.sync, &data.detail, data.now);
            answer = answer.or(chip.map(answer_of));
            ui.add_space(theme::SPACE[1]);
            let name = ui.add(egui::Button::new(&data.person).frame_when_inactive(false));
            icons::show(ui, Icon::Person, 16.0, tokens(ui).muted);
            Popup::menu(&name).show(|ui| {
                ui.set_min_width(200.0);
                ui.label(theme::strong(&data.person, theme::BODY));
                ui.label(theme::caption(ui, format!("{} · {}", data.role, data.device)));
                ui.separator();
                if button::plain(ui, "Sign out", "What waits here stays on this device").clicked() {
                    answer = Some(FrameAnswer::SignOut);
                }
                if button::plain(ui, "Keys", "?").clicked() {
                    answer = Some(FrameAnswer::Help);
                }
            });
        });
    });
    answer
}
