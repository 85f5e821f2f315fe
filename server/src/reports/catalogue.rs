//! The rows of products, customers and locations.

use uuid::Uuid;
use waybill_shared::{customer::Customer, location::Location, product::Product};

use super::{
    Rows,
    column::{opt_text, text},
    tables::{CustomerRow, LocationRow, ProductRow},
    words,
};

pub fn product(id: Uuid, product: &Product) -> Rows {
    if !product.exists() {
        return Rows::default();
    }
    let fields = &product.fields;
    let row = ProductRow {
        product_id: id,
        number: text(&fields.number),
        name: text(&fields.name),
        category: text(&fields.category),
        unit: words::unit(fields.unit),
        tax_class: text(&fields.tax_class),
        retired: fields.retired,
    };
    Rows { products: vec![row], ..Rows::default() }
}

pub fn customer(id: Uuid, customer: &Customer) -> Rows {
    if !customer.exists() {
        return Rows::default();
    }
    let fields = &customer.fields;
    // The main address, or the only kind there is.
    let address = customer.addresses.get("main").or_else(|| customer.addresses.values().next());
    let row = CustomerRow {
        customer_id: id,
        number: text(&fields.number),
        name: text(&fields.name),
        customer_group: text(&fields.group),
        postcode: address.and_then(|address| opt_text(address.postcode.as_ref())),
        city: address.and_then(|address| opt_text(address.city.as_ref())),
        country: address.and_then(|address| opt_text(address.country.as_ref())),
        retired: fields.retired,
    };
    Rows { customers: vec![row], ..Rows::default() }
}

pub fn location(id: Uuid, location: &Location) -> Rows {
    if !location.exists() {
        return Rows::default();
    }
    let fields = &location.fields;
    let row = LocationRow {
        location_id: id,
        code: text(&fields.code),
        name: text(&fields.name),
        kind: fields.kind.name().to_owned().into(),
        closed: fields.closed,
    };
    Rows { locations: vec![row], ..Rows::default() }
}
