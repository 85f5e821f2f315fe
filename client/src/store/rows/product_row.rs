//! One product as lists show it, with its prices: which of them holds depends on the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::{Connection, types::Value};
use uuid::Uuid;
use waybill_shared::{
    id::{PriceId, ProductId},
    product::{Price, Product},
    protocol::codec::encode,
    quantity::Unit,
};

use super::{
    columns::{id, named},
    list::{Beside, Column, Listed, Ranked, Search},
};
use crate::store::search::{Index, Words};

#[derive(Clone, Debug, PartialEq)]
pub struct ProductRow {
    pub id: ProductId,
    pub number: String,
    pub name: String,
    pub category: String,
    pub unit: Unit,
    pub tax_class: String,
    pub retired: bool,
    /// Holds `prices` alone.
    pub priced: Product,
    pub barcodes: Vec<String>,
    pub pending: bool,
}

impl ProductRow {
    pub fn of(id: ProductId, product: &Product, pending: bool) -> Self {
        let fields = &product.fields;
        let own = product.barcodes.iter().filter(|(_, on)| **on).map(|(barcode, _)| barcode.clone());
        let packs = product.packs.values().filter_map(|pack| pack.barcode.clone());
        let mut barcodes: Vec<String> = own.chain(packs).collect();
        barcodes.sort();
        barcodes.dedup();
        Self {
            id,
            number: fields.number.clone(),
            name: fields.name.clone(),
            category: fields.category.clone(),
            unit: fields.unit,
            tax_class: fields.tax_class.clone(),
            retired: fields.retired,
            priced: Product { prices: product.prices.clone(), ..Product::default() },
            barcodes,
            pending,
        }
    }

    pub fn price_on(&self, day: NaiveDate) -> Option<&Price> {
        self.priced.price_on(day)
    }
}

impl Listed for ProductRow {
    type Of = Product;

    const TABLE: &'static str = "product_row";
    const COLUMNS: &'static [Column<Self>] = &[
        ("number", |row| row.number.clone().into()),
        ("name", |row| row.name.clone().into()),
        ("category", |row| row.category.clone().into()),
        ("unit", |row| row.unit.name().to_owned().into()),
        ("tax_class", |row| row.tax_class.clone().into()),
        ("retired", |row| row.retired.into()),
        ("prices", |row| encode(&row.priced.prices).into()),
    ];
    const NUMBERED: Option<&'static str> = Some("number");
    const SEARCH: Option<Search<Product>> =
        Some(Search { index: Index { table: "product_search", named: true }, words });
    const BESIDE: &'static [Beside<Self>] = &[Beside {
        table: "product_barcode",
        column: "barcode",
        values: |row, _| row.barcodes.iter().cloned().map(Value::Text).collect(),
    }];

    fn of(id: Uuid, product: &Product, pending: bool) -> Self {
        Self::of(id.into(), product, pending)
    }

    fn read(conn: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let prices: Vec<u8> = row.get("prices")?;
        let prices: BTreeMap<PriceId, Price> = ciborium::from_reader(prices.as_slice()).unwrap_or_default();
        let at: i64 = row.get("row")?;
        let barcodes = conn
            .prepare_cached("SELECT barcode FROM product_barcode WHERE row = ?1 ORDER BY barcode")?
            .query_map([at], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: id(row, "id")?,
            number: row.get("number")?,
            name: row.get("name")?,
            category: row.get("category")?,
            unit: named(row, "unit", Unit::of)?,
            tax_class: row.get("tax_class")?,
            retired: row.get("retired")?,
            priced: Product { prices, ..Product::default() },
            barcodes,
            pending: row.get("pending")?,
        })
    }
}

impl Ranked for ProductRow {
    const MEANT: &'static str =
        "l.number = ?3 COLLATE NOCASE OR l.row IN (SELECT row FROM product_barcode WHERE barcode = ?3)";
}

/// The words under which a product is found.
fn words(product: &Product) -> Words {
    let fields = &product.fields;
    Words::of(
        &fields.name,
        [fields.number.as_str(), &fields.category, &fields.description]
            .into_iter()
            .chain(product.barcodes.iter().filter(|(_, on)| **on).map(|(barcode, _)| barcode.as_str()))
            .chain(product.packs.values().filter_map(|pack| pack.barcode.as_deref())),
    )
}
