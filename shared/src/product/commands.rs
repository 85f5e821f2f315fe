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
    fn current(&self, product: &Product) -> Option<String> {
        let fields = &product.fields;
        let text = match &self.field {
            Field::Number(_) => fields.number.clone(),
            Field::Name(_) => fields.name.clone(),
            Field::Description(_) => fields.description.clone(),
            Field::Category(_) => fields.category.clone(),
            Field::TaxClass(_) => fields.tax_class.clone(),
            Field::ReorderPoint(_) => fields.unit.show(fields.reorder_point),
            Field::AddBarcode(code) | Field::RemoveBarcode(code) if product.has_barcode(code) => code.clone(),
            Field::AddBarcode(_) | Field::RemoveBarcode(_) => String::new(),
        };
        (!text.is_empty()).then_some(text)
    }

    fn wanted(&self, product: &Product) -> Option<String> {
        let text = match &self.field {
            Field::Number(text)
            | Field::Name(text)
            | Field::Description(text)
            | Field::Category(text)
            | Field::TaxClass(text)
            | Field::AddBarcode(text) => text.clone(),
            Field::ReorderPoint(quantity) => product.fields.unit.show(*quantity),
            Field::RemoveBarcode(_) => String::new(),
        };
        (!text.is_empty()).then_some(text)
    }

    const fn name(&self) -> &'static str {
        match self.field {
            Field::Number(_) => "number",
            Field::Name(_) => "name",
            Field::Description(_) => "description",
            Field::Category(_) => "category",
            Field::TaxClass(_) => "tax class",
            Field::ReorderPoint(_) => "reorder point",
            Field::AddBarcode(_) | Field::RemoveBarcode(_) => "barcode",
        }
    }
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
        let (was, now) = (self.current(product), self.wanted(product));
        if was == now {
            return Ok(());
        }
        match &self.field {
            Field::Number(text) => draft.set(&["fields", "number"], text)?,
            Field::Name(text) => draft.set(&["fields", "name"], text)?,
            Field::Description(text) => draft.set(&["fields", "description"], text)?,
            Field::Category(text) => draft.set(&["fields", "category"], text)?,
            Field::TaxClass(text) => draft.set(&["fields", "tax_class"], text)?,
            Field::ReorderPoint(quantity) => draft.set(&["fields", "reorder_point"], quantity)?,
            Field::AddBarcode(code) => draft.set(&["barcodes", code], &true)?,
            Field::RemoveBarcode(code) => draft.set(&["barcodes", code], &false)?,
        }
        Entry::new(ctx, self.name(), was, now).write(ctx, draft)
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
        self.current(product) == self.wanted(product)
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
