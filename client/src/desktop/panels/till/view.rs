//! Draws the till.

use egui::{Align, Align2, Id, Layout, Ui};
use waybill_shared::location::LocationKind;
use waybill_shared::money::Currency;
use waybill_shared::order::amounts;

use super::{PayForm, TillData, TillState, pay};
use crate::booked_at::Deed;
use crate::desktop::drafts;
use crate::desktop::focus;
use crate::desktop::frame::{self, Size};
use crate::desktop::icons::Icon;
use crate::desktop::intent::Intent;
use crate::desktop::keys::{self, Action};
use crate::desktop::not_sold::not_sold_ui;
use crate::desktop::panels::booked_at::place_line;
use crate::desktop::panels::new_order::NO_LOCATION;
use crate::desktop::pick::ProductHit;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::{button, card, money, quantity};

pub fn till_ui(ui: &mut Ui, data: &TillData, state: &mut TillState, size: Size) -> Option<Intent> {
    let ctx = ui.ctx().clone();
    if state.pay.is_none() && missing(data, state).is_none() && keys::pressed(&ctx, Action::NextStep) {
        open_pay(state, data.currency);
    }
    let mut intent = None;
    if size == Size::Wide {
        let width = (ui.available_width() * 0.5).round();
        let ground = egui::Frame::new().fill(tokens(ui).surface);
        egui::Panel::left(Id::unique("till sale")).frame(ground).resizable(false).exact_size(width).show(
            ui,
            |ui| {
                total_foot(ui, data, state);
                frame::body(ui, "sale", |ui| {
                    intent = heading(ui, data);
                    change(ui, state);
                    lines(ui, state);
                });
            },
        );
        pay_foot(ui, data, state);
        frame::body(ui, "till search", |ui| intent = search(ui, data, state).or(intent.take()));
    } else {
        pay_foot(ui, data, state);
        frame::body(ui, "till", |ui| {
            intent = heading(ui, data);
            change(ui, state);
            intent = search(ui, data, state).or(intent.take());
            lines(ui, state);
            // While something is looked up the keyboard is in use, and the room is the list's.
            if state.selected.is_some() && state.product.typed.is_empty() {
                number_pad(ui, state);
            }
        });
    }
    pay::pay_ui(ui, data, state).or(intent)
}

fn heading(ui: &mut Ui, data: &TillData) -> Option<Intent> {
    let here = data.at.usual.as_ref();
    ui.horizontal_wrapped(|ui| {
        let words =
            if here.is_some_and(|row| row.kind == LocationKind::Van) { "Van sale" } else { "Counter sale" };
        ui.label(theme::strong(words, theme::TITLE));
        place_line(ui, Deed::Sale, &data.at, here)
    })
    .inner
}

/// Why nothing can be paid yet.
fn missing(data: &TillData, state: &TillState) -> Option<&'static str> {
    if data.at.places.is_empty() {
        Some(NO_LOCATION)
    } else if data.at.usual.is_none() {
        Some("Choose first where you sell.")
    } else if !state.ready() {
        Some("Add a product first.")
    } else {
        None
    }
}

/// What goes back over the counter, to be read with a customer in front.
fn change(ui: &mut Ui, state: &TillState) {
    let Some((amount, currency)) = state.change else { return };
    let shown = card::card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong("Change", theme::EMPHASIS));
            money::show_large(ui, amount, currency);
        });
    });
    let place = ui.interact(shown.response.rect, Id::unique("change"), egui::Sense::hover());
    place.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Status,
            true,
            format!("Change {}", money::words(amount, currency)),
        )
    });
}

fn search(ui: &mut Ui, data: &TillData, state: &mut TillState) -> Option<Intent> {
    // A scanner types the code and Enter: what fits exactly is sold at once, without choosing.
    let choices: Vec<_> = data.products.iter().map(ProductHit::choice).collect();
    let hint = "Scan, or type a name or number";
    let id = Id::unique("till product");
    focus::home(ui.ctx(), id);
    let taken = state.product.show(ui, id, "Product", hint, &choices);
    if !state.product.typed.is_empty() {
        state.unknown = None;
    }
    if state.product.missed {
        // The next code is scanned before anybody looks.
        let typed = std::mem::take(&mut state.product.typed);
        state.unknown = Some(format!("No product has the name, number or barcode “{typed}”."));
        state.product.clear();
    }
    if let Some(at) = taken {
        let exact: Vec<&ProductHit> = data.products.iter().filter(|hit| hit.exact).collect();
        match exact.as_slice() {
            // Two devices gave it without a network: a guess would sell the wrong one.
            [_, _, ..] => {
                state.unknown = Some(several(&exact));
                state.product.clear();
            }
            [hit] => state.add(hit),
            [] => data.products.get(at).into_iter().for_each(|hit| state.add(hit)),
        }
    } else if let Some(unknown) = &state.unknown {
        let text = egui::RichText::new(unknown).color(tokens(ui).bad.ink);
        ui.add(egui::Label::new(text).wrap());
    } else if data.products.is_empty() && !state.product.typed.trim().is_empty() {
        ui.label(theme::caption(ui, "No product fits that name, number or barcode."));
    } else if data.at.places.is_empty() {
        ui.label(theme::caption(ui, NO_LOCATION));
    } else if state.product.typed.is_empty() && state.lines.is_empty() {
        ui.label(theme::caption(ui, "Scan a product or type its name; Enter adds one."));
    }
    not_sold_ui(ui, &mut state.not_sold, &mut state.product)
}

fn several(hits: &[&ProductHit]) -> String {
    let names: Vec<&str> = hits.iter().map(|hit| hit.name.as_str()).collect();
    format!(
        "{} products have this number or barcode: {}. Type the name of the one that is meant, and take it off the other.",
        hits.len(),
        names.join(", ")
    )
}

fn lines(ui: &mut Ui, state: &mut TillState) {
    let mut change = 0;
    let gap = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 2.0);
    for at in 0..state.lines.len() {
        let Some(line) = state.lines.get(at) else { continue };
        let selected = state.selected == Some(at);
        let t = tokens(ui);
        let (rect, response) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), 48.0), egui::Sense::click());
        let count = quantity::times(line.quantity, line.unit);
        let total = money::figure(amounts::line(line).gross, line.currency);
        response.widget_info(|| {
            let words = format!("{count} {}, {total}", line.name);
            egui::WidgetInfo::selected(egui::Role::ListItem, true, selected, words)
        });
        let ground = if selected { t.accent_soft } else { t.surface };
        ui.painter().rect_filled(rect, theme::CORNER, ground);
        let painter = ui.painter().with_clip_rect(rect);
        let left = rect.left() + 12.0;
        let strong = theme::font(theme::EMPHASIS, true);
        let count_rect = painter.text(
            egui::pos2(left, rect.center().y),
            Align2::LEFT_CENTER,
            count,
            strong.clone(),
            t.text,
        );
        let total_rect = painter.text(
            egui::pos2(rect.right() - 12.0, rect.center().y),
            Align2::RIGHT_CENTER,
            total,
            strong,
            t.text,
        );
        let name_left = count_rect.right().max(left + 44.0) + 8.0;
        let buttons = if selected { 72.0 } else { 0.0 };
        let room = total_rect.left() - name_left - 12.0 - buttons;
        let font = theme::font(theme::EMPHASIS, false);
        let mut job = egui::text::LayoutJob::simple_singleline(line.name.clone(), font, t.text);
        job.wrap = egui::text::TextWrapping::truncate_at_width(room.max(40.0));
        let name = painter.layout_job(job);
        painter.galley(egui::pos2(name_left, rect.center().y - name.size().y / 2.0), name, t.text);
        if selected {
            let place = egui::Rect::from_min_max(
                egui::pos2(total_rect.left() - 84.0, rect.top()),
                egui::pos2(total_rect.left() - 8.0, rect.bottom()),
            );
            let layout = Layout::left_to_right(Align::Center);
            let mut place = ui.new_child(egui::UiBuilder::new().max_rect(place).layout(layout).id_salt(at));
            place.spacing_mut().interact_size.y = 32.0;
            if button::icon(&mut place, Icon::Minus, &format!("Less of {}", line.name)).clicked() {
                change = -1;
            }
            if button::icon(&mut place, Icon::Plus, &format!("More of {}", line.name)).clicked() {
                change = 1;
            }
        }
        if response.clicked() {
            state.selected = Some(at);
        }
    }
    ui.spacing_mut().item_spacing.y = gap;
    if change != 0 {
        state.change(change);
    }
}

fn total_foot(ui: &mut Ui, data: &TillData, state: &TillState) {
    frame::foot(ui, "till total", |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(44.0);
            let pieces = state.lines.len();
            ui.label(theme::caption(
                ui,
                if pieces == 1 { "1 line".into() } else { format!("{pieces} lines") },
            ));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                money::show_large(ui, drafts::total(&state.lines), data.currency);
            });
        });
    });
}

fn pay_foot(ui: &mut Ui, data: &TillData, state: &mut TillState) {
    let narrow = frame::is_touch(ui);
    frame::foot(ui, "till pay", |ui| {
        let missing = missing(data, state);
        let ready = missing.is_none();
        let tip = missing.map_or_else(|| keys::tip("Pay", Action::NextStep), str::to_owned);
        ui.horizontal(|ui| {
            ui.set_min_height(44.0);
            if narrow {
                money::show_large(ui, drafts::total(&state.lines), data.currency);
                return;
            }
            if !state.lines.is_empty() && button::quiet(ui, "Start again", "Takes every line off").clicked() {
                *state = TillState::default();
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if button::primary_sized(ui, "Pay", &tip, egui::vec2(180.0, 44.0), ready).clicked() {
                    open_pay(state, data.currency);
                }
            });
        });
        if narrow && button::primary_wide(ui, "Pay", &tip, ready).clicked() {
            open_pay(state, data.currency);
        }
    });
}

fn open_pay(state: &mut TillState, currency: Currency) {
    state.pay = Some(PayForm::of(drafts::total(&state.lines), currency));
}

fn number_pad(ui: &mut Ui, state: &mut TillState) {
    card::card(ui, |ui| {
        let gap = 8.0;
        let width = (ui.available_width() - 2.0 * gap) / 3.0;
        ui.spacing_mut().item_spacing = egui::vec2(gap, gap);
        for row in [["7", "8", "9"], ["4", "5", "6"], ["1", "2", "3"], ["Clear", "0", "←"]] {
            ui.horizontal(|ui| {
                for key in row {
                    let text = theme::strong(key, theme::TITLE);
                    let response = ui.add_sized([width, theme::TOUCH], egui::Button::new(text));
                    let name = match key {
                        "←" => "Take off the last digit",
                        key => key,
                    };
                    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
                    if response.clicked() {
                        match key {
                            "Clear" => state.change(-1_000_000),
                            "←" => state.rub(),
                            digit => state.digit(digit.parse().unwrap_or(0)),
                        }
                    }
                }
            });
        }
    });
}
