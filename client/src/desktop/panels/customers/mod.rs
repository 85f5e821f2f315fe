//! Customers: the list with its detail, editing, and the form that makes one.

mod detail;
mod form;

use egui::Ui;
use waybill_shared::customer;
use waybill_shared::customer::Customer;
use waybill_shared::id::CustomerId;
use waybill_shared::kind::DocAddr;
use waybill_shared::money::{Amount, Currency};

pub use detail::customer_ui;
pub use form::{CustomerForm, form_ui};

use crate::desktop::frame::{self, is_touch};
use crate::desktop::intent::{Intent, Thing};
use crate::desktop::names::May;
use crate::desktop::paged::{Moved, Paged};
use crate::desktop::panels::notes::{NotesPart, NotesState};
use crate::desktop::theme::{self, dotted};
use crate::desktop::widgets::table::{self, Column, Table};
use crate::desktop::widgets::{empty_state, timeline};
use crate::store::{CustomerRow, OrderRow};

#[derive(Debug, Default)]
pub struct CustomersData {
    pub rows: Paged<CustomerRow>,
    pub all: usize,
    pub may: May,
}

#[derive(Clone, Debug)]
pub struct CustomerDetail {
    pub id: CustomerId,
    pub addr: DocAddr,
    pub terms_addr: DocAddr,
    pub customer: Customer,
    /// `None` where this person may not see terms.
    pub credit_limit: Option<Option<Amount>>,
    pub currency: Currency,
    pub orders: Vec<OrderRow>,
    pub timeline: Vec<timeline::Entry>,
    /// Where this person may read them.
    pub notes: Option<NotesPart>,
    pub pending: bool,
    pub may: May,
    pub today: chrono::NaiveDate,
}

#[derive(Clone, Debug, Default)]
pub struct CustomersState {
    pub words: String,
    pub selected: Option<CustomerId>,
    pub moved: Moved,
    pub form: Option<CustomerForm>,
    pub notes: NotesState,
}

const COLUMNS: [Column; 3] = [
    table::exact("Number", 92.0).least(84.0).fixed(),
    table::share("Name", 2.0).fixed(),
    table::share("Town", 1.0).least(100.0).gives(1).fixed(),
];
const CARD: [Column; 1] = [table::share("", 1.0)];

pub fn customers_ui(
    ui: &mut Ui,
    data: &CustomersData,
    state: &mut CustomersState,
    beside: bool,
) -> Option<Intent> {
    let mut intent = None;
    let may = data.may.run::<customer::Create>();
    frame::ground(ui);
    let hint = "Name, number, town";
    if frame::list_head(ui, "Customers", hint, &mut state.words, may.then_some("New customer")) {
        state.form = Some(CustomerForm::default());
    }
    if data.rows.is_empty() {
        let pressed = if data.all > 0 {
            let pressed = empty_state::empty_state(
                ui,
                "No customers here",
                "Nothing fits what you search for.",
                Some("Show all"),
            );
            if pressed {
                state.words.clear();
            }
            false
        } else {
            let sentence = "Everyone the business sells to appears here, with addresses, terms and orders.";
            empty_state::empty_state(ui, "No customers yet", sentence, may.then_some("New customer"))
        };
        if pressed {
            state.form = Some(CustomerForm::default());
        }
        return intent;
    }
    let touch = is_touch(ui);
    let table = Table {
        id: egui::Id::unique("customers"),
        name: "Customers",
        columns: if touch { &CARD } else { &COLUMNS },
        rows: data.rows.len(),
        selected: state.selected.and_then(|id| data.rows.position(|row| row.id == id)),
        sort: None,
        row_height: if touch { 56.0 } else { theme::ROW },
        head: !touch,
        press_opens: !beside,
    };
    let describe = |row: usize| {
        data.rows.get(row).map(|row| format!("{} {}, {}", row.number, row.name, row.city)).unwrap_or_default()
    };
    let answer = table.show(ui, describe, |ui, at, column| {
        if let Some(row) = data.rows.get(at) {
            draw(ui, row, column, touch);
        }
    });
    if let Some(id) = state.moved.take(&data.rows, answer.selected, |row| row.id) {
        state.selected = Some(id);
        if beside {
            intent = Some(Intent::Open(Thing::Customer(id)));
        }
    }
    if let Some(id) = answer.opened.and_then(|at| data.rows.get(at)).map(|row| row.id) {
        intent = Some(Intent::Open(Thing::Customer(id)));
    }
    intent
}

fn draw(ui: &mut Ui, row: &CustomerRow, column: usize, card: bool) {
    if card {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(9.0);
            ui.label(theme::strong(&row.name, theme::BODY));
            ui.label(theme::caption(ui, dotted(&row.number, &row.city)));
        });
        return;
    }
    match column {
        0 => ui.label(&row.number),
        1 if row.retired => ui.label(theme::caption(ui, format!("{} (retired)", row.name))),
        1 => ui.label(&row.name),
        _ => ui.label(&row.city),
    };
}
