//! Forms for contact, address and the wanted day: each carries the value it replaces.

use chrono::NaiveDate;
use egui::Ui;
use waybill_shared::order::commands::{SetAddress, SetContact, SetWanted};
use waybill_shared::order::{Address, Contact, Wanted};

use super::Answer;
use crate::desktop::intent::Wish;
use crate::desktop::panels::address::{AddressFields, part};
use crate::desktop::panels::order::OrderDetail;
use crate::desktop::widgets::date;
use crate::desktop::widgets::field::{Field, field};
use crate::desktop::widgets::sheet::buttons;

#[derive(Clone, Debug)]
pub struct ContactForm {
    name: String,
    phone: String,
    email: String,
}

impl ContactForm {
    pub fn of(data: &OrderDetail) -> Self {
        let contact = &data.order.contact;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Self { name: text(&contact.name), phone: text(&contact.phone), email: text(&contact.email) }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        field(ui, "Name", &mut self.name);
        field(ui, "Telephone", &mut self.phone);
        field(ui, "E-mail", &mut self.email);
        match buttons(ui, "Save", true) {
            Some(false) => Answer::Close,
            Some(true) => {
                let now =
                    Contact { name: part(&self.name), phone: part(&self.phone), email: part(&self.email) };
                if now == data.order.contact {
                    return Answer::Close;
                }
                let back = SetContact { contact: data.order.contact.clone() };
                let wish = Wish::new(data.addr, SetContact { contact: now }, "Changed the contact");
                Answer::done(wish.undo(vec![(data.addr, back.into())], "The contact is as before"))
            }
            None => Answer::Stay,
        }
    }
}

#[derive(Clone, Debug)]
pub struct AddressForm {
    was: Address,
    fields: AddressFields,
}

impl AddressForm {
    pub fn of(data: &OrderDetail) -> Self {
        let was = data.order.delivery.clone();
        Self { fields: AddressFields::of(&was), was }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        self.fields.show(ui);
        match buttons(ui, "Save", self.fields.is_right()) {
            Some(true) => {
                let now = self.fields.address();
                if now == self.was {
                    return Answer::Close;
                }
                let back = SetAddress { was: now.clone(), now: self.was.clone() };
                let wish =
                    Wish::new(data.addr, SetAddress { was: self.was.clone(), now }, "Changed the address");
                Answer::done(wish.undo(vec![(data.addr, back.into())], "The address is as before"))
            }
            Some(false) => Answer::Close,
            None => Answer::Stay,
        }
    }
}

#[derive(Clone, Debug)]
pub struct WantedForm {
    was: Wanted,
    day: String,
    from: String,
    to: String,
}

impl WantedForm {
    pub fn of(data: &OrderDetail) -> Self {
        let was = data.order.wanted.clone();
        let clock = |minutes: Option<u16>| {
            minutes.map(|m| format!("{:02}:{:02}", m / 60, m % 60)).unwrap_or_default()
        };
        Self {
            day: was.date.map(|day| day.format("%Y-%m-%d").to_string()).unwrap_or_default(),
            from: clock(was.from),
            to: clock(was.to),
            was,
        }
    }

    pub fn show(&mut self, ui: &mut Ui, data: &OrderDetail) -> Answer {
        let day = parse_day(&self.day, data.today);
        let error = day.is_err().then_some("Write a day, such as tomorrow, fri, 24.11. or 2026-11-24.");
        let hint = "tomorrow, fri, 24.11., +3";
        Field { name: "Day", hint, error, ..Default::default() }.show(ui, &mut self.day);
        if let Ok(Some(day)) = day {
            let said = date::day(day, data.today);
            let full = day.format("%A %-d %B %Y");
            ui.label(crate::desktop::theme::caption(ui, format!("{said}: {full}")));
        }
        let (from, to) = (parse_clock(&self.from), parse_clock(&self.to));
        let wrong = |clock: Result<_, ()>| clock.is_err().then_some("Write a time, such as 9 or 14:30.");
        ui.horizontal_top(|ui| {
            let field = Field { name: "From", hint: "9:00", width: 90.0, ..Default::default() };
            Field { error: wrong(from), ..field }.show(ui, &mut self.from);
            let field = Field { name: "Until", hint: "12:00", width: 90.0, ..Default::default() };
            Field { error: wrong(to), ..field }.show(ui, &mut self.to);
        });
        let (Ok(date), Ok(from), Ok(to)) = (day, from, to) else {
            return if buttons(ui, "Save", false) == Some(false) { Answer::Close } else { Answer::Stay };
        };
        match buttons(ui, "Save", true) {
            Some(false) => Answer::Close,
            Some(true) => {
                let now = Wanted { date, from, to };
                if now == self.was {
                    return Answer::Close;
                }
                let back = SetWanted { was: now.clone(), now: self.was.clone() };
                let said = date.map_or_else(
                    || "Wanted on any day".to_owned(),
                    |day| format!("Wanted {}", date::day(day, data.today)),
                );
                let wish = Wish::new(data.addr, SetWanted { was: self.was.clone(), now }, said);
                Answer::done(wish.undo(vec![(data.addr, back.into())], "The wanted day is as before"))
            }
            None => Answer::Stay,
        }
    }
}

fn parse_day(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, ()> {
    if text.trim().is_empty() { Ok(None) } else { date::parse(text, today).map(Some).ok_or(()) }
}

/// `9`, `9:30`, `0930` as minutes after midnight.
fn parse_clock(text: &str) -> Result<Option<u16>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (hour, minute) = match text.split_once([':', '.']) {
        Some(parts) => parts,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None => (text, "0"),
    };
    let (hour, minute): (u16, u16) = (hour.parse().map_err(|_| ())?, minute.parse().map_err(|_| ())?);
    if hour < 24 && minute < 60 { Ok(Some(hour * 60 + minute)) } else { Err(()) }
}
