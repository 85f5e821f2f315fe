//! The facts of a thing: a name in grey, its value beside it, each value perhaps with a way to change it.

use std::sync::Arc;

use egui::{Align, Galley, Label, Layout, Response, RichText, TextStyle, TextWrapMode, Ui, WidgetText, vec2};

use super::{button, chip};
use crate::desktop::frame::is_touch;
use crate::desktop::theme::{self, tokens};

/// On wide windows and on phones.
const NAME_WIDTH: [f32; 2] = [112.0, 88.0];
/// Kept free behind a value that fills its column, for *Change*.
const CHANGE_WIDTH: f32 = 68.0;

/// One line; empty values show what could stand there.
pub fn fact(ui: &mut Ui, name: &str, value: &str, pending: bool) {
    named(ui, name, |ui| put_value(ui, value, pending, ui.available_width()));
}

/// One line that can be changed: the response of its *Change* button.
pub fn changeable(ui: &mut Ui, name: &str, value: &str, pending: bool) -> Response {
    named(ui, name, |ui| {
        let room = ui.available_width();
        let beside = room - CHANGE_WIDTH - ui.spacing().item_spacing.x;
        if is_touch(ui) && text(ui, value, f32::INFINITY).size().x > beside {
            // The column of a phone is too narrow for both.
            return ui
                .vertical(|ui| {
                    ui.horizontal_top(|ui| put_value(ui, value, pending, room));
                    change(ui, name, value)
                })
                .inner;
        }
        put_value(ui, value, pending, beside);
        change(ui, name, value)
    })
}

/// A line whose value the caller draws.
pub fn line<R>(ui: &mut Ui, name: &str, value: impl FnOnce(&mut Ui) -> R) -> R {
    named(ui, name, |ui| ui.horizontal_wrapped(value).inner)
}

fn named<R>(ui: &mut Ui, name: &str, value: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        let [wide, narrow] = NAME_WIDTH;
        let (width, height) = if is_touch(ui) { (narrow, 32.0) } else { (wide, 22.0) };
        ui.spacing_mut().interact_size.y = height;
        let size = vec2(width, height);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.add(Label::new(RichText::new(name).color(tokens(ui).muted)).wrap());
        });
        value(ui)
    })
    .inner
}

fn change(ui: &mut Ui, name: &str, value: &str) -> Response {
    let words = if value.is_empty() { "Add" } else { "Change" };
    let said = format!("{words} {}", name.to_lowercase());
    let size = vec2(CHANGE_WIDTH, ui.spacing().interact_size.y);
    let middle = Layout::left_to_right(Align::Center);
    let response = ui.allocate_ui_with_layout(size, middle, |ui| button::quiet(ui, words, &said)).inner;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &said));
    response
}

/// A long value keeps to its column, its rows close to each other however high a line is for thumbs.
fn put_value(ui: &mut Ui, value: &str, pending: bool, room: f32) {
    let height = ui.spacing().interact_size.y;
    let dot = vec2(10.0, height);
    let room = if pending { room - dot.x - ui.spacing().item_spacing.x } else { room };
    let text = text(ui, value, room.max(80.0));
    let above = text.rows.first().map_or(0.0, |row| (height - row.height()) / 2.0);
    ui.vertical(|ui| {
        ui.add_space(above.max(0.0).floor());
        ui.add(Label::new(text));
    });
    if pending {
        ui.allocate_ui_with_layout(dot, Layout::left_to_right(Align::Center), chip::pending_dot);
    }
}

fn text(ui: &Ui, value: &str, room: f32) -> Arc<Galley> {
    let text = if value.is_empty() { theme::caption(ui, "none yet") } else { RichText::new(value) };
    WidgetText::from(text).into_galley(ui, Some(TextWrapMode::Wrap), room, TextStyle::Body)
}
