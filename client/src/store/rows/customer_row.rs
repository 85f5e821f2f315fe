//! One customer as lists show them.

use rusqlite::Connection;
use uuid::Uuid;
use waybill_shared::{customer::Customer, id::CustomerId};

use super::{
    columns::id,
    list::{Beside, Column, Listed, Ranked, Search},
};
use crate::store::search::{Index, Words};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    pub id: CustomerId,
    pub number: String,
    pub name: String,
    pub group: String,
    pub city: String,
    pub phone: String,
    pub retired: bool,
    pub pending: bool,
}

impl CustomerRow {
    pub fn of(id: CustomerId, customer: &Customer, pending: bool) -> Self {
        let main = customer.addresses.get("main").or_else(|| customer.addresses.values().next());
        Self {
            id,
            number: customer.fields.number.clone(),
            name: customer.fields.name.clone(),
            group: customer.fields.group.clone(),
            city: main.and_then(|address| address.city.clone()).unwrap_or_default(),
            phone: customer.contact.phone.clone().unwrap_or_default(),
            retired: customer.fields.retired,
            pending,
        }
    }
}

impl Listed for CustomerRow {
    type Of = Customer;

    const TABLE: &'static str = "customer_row";
    const COLUMNS: &'static [Column<Self>] = &[
        ("number", |row| row.number.clone().into()),
        ("name", |row| row.name.clone().into()),
        ("customer_group", |row| row.group.clone().into()),
        ("city", |row| row.city.clone().into()),
        ("phone", |row| row.phone.clone().into()),
        ("retired", |row| row.retired.into()),
    ];
    const NUMBERED: Option<&'static str> = Some("number");
    const SEARCH: Option<Search<Customer>> =
        Some(Search { index: Index { table: "customer_search", named: true }, words });
    const BESIDE: &'static [Beside<Self>] = &[];

    fn of(id: Uuid, customer: &Customer, pending: bool) -> Self {
        Self::of(id.into(), customer, pending)
    }

    fn read(_: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row, "id")?,
            number: row.get("number")?,
            name: row.get("name")?,
            group: row.get("customer_group")?,
            city: row.get("city")?,
            phone: row.get("phone")?,
            retired: row.get("retired")?,
            pending: row.get("pending")?,
        })
    }
}

impl Ranked for CustomerRow {
    const MEANT: &'static str = "l.number = ?3 COLLATE NOCASE";
}

/// The words under which a customer is found.
fn words(customer: &Customer) -> Words {
    let fields = &customer.fields;
    let contact = &customer.contact;
    Words::of(
        &fields.name,
        [fields.number.as_str(), &fields.group]
            .into_iter()
            .chain(
                [&contact.name, &contact.phone, &contact.email]
                    .into_iter()
                    .filter_map(|part| part.as_deref()),
            )
            .chain(customer.addresses.values().flat_map(|address| {
                [&address.name, &address.street, &address.postcode, &address.city]
                    .into_iter()
                    .filter_map(|part| part.as_deref())
            })),
    )
}
