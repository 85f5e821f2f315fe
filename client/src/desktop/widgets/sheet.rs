//! A sheet over the screen: one small form, its first field with the keyboard, and one primary button.

use egui::{Id, Layout, Modal, Ui, vec2};

use super::button;
use crate::desktop::focus;
use crate::desktop::frame::is_touch;
use crate::desktop::theme;

/// As wide as a form is read well.
const WIDTH: f32 = 420.0;

/// A sheet over the panel; also true when it was closed by Esc or a press beside it.
pub fn sheet<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    wide_sheet(ui, title, WIDTH, contents)
}

pub fn wide_sheet<R>(ui: &mut Ui, title: &str, width: f32, contents: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let size = ui.spacing().clone();
    let room = ui.ctx().content_rect();
    // A phone has no room to leave free.
    let beside = if is_touch(ui) { 28.0 } else { 64.0 };
    over(ui, Id::unique(("sheet", title)), |ui| {
        *ui.spacing_mut() = size;
        ui.set_width((room.width() - beside).min(width));
        ui.set_max_height(room.height() - 48.0);
        ui.add(egui::Label::new(theme::strong(title, theme::TITLE)).truncate());
        ui.add_space(theme::SPACE[0]);
        contents(ui)
    })
}

/// What lies over the screen and has the keyboard as long as it does; true when it was closed.
pub fn over<R>(ui: &Ui, id: Id, contents: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let ctx = ui.ctx();
    focus::sheet(ctx, id);
    let inner: i8 = if is_touch(ui) { 12 } else { 20 };
    let frame = egui::Frame::popup(ui.style()).inner_margin(inner);
    let shown = Modal::new(id).frame(frame).show(ctx, |ui| {
        let answer = contents(ui);
        // While only its size is found, nothing of it can take the keyboard.
        focus::sheet_ends(ctx, !ui.is_sizing_pass());
        answer
    });
    let closed = shown.backdrop_response.clicked() || shown.is_top_modal && focus::take_esc(ctx);
    (shown.inner, closed)
}

/// The two buttons at the foot of a form: true for the primary one, also by Enter in a field and by Ctrl+Enter.
pub fn buttons(ui: &mut Ui, words: &str, ready: bool) -> Option<bool> {
    buttons_or(ui, words, "Cancel", ready)
}

/// The same where *Cancel* would be read as the step itself.
pub fn buttons_or(ui: &mut Ui, words: &str, other: &str, ready: bool) -> Option<bool> {
    let mut pressed = focus::asked(ui.ctx()).then_some(true);
    ui.add_space(theme::SPACE[1]);
    let height = ui.spacing().interact_size.y.max(36.0);
    // Tab goes the way the eye goes, so they are drawn from the left, at the right edge.
    let gap = ui.spacing().item_spacing.x;
    let widths = [button::width(ui, other), button::width(ui, words).max(140.0)];
    let free = ui.available_width() - widths.iter().sum::<f32>() - gap;
    let row = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(row, Layout::left_to_right(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(free.max(0.0));
        let cancel = button::plain(ui, other, "Esc");
        ui.add_space(gap);
        let primary = button::primary_sized(ui, words, "Ctrl+Enter", vec2(140.0, height), ready);
        if !focus::claim(&primary) {
            focus::claim(&cancel);
        }
        if primary.clicked() {
            focus::seek_wrong(ui.ctx());
            pressed = Some(true);
        }
        if cancel.clicked() {
            pressed = Some(false);
        }
    });
    pressed.filter(|yes| ready || !yes)
}
