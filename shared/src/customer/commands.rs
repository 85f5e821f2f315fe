//! What is done with a customer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Customer, Fact as Happened, What};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    command::commands,
    doc::{DocError, Draft},
    edit::Context,
    erasure::ERASED,
    field::Setting,
    finding::{Finding, check_id, check_key, check_name},
    id::{FactId, PersonId},
    money::{Amount, Currency},
    order::{Address, Contact},
    rules::plausible::Against,
};

#[rustfmt::skip]
commands! {
    /// What is done with a customer.
    CustomerCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "customer.create/1"    Create      Makes    "make a customer"                  [A, A, A, A, N, A, N, N];
        "customer.set_field/1" SetField    Requests "change a customer"                [A, A, A, A, N, A, N, N];
        "customer.note/1"      ContactNote Facts    "note a contact with a customer"   [A, A, A, A, N, A, N, N];
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    #[serde(default)]
    pub number: String,
    pub name: String,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub tax_number: String,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub addresses: BTreeMap<String, Address>,
}

impl Act for Create {
    type Of = Customer;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_name("customer", &self.name);
        findings.extend(self.addresses.keys().flat_map(|name| check_key("address name", name)));
        findings
    }

    fn run(&self, customer: &Customer, _: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if customer.exists() {
            return Ok(());
        }
        draft.set(&["fields", "number"], &self.number)?;
        draft.set(&["fields", "name"], &self.name)?;
        draft.set(&["fields", "group"], &self.group)?;
        draft.set(&["fields", "tax_number"], &self.tax_number)?;
        write_contact(&self.contact, draft)?;
        for (name, address) in &self.addresses {
            draft.set(&["addresses", name], address)?;
        }
        Ok(())
    }

    fn words(&self, _: &Customer) -> String {
        "Created the customer".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.name);
        self.tax_number.clear();
        self.contact = Contact::default();
        self.addresses.clear();
    }

    fn number(&self) -> Option<&str> {
        Some(&self.number)
    }

    fn number_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.number)
    }

    fn there(&self, customer: &Customer) -> bool {
        customer.exists()
    }
}

/// One field of a customer and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Number(String),
    Name(String),
    Group(String),
    TaxNumber(String),
    Contact(Contact),
    Address { name: String, address: Address },
    Retired(bool),
}

impl Field {
    pub(crate) fn changed(&self) -> String {
        match self {
            Self::Number(_) => "Changed the customer's number",
            Self::Name(_) => "Changed the customer's name",
            Self::Group(_) => "Changed the customer's group",
            Self::TaxNumber(_) => "Changed the customer's tax number",
            Self::Contact(_) => "Changed the customer's contact",
            Self::Address { .. } => "Changed the customer's address",
            Self::Retired(true) => "Retired",
            Self::Retired(false) => "Brought back",
        }
        .to_owned()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetField {
    pub field: Field,
}

impl SetField {
    fn setting<'a>(&'a self, customer: &'a Customer) -> Setting<'a> {
        let fields = &customer.fields;
        match &self.field {
            Field::Number(text) => Setting::text("number", ["fields", "number"], &fields.number, text),
            Field::Name(text) => Setting::text("name", ["fields", "name"], &fields.name, text),
            Field::Group(text) => Setting::text("group", ["fields", "group"], &fields.group, text),
            Field::TaxNumber(text) => {
                Setting::text("tax number", ["fields", "tax_number"], &fields.tax_number, text)
            }
            Field::Contact(now) => {
                let was = &customer.contact;
                let write = |draft: &mut Draft<'_, '_>| write_contact(now, draft);
                Setting::of("contact", was.to_string(), now.to_string(), was == now, write)
            }
            Field::Address { name, address: now } => {
                let was = customer.addresses.get(name);
                let words = was.cloned().unwrap_or_default().to_string();
                let write = move |draft: &mut Draft<'_, '_>| draft.set(&["addresses", name], now);
                Setting::of(format!("{name} address"), words, now.to_string(), was == Some(now), write)
            }
            Field::Retired(retired) => {
                let words = |retired: &bool| if *retired { "retired" } else { "active" }.to_owned();
                Setting::one("state", ["fields", "retired"], &fields.retired, retired, words)
            }
        }
    }
}

impl Act for SetField {
    type Of = Customer;

    fn check(&self) -> Vec<Finding> {
        match &self.field {
            Field::Name(name) => check_name("customer", name),
            Field::Address { name, .. } => check_key("address name", name),
            _ => Vec::new(),
        }
    }

    fn run(&self, customer: &Customer, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        self.setting(customer).write(ctx, draft)
    }

    fn words(&self, _: &Customer) -> String {
        self.field.changed()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        match &mut self.field {
            Field::Name(name) => ERASED.clone_into(name),
            Field::TaxNumber(number) => number.clear(),
            Field::Contact(contact) => *contact = Contact::default(),
            Field::Address { name, address } => {
                ERASED.clone_into(name);
                *address = Address::default();
            }
            Field::Number(_) | Field::Group(_) | Field::Retired(_) => {}
        }
    }

    fn number(&self) -> Option<&str> {
        match &self.field {
            Field::Number(text) => Some(text),
            _ => None,
        }
    }

    fn number_mut(&mut self) -> Option<&mut String> {
        match &mut self.field {
            Field::Number(text) => Some(text),
            _ => None,
        }
    }

    fn shows(&self, customer: &Customer) -> bool {
        self.setting(customer).stands()
    }
}

/// A call, a visit, a letter: what was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactNote {
    #[serde(default)]
    pub id: FactId,
    pub text: String,
}

impl Act for ContactNote {
    type Of = Customer;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        if self.text.trim().is_empty() {
            findings.push(Finding::malformed("text", "The note is empty.", "Write something, or leave it."));
        }
        findings
    }

    fn run(&self, customer: &Customer, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if customer.facts.contains_key(&self.id) {
            return Ok(());
        }
        let fact = Happened {
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
            what: What::Contact { text: self.text.clone() },
        };
        Ok(draft.set(&["facts", &self.id.to_string()], &fact)?)
    }

    fn words(&self, _: &Customer) -> String {
        format!("Noted: {}", self.text)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    fn clean(&mut self) {
        ERASED.clone_into(&mut self.text);
    }

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = FactId::new(fresh());
        }
    }

    fn there(&self, customer: &Customer) -> bool {
        customer.facts.contains_key(&self.id)
    }
}

impl Fact for ContactNote {
    fn reversed(&self, _: FactId, _: &str) -> Option<CustomerCommand> {
        None
    }

    fn worth(&self, _: &Customer) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, customer: &Customer) -> Option<Stands> {
        let there = customer.facts.get(&self.id)?;
        let same = matches!(&there.what, What::Contact { text } if *text == self.text);
        Some(("note", same && there.person == person))
    }

    fn likely(&self, _: &Customer, _: &mut Against<'_>) {}
}

fn write_contact(contact: &Contact, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["contact", "name"], &contact.name)?;
    draft.set(&["contact", "phone"], &contact.phone)?;
    draft.set(&["contact", "email"], &contact.email)
}
