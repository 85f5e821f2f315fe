//! What happened to a thing, newest first: when · where · what, and who; a hollow dot while it waits to be sent.

use egui::{Sense, Ui, vec2};

use crate::desktop::theme::{self, tokens};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Already in words: `Mon 14:03`.
    pub when: String,
    pub device: String,
    pub words: String,
    pub person: String,
    pub pending: bool,
    /// Struck out: reversed or undone later.
    pub reversed: bool,
}

/// Draws the entries; the index of one whose *Reverse* was pressed, where `may_reverse` allows it.
pub fn timeline(ui: &mut Ui, entries: &[Entry], may_reverse: impl Fn(usize) -> bool) -> Option<usize> {
    let mut reversed = None;
    let t = tokens(ui);
    for (index, entry) in entries.iter().enumerate() {
        let row = ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = theme::SPACE[1];
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
            if entry.pending {
                ui.painter().circle_stroke(rect.center(), 4.0, egui::Stroke::new(1.5, t.muted));
            } else {
                ui.painter().circle_filled(rect.center(), 4.0, t.line_strong);
            }
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                let mut words = egui::RichText::new(&entry.words);
                if entry.reversed {
                    words = words.strikethrough().color(t.muted);
                }
                ui.horizontal_wrapped(|ui| {
                    ui.label(words);
                    if may_reverse(index) && !entry.reversed {
                        let button = super::button::quiet(
                            ui,
                            "Reverse",
                            "Both entries stay; this one no longer counts",
                        );
                        button.widget_info(|| {
                            egui::WidgetInfo::labeled(
                                egui::Role::Button,
                                true,
                                format!("Reverse {}", entry.words),
                            )
                        });
                        if button.clicked() {
                            reversed = Some(index);
                        }
                    }
                });
                let mut parts: Vec<&str> = [&entry.when, &entry.device, &entry.person]
                    .into_iter()
                    .map(String::as_str)
                    .filter(|part| !part.is_empty())
                    .collect();
                if entry.pending {
                    parts.push("waits to be sent");
                }
                ui.label(theme::caption(ui, parts.join(" · ")));
            });
        });
        let x = row.response.rect.left() + 7.0;
        if index + 1 < entries.len() {
            let rect = row.response.rect;
            ui.painter().vline(x, rect.top() + 18.0..=rect.bottom() + 6.0, egui::Stroke::new(1.0, t.line));
        }
    }
    reversed
}
