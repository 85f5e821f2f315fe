//! Customers, products and places: found by typing, or one by one.

use rusqlite::params;
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
    search::{self, Typed},
};

/// What was found, and how well it fits what was typed: 0 is it, then its name fits less and less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    pub fit: u8,
    pub row: T,
}

/// What was typed stands elsewhere than in the name.
pub const ELSEWHERE: u8 = 6;

/// A list with its index, and what it means to type exactly one of it.
struct List {
    rows: &'static str,
    index: &'static str,
    meant: &'static str,
}

const CUSTOMERS: List =
    List { rows: "customer_row", index: "customer_search", meant: "l.number = ?3 COLLATE NOCASE" };
const PRODUCTS: List = List {
    rows: "product_row",
    index: "product_search",
    meant: "l.number = ?3 COLLATE NOCASE OR l.row IN (SELECT row FROM product_barcode WHERE barcode = ?3)",
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
    fn words(&self) -> Option<Option<Typed>> {
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
    /// As people mean them: whose number was typed, then as `Typed` says, who orders often before who does not. By
    /// name where nothing was typed.
    pub fn customers(&self, query: &ListQuery) -> Result<Vec<CustomerRow>, StoreError> {
        Ok(self.customers_found(query)?.into_iter().map(|found| found.row).collect())
    }

    pub fn customers_found(&self, query: &ListQuery) -> Result<Vec<Found<CustomerRow>>, StoreError> {
        self.ranked(query, &CUSTOMERS, CustomerRow::read)
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

    /// The same with products: number or barcode, name, and what is sold often before what is not.
    pub fn products(&self, query: &ListQuery) -> Result<Vec<ProductRow>, StoreError> {
        Ok(self.products_found(query)?.into_iter().map(|found| found.row).collect())
    }

    pub fn products_found(&self, query: &ListQuery) -> Result<Vec<Found<ProductRow>>, StoreError> {
        self.ranked(query, &PRODUCTS, |row| ProductRow::read(&self.conn, row))
    }

    fn ranked<T>(
        &self,
        query: &ListQuery,
        list: &List,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<Found<T>>, StoreError> {
        let Some(words) = query.words() else { return Ok(Vec::new()) };
        let (limit, from) = query.window();
        let List { rows: table, index, meant } = list;
        let read = |row: &rusqlite::Row<'_>| Ok(Found { fit: row.get("fit")?, row: read(row)? });
        let Some(Typed { all, name: [begins, has, begun, holds, each] }) = words else {
            let sql = format!(
                "SELECT *, {ELSEWHERE} AS fit FROM {table} WHERE retired = 0 OR ?1 ORDER BY name COLLATE NOCASE, row \
                 LIMIT ?2 OFFSET ?3"
            );
            return rows(self.conn()?, &sql, params![query.with_retired, limit, from], read);
        };
        let fits = |words: &str| format!("l.row IN (SELECT rowid FROM {index} WHERE {index} MATCH {words})");
        // Only what is shown is read whole.
        let sql = format!(
            "SELECT r.*, fit FROM (SELECT l.row AS at, l.retired AS gone, coalesce(o.orders, 0) AS often, \
             CASE WHEN {meant} THEN 0 WHEN {} THEN 1 WHEN {} THEN 2 WHEN {} THEN 3 WHEN {} THEN 4 WHEN {} THEN 5 ELSE {ELSEWHERE} END AS fit \
             FROM {table} l LEFT JOIN often o ON o.id = l.id WHERE (l.retired = 0 OR ?1) AND {} \
             ORDER BY fit, gone, often DESC, l.name COLLATE NOCASE, l.row LIMIT ?9 OFFSET ?10) f \
             JOIN {table} r ON r.row = f.at ORDER BY fit, gone, often DESC, r.name COLLATE NOCASE, r.row",
            fits("?4"),
            fits("?5"),
            fits("?6"),
            fits("?7"),
            fits("?8"),
            fits("?2")
        );
        let typed = query.typed.trim();
        let params = params![query.with_retired, all, typed, begins, has, begun, holds, each, limit, from];
        rows(self.conn()?, &sql, params, read)
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
        let Some(words) = query.words().map(|words| words.map(|typed| typed.all)) else { return Ok(0) };
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE (retired = 0 OR ?1) AND (?2 IS NULL OR row IN \
            (SELECT rowid FROM {index} WHERE {index} MATCH coalesce(?2, '\"\"')))"
        );
        let count: Vec<i64> =
            rows(self.conn()?, &sql, rusqlite::params![with_retired, words], |row| row.get(0))?;
        Ok(count.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or(0))
    }
}
