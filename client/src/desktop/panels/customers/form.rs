//! The form that makes a customer, and the small ones that change one.

use std::collections::BTreeMap;

use egui::Ui;
use waybill_shared::customer::{ContactNote, Create, Field as Set, SetCreditLimit, SetField};
use waybill_shared::id::FactId;
use waybill_shared::kind::DocAddr;
use waybill_shared::money::Currency;
use waybill_shared::order::{Address, Contact};

use super::detail::Asked;
use super::{CustomerDetail, CustomersState};
use crate::desktop::intent::{Intent, Making, Wish};
use crate::desktop::panels::address::{AddressFields, part};
use crate::desktop::widgets::field::{Field, field};
use crate::desktop::widgets::{money, sheet};

#[derive(Clone, Debug, Default)]
pub struct CustomerForm {
    target: Option<Target>,
    words: String,
    contact: [String; 3],
    address: AddressFields,
}

#[derive(Clone, Debug)]
struct Target {
    asked: Asked,
    addr: DocAddr,
    currency: Currency,
}

impl CustomerForm {
    pub fn change(data: &CustomerDetail, asked: &Asked) -> Self {
        let customer = &data.customer;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let mut form = Self::default();
        let mut addr = data.addr;
        match asked {
            Asked::Name => form.words = customer.fields.name.clone(),
            Asked::Number => form.words = customer.fields.number.clone(),
            Asked::Group => form.words = customer.fields.group.clone(),
            Asked::TaxNumber => form.words = customer.fields.tax_number.clone(),
            Asked::Contact => {
                let contact = &customer.contact;
                form.contact = [text(&contact.name), text(&contact.phone), text(&contact.email)];
            }
            Asked::Address(name) => {
                let address = customer.addresses.get(name).cloned().unwrap_or_default();
                form.address = AddressFields::of(&address);
            }
            Asked::Credit => {
                addr = data.terms_addr;
                form.words = data
                    .credit_limit
                    .flatten()
                    .map(|limit| limit.fixed(data.currency.places()))
                    .unwrap_or_default();
            }
            Asked::Note => {}
        }
        form.target = Some(Target { asked: asked.clone(), addr, currency: data.currency });
        form
    }

    fn title(&self) -> &'static str {
        match self.target.as_ref().map(|target| &target.asked) {
            None => "New customer",
            Some(Asked::Name) => "Name",
            Some(Asked::Number) => "Number",
            Some(Asked::Contact) => "Contact",
            Some(Asked::Address(_)) => "Address",
            Some(Asked::Group) => "Group",
            Some(Asked::TaxNumber) => "Tax number",
            Some(Asked::Credit) => "Credit limit",
            Some(Asked::Note) => "Write a note",
        }
    }

    /// The wish or the making, when the form was finished; `Some(None)` when it was left.
    fn show(&mut self, ui: &mut Ui) -> Option<Option<Intent>> {
        let asked = self.target.as_ref().map(|target| target.asked.clone());
        let mut ready = true;
        match &asked {
            None => {
                self.first(ui, "Name", 1);
                self.contact_fields(ui, true);
                self.address.show_place(ui);
                ready = !self.words.trim().is_empty() && self.address.is_right();
            }
            Some(Asked::Contact) => self.contact_fields(ui, false),
            Some(Asked::Address(_)) => {
                self.address.show(ui);
                ready = self.address.is_right();
            }
            Some(Asked::Credit) => {
                ready = self.words.trim().is_empty()
                    || money::parse(&self.words).is_some_and(|a| !a.is_negative());
                let error = (!ready).then_some("Give an amount, such as 500, or leave it empty.");
                self.first_with(ui, "Amount; empty for no limit", 1, error);
            }
            Some(Asked::Note) => {
                self.first(ui, "Note", 4);
                ready = !self.words.trim().is_empty();
            }
            Some(Asked::Name) => {
                self.first(ui, self.title(), 1);
                ready = !self.words.trim().is_empty();
            }
            Some(_) => self.first(ui, self.title(), 1),
        }
        let words = if asked.is_none() { "Make customer" } else { "Save" };
        match sheet::buttons(ui, words, ready) {
            Some(false) => Some(None),
            Some(true) => Some(Some(self.intent())),
            None => None,
        }
    }

    fn first(&mut self, ui: &mut Ui, name: &str, rows: usize) {
        self.first_with(ui, name, rows, None);
    }

    fn first_with(&mut self, ui: &mut Ui, name: &str, rows: usize, error: Option<&str>) {
        Field { name, rows, error, ..Default::default() }.show(ui, &mut self.words);
    }

    fn contact_fields(&mut self, ui: &mut Ui, short: bool) {
        let [name, phone, email] = &mut self.contact;
        if !short {
            field(ui, "Name", name);
        }
        field(ui, "Telephone", phone);
        field(ui, "E-mail", email);
    }

    fn intent(&self) -> Intent {
        let words = self.words.trim().to_owned();
        let Some(target) = &self.target else {
            let address = self.address.address();
            let addresses = if address == Address::default() {
                BTreeMap::new()
            } else {
                BTreeMap::from([("main".to_owned(), address)])
            };
            let create = Create {
                number: String::new(),
                name: words,
                group: String::new(),
                tax_number: String::new(),
                contact: self.contact(),
                addresses,
            };
            return Intent::Make(Box::new(Making::Customer(create)));
        };
        let set = |field| Wish::new(target.addr, SetField { field }, "Changed the customer");
        let wish = match &target.asked {
            Asked::Name => set(Set::Name(words)),
            Asked::Number => set(Set::Number(words)),
            Asked::Group => set(Set::Group(words)),
            Asked::TaxNumber => set(Set::TaxNumber(words)),
            Asked::Contact => set(Set::Contact(self.contact())),
            Asked::Address(name) => set(Set::Address { name: name.clone(), address: self.address.address() }),
            Asked::Credit => {
                let limit = money::parse(&words);
                Wish::new(
                    target.addr,
                    SetCreditLimit { limit, currency: target.currency },
                    "Changed the credit limit",
                )
            }
            Asked::Note => {
                Wish::new(target.addr, ContactNote { id: FactId::NIL, text: words }, "Saved the note")
            }
        };
        wish.into()
    }

    fn contact(&self) -> Contact {
        let [name, phone, email] = self.contact.each_ref().map(|text| part(text));
        Contact { name, phone, email }
    }
}

pub fn form_ui(ui: &mut Ui, state: &mut CustomersState) -> Option<Intent> {
    let form = state.form.as_mut()?;
    let title = form.title();
    let (answer, closed) = sheet::sheet(ui, title, |ui| form.show(ui));
    match answer {
        Some(intent) => {
            state.form = None;
            intent
        }
        None => {
            if closed {
                state.form = None;
            }
            None
        }
    }
}
