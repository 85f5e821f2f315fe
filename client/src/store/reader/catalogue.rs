//! Customers, products and places: found by typing, or one by one.

use uuid::Uuid;
use waybill_shared::{
    customer::Customer,
    id::{CustomerId, CustomerTermsId, LocationId, ProductId, ProductTermsId},
    product::Product,
    session::store::StoreError,
};

use super::Reader;
use crate::store::{
    read::rows,
    rows::{CustomerRow, LocationRow, ProductRow},
    search,
};

/// What is asked of the list of customers, or of products.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub typed: String,
    pub with_retired: bool,
    pub from: usize,
    pub limit: usize,
}

impl ListQuery {
    pub fn typed(typed: &str, limit: usize) -> Self {
        Self { typed: typed.to_owned(), with_retired: false, from: 0, limit }
    }

    /// The words to search for, or none when everything is wanted; `None` when what was typed cannot be
    /// found in anything.
    fn words(&self) -> Option<Option<String>> {
        match search::query(&self.typed) {
            None if !self.typed.trim().is_empty() => None,
            words => Some(words),
        }
    }

    fn window(&self) -> (i64, i64) {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        (whole(self.limit), whole(self.from))
    }
}

impl Reader {
    /// By name; those whose number was typed come first.
    pub fn customers(&self, query: &ListQuery) -> Result<Vec<CustomerRow>, StoreError> {
        let Some(words) = query.words() else { return Ok(Vec::new()) };
        let (limit, from) = query.window();
        let sql = "SELECT * FROM customer_row WHERE (retired = 0 OR ?1) AND (?2 IS NULL OR row IN \
            (SELECT rowid FROM customer_search WHERE words MATCH coalesce(?2, '\"\"'))) \
            ORDER BY number <> ?3, name COLLATE NOCASE, row LIMIT ?4 OFFSET ?5";
        let params = rusqlite::params![query.with_retired, words, query.typed.trim(), limit, from];
        rows(self.conn()?, sql, params, CustomerRow::read)
    }

    pub fn count_customers(&self, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        self.count("customer_row", "customer_search", typed, with_retired)
    }

    pub fn customer_row(&self, id: CustomerId) -> Result<Option<CustomerRow>, StoreError> {
        let sql = "SELECT r.* FROM document d JOIN customer_row r ON r.row = d.row \
            WHERE d.kind = 7 AND d.id = ?1";
        Ok(rows(self.conn()?, sql, [Uuid::from(id).into_bytes()], CustomerRow::read)?.pop())
    }

    pub fn customers_numbered(&self, number: &str) -> Result<Vec<CustomerRow>, StoreError> {
        let sql = "SELECT * FROM customer_row WHERE number = ?1 COLLATE NOCASE";
        rows(self.conn()?, sql, [number], CustomerRow::read)
    }

    pub fn customer(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        self.document(id)
    }

    pub fn customer_terms(
        &self,
        id: CustomerId,
    ) -> Result<Option<waybill_shared::customer::CustomerTerms>, StoreError> {
        self.document(CustomerTermsId::of(id))
    }

    /// By name; those whose number or barcode was typed come first.
    pub fn products(&self, query: &ListQuery) -> Result<Vec<ProductRow>, StoreError> {
        let Some(words) = query.words() else { return Ok(Vec::new()) };
        let (limit, from) = query.window();
        let sql = "SELECT * FROM product_row WHERE (retired = 0 OR ?1) AND (?2 IS NULL OR row IN \
            (SELECT rowid FROM product_search WHERE words MATCH coalesce(?2, '\"\"'))) \
            ORDER BY number <> ?3 COLLATE NOCASE AND row NOT IN (SELECT row FROM product_barcode \
            WHERE barcode = ?3), name COLLATE NOCASE, row LIMIT ?4 OFFSET ?5";
        let params = rusqlite::params![query.with_retired, words, query.typed.trim(), limit, from];
        rows(self.conn()?, sql, params, |row| ProductRow::read(&self.conn, row))
    }

    pub fn count_products(&self, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        self.count("product_row", "product_search", typed, with_retired)
    }

    pub fn product_row(&self, id: ProductId) -> Result<Option<ProductRow>, StoreError> {
        let sql = "SELECT r.* FROM document d JOIN product_row r ON r.row = d.row \
            WHERE d.kind = 3 AND d.id = ?1";
        let id = Uuid::from(id).into_bytes();
        Ok(rows(self.conn()?, sql, [id], |row| ProductRow::read(&self.conn, row))?.pop())
    }

    /// Those that a scanner or a typed number means: exactly this number or barcode.
    pub fn products_coded(&self, code: &str) -> Result<Vec<ProductRow>, StoreError> {
        let sql = "SELECT * FROM product_row WHERE number = ?1 COLLATE NOCASE \
            OR row IN (SELECT row FROM product_barcode WHERE barcode = ?1) ORDER BY retired, row";
        rows(self.conn()?, sql, [code.trim()], |row| ProductRow::read(&self.conn, row))
    }

    pub fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        self.document(id)
    }

    pub fn product_terms(
        &self,
        id: ProductId,
    ) -> Result<Option<waybill_shared::product::ProductTerms>, StoreError> {
        self.document(ProductTermsId::of(id))
    }

    pub fn locations(&self) -> Result<Vec<LocationRow>, StoreError> {
        let sql = "SELECT * FROM location_row ORDER BY closed, code, name, row";
        rows(self.conn()?, sql, [], LocationRow::read)
    }

    pub fn location(&self, id: LocationId) -> Result<Option<waybill_shared::location::Location>, StoreError> {
        self.document(id)
    }

    fn count(&self, table: &str, index: &str, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        let query = ListQuery::typed(typed, 0);
        let Some(words) = query.words() else { return Ok(0) };
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE (retired = 0 OR ?1) AND (?2 IS NULL OR row IN \
            (SELECT rowid FROM {index} WHERE words MATCH coalesce(?2, '\"\"')))"
        );
        let count: Vec<i64> =
            rows(self.conn()?, &sql, rusqlite::params![with_retired, words], |row| row.get(0))?;
        Ok(count.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or(0))
    }
}
