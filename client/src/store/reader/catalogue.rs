//! Customers, products and places: found by typing, or one by one.

use waybill_shared::{
    customer::{Customer, CustomerTerms},
    id::{CustomerId, CustomerTermsId, LocationId, ProductId, ProductTermsId},
    location::Location,
    product::{Product, ProductTerms},
    session::store::StoreError,
};

use super::{
    Reader,
    lists::{Found, ListQuery},
};
use crate::store::rows::{CustomerRow, LocationRow, ProductRow};

impl Reader {
    /// As people mean them: whose number was typed, then whose name fits, who orders often before who does not. By
    /// name where nothing was typed.
    pub fn customers(&self, query: &ListQuery) -> Result<Vec<CustomerRow>, StoreError> {
        Ok(self.customers_found(query)?.into_iter().map(|found| found.row).collect())
    }

    pub fn customers_found(&self, query: &ListQuery) -> Result<Vec<Found<CustomerRow>>, StoreError> {
        self.ranked(query)
    }

    pub fn count_customers(&self, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        self.count::<CustomerRow>(typed, with_retired)
    }

    pub fn customer_row(&self, id: CustomerId) -> Result<Option<CustomerRow>, StoreError> {
        self.row(id)
    }

    pub fn customers_numbered(&self, number: &str) -> Result<Vec<CustomerRow>, StoreError> {
        self.listed("WHERE number = ?1 COLLATE NOCASE", [number])
    }

    pub fn customer(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        self.document(id)
    }

    pub fn customer_terms(&self, id: CustomerId) -> Result<Option<CustomerTerms>, StoreError> {
        self.document(CustomerTermsId::of(id))
    }

    /// The same with products: number or barcode, name, and what is sold often before what is not.
    pub fn products(&self, query: &ListQuery) -> Result<Vec<ProductRow>, StoreError> {
        Ok(self.products_found(query)?.into_iter().map(|found| found.row).collect())
    }

    pub fn products_found(&self, query: &ListQuery) -> Result<Vec<Found<ProductRow>>, StoreError> {
        self.ranked(query)
    }

    pub fn count_products(&self, typed: &str, with_retired: bool) -> Result<usize, StoreError> {
        self.count::<ProductRow>(typed, with_retired)
    }

    pub fn product_row(&self, id: ProductId) -> Result<Option<ProductRow>, StoreError> {
        self.row(id)
    }

    /// Those that a scanner or a typed number means: exactly this number or barcode.
    pub fn products_coded(&self, code: &str) -> Result<Vec<ProductRow>, StoreError> {
        let coded = "WHERE number = ?1 COLLATE NOCASE \
            OR row IN (SELECT row FROM product_barcode WHERE barcode = ?1) ORDER BY retired, row";
        self.listed(coded, [code.trim()])
    }

    pub fn product(&self, id: ProductId) -> Result<Option<Product>, StoreError> {
        self.document(id)
    }

    pub fn product_terms(&self, id: ProductId) -> Result<Option<ProductTerms>, StoreError> {
        self.document(ProductTermsId::of(id))
    }

    pub fn locations(&self) -> Result<Vec<LocationRow>, StoreError> {
        self.listed("ORDER BY closed, code, name, row", [])
    }

    pub fn location(&self, id: LocationId) -> Result<Option<Location>, StoreError> {
        self.document(id)
    }
}
