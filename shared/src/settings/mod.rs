//! The settings of the business: one document.

pub mod commands;
mod currency;

use std::{any::Any, collections::BTreeMap};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use commands::{Create, Field, Limit, SetField, SetLimit};

use crate::{
    document::{Called, Document, Says, rooms},
    erasure::Erased,
    finding::{Finding, Rule},
    generation::{Archived, entries},
    history::Entry,
    id::{EntryId, PersonId, SettingsId},
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    order::Tax,
    quantity::Quantity,
    rules::{Judged, address},
    scope::{Scope, Scopes},
    time::Timestamp,
};
use commands::SettingsCommand;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub fields: Fields,
    pub tax_classes: BTreeMap<String, TaxClass>,
    pub limits: Limits,
    /// Channels whose orders need no customer.
    pub no_customer: BTreeMap<String, bool>,
    pub history: BTreeMap<EntryId, Entry>,
}

/// The tax class of what names none.
const STANDARD: &str = "standard";

impl Settings {
    pub fn exists(&self) -> bool {
        !self.fields.company.is_empty()
    }

    /// How a line of this class is taxed; none named means the standard one. A class that is not there never
    /// counts as no tax.
    pub fn tax(&self, class: &str, included: bool) -> Result<Tax, Box<Finding>> {
        let class = if class.is_empty() { STANDARD } else { class };
        if let Some(TaxClass { rate, .. }) = self.tax_classes.get(class) {
            return Ok(Tax { class: class.to_owned(), rate: *rate, included });
        }
        let known: Vec<&str> = self.tax_classes.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
        let what = format!("There is no tax class “{class}”: the settings have {known}.");
        let remedy = "Choose another class, or make this one in the settings first.";
        Err(Finding::new(Rule::NotThere, what, remedy).field("tax_class").into())
    }

    /// Of what is in no catalogue.
    pub fn standard_tax(&self) -> Result<Tax, Box<Finding>> {
        self.tax(STANDARD, true)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub company: String,
    pub zone: Tz,
    pub currency: Currency,
}

impl Default for Fields {
    fn default() -> Self {
        Self { company: String::new(), zone: Tz::UTC, currency: Currency::EUR }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxClass {
    pub name: String,
    /// In percent.
    pub rate: Amount,
}

/// What a line may hold at most, what is likely of a fact, and how far from today one may book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub quantity: Quantity,
    pub price: Amount,
    /// In percent of the line.
    pub discount: Amount,
    /// What one line of a fact is worth at most, with tax, without a manager looking at it.
    pub line_amount: Amount,
    /// The same of all its lines, and of a payment.
    pub fact_amount: Amount,
    /// How many days before today and behind it somebody may book.
    pub booked_back: u32,
    pub booked_ahead: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            quantity: Quantity::new(1_000_000),
            price: Amount::from_minor(1_000_000, 0),
            discount: Amount::from_minor(50, 0),
            line_amount: Amount::from_minor(10_000_000, 0),
            fact_amount: Amount::from_minor(10_000_000, 0),
            booked_back: 366,
            booked_ahead: 1,
        }
    }
}

impl Document for Settings {
    const KIND: DocKind = DocKind::Settings;
    const THING: &'static str = "settings";
    const SKELETON: &'static [&'static [&'static str]] =
        &[&["fields", "tax_classes", "limits", "no_customer", "numbers", "rules", "history"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = false;

    type Command = SettingsCommand;

    fn judge(command: &SettingsCommand, _: &Self, _: &Self, judged: &Judged<'_>) -> Vec<Finding> {
        currency::judge(command, judged.world).into_iter().collect()
    }

    fn misplaced(_: &SettingsCommand, addr: DocAddr) -> Option<Finding> {
        let what = "There is one document of settings, and this is another.";
        address::only(addr, SettingsId::ONLY, what, "Send it to the id that the settings always have.")
    }
}

impl Says for Settings {
    rooms!(fields, limits; tax_classes, no_customer, history);

    fn exists(&self) -> Option<bool> {
        // Every business has them; who sets it up second is told by `Create`.
        None
    }

    fn title(&self) -> String {
        String::new()
    }

    fn called(&self) -> Option<Called<'_>> {
        None
    }

    fn scopes(&self) -> Scopes {
        Scope::Everyone.into()
    }

    fn is_own(&self, _: PersonId, _: &dyn Any) -> bool {
        false
    }

    fn erased(&self) -> Option<Erased> {
        None
    }

    /// Of the business's own.
    fn clean(&mut self, _: Timestamp) {}

    fn old(&self, kept: usize) -> Vec<Archived> {
        entries(&self.history, kept)
    }
}
