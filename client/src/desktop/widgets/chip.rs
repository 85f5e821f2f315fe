//! A status in a word with a dot: colour never stands alone.

use egui::{Color32, Response, Role, Sense, Ui, WidgetInfo, vec2};

use crate::desktop::theme::{self, Tokens, tokens};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    Good,
    Warn,
    Bad,
    #[default]
    Neutral,
}

impl Mood {
    pub fn ink(self, t: &Tokens) -> Color32 {
        match self {
            Self::Good => t.good.ink,
            Self::Warn => t.warn.ink,
            Self::Bad => t.bad.ink,
            Self::Neutral => t.muted,
        }
    }

    pub fn ground(self, t: &Tokens) -> Color32 {
        match self {
            Self::Good => t.good.ground,
            Self::Warn => t.warn.ground,
            Self::Bad => t.bad.ground,
            Self::Neutral => t.page,
        }
    }
}

/// A word on its soft ground.
pub fn chip(ui: &mut Ui, mood: Mood, words: &str) -> Response {
    paint(ui, mood, words, Sense::hover(), ROOMY)
}

/// The same where many stand under each other.
pub fn small_chip(ui: &mut Ui, mood: Mood, words: &str) -> Response {
    paint(ui, mood, words, Sense::hover(), TIGHT)
}

/// A chip that can be pressed.
pub fn chip_button(ui: &mut Ui, mood: Mood, words: &str) -> Response {
    paint(ui, mood, words, Sense::click(), ROOMY)
}

/// The small hollow dot that marks what the server has not accepted yet.
pub fn pending_dot(ui: &mut Ui) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter().circle_stroke(rect.center(), 3.5, egui::Stroke::new(1.4, tokens(ui).muted));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, "waits to be sent"));
    response.on_hover_text("Saved on this device, waits to be sent")
}

/// Room before the dot, between dot and word, and behind the word.
#[derive(Clone, Copy)]
struct Pad {
    dot: f32,
    word: f32,
    end: f32,
}

const ROOMY: Pad = Pad { dot: 11.0, word: 18.0, end: 8.0 };
const TIGHT: Pad = Pad { dot: 8.0, word: 14.0, end: 6.0 };

fn paint(ui: &mut Ui, mood: Mood, words: &str, sense: Sense, pad: Pad) -> Response {
    let t = tokens(ui);
    let room = (ui.available_width() - pad.word - pad.end).max(24.0);
    let mut job = egui::text::LayoutJob::simple_singleline(
        words.to_owned(),
        theme::font(theme::CAPTION, false),
        mood.ink(t),
    );
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.painter().layout_job(job);
    let size = vec2(galley.size().x + pad.word + pad.end, 20.0);
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| {
        let role = if sense.senses_click() { Role::Button } else { Role::Label };
        WidgetInfo::labeled(role, true, words)
    });
    if ui.is_rect_visible(rect) {
        let line = if response.hovered() && sense.senses_click() || response.has_focus() {
            mood.ink(t)
        } else if mood == Mood::Neutral {
            t.line
        } else {
            mood.ground(t)
        };
        let painter = ui.painter();
        painter.rect(rect, 10.0, mood.ground(t), egui::Stroke::new(1.0, line), egui::StrokeKind::Inside);
        let center = egui::pos2(rect.left() + pad.dot, rect.center().y);
        painter.circle_filled(center, 3.0, mood.ink(t));
        painter.galley(
            egui::pos2(rect.left() + pad.word, rect.center().y - galley.size().y / 2.0),
            galley,
            t.text,
        );
    }
    response
}
