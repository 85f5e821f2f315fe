//! Buttons: the one primary step of a screen, ordinary ones, and quiet ones in rows.

use egui::{
    Button, Response, Role, Sense, Stroke, TextStyle, TextWrapMode, Ui, WidgetInfo, WidgetText, vec2,
};

use crate::desktop::icons::{self, Icon};
use crate::desktop::theme::{self, tokens};

/// The next step: the largest thing on the screen.
pub fn primary(ui: &mut Ui, words: &str, tip: &str) -> Response {
    let height = primary_height(ui);
    primary_sized(ui, words, tip, vec2(140.0, height), true)
}

/// The next step over the whole width, as on narrow screens.
pub fn primary_wide(ui: &mut Ui, words: &str, tip: &str, enabled: bool) -> Response {
    let size = vec2(ui.available_width(), primary_height(ui));
    primary_sized(ui, words, tip, size, enabled)
}

pub fn primary_sized(ui: &mut Ui, words: &str, tip: &str, size: egui::Vec2, enabled: bool) -> Response {
    let t = tokens(ui);
    let (fill, ink) = if enabled { (t.accent, t.on_accent) } else { (t.line, t.muted) };
    // Long words make it wider, never higher.
    let size = vec2(size.x.max(width(ui, words)), size.y);
    let text = theme::strong(words, theme::EMPHASIS).color(ink);
    let button = Button::new(text).wrap_mode(TextWrapMode::Extend).fill(fill).stroke(Stroke::new(1.0, fill));
    hint(ui.add_enabled_ui(enabled, |ui| ui.add_sized(size, button)).inner, tip)
}

/// How wide a button with these words is.
pub fn width(ui: &Ui, words: &str) -> f32 {
    let text = WidgetText::from(theme::strong(words, theme::EMPHASIS));
    let text = text.into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Button);
    text.size().x + 2.0 * ui.spacing().button_padding.x
}

pub fn plain(ui: &mut Ui, words: &str, tip: &str) -> Response {
    hint(ui.add(Button::new(words)), tip)
}

/// A button that undoes or ends something.
pub fn danger(ui: &mut Ui, words: &str, tip: &str) -> Response {
    let t = tokens(ui);
    let text = egui::RichText::new(words).color(t.bad.ink);
    hint(ui.add(Button::new(text).stroke(Stroke::new(1.0, t.bad.ink)).fill(t.bad.ground)), tip)
}

/// A button without a frame, for a row or a sentence.
pub fn quiet(ui: &mut Ui, words: &str, tip: &str) -> Response {
    let text = egui::RichText::new(words).color(tokens(ui).accent);
    let button = Button::new(text).frame_when_inactive(false).wrap_mode(egui::TextWrapMode::Extend);
    // It stands in sentences and at the left edge of rows, where a full padding would look like an indent.
    // Not in a scope of its own: there it would not go on to the next line.
    let padding = std::mem::replace(&mut ui.spacing_mut().button_padding, vec2(4.0, 0.0));
    let response = ui.add(button);
    ui.spacing_mut().button_padding = padding;
    hint(response, tip)
}

/// One line of a menu, its words at the left edge and its key at the right one.
pub fn menu_item(ui: &mut Ui, words: &str, keys: &str, tip: &str) -> Response {
    let height = ui.spacing().interact_size.y;
    let mut item = Button::new(words).frame_when_inactive(false).min_size(vec2(0.0, height));
    if !keys.is_empty() {
        item = item.shortcut_text(keys);
    }
    hint(ui.add(item), tip)
}

/// A switch between a few choices, pressed or not.
pub fn choice(ui: &mut Ui, selected: bool, words: &str, tip: &str) -> Response {
    let t = tokens(ui);
    let (fill, line, ink) =
        if selected { (t.accent_soft, t.accent, t.text) } else { (t.raised, t.line_strong, t.text) };
    let button = Button::new(egui::RichText::new(words).color(ink)).fill(fill).stroke(Stroke::new(1.0, line));
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, words));
    hint(response, tip)
}

/// A square button with an icon; its name is for readers and the tooltip.
pub fn icon(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let look = ui.style().interact(&response);
        if response.hovered() || response.has_focus() {
            ui.painter().rect(
                rect,
                look.corner_radius,
                look.weak_bg_fill,
                look.bg_stroke,
                egui::StrokeKind::Inside,
            );
        }
        let ink = if ui.is_enabled() { tokens(ui).text } else { tokens(ui).faint };
        icons::paint(ui.painter(), icon, egui::Rect::from_center_size(rect.center(), vec2(16.0, 16.0)), ink);
    }
    response.on_hover_text(name)
}

fn primary_height(ui: &Ui) -> f32 {
    ui.spacing().interact_size.y.max(36.0)
}

fn hint(response: Response, tip: &str) -> Response {
    if tip.is_empty() { response } else { response.on_hover_text(tip) }
}
