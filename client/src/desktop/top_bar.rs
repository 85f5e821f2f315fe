//! The top bar of wide windows: search, the person at this device, and the sync chip.

use egui::{Align, Key, Layout, Modifiers, Popup, Ui};

use super::frame::{FrameAnswer, FrameData, answer_of};
use super::icons::{self, Icon};
use super::intent::Thing;
use super::pick::{self, Choice};
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
        if let Some(thing) = results(ui, &field, data) {
            search.clear();
            field.surrender_focus();
            answer = Some(FrameAnswer::Open(thing));
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

/// What was found, below the field; Enter opens the chosen one.
fn results(ui: &mut Ui, field: &egui::Response, data: &FrameData) -> Option<Thing> {
    let chosen_id = field.id.with("chosen");
    let open_id = field.id.with("open");
    let mut open = ui.data(|data| data.get_temp::<bool>(open_id)).unwrap_or(false) || field.has_focus();
    if data.found.is_empty() || !open {
        return None;
    }
    let last = data.found.len() - 1;
    let mut chosen = ui.data(|data| data.get_temp::<usize>(chosen_id)).unwrap_or(0).min(last);
    if field.changed() {
        chosen = 0;
    }
    let mut taken = None;
    // Asked before the input is locked: a response looks it up in the same place.
    let left = field.lost_focus();
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            chosen = (chosen + 1).min(last);
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            chosen = chosen.saturating_sub(1);
        }
        if left && input.key_pressed(Key::Enter) {
            taken = data.found.get(chosen).map(|found| found.thing);
        }
    });
    ui.data_mut(|data| data.insert_temp(chosen_id, chosen));
    let popup = Popup::from_response(field).open(true).width(field.rect.width()).gap(4.0);
    let clicked = popup.show(|ui| {
        ui.set_width(field.rect.width() - 16.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut clicked = None;
        for (at, found) in data.found.iter().enumerate() {
            let choice = Choice { name: &found.name, small: found.small.clone(), right: found.kind.into() };
            if pick::row(ui, chosen_id.with(at), &choice, at == chosen) {
                clicked = Some(found.thing);
            }
        }
        clicked
    });
    if let Some(shown) = &clicked {
        open = field.has_focus() || !shown.response.clicked_elsewhere();
    }
    let taken = taken.or(clicked.and_then(|shown| shown.inner));
    ui.data_mut(|data| data.insert_temp(open_id, open && taken.is_none()));
    taken
}
