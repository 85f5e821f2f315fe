//! Products: the list with its detail, prices from a date, and the form that makes one.

mod detail;
mod form;

use chrono::NaiveDate;
use egui::{Align, Layout, Ui};
use waybill_shared::id::ProductId;
use waybill_shared::kind::DocAddr;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::product;
use waybill_shared::product::Product;
use waybill_shared::quantity::Unit;

pub use detail::product_ui;
pub use form::{ProductForm, form_ui};

use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::names::May;
use crate::desktop::paged::{Moved, Paged};
use crate::desktop::theme::{self, dotted};
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{empty_state, money, timeline};
use crate::store::ProductRow;

#[derive(Debug, Default)]
pub struct ProductsData {
    pub rows: Paged<ProductRow>,
    pub all: usize,
    pub currency: Option<Currency>,
    pub today: NaiveDate,
    pub may: May,
}

#[derive(Clone, Debug)]
pub struct ProductDetail {
    pub id: ProductId,
    pub addr: DocAddr,
    pub terms_addr: DocAddr,
    pub product: Product,
    /// `None` where this person may not see what it costs.
    pub cost: Option<Option<Amount>>,
    pub currency: Currency,
    /// Tax classes of the business, key and name.
    pub tax_classes: Vec<(String, String)>,
    pub timeline: Vec<timeline::Entry>,
    pub pending: bool,
    pub may: May,
    pub today: NaiveDate,
}

#[derive(Clone, Debug, Default)]
pub struct ProductsState {
    pub words: String,
    pub selected: Option<ProductId>,
    pub moved: Moved,
    pub form: Option<ProductForm>,
}

const COLUMNS: [Column; 4] = [
    table::exact("Number", 92.0).least(84.0).fixed(),
    table::share("Name", 2.0).fixed(),
    table::share("Category", 1.0).least(100.0).gives(1).fixed(),
    table::number("Price", 112.0).fixed(),
];
const CARD: [Column; 1] = [table::share("", 1.0)];

/// `tax_classes` are what the form for a new product offers.
pub fn products_ui(
    ui: &mut Ui,
    data: &ProductsData,
    state: &mut ProductsState,
    tax_classes: &[(String, String)],
    beside: bool,
) -> Option<Intent> {
    let mut intent = None;
    let may = data.may.run::<product::Create>();
    frame::ground(ui);
    let hint = "Name, number, barcode";
    if frame::list_head(ui, "Products", hint, &mut state.words, may.then_some("New product")) {
        state.form = Some(ProductForm::new(data.currency, tax_classes));
    }
    if data.rows.is_empty() {
        nothing(ui, data, state, tax_classes, may);
        return intent;
    }
    let touch = is_touch(ui);
    let table = Table {
        id: egui::Id::unique("products"),
        name: "Products",
        columns: if touch { &CARD } else { &COLUMNS },
        rows: data.rows.len(),
        selected: state.selected.and_then(|id| data.rows.position(|row| row.id == id)),
        sort: None,
        row_height: if touch { 56.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    };
    let describe = |row: usize| {
        let words =
            |row: &ProductRow| format!("{} {}, {}", row.number, row.name, price_words(row, data.today));
        data.rows.get(row).map(words).unwrap_or_default()
    };
    let answer = table.show(ui, describe, |ui, at, column| {
        if let Some(row) = data.rows.get(at) {
            draw(ui, row, column, touch, data.today);
        }
    });
    if let Some(id) = state.moved.take(&data.rows, answer.selected, |row| row.id) {
        state.selected = Some(id);
        if beside {
            intent = Some(Intent::Open(Thing::Product(id)));
        }
    }
    if let Some(id) = answer.opened.and_then(|at| data.rows.get(at)).map(|row| row.id) {
        intent = Some(Intent::Open(Thing::Product(id)));
    }
    intent
}

fn nothing(
    ui: &mut Ui,
    data: &ProductsData,
    state: &mut ProductsState,
    classes: &[(String, String)],
    may: bool,
) {
    if data.all > 0 {
        let sentence = "Nothing fits what you search for.";
        if empty_state::empty_state(ui, "No products here", sentence, Some("Show all")) {
            state.words.clear();
        }
        return;
    }
    let sentence = "Everything the business sells appears here, with its prices.";
    if empty_state::empty_state(ui, "No products yet", sentence, may.then_some("New product")) {
        state.form = Some(ProductForm::new(data.currency, classes));
    }
}

fn draw(ui: &mut Ui, row: &ProductRow, column: usize, card: bool, today: NaiveDate) {
    if card {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(theme::caption(ui, per(row)));
                ui.label(price_words(row, today));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 2.0;
                        ui.add_space(9.0);
                        ui.add(egui::Label::new(theme::strong(&row.name, theme::BODY)).truncate());
                        ui.label(theme::caption(ui, dotted(&row.number, &row.category)));
                    });
                });
            });
        });
        return;
    }
    match column {
        0 => {
            ui.label(&row.number);
        }
        1 if row.retired => {
            ui.label(theme::caption(ui, format!("{} (retired)", row.name)));
        }
        1 => {
            ui.label(&row.name);
        }
        2 => {
            ui.label(theme::caption(ui, &row.category));
        }
        _ => {
            // The same room for every unit, so that the figures stand under each other.
            let room = egui::vec2(24.0, ui.available_height());
            ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_size(room);
                ui.label(theme::caption(ui, per(row)));
            });
            ui.label(price_words(row, today));
        }
    }
}

/// What the price is for; pieces go without saying.
fn per(row: &ProductRow) -> String {
    if row.unit == Unit::Piece { String::new() } else { format!("/ {}", row.unit.symbol()) }
}

fn price_words(row: &ProductRow, today: NaiveDate) -> String {
    let price = row.priced.price_on(today);
    price.map(|price| money::price(price.price, price.currency)).unwrap_or_else(|| "no price".into())
}
