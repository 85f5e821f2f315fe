//! The lines of an order with their sum; a line opens to be changed.

use egui::{Align, Layout, Ui};
use waybill_shared::order::Discount;
use waybill_shared::order::commands;

use super::data::{DetailLine, OrderDetail};
use super::sheets::Sheet;
use super::view::DetailState;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::chip::pending_dot;
use crate::desktop::widgets::{button, card, money, quantity};

pub fn lines_card(ui: &mut Ui, data: &OrderDetail, state: &mut DetailState) {
    card::card(ui, |ui| {
        let may_add = data.is_open() && data.may.run::<commands::AddLine>();
        ui.horizontal(|ui| {
            card::heading(ui, "Lines");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if may_add && button::quiet(ui, "Add a line", "").clicked() {
                    state.sheet = Some(Sheet::add_line());
                }
            });
        });
        if data.lines.is_empty() {
            ui.label(theme::caption(ui, "Nothing ordered yet. Add the first line."));
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        for line in &data.lines {
            if row(ui, line, data.is_open() && data.may.run::<commands::SetQuantity>()) {
                state.sheet = Some(Sheet::line(line));
            }
        }
        ui.add_space(theme::SPACE[1]);
        sums(ui, data);
    });
}

/// True when it was pressed to be changed.
fn row(ui: &mut Ui, line: &DetailLine, may_change: bool) -> bool {
    let t = tokens(ui);
    let sense = if may_change { egui::Sense::click() } else { egui::Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 44.0), sense);
    let count = quantity::times(line.line.quantity, line.line.unit);
    response.widget_info(|| {
        let total = money::figure(line.total, line.line.currency);
        let words = format!("{count} {}, {total}", line.line.name);
        let role = if may_change { egui::Role::Button } else { egui::Role::ListItem };
        egui::WidgetInfo::labeled(role, true, words)
    });
    if response.hovered() && may_change || response.has_focus() {
        ui.painter().rect_filled(rect.expand2(egui::vec2(8.0, 0.0)), theme::CORNER, t.page);
    }
    ui.painter().hline(rect.x_range(), rect.top(), egui::Stroke::new(1.0, t.line));
    let layout = Layout::left_to_right(Align::Center);
    let mut place = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout));
    let ui = &mut place;
    let narrow = rect.width() < 380.0;
    ui.allocate_ui_with_layout(egui::vec2(44.0, 44.0), Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_width(44.0);
        quantity::show(ui, line.line.quantity, line.line.unit);
    });
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        fixed(ui, 84.0, |ui| {
            ui.label(theme::strong(money::figure(line.total, line.line.currency), theme::BODY));
        });
        if !narrow {
            fixed(ui, 84.0, |ui| {
                ui.label(
                    egui::RichText::new(money::price(line.line.price, line.line.currency))
                        .color(tokens(ui).muted),
                );
            });
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                ui.spacing_mut().interact_size.y = 16.0;
                let small = small_words(line, narrow);
                ui.add_space(if small.is_empty() { 13.0 } else { 5.0 });
                ui.horizontal(|ui| {
                    ui.add(egui::Label::new(&line.line.name).truncate());
                    if line.pending {
                        pending_dot(ui);
                    }
                });
                if !small.is_empty() {
                    ui.add(egui::Label::new(theme::caption(ui, small)).truncate());
                }
            });
        });
    });
    let response = if may_change { response.on_hover_text("Change this line") } else { response };
    response.clicked()
}

fn small_words(line: &DetailLine, narrow: bool) -> String {
    let mut parts = Vec::new();
    if line.delivered.is_positive() {
        let done = line.delivered >= line.line.quantity;
        parts.push(if done {
            "delivered".into()
        } else {
            format!("{} delivered", quantity::figure(line.delivered, line.line.unit))
        });
    }
    if narrow {
        parts.push(format!("at {}", money::price(line.line.price, line.line.currency)));
    }
    match line.line.discount {
        Discount::None => {}
        Discount::Percent(percent) => parts.push(format!("{percent} % off")),
        Discount::Amount(amount) => parts.push(format!("{} off", money::figure(amount, line.line.currency))),
    }
    parts.extend(line.line.note.clone());
    parts.join(" · ")
}

fn sums(ui: &mut Ui, data: &OrderDetail) {
    ui.spacing_mut().interact_size.y = 22.0;
    let currency = data.order.currency();
    let t = data.totals;
    let mut rows = vec![("Net", t.net, false), ("Tax", t.tax, false), ("Total", t.gross, true)];
    // Of a cancelled order only what was delivered is owed.
    let due = data.open + data.paid;
    if due != t.gross {
        rows.push(("Due", due, false));
    }
    if !data.paid.is_zero() {
        rows.push(("Paid", data.paid, false));
    }
    if !data.paid.is_zero() || due != t.gross {
        rows.push(("Owed", data.open, true));
    }
    for (name, amount, strong) in rows {
        ui.horizontal(|ui| {
            ui.set_min_height(22.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                fixed(ui, 110.0, |ui| {
                    let text = money::words(amount, currency);
                    if strong {
                        ui.label(theme::strong(text, theme::EMPHASIS));
                    } else {
                        ui.label(egui::RichText::new(text).color(tokens(ui).muted));
                    }
                });
                ui.label(theme::caption(ui, name));
            });
        });
    }
}

/// A place of its own width, filled from the right.
fn fixed(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    let height = ui.available_height().min(44.0);
    ui.allocate_ui_with_layout(egui::vec2(width, height), Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_width(width);
        contents(ui);
    });
}
