//! What is done with a product.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Price, Product};
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    command::commands,
    doc::Draft,
    edit::Context,
    field::Setting,
    finding::{Finding, check_day, check_id, check_key, check_name},
    history::Entry,
    id::{FactId, PersonId, PriceId},
    money::{self, Amount, Currency},
    order::commands::is_price,
    protocol::limits,
    quantity::{Quantity, Unit},
    rules::plausible::Against,
};

#[rustfmt::skip]
commands! {
    /// What is done with a product.
    ProductCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "product.create/1"    Create   Makes    "make a product"                       [A, A, N, N, N, N, N, N];
        "product.set_field/1" SetField Requests "change a product"                     [A, A, A, N, N, N, N, N];
        "product.set_price/1" SetPrice Facts    "set a product's price"                [A, A, N, N, N, N, N, N];
        "product.retire/1"    Retire   Requests "retire a product"                     [A, A, N, N, N, N, N, N];
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    #[serde(default)]
    pub number: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub unit: Unit,
    #[serde(default)]
    pub tax_class: String,
    #[serde(default)]
    pub barcodes: BTreeMap<String, bool>,
}

impl Act for Create {
    type Of = Product;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_name("product", &self.name);
        findings.extend(self.barcodes.keys().flat_map(|code| check_key("barcode", code)));
        findings
    }

    fn run(&self, product: &Product, _: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if product.exists() {
            return Ok(());
        }
        draft.set(&["fields", "number"], &self.number)?;
        draft.set(&["fields", "name"], &self.name)?;
        draft.set(&["fields", "description"], &self.description)?;
        draft.set(&["fields", "category"], &self.category)?;
        draft.set(&["fields", "unit"], &self.unit)?;
        draft.set(&["fields", "tax_class"], &self.tax_class)?;
        for (barcode, on) in &self.barcodes {
            draft.set(&["barcodes", barcode], on)?;
        }
        Ok(())
    }

    fn words(&self, _: &Product) -> String {
        "Created the product".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn number(&self) -> Option<&str> {
        Some(&self.number)
    }

    fn number_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.number)
    }

    fn there(&self, product: &Product) -> bool {
        product.exists()
    }
}

/// One field of a product and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Number(String),
    Name(String),
    Description(String),
    Category(String),
    TaxClass(String),
    ReorderPoint(Quantity),
    AddBarcode(String),
    RemoveBarcode(String),
}

impl Field {
    pub(crate) fn changed(&self) -> String {
        match self {
            Self::Number(_) => "Changed the product's number".to_owned(),
            Self::Name(_) => "Changed the product's name".to_owned(),
            Self::Description(_) => "Changed the product's description".to_owned(),
            Self::Category(_) => "Changed the product's category".to_owned(),
            Self::TaxClass(_) => "Changed the product's tax class".to_owned(),
            Self::ReorderPoint(_) => "Changed the product's reorder point".to_owned(),
            Self::AddBarcode(code) => format!("Added the barcode {code}"),
            Self::RemoveBarcode(code) => format!("Took off the barcode {code}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetField {
    pub field: Field,
}

impl SetField {
    fn setting<'a>(&'a self, product: &'a Product) -> Setting<'a> {
        let fields = &product.fields;
        let setting = match &self.field {
            Field::Number(text) => Setting::text("number", ["fields", "number"], &fields.number, text),
            Field::Name(text) => Setting::text("name", ["fields", "name"], &fields.name, text),
            Field::Description(text) => {
                Setting::text("description", ["fields", "description"], &fields.description, text)
            }
            Field::Category(text) => {
                Setting::text("category", ["fields", "category"], &fields.category, text)
            }
            Field::TaxClass(text) => {
                Setting::text("tax class", ["fields", "tax_class"], &fields.tax_class, text)
            }
            Field::ReorderPoint(now) => {
                let words = |quantity: &Quantity| fields.unit.show(*quantity);
                Setting::one("reorder point", ["fields", "reorder_point"], &fields.reorder_point, now, words)
            }
            Field::AddBarcode(code) => barcode(product, code, &true),
            Field::RemoveBarcode(code) => barcode(product, code, &false),
        };
        setting.or_nothing()
    }
}

/// The history says the code that is on the product.
fn barcode<'a>(product: &Product, code: &'a str, on: &'a bool) -> Setting<'a> {
    let words = |on: &bool| if *on { code.to_owned() } else { String::new() };
    Setting::one("barcode", ["barcodes", code], &product.has_barcode(code), on, words)
}

impl Act for SetField {
    type Of = Product;

    fn check(&self) -> Vec<Finding> {
        match &self.field {
            Field::Name(name) => check_name("product", name),
            Field::AddBarcode(code) | Field::RemoveBarcode(code) => check_key("barcode", code),
            _ => Vec::new(),
        }
    }

    fn run(&self, product: &Product, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        self.setting(product).write(ctx, draft)
    }

    fn words(&self, _: &Product) -> String {
        self.field.changed()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

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

    fn shows(&self, product: &Product) -> bool {
        self.setting(product).stands()
    }
}

/// A price that holds from a date on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetPrice {
    #[serde(default)]
    pub id: PriceId,
    pub price: Amount,
    pub currency: Currency,
    pub tax_included: bool,
    pub from: NaiveDate,
}

impl Act for SetPrice {
    type Of = Product;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_id("id", self.id);
        findings.extend(check_amount("price", self.price));
        findings.extend(check_day("from", self.from));
        findings
    }

    fn run(&self, product: &Product, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if product.prices.contains_key(&self.id) {
            return Ok(());
        }
        let price = Price {
            price: self.price,
            currency: self.currency,
            tax_included: self.tax_included,
            from: self.from,
            at: ctx.at,
            day: ctx.booked.day,
            month: ctx.booked.month,
            person: ctx.person,
            device: ctx.device,
        };
        Ok(draft.set(&["prices", &self.id.to_string()], &price)?)
    }

    fn words(&self, _: &Product) -> String {
        format!("Set the price to {} from {}", money::price_words(self.price, self.currency), self.from)
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = PriceId::new(fresh());
        }
    }

    fn there(&self, product: &Product) -> bool {
        product.prices.contains_key(&self.id)
    }
}

impl Fact for SetPrice {
    fn reversed(&self, _: FactId, _: &str) -> Option<ProductCommand> {
        None
    }

    fn worth(&self, _: &Product) -> Option<(Amount, Currency)> {
        None
    }

    fn stands(&self, person: PersonId, product: &Product) -> Option<Stands> {
        let there = product.prices.get(&self.id)?;
        let same = (self.price, self.currency, self.tax_included, self.from)
            == (there.price, there.currency, there.tax_included, there.from);
        Some(("price", same && there.person == person))
    }

    fn likely(&self, _: &Product, against: &mut Against<'_>) {
        against.price("price", self.price);
    }
}

/// No longer sold; `false` brings it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retire {
    pub retired: bool,
}

impl Act for Retire {
    type Of = Product;

    fn run(&self, product: &Product, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if product.fields.retired == self.retired {
            return Ok(());
        }
        draft.set(&["fields", "retired"], &self.retired)?;
        let words = |retired: bool| Some(if retired { "retired" } else { "for sale" }.to_owned());
        Entry::new(ctx, "state", words(!self.retired), words(self.retired)).write(ctx, draft)
    }

    fn words(&self, _: &Product) -> String {
        if self.retired { "Retired" } else { "Brought back" }.to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn shows(&self, product: &Product) -> bool {
        product.fields.retired == self.retired
    }
}

pub(super) fn check_amount(field: &str, amount: Amount) -> Vec<Finding> {
    if !is_price(amount) {
        let what = format!("{amount} is not a {field}.");
        let remedy = format!("Give 0 to {} with at most {} decimals.", limits::PRICE, limits::DECIMALS);
        return vec![Finding::malformed(field, what, remedy)];
    }
    Vec::new()
}
