//! The fields of an address, the same in every form.

use egui::Ui;
use waybill_shared::order::Address;

use crate::desktop::widgets::field::{Field, field};

#[derive(Clone, Debug, Default)]
pub struct AddressFields {
    name: String,
    street: String,
    postcode: String,
    city: String,
    country: String,
    note: String,
}

impl AddressFields {
    pub fn of(address: &Address) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Self {
            name: text(&address.name),
            street: text(&address.street),
            postcode: text(&address.postcode),
            city: text(&address.city),
            country: text(&address.country),
            note: text(&address.note),
        }
    }

    /// All of them.
    pub fn show(&mut self, ui: &mut Ui) {
        field(ui, "Name", &mut self.name);
        self.show_place(ui);
        let hint = "gate code, floor, where to leave it";
        Field { name: "For the driver", hint, ..Default::default() }.show(ui, &mut self.note);
    }

    /// Street, town and country, where a name stands elsewhere in the form.
    pub fn show_place(&mut self, ui: &mut Ui) {
        field(ui, "Street and number", &mut self.street);
        ui.horizontal_top(|ui| {
            Field { name: "Postcode", width: 90.0, ..Default::default() }.show(ui, &mut self.postcode);
            field(ui, "Town", &mut self.city);
        });
        let error = (!self.is_right()).then_some("Give the two letters of the country, such as DE or AT.");
        Field { name: "Country", hint: "two letters, such as DE", error, ..Default::default() }
            .show(ui, &mut self.country);
    }

    /// It can be saved as it is.
    pub fn is_right(&self) -> bool {
        let country = self.country.trim();
        country.is_empty() || country.len() == 2 && country.chars().all(|c| c.is_ascii_alphabetic())
    }

    pub fn address(&self) -> Address {
        Address {
            name: part(&self.name),
            street: part(&self.street),
            postcode: part(&self.postcode),
            city: part(&self.city),
            country: part(&self.country).map(|code| code.to_ascii_uppercase()),
            note: part(&self.note),
        }
    }
}

/// `None` for an empty field.
pub fn part(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
