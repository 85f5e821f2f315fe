//! One product as lists show it, with its prices: which of them holds depends on the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::{Connection, named_params, params};
use waybill_shared::{
    id::{PriceId, ProductId},
    product::{Price, Product},
    protocol::codec::encode,
    quantity::Unit,
};

use super::{blob, id, named};
use crate::store::search::Words;

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

    pub fn write(&self, conn: &Connection, at: i64, search: i64) -> rusqlite::Result<()> {
        conn.prepare_cached(PUT)?.execute(named_params! {
            ":row": at,
            ":id": blob(self.id),
            ":number": self.number,
            ":name": self.name,
            ":category": self.category,
            ":unit": self.unit.name(),
            ":tax_class": self.tax_class,
            ":retired": self.retired,
            ":prices": encode(&self.priced.prices),
            ":pending": self.pending,
            ":search": search,
        })?;
        conn.prepare_cached("DELETE FROM product_barcode WHERE row = ?1")?.execute([at])?;
        let mut put = conn.prepare_cached("INSERT INTO product_barcode (barcode, row) VALUES (?1, ?2)")?;
        for barcode in &self.barcodes {
            put.execute(params![barcode, at])?;
        }
        Ok(())
    }

    pub fn read(conn: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
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

const PUT: &str = "INSERT OR REPLACE INTO product_row (row, id, number, name, category, unit, tax_class, \
    retired, prices, pending, search) VALUES (:row, :id, :number, :name, :category, :unit, :tax_class, \
    :retired, :prices, :pending, :search)";

/// The words under which a product is found.
pub fn words(product: &Product) -> Words {
    let fields = &product.fields;
    Words::of(
        &fields.name,
        [fields.number.as_str(), &fields.category, &fields.description]
            .into_iter()
            .chain(product.barcodes.iter().filter(|(_, on)| **on).map(|(barcode, _)| barcode.as_str()))
            .chain(product.packs.values().filter_map(|pack| pack.barcode.as_deref())),
    )
}
