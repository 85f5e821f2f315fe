//! The top bar of wide windows: search, the person at this device, and the sync chip.

use egui::{Align, Key, Layout, Modifiers, Popup, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::frame::{FrameAnswer, FrameData, answer_of};
use super::icons::{self, Icon};
use super::intent::Thing;
use super::person_menu::person_menu;
use super::pick::{self, Choice};
use super::theme::{self, tokens};
use super::widgets::sync_chip::STRIP;
use super::widgets::{search_field, sync_chip};

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
            answer = answer.or(person_menu(&name, data));
        });
    });
    answer
}

/// The person at this device, in the strip of narrow windows.
pub fn person_strip(ui: &mut Ui, data: &FrameData) -> Option<FrameAnswer> {
    let t = tokens(ui);
    let font = theme::font(theme::CAPTION, true);
    let words = ui.painter().layout_no_wrap(data.person.clone(), font, t.text);
    let width = (words.size().x + 36.0).min(ui.available_width() * 0.45);
    let (rect, name) = ui.allocate_exact_size(vec2(width, STRIP), Sense::click());
    name.widget_info(|| WidgetInfo::labeled(Role::Button, true, &data.person));
    ui.painter().rect_filled(rect, 0.0, t.surface);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, t.line));
    let icon = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), vec2(14.0, 14.0));
    icons::paint(ui.painter(), Icon::Person, icon, t.muted);
    let at = pos2(rect.left() + 28.0, rect.center().y - words.size().y / 2.0);
    ui.painter().with_clip_rect(rect.shrink2(vec2(4.0, 0.0))).galley(at, words, t.text);
    person_menu(&name, data)
}

/// What was found, below the field; Enter opens the chosen one.
fn results(ui: &mut Ui, field: &egui::Response, data: &FrameData) -> Option<Thing> {
    let chosen_id = field.id.with("chosen");
    let open_id = field.id.with("open");
    // A press on a result takes the keyboard from the field before it is let go.
    let pressing = ui.input(|input| input.pointer.any_down() || input.pointer.any_released());
    let was_open = ui.data(|data| data.get_temp::<bool>(open_id)).unwrap_or(false);
    let left = field.lost_focus();
    let has = field.has_focus();
    let open = has || left || was_open && pressing;
    ui.data_mut(|memory| {
        memory.insert_temp(open_id, (has || was_open && pressing) && !data.found.is_empty())
    });
    if data.found.is_empty() || !open {
        return None;
    }
    let last = data.found.len() - 1;
    let mut chosen = ui.data(|data| data.get_temp::<usize>(chosen_id)).unwrap_or(0).min(last);
    if field.changed() {
        chosen = 0;
    }
    let mut taken = None;
    ui.input_mut(|input| {
        if !has {
            taken = (left && input.key_pressed(Key::Enter)).then(|| data.found.get(chosen)).flatten();
            return;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            chosen = (chosen + 1).min(last);
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            chosen = chosen.saturating_sub(1);
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
    let taken = taken.map(|found| found.thing).or(clicked.and_then(|shown| shown.inner));
    if taken.is_some() {
        ui.data_mut(|memory| memory.insert_temp(open_id, false));
    }
    taken
}
