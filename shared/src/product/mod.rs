//! A product of the catalogue.

mod barcodes;
pub mod commands;
pub mod terms;

use std::{any::Any, collections::BTreeMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use commands::{Create, Field, Retire, SetField, SetPrice};
pub use terms::{ProductTerms, SetCost, TermsFields};

use crate::{
    attachment::Attachment,
    document::{Called, Document, Says, rooms, titled},
    erasure::Erased,
    finding::Finding,
    generation::{Archived, entries},
    history::Entry,
    id::{AttachmentId, DeviceId, EntryId, PackId, PersonId, PriceId},
    kind::{DocAddr, DocKind},
    money::{Amount, Currency},
    quantity::{Quantity, Unit},
    rules::Judged,
    scope::{Scope, Scopes},
    time::{Month, Timestamp},
};
use commands::ProductCommand;

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

impl Document for Product {
    const KIND: DocKind = DocKind::Product;
    const THING: &'static str = "product";
    const SKELETON: &'static [&'static [&'static str]] =
        &[&["fields", "barcodes", "packs", "prices", "images", "variants", "history", "custom"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = false;

    type Command = ProductCommand;

    fn judge(command: &ProductCommand, _: &Self, _: &Self, judged: &Judged<'_>) -> Vec<Finding> {
        barcodes::judge(command, judged.addr, judged.world)
    }

    fn misplaced(_: &ProductCommand, _: DocAddr) -> Option<Finding> {
        None
    }
}

impl Says for Product {
    rooms!(fields; barcodes, packs, prices, images, history);

    fn exists(&self) -> Option<bool> {
        Some(Product::exists(self))
    }

    fn title(&self) -> String {
        titled(&self.fields.number, &self.fields.name)
    }

    fn called(&self) -> Option<Called<'_>> {
        let Fields { number, name, .. } = &self.fields;
        Product::exists(self).then_some(Called { field: "number", number, name })
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
