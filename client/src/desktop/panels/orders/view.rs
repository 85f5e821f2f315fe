//! Draws the orders list: chips and search above, rows, count and sum at the foot.

use egui::{Align, Layout, Ui};

use super::data::{customer_words, overdue, words};
use super::{Chip, Filter, OrdersData, SavedFilter, marks};
use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::keys::{self, Action};
use crate::desktop::paged::Moved;
use crate::desktop::place::Place;
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::chip::{Mood, chip, pending_dot};
use crate::desktop::widgets::table::{self, Column, Sort, Table};
use crate::desktop::widgets::{button, date, empty_state, money, search_field};
use crate::store::OrderRow;
use waybill_shared::id::OrderId;

/// The columns of the list, by the order in which `Sort` names them.
pub const COLUMNS: [Column; 5] = [
    table::exact("Number", 96.0).least(84.0),
    table::share("Customer", 1.0),
    table::exact("Wanted", 92.0).least(80.0).gives(2),
    table::number("Total", 116.0).least(92.0).gives(1),
    table::share("State", 0.5).least(126.0).gives(3),
];

const CARD: [Column; 1] = [table::share("", 1.0)];

/// What the user is doing in the list; kept between frames, its filter also between runs.
#[derive(Clone, Debug, Default)]
pub struct OrdersState {
    pub filter: Filter,
    pub saved: Vec<SavedFilter>,
    pub sort: Option<Sort>,
    pub selected: Option<OrderId>,
    pub moved: Moved,
    pub all_chips: bool,
}

/// `beside`: the selected order is shown next to the list, so moving in the list opens it.
pub fn orders_ui(ui: &mut Ui, data: &OrdersData, state: &mut OrdersState, beside: bool) -> Option<Intent> {
    let mut intent = None;
    frame::ground(ui);
    head(ui, data, state, &mut intent);
    if data.rows.is_empty() {
        return intent.or(nothing(ui, data, state));
    }
    foot(ui, data);
    let touch = is_touch(ui);
    let columns = columns(data);
    let selected = state.selected.and_then(|id| data.rows.position(|row| row.id == id));
    let table = Table {
        id: egui::Id::unique("orders"),
        name: "Orders",
        columns: if touch { &CARD } else { &columns },
        rows: data.rows.len(),
        selected,
        sort: state.sort,
        row_height: if touch { 60.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    };
    let describe = |row: usize| data.rows.get(row).map(|row| words(row, data.today)).unwrap_or_default();
    let answer = table.show(ui, describe, |ui, row, column| {
        if let Some(row) = data.rows.get(row) {
            if touch { card(ui, row, data) } else { cell(ui, row, data, column) }
        }
    });
    if answer.sort.is_some() {
        state.sort = answer.sort;
    }
    if let Some(id) = state.moved.take(&data.rows, answer.selected, |row| row.id) {
        state.selected = Some(id);
        if beside {
            intent = Some(Intent::Open(Thing::Order(id)));
        }
    }
    if let Some(id) = answer.opened.and_then(|at| data.rows.get(at)).map(|row| row.id) {
        state.selected = Some(id);
        intent = Some(Intent::Open(Thing::Order(id)));
    }
    intent
}

fn head(ui: &mut Ui, data: &OrdersData, state: &mut OrdersState, intent: &mut Option<Intent>) {
    egui::Frame::new().inner_margin(egui::Margin { left: 16, right: 16, top: 12, bottom: 8 }).show(
        ui,
        |ui| {
            ui.horizontal(|ui| {
                ui.label(theme::strong("Orders", theme::TITLE));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    // On narrow windows it stands in the bar below.
                    if !is_touch(ui)
                        && data.may_make
                        && button::plain(ui, "New order", &keys::tip("New order", Action::NewOrder)).clicked()
                    {
                        *intent = Some(Intent::Go(Place::NewOrder));
                    }
                    let width = (ui.available_width() - 8.0).min(260.0);
                    let id = egui::Id::unique("search orders");
                    search_field::search_field(
                        ui,
                        id,
                        "Search orders",
                        "Number, customer, town",
                        &mut state.filter.words,
                        width,
                    );
                });
            });
            chips(ui, data, state);
        },
    );
    let line = tokens(ui).line;
    let rect = ui.cursor();
    ui.painter().hline(ui.max_rect().x_range(), rect.top() - 4.0, egui::Stroke::new(1.0, line));
}

fn chips(ui: &mut Ui, data: &OrdersData, state: &mut OrdersState) {
    ui.spacing_mut().interact_size.y = if is_touch(ui) { 36.0 } else { 24.0 };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        ui.spacing_mut().button_padding = egui::vec2(9.0, 2.0);
        ui.style_mut().override_font_id = Some(theme::font(theme::CAPTION, false));
        let shown = if state.all_chips { Chip::ALL.len() } else { 6 };
        for (at, chip) in Chip::ALL.into_iter().enumerate() {
            let on = state.filter.chips.contains(&chip);
            if (at < shown || on) && button::choice(ui, on, chip.words(), "").clicked() {
                state.filter.toggle(chip);
            }
        }
        let more = if state.all_chips { "Fewer" } else { "More filters" };
        if button::quiet(ui, more, "").clicked() {
            state.all_chips = !state.all_chips;
        }
        if !state.filter.chips.is_empty() {
            let known = state.saved.iter().any(|saved| saved.chips == state.filter.chips);
            if !known && button::quiet(ui, "Save filter", "Keeps these chips as one").clicked() {
                let name = state.filter.words_of_chips();
                state.saved.push(SavedFilter { name, chips: state.filter.chips.clone() });
            }
            if button::quiet(ui, "Clear", &format!("Show all {}", data.all)).clicked() {
                state.filter.chips.clear();
            }
        }
    });
    if !state.saved.is_empty() {
        saved(ui, state);
    }
}

fn saved(ui: &mut Ui, state: &mut OrdersState) {
    let mut removed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(theme::caption(ui, "Saved:"));
        for (at, saved) in state.saved.iter().enumerate() {
            let on = saved.chips == state.filter.chips;
            let response = button::choice(ui, on, &saved.name, "Right click takes it off the list");
            if response.clicked() {
                state.filter.chips = saved.chips.clone();
            }
            response.context_menu(|ui| {
                if ui.button("Take off the list").clicked() {
                    removed = Some(at);
                    ui.close();
                }
            });
        }
    });
    if let Some(at) = removed {
        state.saved.remove(at);
    }
}

fn foot(ui: &mut Ui, data: &OrdersData) {
    frame::foot(ui, "orders foot", |ui| {
        ui.horizontal(|ui| {
            let count = money::grouped(&data.rows.len().to_string());
            let orders = if data.rows.len() == 1 { "order" } else { "orders" };
            let of = if data.rows.len() < data.all {
                format!(" of {}", money::grouped(&data.all.to_string()))
            } else {
                String::new()
            };
            // A phone has no room for it beside the sum.
            let narrow = frame::is_touch(ui);
            let counts = match data.counted {
                counted if narrow && counted < data.rows.len() => {
                    format!(", {} count", money::grouped(&counted.to_string()))
                }
                _ => String::new(),
            };
            ui.label(theme::caption(ui, format!("{count} {orders}{of}{counts}")));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (sum, currency) in &data.sums {
                    ui.label(theme::strong(money::words(*sum, *currency), theme::BODY));
                }
                ui.label(theme::caption(ui, if narrow { "Sum".to_owned() } else { sum_words(data) }));
            });
        });
    });
}

/// `Sum`, or of how many, where some of what is listed does not count.
fn sum_words(data: &OrdersData) -> String {
    match data.counted {
        all if all >= data.rows.len() => "Sum".to_owned(),
        1 => "Sum of 1 order that counts".to_owned(),
        counted => format!("Sum of {} orders that count", money::grouped(&counted.to_string())),
    }
}

fn columns(data: &OrdersData) -> Vec<Column> {
    let mut columns = COLUMNS.to_vec();
    if let (Some(total), Some(currency)) = (columns.get_mut(3), data.currency()) {
        total.title = match money::sign(currency) {
            "€" => "Total €",
            "£" => "Total £",
            "$" => "Total $",
            "zł" => "Total zł",
            "Kč" => "Total Kč",
            _ => "Total",
        };
    }
    columns
}

fn cell(ui: &mut Ui, row: &OrderRow, data: &OrdersData, column: usize) {
    match column {
        0 => {
            ui.label(&row.number);
        }
        1 => {
            let muted = row.customer_name.is_empty();
            let text = egui::RichText::new(customer_words(row));
            let text = if muted { text.color(tokens(ui).muted) } else { text };
            // A long name leaves room for the dot behind it.
            let room = ui.available_width() - if row.pending { 14.0 } else { 0.0 };
            ui.scope(|ui| {
                ui.set_max_width(room);
                ui.label(text);
            });
            if row.pending {
                pending_dot(ui);
            }
        }
        2 => wanted(ui, row, data),
        3 => {
            ui.label(money::figure(row.total, row.currency));
        }
        _ => marks::row(ui, &row.marks()),
    }
}

fn wanted(ui: &mut Ui, row: &OrderRow, data: &OrdersData) {
    let Some(day) = row.wanted else { return };
    let t = tokens(ui);
    let text = egui::RichText::new(date::short(day, data.today));
    if overdue(row, data.today) {
        ui.label(text.color(t.warn.ink)).on_hover_text("Overdue");
        ui.label(egui::RichText::new("!").color(t.warn.ink).strong());
    } else {
        ui.label(text);
    }
}

fn card(ui: &mut Ui, row: &OrderRow, data: &OrdersData) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.spacing_mut().interact_size.y = 20.0;
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(theme::strong(money::words(row.total, row.currency), theme::BODY));
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(theme::strong(customer_words(row), theme::BODY));
                    if row.pending {
                        pending_dot(ui);
                    }
                });
            });
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let wanted = row.wanted.map(|day| date::short(day, data.today));
            let late = overdue(row, data.today);
            let calm = wanted.as_ref().filter(|_| !late);
            let number = calm.map_or_else(|| row.number.clone(), |day| format!("{} · {day}", row.number));
            ui.label(theme::caption(ui, number));
            if let Some(day) = wanted.filter(|_| late) {
                chip(ui, Mood::Warn, &format!("overdue, {day}"));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                marks::row(ui, &row.marks());
            });
        });
    });
}

fn nothing(ui: &mut Ui, data: &OrdersData, state: &mut OrdersState) -> Option<Intent> {
    if data.all > 0 {
        let sentence = "Nothing fits what you search for.";
        if empty_state::empty_state(ui, "No orders here", sentence, Some("Show all orders")) {
            state.filter = Filter::default();
        }
        return None;
    }
    let sentence =
        "Every order of the business appears here: what was ordered, for when, and what is still owed.";
    empty_state::empty_state(ui, "No orders yet", sentence, data.may_make.then_some("New order"))
        .then_some(Intent::Go(Place::NewOrder))
}
