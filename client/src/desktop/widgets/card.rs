//! A sheet of surface with a hairline around it.

use egui::{CornerRadius, Frame, InnerResponse, Margin, Stroke, Ui};

use crate::desktop::theme::{self, tokens};

pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    frame(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        contents(ui)
    })
}

/// A card with a heading above its contents.
pub fn titled<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    card(ui, |ui| {
        heading(ui, title);
        contents(ui)
    })
}

/// The heading of a part of a screen.
pub fn heading(ui: &mut Ui, title: &str) {
    ui.label(theme::strong(title, theme::EMPHASIS));
}

pub fn frame(ui: &Ui) -> Frame {
    let t = tokens(ui);
    Frame::new()
        .fill(t.surface)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(CornerRadius::same(theme::CARD_CORNER))
        .inner_margin(Margin::same(16))
}
