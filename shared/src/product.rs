//! A product of the catalogue, and its terms (cost), which fewer people may see.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    attachment::Attachment,
    command::{Act, RunError},
    doc::Draft,
    edit::Context,
    finding::{Finding, check_day, check_id, check_key, check_name},
    history::Entry,
    id::{AttachmentId, DeviceId, EntryId, PackId, PersonId, PriceId},
    money::{Amount, Currency},
    order::commands::is_price,
    protocol::limits,
    quantity::{Quantity, Unit},
    time::{Month, Timestamp},
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Product {
    pub fields: Fields,
    /// A barcode belongs to the product or not; taking one off writes `false`.
    pub barcodes: BTreeMap<String, bool>,
    pub packs: BTreeMap<PackId, Pack>,
    pub prices: BTreeMap<PriceId, Price>,
    pub images: BTreeMap<AttachmentId, Attachment>,
    pub history: BTreeMap<EntryId, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// The business's own article number.
    pub number: String,
    pub name: String,
    pub description: String,
    pub category: String,
    pub unit: Unit,
    pub tax_class: String,
    pub reorder_point: Quantity,
    pub retired: bool,
}

/// A whole multiple of the smallest unit with its own barcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub name: String,
    pub size: Quantity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
}

/// A price that holds from a day on. A fact: it is never changed, a later one supersedes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub price: Amount,
    pub currency: Currency,
    pub tax_included: bool,
    pub from: NaiveDate,
    pub at: Timestamp,
    pub day: NaiveDate,
    pub month: Month,
    pub person: PersonId,
    pub device: DeviceId,
}

impl Product {
    /// The price on a day: of those that hold by then the one that starts last; of several that start the
    /// same day the one that was set last.
    pub fn price_on(&self, day: NaiveDate) -> Option<&Price> {
        self.prices
            .iter()
            .filter(|(_, price)| price.from <= day)
            .max_by_key(|(id, price)| (price.from, price.at, **id))
            .map(|(_, price)| price)
    }

    pub fn has_barcode(&self, barcode: &str) -> bool {
        self.barcodes.get(barcode) == Some(&true)
    }

    pub fn exists(&self) -> bool {
        !self.fields.name.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductTerms {
    pub fields: TermsFields,
    pub history: BTreeMap<EntryId, Entry>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
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

    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        if self.id.is_nil() {
            self.id = PriceId::new(fresh());
        }
    }

    fn there(&self, product: &Product) -> bool {
        product.prices.contains_key(&self.id)
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

    fn shows(&self, product: &Product) -> bool {
        product.fields.retired == self.retired
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetCost {
    pub cost: Amount,
    pub currency: Currency,
}

impl Act for SetCost {
    type Of = ProductTerms;

    fn check(&self) -> Vec<Finding> {
        check_amount("cost", self.cost)
    }

    fn run(&self, terms: &ProductTerms, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if self.shows(terms) {
            return Ok(());
        }
        draft.set(&["fields", "cost"], &self.cost)?;
        draft.set(&["fields", "currency"], &self.currency)?;
        let was = terms.fields.cost.map(|cost| cost.to_string());
        Entry::new(ctx, "cost", was, Some(self.cost.to_string())).write(ctx, draft)
    }

    fn shows(&self, terms: &ProductTerms) -> bool {
        (terms.fields.cost, terms.fields.currency) == (Some(self.cost), Some(self.currency))
    }
}

fn check_amount(field: &str, amount: Amount) -> Vec<Finding> {
    if !is_price(amount) {
        let what = format!("{amount} is not a {field}.");
        let remedy = format!("Give 0 to {} with at most {} decimals.", limits::PRICE, limits::DECIMALS);
        return vec![Finding::malformed(field, what, remedy)];
    }
    Vec::new()
}
