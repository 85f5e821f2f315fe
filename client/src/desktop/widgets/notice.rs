//! A short word on what was just done, with its undo; it goes by itself and never covers the work.

use egui::{Align2, Area, Context, Id, Order, vec2};

use super::{button, chip::Mood};
use crate::desktop::keys::{self, Action};
use crate::desktop::theme::{self, tokens};

const SECONDS: f64 = 8.0;

/// What is shown, at most one: a newer one replaces it. `U` is what undoing means to its owner.
#[derive(Debug)]
pub struct Notices<U> {
    current: Option<Notice<U>>,
}

#[derive(Debug)]
struct Notice<U> {
    words: String,
    mood: Mood,
    undo: Option<U>,
    until: Option<f64>,
}

impl<U> Default for Notices<U> {
    fn default() -> Self {
        Self { current: None }
    }
}

impl<U> Notices<U> {
    pub fn say(&mut self, words: impl Into<String>, undo: Option<U>) {
        self.current = Some(Notice { words: words.into(), mood: Mood::Good, undo, until: None });
    }

    /// A sentence about what did not work: it stays until it is closed.
    pub fn warn(&mut self, words: impl Into<String>) {
        self.current = Some(Notice { words: words.into(), mood: Mood::Bad, undo: None, until: None });
    }

    pub fn words(&self) -> Option<&str> {
        self.current.as_ref().map(|notice| notice.words.as_str())
    }

    /// Draws it at the upper edge, over bar and titles: what is to be pressed next stands at the lower one, and
    /// amounts between. What to undo, when that was pressed.
    pub fn show(&mut self, ctx: &Context) -> Option<U> {
        let now = ctx.input(|input| input.time);
        let notice = self.current.as_mut()?;
        let until = *notice.until.get_or_insert(now + SECONDS);
        if notice.mood == Mood::Good && now > until {
            self.current = None;
            return None;
        }
        if notice.mood == Mood::Good {
            ctx.request_repaint_after_secs((until - now) as f32 + 0.05);
        }
        let mut close = false;
        let mut undo = notice.undo.is_some() && keys::pressed(ctx, Action::Undo);
        let width = ctx.content_rect().width().min(560.0) - 32.0;
        Area::new(Id::unique("notice"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, theme::SPACE[0]))
            .show(ctx, |ui| {
                let t = tokens(ui);
                let frame = egui::Frame::new()
                    .fill(t.raised)
                    .stroke(egui::Stroke::new(1.0, t.line_strong))
                    .corner_radius(theme::CARD_CORNER)
                    .shadow(ui.visuals().popup_shadow)
                    .inner_margin(egui::Margin::symmetric(16, 4));
                let shown = frame.show(ui, |ui| {
                    ui.set_max_width(width);
                    ui.horizontal(|ui| {
                        let sign = if notice.mood == Mood::Good { "✓" } else { "⚠" };
                        ui.label(egui::RichText::new(sign).color(notice.mood.ink(t)));
                        let room = width - if notice.undo.is_some() { 140.0 } else { 90.0 };
                        ui.scope(|ui| {
                            ui.set_max_width(room);
                            ui.add(egui::Label::new(&notice.words).wrap());
                        });
                        if notice.undo.is_some() {
                            undo |= button::quiet(ui, "Undo", &keys::tip("Undo", Action::Undo)).clicked();
                        }
                        close = button::icon(ui, crate::desktop::icons::Icon::Close, "Close this notice")
                            .clicked();
                    });
                });
                let id = Id::unique("notice words");
                let place = ui.interact(shown.response.rect, id, egui::Sense::hover());
                place.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, "Notice"));
            });
        if undo {
            return self.current.take().and_then(|notice| notice.undo);
        }
        if close {
            self.current = None;
        }
        None
    }
}

/// Below the title of a list that only the server has: why it is not as it is now.
pub fn standing(ui: &mut egui::Ui, live: bool, known: bool, trouble: Option<&str>) {
    let words = match (live, known, trouble) {
        (false, true, _) => "Offline: this is as it was. Deciding needs the server.",
        (false, false, _) => "This needs the server, which cannot be reached just now.",
        (true, _, Some(trouble)) => trouble,
        (true, false, None) => "Asking the server …",
        (true, true, None) => return,
    };
    ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
}
