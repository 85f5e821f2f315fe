//! A customer, and the terms (credit) that fewer people may see.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    attachment::Attachment,
    command::{Act, RunError},
    doc::{DocError, Draft},
    edit::Context,
    erasure::Erased,
    finding::{Finding, check_id, check_key, check_name},
    history::Entry,
    id::{AttachmentId, DeviceId, EntryId, FactId, PersonId},
    money::{Amount, Currency},
    order::{Address, Contact},
    time::{Month, Timestamp},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    pub fields: Fields,
    pub contact: Contact,
    /// By name: `main`, `delivery`, `invoice`.
    pub addresses: BTreeMap<String, Address>,
    pub facts: BTreeMap<FactId, Fact>,
    pub history: BTreeMap<EntryId, Entry>,
    pub attachments: BTreeMap<AttachmentId, Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Erased>,
}

impl Customer {
    pub fn exists(&self) -> bool {
        !self.fields.name.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub number: String,
    pub name: String,
    pub group: String,
    pub tax_number: String,
    pub retired: bool,
}

/// What happened with a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    Contact {
        text: String,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerTerms {
    pub fields: TermsFields,
    pub history: BTreeMap<EntryId, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsFields {
    /// `None`: no limit is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
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
    fn current(&self, customer: &Customer) -> String {
        let fields = &customer.fields;
        match &self.field {
            Field::Number(_) => fields.number.clone(),
            Field::Name(_) => fields.name.clone(),
            Field::Group(_) => fields.group.clone(),
            Field::TaxNumber(_) => fields.tax_number.clone(),
            Field::Contact(_) => customer.contact.to_string(),
            Field::Address { name, .. } => {
                customer.addresses.get(name).cloned().unwrap_or_default().to_string()
            }
            Field::Retired(_) => retired_words(fields.retired),
        }
    }

    fn wanted(&self) -> String {
        match &self.field {
            Field::Number(text) | Field::Name(text) | Field::Group(text) | Field::TaxNumber(text) => {
                text.clone()
            }
            Field::Contact(contact) => contact.to_string(),
            Field::Address { address, .. } => address.to_string(),
            Field::Retired(retired) => retired_words(*retired),
        }
    }

    fn name(&self) -> String {
        match &self.field {
            Field::Number(_) => "number".to_owned(),
            Field::Name(_) => "name".to_owned(),
            Field::Group(_) => "group".to_owned(),
            Field::TaxNumber(_) => "tax number".to_owned(),
            Field::Contact(_) => "contact".to_owned(),
            Field::Address { name, .. } => format!("{name} address"),
            Field::Retired(_) => "state".to_owned(),
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
        if self.shows(customer) {
            return Ok(());
        }
        match &self.field {
            Field::Number(text) => draft.set(&["fields", "number"], text)?,
            Field::Name(text) => draft.set(&["fields", "name"], text)?,
            Field::Group(text) => draft.set(&["fields", "group"], text)?,
            Field::TaxNumber(text) => draft.set(&["fields", "tax_number"], text)?,
            Field::Contact(contact) => write_contact(contact, draft)?,
            Field::Address { name, address } => draft.set(&["addresses", name], address)?,
            Field::Retired(retired) => draft.set(&["fields", "retired"], retired)?,
        }
        let entry = Entry::new(ctx, &self.name(), Some(self.current(customer)), Some(self.wanted()));
        entry.write(ctx, draft)
    }

    fn shows(&self, customer: &Customer) -> bool {
        match &self.field {
            Field::Contact(contact) => customer.contact == *contact,
            Field::Address { name, address } => customer.addresses.get(name) == Some(address),
            _ => self.current(customer) == self.wanted(),
        }
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
        let fact = Fact {
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
            what: What::Contact { text: self.text.clone() },
        };
        Ok(draft.set(&["facts", &self.id.to_string()], &fact)?)
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetCreditLimit {
    /// `None` takes the limit away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Amount>,
    pub currency: Currency,
}

impl Act for SetCreditLimit {
    type Of = CustomerTerms;

    fn check(&self) -> Vec<Finding> {
        if self.limit.is_some_and(Amount::is_negative) {
            return vec![Finding::malformed(
                "limit",
                "The limit is below zero.",
                "Give zero or more, or no limit.",
            )];
        }
        Vec::new()
    }

    fn run(&self, terms: &CustomerTerms, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.shows(terms) {
            return Ok(());
        }
        draft.set(&["fields", "credit_limit"], &self.limit)?;
        draft.set(&["fields", "currency"], &self.currency)?;
        let [was, now] =
            [terms.fields.credit_limit, self.limit].map(|limit| limit.map(|limit| limit.to_string()));
        Entry::new(ctx, "credit limit", was, now).write(ctx, draft)
    }

    fn shows(&self, terms: &CustomerTerms) -> bool {
        (terms.fields.credit_limit, terms.fields.currency) == (self.limit, Some(self.currency))
    }
}

fn retired_words(retired: bool) -> String {
    if retired { "retired" } else { "active" }.to_owned()
}

fn write_contact(contact: &Contact, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["contact", "name"], &contact.name)?;
    draft.set(&["contact", "phone"], &contact.phone)?;
    draft.set(&["contact", "email"], &contact.email)
}
