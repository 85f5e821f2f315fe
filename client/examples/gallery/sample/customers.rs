//! Customers, as found, as listed and in full.

use waybill_client::desktop::names::May;
use waybill_client::desktop::paged::Paged;
use waybill_client::desktop::panels::customers::{CustomerDetail, CustomersData};
use waybill_client::desktop::pick::CustomerHit;
use waybill_client::store::{CustomerRow, OrderRow};
use waybill_shared::customer::Customer;
use waybill_shared::id::*;
use waybill_shared::money::{Amount, Currency};

use super::{order, today, uuid};

pub const CUSTOMERS: [(&str, &str); 8] = [
    ("Bakery Lund", "Lübeck"),
    ("Café am Markt", "Kiel"),
    ("Hotel Seeblick, Inh. Martha Petersen-Schäfer", "Timmendorfer Strand"),
    ("Familie Öztürk", "Hamburg"),
    ("Kita Regenbogen", "Rostock"),
    ("Praxis Dr. Nowak", "Schwerin"),
    ("Jonas Brandt", "Wismar"),
    ("Łucja Wiśniewska", "Stralsund"),
];

pub fn customers(typed: &str) -> Vec<CustomerHit> {
    let typed = typed.trim().to_lowercase();
    let hits = CUSTOMERS.iter().enumerate().filter(|(_, (name, _))| name.to_lowercase().contains(&typed));
    let hits = hits.map(|(n, (name, town))| CustomerHit {
        id: CustomerId::new(uuid(n as u128)),
        number: format!("C-10{n}"),
        name: (*name).to_owned(),
        town: (*town).to_owned(),
    });
    if typed.is_empty() { Vec::new() } else { hits.collect() }
}

pub fn customers_data(count: u128) -> CustomersData {
    let rows = (0..count).map(|n| CustomerRow {
        id: CustomerId::new(uuid(n)),
        number: format!("C-{}", 100 + n),
        name: CUSTOMERS[n as usize % 8].0.to_owned(),
        group: String::new(),
        city: CUSTOMERS[n as usize % 8].1.to_owned(),
        phone: String::new(),
        retired: n % 17 == 5,
        pending: false,
    });
    CustomersData { rows: Paged::whole(rows.collect()), all: count as usize, may: May::all() }
}

pub fn customer_detail() -> CustomerDetail {
    let mut customer = Customer::default();
    customer.fields.name = CUSTOMERS[0].0.into();
    customer.fields.number = "C-100".into();
    customer.contact.phone = Some("0451 70 41 22".into());
    customer.addresses.insert("main".into(), order(0).delivery);
    let id = CustomerId::new(uuid(0));
    CustomerDetail {
        id,
        addr: id.into(),
        terms_addr: CustomerTermsId::of(id).into(),
        customer,
        credit_limit: Some(Some(Amount::from_minor(500_000, 2))),
        currency: Currency::EUR,
        orders: (0..4)
            .map(|n| OrderRow::of(OrderId::new(uuid(n * 8)), &order(n as usize * 8), false))
            .collect(),
        timeline: Vec::new(),
        notes: None,
        pending: false,
        may: May::all(),
        today: today(),
    }
}
