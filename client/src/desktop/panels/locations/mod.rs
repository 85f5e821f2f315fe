//! Locations: the shops, warehouses, vans and offices of the business, and the form that makes one.

mod detail;
mod form;

use egui::Ui;
use waybill_shared::id::LocationId;
use waybill_shared::kind::DocAddr;
use waybill_shared::location;
use waybill_shared::location::Location;

pub use detail::location_ui;
pub use form::{LocationForm, form_ui};

use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::names::May;
use crate::desktop::theme::{self, dotted};
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{button, chip, empty_state, timeline};
use crate::store::LocationRow;

#[derive(Clone, Debug, Default)]
pub struct LocationsData {
    pub rows: Vec<LocationRow>,
    pub may: May,
}

#[derive(Clone, Debug)]
pub struct LocationDetail {
    pub addr: DocAddr,
    pub location: Location,
    pub timeline: Vec<timeline::Entry>,
    pub pending: bool,
    pub may: May,
}

#[derive(Clone, Debug, Default)]
pub struct LocationsState {
    pub selected: Option<LocationId>,
    pub form: Option<LocationForm>,
}

const COLUMNS: [Column; 3] = [
    table::exact("Code", 92.0).fixed(),
    table::share("Name", 2.0).fixed(),
    table::share("Kind", 1.0).least(90.0).gives(1).fixed(),
];
const CARD: [Column; 1] = [table::share("", 1.0)];

pub fn locations_ui(
    ui: &mut Ui,
    data: &LocationsData,
    state: &mut LocationsState,
    beside: bool,
) -> Option<Intent> {
    let may = data.may.run::<location::Create>();
    frame::ground(ui);
    let mut make = head(ui, may);
    if data.rows.is_empty() {
        let sentence = "Every shop, warehouse, van and office appears here; orders and sales name theirs.";
        make |= empty_state::empty_state(ui, "No locations yet", sentence, may.then_some("New location"));
    }
    if make {
        state.form = Some(LocationForm::default());
    }
    if data.rows.is_empty() {
        return None;
    }
    let touch = is_touch(ui);
    let table = Table {
        id: egui::Id::unique("locations"),
        name: "Locations",
        columns: if touch { &CARD } else { &COLUMNS },
        rows: data.rows.len(),
        selected: state.selected.and_then(|id| data.rows.iter().position(|row| row.id == id)),
        sort: None,
        row_height: if touch { 56.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    };
    let describe = |at: usize| {
        let words = |row: &LocationRow| format!("{} {}, {}", row.code, row.name, row.kind.words());
        data.rows.get(at).map(words).unwrap_or_default()
    };
    let answer = table.show(ui, describe, |ui, at, column| {
        if let Some(row) = data.rows.get(at) {
            draw(ui, row, column, touch);
        }
    });
    let id_of = |at: Option<usize>| at.and_then(|at| data.rows.get(at)).map(|row| row.id);
    let selected = id_of(answer.selected);
    state.selected = selected.or(state.selected);
    let opened = id_of(answer.opened).or(selected.filter(|_| beside));
    opened.map(|id| Intent::Open(Thing::Location(id)))
}

fn head(ui: &mut Ui, may: bool) -> bool {
    let mut pressed = false;
    egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 12)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong("Locations", theme::TITLE));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                pressed = may && button::plain(ui, "New location", "").clicked();
            });
        });
    });
    pressed
}

fn draw(ui: &mut Ui, row: &LocationRow, column: usize, card: bool) {
    let kind = row.kind.words();
    let state = if row.closed { " (closed)" } else { "" };
    if card {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(9.0);
            ui.label(theme::strong(&row.name, theme::BODY));
            ui.label(theme::caption(ui, dotted(&row.code, &format!("{kind}{state}"))));
        });
        return;
    }
    match column {
        0 => {
            ui.label(&row.code);
        }
        1 => {
            if row.closed {
                ui.label(theme::caption(ui, format!("{}{state}", row.name)));
            } else {
                ui.label(&row.name);
            }
            if row.pending {
                chip::pending_dot(ui);
            }
        }
        _ => {
            ui.label(theme::caption(ui, kind));
        }
    }
}
