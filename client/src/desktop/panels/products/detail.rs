//! Draws one product: facts that change where they stand, barcodes, prices by the day they start.

use egui::Ui;
use waybill_shared::product;
use waybill_shared::product::{Field as Set, Retire, SetField};

use super::form::{Asked, ProductForm};
use super::{ProductDetail, ProductsState};
use crate::desktop::frame;
use crate::desktop::icons::Icon;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::place::Place;
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, date, facts, money, quantity, timeline};

pub fn product_ui(
    ui: &mut Ui,
    data: &ProductDetail,
    state: &mut ProductsState,
    back: bool,
) -> Option<Intent> {
    let mut intent = None;
    let fields = &data.product.fields;
    frame::body(ui, "product", |ui| {
        ui.horizontal_wrapped(|ui| {
            if back && button::icon(ui, Icon::Back, "Back to the list").clicked() {
                intent = Some(Intent::Go(Place::Products));
            }
            ui.label(theme::strong(&fields.name, theme::TITLE));
            ui.label(theme::caption(ui, &fields.number));
            if fields.retired {
                chip::chip(ui, chip::Mood::Neutral, "retired");
            }
            if data.pending {
                chip::pending_dot(ui);
            }
        });
        card::card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            let class = data.tax_classes.iter().find(|(key, _)| *key == fields.tax_class);
            let class = class.map_or(fields.tax_class.as_str(), |(_, name)| name.as_str());
            let reorder = quantity::figure(fields.reorder_point, fields.unit);
            let lines = [
                ("Name", fields.name.as_str(), Asked::Name),
                ("Number", &fields.number, Asked::Number),
                ("Category", &fields.category, Asked::Category),
                ("Description", &fields.description, Asked::Description),
                ("Tax", class, Asked::TaxClass),
                ("Order again at", &reorder, Asked::ReorderPoint),
            ];
            let may = data.may.run::<product::SetField>();
            for (name, value, asked) in lines {
                if !may {
                    facts::fact(ui, name, value, false);
                } else if facts::changeable(ui, name, value, false).clicked() {
                    state.form = Some(ProductForm::change(data, asked));
                }
            }
            facts::fact(ui, "Counted in", &fields.unit.symbol(), false);
            if let Some(cost) = data.cost {
                let words = cost.map(|cost| money::words(cost, data.currency)).unwrap_or_default();
                if !data.may.run::<product::SetCost>() {
                    facts::fact(ui, "Cost", &words, false);
                } else if facts::changeable(ui, "Cost", &words, false).clicked() {
                    state.form = Some(ProductForm::change(data, Asked::Cost));
                }
            }
            facts::line(ui, "Barcodes", |ui| barcodes(ui, data, state, &mut intent));
            let (words, retired) = if fields.retired { ("Sell again", false) } else { ("Retire", true) };
            if data.may.run::<product::Retire>()
                && button::quiet(ui, words, "Retired products are not offered for new orders").clicked()
            {
                let said = if retired { "Retired" } else { "For sale again:" };
                let wish = Wish::new(data.addr, Retire { retired }, format!("{said} {}", fields.name));
                let back = (data.addr, Retire { retired: !retired }.into());
                intent = Some(wish.undo(vec![back], format!("{} is as before", fields.name)).into());
            }
        });
        prices(ui, data, state);
        if !data.timeline.is_empty() {
            card::titled(ui, "What happened", |ui| timeline::timeline(ui, &data.timeline, |_| false));
        }
    });
    intent
}

fn barcodes(ui: &mut Ui, data: &ProductDetail, state: &mut ProductsState, intent: &mut Option<Intent>) {
    let may = data.may.run::<product::SetField>();
    for (code, _) in data.product.barcodes.iter().filter(|(_, holds)| **holds) {
        let words = if may { format!("{code} ×") } else { code.clone() };
        if chip::chip_button(ui, chip::Mood::Neutral, &words).clicked() && may {
            let off = SetField { field: Set::RemoveBarcode(code.clone()) };
            let on = SetField { field: Set::AddBarcode(code.clone()) };
            let wish = Wish::new(data.addr, off, format!("Took off the barcode {code}"));
            *intent = Some(wish.undo(vec![(data.addr, on.into())], "The barcode is back").into());
        }
    }
    if may && button::quiet(ui, "Add barcode", "").clicked() {
        state.form = Some(ProductForm::change(data, Asked::Barcode));
    }
}

/// Newest start first; the current one says so.
fn prices(ui: &mut Ui, data: &ProductDetail, state: &mut ProductsState) {
    card::card(ui, |ui| {
        ui.horizontal(|ui| {
            card::heading(ui, "Prices");
            if data.may.run::<product::SetPrice>()
                && button::quiet(ui, "Set a price", "From today or a later day").clicked()
            {
                state.form = Some(ProductForm::change(data, Asked::Price));
            }
        });
        let mut prices: Vec<_> = data.product.prices.values().collect();
        prices.sort_by_key(|price| std::cmp::Reverse((price.from, price.at)));
        let now = data.product.price_on(data.today);
        if prices.is_empty() {
            ui.label(theme::caption(ui, "No price yet: it cannot be sold without one."));
        }
        // Where they would not fit beside each other they stand below.
        let touch = frame::is_touch(ui) || ui.available_width() < 400.0;
        for price in prices {
            let small = |ui: &mut Ui| {
                ui.label(theme::caption(ui, if price.tax_included { "tax included" } else { "before tax" }));
                if now == Some(price) {
                    chip::chip(ui, chip::Mood::Good, "current");
                }
            };
            ui.spacing_mut().interact_size.y = 22.0;
            ui.horizontal(|ui| {
                ui.label(format!("from {}", date::day(price.from, data.today)));
                if !touch {
                    small(ui);
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(theme::strong(money::words(price.price, price.currency), theme::BODY));
                });
            });
            if touch {
                ui.horizontal(small);
            }
        }
    });
}
