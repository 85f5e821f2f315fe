//! One customer as lists show them.

use rusqlite::{Connection, named_params};
use waybill_shared::{customer::Customer, id::CustomerId};

use super::{blob, id};
use crate::store::search::Words;

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

    pub fn write(&self, conn: &Connection, at: i64, search: i64) -> rusqlite::Result<()> {
        conn.prepare_cached(PUT)?
            .execute(named_params! {
                ":row": at,
                ":id": blob(self.id),
                ":number": self.number,
                ":name": self.name,
                ":group": self.group,
                ":city": self.city,
                ":phone": self.phone,
                ":retired": self.retired,
                ":pending": self.pending,
                ":search": search,
            })
            .map(drop)
    }

    pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
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

const PUT: &str = "INSERT OR REPLACE INTO customer_row (row, id, number, name, customer_group, city, phone, \
    retired, pending, search) VALUES (:row, :id, :number, :name, :group, :city, :phone, :retired, :pending, \
    :search)";

/// The words under which a customer is found.
pub fn words(customer: &Customer) -> Words {
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
