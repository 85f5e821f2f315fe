//! The facts of a thing: a name in grey, its value beside it, each value perhaps with a way to change it.

use egui::{Response, Ui, vec2};

use super::{button, chip};
use crate::desktop::theme::{self, tokens};

const NAME_WIDTH: f32 = 112.0;

/// One line; empty values show what could stand there.
pub fn fact(ui: &mut Ui, name: &str, value: &str, pending: bool) {
    line(ui, name, |ui| {
        put_value(ui, value, pending);
    });
}

/// One line that can be changed: the response of its *Change* button.
pub fn changeable(ui: &mut Ui, name: &str, value: &str, pending: bool) -> Response {
    line(ui, name, |ui| {
        put_value(ui, value, pending);
        let words = if value.is_empty() { "Add" } else { "Change" };
        let response = button::quiet(ui, words, &format!("{words} {}", name.to_lowercase()));
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{words} {}", name.to_lowercase()))
        });
        response
    })
}

/// A line whose value the caller draws.
pub fn line<R>(ui: &mut Ui, name: &str, value: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        let touch = ui.spacing().interact_size.y > theme::ROW;
        ui.spacing_mut().interact_size.y = if touch { 32.0 } else { 22.0 };
        let size = vec2(NAME_WIDTH, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_size(size);
            ui.add(egui::Label::new(egui::RichText::new(name).color(tokens(ui).muted)).wrap());
        });
        ui.horizontal_wrapped(value).inner
    })
    .inner
}

fn put_value(ui: &mut Ui, value: &str, pending: bool) {
    if value.is_empty() {
        ui.label(theme::caption(ui, "none yet"));
    } else {
        ui.label(value);
    }
    if pending {
        chip::pending_dot(ui);
    }
}
