//! A customer.

pub mod commands;
pub mod terms;

use std::{any::Any, collections::BTreeMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use commands::{ContactNote, Create, Field, SetField};
pub use terms::{CustomerTerms, SetCreditLimit, TermsFields};

use crate::{
    attachment::Attachment,
    document::{Called, Document, Says, rooms, titled},
    erasure::{ERASED, Erased},
    finding::Finding,
    generation::{Archived, FACTS, beyond, entries},
    history::Entry,
    id::{AttachmentId, DeviceId, EntryId, FactId, PersonId},
    kind::{DocAddr, DocKind},
    order::{Address, Contact},
    rules::Judged,
    scope::{Scope, Scopes},
    time::{Month, Timestamp},
};
use commands::CustomerCommand;

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

impl Document for Customer {
    const KIND: DocKind = DocKind::Customer;
    const THING: &'static str = "customer";
    const SKELETON: &'static [&'static [&'static str]] =
        &[&["fields", "contact", "addresses", "facts", "history", "attachments", "custom"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = true;

    type Command = CustomerCommand;

    /// Nothing beyond what holds for all kinds.
    fn judge(_: &CustomerCommand, _: &Self, _: &Self, _: &Judged<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn misplaced(_: &CustomerCommand, _: DocAddr) -> Option<Finding> {
        None
    }
}

impl Says for Customer {
    rooms!(fields, contact, erased; addresses, facts, history, attachments);

    fn exists(&self) -> Option<bool> {
        Some(Customer::exists(self))
    }

    fn title(&self) -> String {
        titled(&self.fields.number, &self.fields.name)
    }

    fn called(&self) -> Option<Called<'_>> {
        let Fields { number, name, .. } = &self.fields;
        Customer::exists(self).then_some(Called { field: "number", number, name })
    }

    fn scopes(&self) -> Scopes {
        vec![Scope::Office, Scope::Shops].into()
    }

    fn is_own(&self, _: PersonId, _: &dyn Any) -> bool {
        false
    }

    fn erased(&self) -> Option<Erased> {
        self.erased
    }

    fn clean(&mut self, at: Timestamp) {
        let Self { fields, contact, addresses, facts, history, attachments, erased } = self;
        // The number is what the books and the paper ones call the customer.
        let Fields { number: _, name, group: _, tax_number, retired } = fields;
        ERASED.clone_into(name);
        tax_number.clear();
        *retired = true;
        *contact = Contact::default();
        addresses.clear();
        facts.clear();
        history.clear();
        attachments.clear();
        *erased = Some(Erased { at });
    }

    fn old(&self, kept: usize) -> Vec<Archived> {
        let notes = self.facts.iter().filter(|(_, fact)| matches!(fact.what, What::Contact { .. }));
        let mut old = entries(&self.history, kept);
        old.extend(beyond(notes, FACTS, kept, |fact| (0, fact.at)));
        old
    }
}
