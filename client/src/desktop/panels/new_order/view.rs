//! Draws the new order: on the left what is searched, on the right what is ordered.

use egui::{Align, Id, Layout, TextEdit, Ui};
use waybill_shared::order::amounts;

use super::{NewOrderData, NewOrderState};
use crate::booked_at::Deed;
use crate::desktop::drafts::{self, Then};
use crate::desktop::focus;
use crate::desktop::frame::{self, Size};
use crate::desktop::icons::Icon;
use crate::desktop::intent::{Intent, Making};
use crate::desktop::keys::{self, Action};
use crate::desktop::limits::Above;
use crate::desktop::not_sold::not_sold_ui;
use crate::desktop::panels::booked_at::place_line;
use crate::desktop::pick::{CustomerHit, ProductHit};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::field::{Field, select_all};
use crate::desktop::widgets::{button, card, money, quantity};

pub fn new_order_ui(
    ui: &mut Ui,
    data: &NewOrderData,
    state: &mut NewOrderState,
    size: Size,
) -> Option<Intent> {
    let mut intent = None;
    let missing = state.missing(data);
    let ctx = ui.ctx().clone();
    if missing.is_none() && keys::pressed(&ctx, Action::NextStep) {
        intent = Some(make(data, state, state.next()));
    }
    // The way to a product that cannot be sold as it stands.
    let mut on = None;
    if size == Size::Wide {
        let left = |ui: &mut Ui| {
            frame::body(ui, "new order search", |ui| {
                on = title(ui, data, state);
                customer(ui, data, state);
                product(ui, data, state, &mut on);
            });
        };
        // Both halves use the state in turn, so the right one is drawn from a second call.
        let width = (ui.available_width() * 0.5).round();
        let ground = egui::Frame::new().fill(tokens(ui).surface);
        egui::Panel::left(Id::unique("new order left"))
            .frame(ground)
            .resizable(false)
            .exact_size(width)
            .show(ui, left);
        foot(ui, data, state, missing.as_deref(), &mut intent);
        frame::body(ui, "new order lines", |ui| lines(ui, data, state));
    } else {
        foot(ui, data, state, missing.as_deref(), &mut intent);
        frame::body(ui, "new order", |ui| {
            on = title(ui, data, state);
            customer(ui, data, state);
            product(ui, data, state, &mut on);
            lines(ui, data, state);
        });
    }
    intent.or(on)
}

fn make(data: &NewOrderData, state: &NewOrderState, then: Then) -> Intent {
    Intent::Make(Box::new(Making::Order(state.draft(data, then))))
}

/// Order or quotation: all that follows is entered the same way.
fn title(ui: &mut Ui, data: &NewOrderData, state: &mut NewOrderState) -> Option<Intent> {
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::strong(if state.quotation { "New quotation" } else { "New order" }, theme::TITLE));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme::SPACE[0];
            for (quotation, words, tip) in [
                (true, "Quotation", "An offer; placing it later makes it an order"),
                (false, "Order", "Placed at once, or kept as a draft"),
            ] {
                if button::choice(ui, state.quotation == quotation, words, tip).clicked() {
                    state.quotation = quotation;
                    // The keyboard stays where the typing goes on.
                    if state.chosen_customer.is_some() {
                        state.product.focus = true;
                    } else {
                        state.customer.focus = true;
                    }
                }
            }
        });
    });
    place_line(ui, Deed::Order, &data.at, state.here(data))
}

fn customer(ui: &mut Ui, data: &NewOrderData, state: &mut NewOrderState) {
    ui.label(theme::caption(ui, "Customer"));
    if let Some(hit) = &state.chosen_customer {
        let words = format!("{} {}", hit.number, hit.town);
        let mut other = false;
        card::card(ui, |ui| {
            ui.horizontal(|ui| {
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.label(theme::strong(&hit.name, theme::BODY));
                    ui.label(theme::caption(ui, words.trim()));
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    other = button::quiet(ui, "Another customer", "").clicked();
                });
            });
        });
        if other {
            state.chosen_customer = None;
            state.customer.clear();
        }
        return;
    }
    let choices: Vec<_> = data.customers.iter().map(CustomerHit::choice).collect();
    let hint = "Name, number or town";
    let id = Id::unique("new order customer");
    focus::home(ui.ctx(), id);
    let taken = state.customer.show(ui, id, "Customer", hint, &choices);
    if let Some(hit) = taken.and_then(|at| data.customers.get(at)) {
        state.chosen_customer = Some(hit.clone());
        state.product.focus = true;
    } else if data.customers.is_empty() && !state.customer.typed.trim().is_empty() {
        ui.label(theme::caption(ui, "No customer of that name. Make one under Customers."));
    }
}

fn product(ui: &mut Ui, data: &NewOrderData, state: &mut NewOrderState, on: &mut Option<Intent>) {
    ui.label(theme::caption(ui, "Product"));
    if let Some(hit) = state.chosen_product.clone() {
        let above = state.above(data);
        quantity_row(ui, &hit, state, &above);
        return;
    }
    let choices: Vec<_> = data.products.iter().map(ProductHit::choice).collect();
    let hint = "Name, number or barcode";
    let id = Id::unique("new order product");
    if state.chosen_customer.is_some() {
        focus::home(ui.ctx(), id);
    }
    let taken = state.product.show(ui, id, "Product", hint, &choices);
    if let Some(hit) = taken.and_then(|at| data.products.get(at)) {
        state.take_product(hit.clone());
    } else if data.products.is_empty() && !state.product.typed.trim().is_empty() {
        ui.label(theme::caption(ui, "No product fits that name, number or barcode."));
    }
    *on = not_sold_ui(ui, &mut state.not_sold, &mut state.product).or(on.take());
}

fn quantity_row(ui: &mut Ui, hit: &ProductHit, state: &mut NewOrderState, above: &Above) {
    let wrong = state.typed_quantity(hit.unit).is_none();
    let (mut add, mut leave) = (false, false);
    card::card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(&hit.name, theme::BODY));
            ui.label(theme::caption(ui, &hit.number));
        });
        ui.horizontal(|ui| {
            let id = Id::unique("new order quantity");
            focus::home(ui.ctx(), id);
            add = focus::enters(ui, id);
            leave = ui.memory(|memory| memory.has_focus(id)) && focus::take_esc(ui.ctx());
            let edit = TextEdit::singleline(&mut state.quantity)
                .id(id)
                .desired_width(96.0)
                .min_size(egui::vec2(0.0, ui.spacing().interact_size.y))
                .align(egui::Align2::RIGHT_CENTER);
            let response = ui.add(edit);
            ui.ctx().accesskit_node_builder(id, |node| node.set_label("Quantity"));
            if std::mem::take(&mut state.focus_quantity) {
                response.request_focus();
                select_all(ui, id, &state.quantity);
            }
            ui.label(theme::caption(ui, hit.unit.symbol()));
            if let Some(price) = hit.price {
                ui.label(format!("at {}", money::words(price, hit.currency)));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                add |= ui.add_enabled(!wrong, egui::Button::new("Add")).on_hover_text("Enter").clicked();
                leave |= button::quiet(ui, "Cancel", "Esc").clicked();
            });
        });
        let said = if wrong { Some("Give a number above zero.") } else { above.first() };
        if let Some(words) = said {
            ui.label(egui::RichText::new(words).size(theme::CAPTION).color(tokens(ui).bad.ink));
        }
    });
    if leave {
        state.chosen_product = None;
        state.product.clear();
    } else if add {
        state.add();
    }
}

fn lines(ui: &mut Ui, data: &NewOrderData, state: &mut NewOrderState) {
    let error = state.wanted(data.today).err();
    Field {
        name: "Wanted",
        hint: "any day; tomorrow, fri, 24.11.",
        error,
        width: 220.0,
        ..Default::default()
    }
    .show(ui, &mut state.wanted);
    if state.lines.is_empty() {
        ui.label(theme::caption(ui, "What is ordered appears here."));
        return;
    }
    let mut removed = None;
    card::card(ui, |ui| {
        for (at, line) in state.lines.iter().enumerate() {
            ui.horizontal(|ui| {
                let count = quantity::times(line.quantity, line.unit);
                ui.label(theme::strong(count, theme::BODY));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if button::icon(ui, Icon::Close, &format!("Take off {}", line.name)).clicked() {
                        removed = Some(at);
                    }
                    ui.label(money::figure(amounts::line(line).gross, line.currency));
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(egui::Label::new(&line.name).truncate());
                    });
                });
            });
        }
    });
    if let Some(at) = removed {
        state.lines.remove(at);
    }
}

fn foot(
    ui: &mut Ui,
    data: &NewOrderData,
    state: &NewOrderState,
    missing: Option<&str>,
    intent: &mut Option<Intent>,
) {
    frame::foot(ui, "new order foot", |ui| {
        let total = drafts::total(&state.lines);
        let then = state.next();
        let words = if then == Then::Quote { "Make quotation" } else { "Place order" };
        let tip = missing.map_or_else(|| keys::tip(words, Action::NextStep), str::to_owned);
        let narrow = frame::is_touch(ui);
        if let Some(words) = missing {
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        }
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(theme::caption(ui, "Total"));
                ui.label(theme::strong(money::words(total, data.currency), theme::TITLE));
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let size = egui::vec2(140.0, ui.spacing().interact_size.y.max(36.0));
                if !narrow && button::primary_sized(ui, words, &tip, size, missing.is_none()).clicked() {
                    *intent = Some(make(data, state, then));
                }
                let keep = egui::Button::new("Keep as draft");
                if then == Then::Place
                    && ui.add_enabled(!state.is_empty(), keep).on_hover_text("To be placed later").clicked()
                {
                    *intent = Some(make(data, state, Then::Keep));
                }
            });
        });
        if narrow && button::primary_wide(ui, words, &tip, missing.is_none()).clicked() {
            *intent = Some(make(data, state, then));
        }
    });
}
