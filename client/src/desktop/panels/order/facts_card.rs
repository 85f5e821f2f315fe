//! The facts of an order; each can be changed where it stands.

use egui::Ui;
use waybill_shared::id::PersonId;
use waybill_shared::order::Priority;
use waybill_shared::order::commands;
use waybill_shared::order::commands::{AssignDriver, SetPriority, Untag};

use super::data::OrderDetail;
use super::sheets::Sheet;
use super::view::DetailState;
use crate::desktop::intent::{Intent, Wish};
use crate::desktop::theme;
use crate::desktop::widgets::{button, card, chip, date, facts};

pub fn facts_card(ui: &mut Ui, data: &OrderDetail, state: &mut DetailState, intent: &mut Option<Intent>) {
    card::card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let order = &data.order;
        if data.is_sale() {
            if !data.location.is_empty() {
                facts::fact(ui, "Sold at", &data.location, false);
            }
            facts::fact(ui, "Channel", order.channel(), false);
            return;
        }
        let wanted = wanted_words(data);
        field(
            ui,
            data,
            data.may.run::<commands::SetWanted>(),
            "Wanted",
            &wanted,
            data.pending.wanted,
            || Sheet::wanted(data),
            state,
        );
        let address = words(&order.delivery.to_string());
        field(
            ui,
            data,
            data.may.run::<commands::SetAddress>(),
            "Deliver to",
            &address,
            data.pending.address,
            || Sheet::address(data),
            state,
        );
        let contact = words(&order.contact.to_string());
        field(
            ui,
            data,
            data.may.run::<commands::SetContact>(),
            "Contact",
            &contact,
            data.pending.contact,
            || Sheet::contact(data),
            state,
        );
        facts::line(ui, "Priority", |ui| priority(ui, data, intent));
        facts::line(ui, "Driver", |ui| driver(ui, data, intent));
        facts::line(ui, "Tags", |ui| tags(ui, data, state, intent));
        for (name, value) in &order.refs {
            facts::fact(ui, &name.replace('_', " "), value, data.pending.refs);
        }
        let sold_by = [data.salesperson.as_str(), data.location.as_str(), order.channel()];
        let sold_by: Vec<&str> = sold_by.into_iter().filter(|part| !part.is_empty()).collect();
        facts::fact(ui, "Sold by", &sold_by.join(" · "), false);
    });
}

#[expect(clippy::too_many_arguments, reason = "one line of one card")]
fn field(
    ui: &mut Ui,
    data: &OrderDetail,
    may: bool,
    name: &str,
    value: &str,
    pending: bool,
    sheet: impl FnOnce() -> Sheet,
    state: &mut DetailState,
) {
    if !(data.is_open() && may) {
        facts::fact(ui, name, value, pending);
    } else if facts::changeable(ui, name, value, pending).clicked() {
        state.sheet = Some(sheet());
    }
}

fn priority(ui: &mut Ui, data: &OrderDetail, intent: &mut Option<Intent>) {
    let now = data.order.plan.priority;
    if !(data.is_open() && data.may.run::<commands::SetPriority>()) {
        ui.label(now.words());
        return;
    }
    ui.spacing_mut().item_spacing.x = 4.0;
    // One that only a newer version offers stays to be seen beside those of this one.
    let newer = matches!(now, Priority::Newer(_)).then_some(now);
    for choice in Priority::ALL.into_iter().chain(newer) {
        if button::choice(ui, choice == now, &choice.words(), "").clicked() && choice != now {
            let wish = Wish::new(
                data.addr,
                SetPriority { priority: choice },
                format!("Priority is {}", choice.words()),
            );
            let back = (data.addr, SetPriority { priority: now }.into());
            *intent = Some(wish.undo(vec![back], format!("Priority is {} again", now.words())).into());
        }
    }
    if data.pending.plan {
        chip::pending_dot(ui);
    }
}

fn driver(ui: &mut Ui, data: &OrderDetail, intent: &mut Option<Intent>) {
    let plan = &data.order.plan;
    let shown = if data.driver.is_empty() { "nobody yet" } else { &data.driver };
    if !(data.is_open() && data.may.run::<commands::AssignDriver>()) || data.drivers.is_empty() {
        ui.label(shown);
        return;
    }
    let assign = |driver: Option<PersonId>| AssignDriver { driver, round: plan.round };
    let combo = egui::ComboBox::from_id_salt("driver").selected_text(shown).show_ui(ui, |ui| {
        let nobody = (None, "nobody".to_owned());
        let all = data.drivers.iter().map(|(id, name)| (Some(*id), name.clone()));
        for (id, name) in std::iter::once(nobody).chain(all) {
            if ui.selectable_label(plan.driver == id, &name).clicked() && plan.driver != id {
                let wish = Wish::new(data.addr, assign(id), format!("{name} drives this order"));
                let back = (data.addr, assign(plan.driver).into());
                *intent = Some(wish.undo(vec![back], "The driver is as before").into());
            }
        }
    });
    ui.ctx().accesskit_node_builder(combo.response.id, |node| node.set_label("Driver"));
}

fn tags(ui: &mut Ui, data: &OrderDetail, state: &mut DetailState, intent: &mut Option<Intent>) {
    let may = data.is_open() && data.may.run::<commands::Tag>();
    for tag in data.tags() {
        let words = if may { format!("{tag} ×") } else { tag.to_owned() };
        let response = chip::chip_button(ui, chip::Mood::Neutral, &words);
        if may && response.on_hover_text("Take this tag off").clicked() {
            let untag = Untag { tag: tag.to_owned() };
            let tag_again = waybill_shared::order::commands::Tag { tag: tag.to_owned() };
            let wish = Wish::new(data.addr, untag, format!("Took off the tag {tag}"));
            *intent =
                Some(wish.undo(vec![(data.addr, tag_again.into())], format!("The tag {tag} is back")).into());
        }
    }
    if data.pending.tags {
        chip::pending_dot(ui);
    }
    if may && button::quiet(ui, "Add tag", "").clicked() {
        state.sheet = Some(Sheet::tag());
    } else if !may && data.tags().next().is_none() {
        ui.label(theme::caption(ui, "none"));
    }
}

fn wanted_words(data: &OrderDetail) -> String {
    let wanted = &data.order.wanted;
    let Some(day) = wanted.date else { return String::new() };
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let window = match (wanted.from, wanted.to) {
        (Some(from), Some(to)) => format!(", {}–{}", clock(from), clock(to)),
        (Some(from), None) => format!(", from {}", clock(from)),
        (None, Some(to)) => format!(", until {}", clock(to)),
        (None, None) => String::new(),
    };
    format!("{}{window}", date::day(day, data.today))
}

/// `none` of an empty value reads as empty here.
fn words(text: &str) -> String {
    if text == "none" { String::new() } else { text.to_owned() }
}
