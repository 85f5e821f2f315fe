//! Draws one customer: facts that change where they stand, orders, what happened.

use egui::Ui;
use waybill_shared::customer;
use waybill_shared::customer::{Field as Set, SetField};

use super::form::CustomerForm;
use super::{CustomerDetail, CustomersState};
use crate::desktop::frame;
use crate::desktop::intent::{Intent, Thing, Wish};
use crate::desktop::panels::notes;
use crate::desktop::panels::orders::marks;
use crate::desktop::place::Place;
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, date, facts, money, timeline};

pub fn customer_ui(
    ui: &mut Ui,
    data: &CustomerDetail,
    state: &mut CustomersState,
    back: bool,
) -> Option<Intent> {
    let mut intent = None;
    let may_set = data.may.run::<customer::SetField>();
    frame::body(ui, "customer", |ui| {
        let fields = &data.customer.fields;
        ui.horizontal_wrapped(|ui| {
            if back && button::icon(ui, crate::desktop::icons::Icon::Back, "Back to the list").clicked() {
                intent = Some(Intent::Go(Place::Customers));
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
            let contact = data.customer.contact.to_string();
            let contact = if contact == "none" { String::new() } else { contact };
            let mut lines = vec![
                ("Name", fields.name.clone(), Asked::Name),
                ("Number", fields.number.clone(), Asked::Number),
                ("Contact", contact, Asked::Contact),
            ];
            for (name, address) in &data.customer.addresses {
                let title = match name.as_str() {
                    "main" => "Address",
                    "delivery" => "Deliver to",
                    "invoice" => "Invoice to",
                    _ => "Address",
                };
                lines.push((title, address.to_string(), Asked::Address(name.clone())));
            }
            if data.customer.addresses.is_empty() {
                lines.push(("Address", String::new(), Asked::Address("main".into())));
            }
            lines.push(("Group", fields.group.clone(), Asked::Group));
            lines.push(("Tax number", fields.tax_number.clone(), Asked::TaxNumber));
            for (name, value, asked) in lines {
                if !may_set {
                    facts::fact(ui, name, &value, false);
                } else if facts::changeable(ui, name, &value, false).clicked() {
                    state.form = Some(CustomerForm::change(data, &asked));
                }
            }
            if let Some(limit) = data.credit_limit {
                let words = limit.map(|limit| money::words(limit, data.currency)).unwrap_or_default();
                if !data.may.run::<customer::SetCreditLimit>() {
                    facts::fact(ui, "Credit limit", &words, false);
                } else if facts::changeable(ui, "Credit limit", &words, false).clicked() {
                    state.form = Some(CustomerForm::change(data, &Asked::Credit));
                }
            }
            ui.horizontal_wrapped(|ui| {
                if data.may.run::<customer::ContactNote>() && button::plain(ui, "Write a note", "").clicked()
                {
                    state.form = Some(CustomerForm::change(data, &Asked::Note));
                }
                for (name, words) in
                    [("delivery", "Add where to deliver"), ("invoice", "Add where to invoice")]
                {
                    let one = !data.customer.addresses.is_empty();
                    if may_set
                        && one
                        && !data.customer.addresses.contains_key(name)
                        && button::quiet(ui, words, "Where it is not the main address").clicked()
                    {
                        state.form = Some(CustomerForm::change(data, &Asked::Address(name.into())));
                    }
                }
                let (words, retired) = if fields.retired { ("Bring back", false) } else { ("Retire", true) };
                if may_set
                    && button::quiet(ui, words, "Retired customers are not offered for new orders").clicked()
                {
                    intent = Some(retire(data, retired).into());
                }
            });
        });
        if let Some(part) = &data.notes {
            intent = notes::notes_card(ui, part, &mut state.notes).or(intent.take());
        }
        orders(ui, data, &mut intent);
        if !data.timeline.is_empty() {
            card::titled(ui, "What happened", |ui| timeline::timeline(ui, &data.timeline, |_| false));
        }
    });
    let asked = data.notes.as_ref().and_then(|part| notes::confirm(ui, part, &mut state.notes));
    intent.or(asked)
}

/// What is to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Name,
    Number,
    Contact,
    Address(String),
    Group,
    TaxNumber,
    Credit,
    Note,
}

fn retire(data: &CustomerDetail, retired: bool) -> Wish {
    let set = |retired| SetField { field: Set::Retired(retired) };
    let name = &data.customer.fields.name;
    let said = if retired { format!("Retired {name}") } else { format!("{name} is back") };
    Wish::new(data.addr, set(retired), said)
        .undo(vec![(data.addr, set(!retired).into())], format!("{name} is as before"))
}

fn orders(ui: &mut Ui, data: &CustomerDetail, intent: &mut Option<Intent>) {
    card::titled(ui, "Orders", |ui| {
        if data.orders.is_empty() {
            ui.label(theme::caption(ui, "No orders yet."));
        }
        for row in &data.orders {
            ui.horizontal(|ui| {
                let open = button::quiet(ui, &row.number, "Open this order");
                if open.clicked() {
                    *intent = Some(Intent::Open(Thing::Order(row.id)));
                }
                if let Some(day) = row.wanted {
                    ui.label(theme::caption(ui, date::short(day, data.today)));
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(money::figure(row.total, row.currency));
                    marks::row(ui, &row.marks());
                });
            });
        }
    });
}
