//! A small furniture business, made up, to look at the panels without an engine.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeZone};
use chrono_tz::Tz;
use uuid::Uuid;
use waybill_client::desktop::names::{May, Names};
use waybill_client::desktop::paged::Paged;
use waybill_client::desktop::panels::attention::{AttentionData, AttentionItem, Standing};
use waybill_client::desktop::panels::customers::{CustomerDetail, CustomersData};
use waybill_client::desktop::panels::locations::LocationsData;
use waybill_client::desktop::panels::order::OrderDetail;
use waybill_client::desktop::panels::orders::OrdersData;
use waybill_client::desktop::panels::products::{ProductDetail, ProductsData};
use waybill_client::desktop::panels::reports::{ReportsData, RevenueDay};
use waybill_client::desktop::panels::settings::Business;
use waybill_client::desktop::pick::{CustomerHit, ProductHit};
use waybill_client::store::{CustomerRow, LocationRow, OrderRow, ProductRow};
use waybill_shared::customer::Customer;
use waybill_shared::finding::{Finding, Rule};
use waybill_shared::id::*;
use waybill_shared::kind::DocAddr;
use waybill_shared::location::LocationKind;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::fact::{Fact, What};
use waybill_shared::order::*;
use waybill_shared::product::{Price, Product};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings::{Settings, TaxClass};
use waybill_shared::time::{Month, Timestamp};

pub const ZONE: Tz = chrono_tz::Europe::Berlin;
const PRODUCTS: [(&str, i64); 8] = [
    ("Oak chair", 18_900),
    ("Beech stool", 7_450),
    ("Dining table, extendable, 180–260 cm", 84_900),
    ("Bookshelf", 23_900),
    ("Wool rug", 31_500),
    ("Desk lamp", 5_990),
    ("Wood oil", 1_495),
    ("Bench", 27_900),
];
const CUSTOMERS: [(&str, &str); 8] = [
    ("Bakery Lund", "Lübeck"),
    ("Café am Markt", "Kiel"),
    ("Hotel Seeblick, Inh. Martha Petersen-Schäfer", "Timmendorfer Strand"),
    ("Familie Öztürk", "Hamburg"),
    ("Kita Regenbogen", "Rostock"),
    ("Praxis Dr. Nowak", "Schwerin"),
    ("Jonas Brandt", "Wismar"),
    ("Łucja Wiśniewska", "Stralsund"),
];

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default()
}

pub fn at(day: NaiveDate, hour: u32, minute: u32) -> Timestamp {
    let local = day.and_hms_opt(hour, minute, 0).unwrap_or_default();
    let ms = ZONE.from_local_datetime(&local).earliest().map_or(0, |at| at.timestamp_millis());
    Timestamp::from_unix_ms(ms)
}

pub fn names() -> Names {
    let people = [(1, "Anna Berg"), (2, "Tom Kruse"), (3, "Ines Vogt")];
    let devices = [(1, "Till 2"), (2, "Office"), (3, "Van 1")];
    Names {
        people: people.into_iter().map(|(n, name)| (PersonId::new(uuid(n)), name.to_owned())).collect(),
        devices: devices.into_iter().map(|(n, name)| (DeviceId::new(uuid(n)), name.to_owned())).collect(),
        locations: BTreeMap::from([(LocationId::new(uuid(1)), "Shop Lübeck".to_owned())]),
        drivers: BTreeSet::from([PersonId::new(uuid(2)), PersonId::new(uuid(3))]),
        zone: ZONE,
        now: at(today(), 14, 20),
    }
}

fn line(n: u128, product: usize, quantity: i64) -> (LineId, Line) {
    let (name, cents) = PRODUCTS[product % PRODUCTS.len()];
    let tax = Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true };
    let line = Line {
        pos: n as i64,
        product: Some(ProductId::new(uuid(product as u128))),
        name: name.to_owned(),
        quantity: Quantity::new(quantity),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(cents, 2),
        currency: Currency::EUR,
        discount: if n == 2 { Discount::Percent(Amount::from_minor(10, 0)) } else { Discount::None },
        tax,
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    (LineId::new(uuid(n)), line)
}

pub fn order(n: usize) -> Order {
    let (customer, city) = CUSTOMERS[n % CUSTOMERS.len()];
    let day = today() - Days::new((n % 40) as u64);
    let made = at(day, 9 + (n % 8) as u32, (n * 7 % 60) as u32);
    let mut order = Order {
        head: Some(Head {
            number: format!("T2-{}", 1500 - n as i64),
            channel: ["shop", "phone", "web"][n % 3].into(),
            location: LocationId::new(uuid(1)),
            customer: Some(CustomerId::new(uuid(n as u128 % 8))),
            customer_name: Some(customer.into()),
            currency: Currency::EUR,
            salesperson: PersonId::new(uuid(1)),
            quotation: n % 11 == 3,
            at: made,
            day,
            month: Month::of(day),
            person: PersonId::new(uuid(1)),
            device: DeviceId::new(uuid(1)),
        }),
        ..Order::default()
    };
    order.contact = Contact { name: None, phone: Some("0451 70 41 22".into()), email: None };
    order.delivery = Address {
        name: Some(customer.into()),
        street: Some("Mühlenstraße 14".into()),
        postcode: Some("23552".into()),
        city: Some(city.into()),
        country: None,
        note: Some("ring twice".into()),
    };
    order.wanted.date = (n % 5 != 4).then(|| day + Days::new((n % 9) as u64));
    order.tags =
        if n.is_multiple_of(4) { BTreeMap::from([("fragile".to_owned(), true)]) } else { BTreeMap::new() };
    order.lines = (0..1 + n % 4).map(|k| line(k as u128 + 1, n + k * 3, 1 + ((n + k) % 6) as i64)).collect();
    let step = |step, minutes| Step {
        nth: minutes,
        step,
        at: made.plus_ms(minutes * 60_000),
        day,
        month: Month::of(day),
        person: PersonId::new(uuid(1)),
        device: DeviceId::new(uuid(2)),
        reason: None,
    };
    if n % 7 != 6 {
        order.steps.insert(EntryId::new(uuid(1)), step(StepKind::Placed, 4));
    }
    if !n.is_multiple_of(3) && n % 7 != 6 {
        order.steps.insert(EntryId::new(uuid(2)), step(StepKind::Confirmed, 62));
    }
    let fact = |hours: i64, what| Fact {
        at: made.plus_ms(hours * 3_600_000),
        day,
        month: Month::of(day),
        person: PersonId::new(uuid(2)),
        device: DeviceId::new(uuid(3)),
        what,
    };
    if n % 3 == 1 && n % 7 != 6 {
        let some: BTreeMap<LineId, Quantity> =
            order.lines.iter().take(1 + n % 2).map(|(id, line)| (*id, line.quantity)).collect();
        let shown = Shown::in_order(&order, some.keys().copied());
        let what =
            What::HandedOver { lines: some, shown, received_by: Some("Frau Lund".into()), signature: None };
        order.facts.insert(FactId::new(uuid(1)), fact(5, what));
        let payment = Payment {
            method: PaymentMethod::Card,
            amount: if n % 2 == 1 { amounts::total(&order).gross } else { Amount::from_minor(5000, 2) },
            currency: Currency::EUR,
            state: PaymentState::Taken,
            drawer: None,
            reference: None,
        };
        order.facts.insert(FactId::new(uuid(2)), fact(5, What::Payment(payment)));
    }
    if n % 4 == 1 {
        let what = What::Note { text: "Back door, the front is being painted".into() };
        order.facts.insert(FactId::new(uuid(3)), fact(2, what));
    }
    order
}

pub fn orders(count: usize) -> OrdersData {
    let rows: Vec<_> = (0..count)
        .map(|n| OrderRow::of(OrderId::new(uuid(n as u128)), &order(n), n == 1 || n == 4))
        .collect();
    let sum = rows.iter().map(|row| row.total).sum();
    OrdersData {
        sums: vec![(sum, Currency::EUR)],
        today: today(),
        all: rows.len(),
        rows: Paged::whole(rows),
        may_make: true,
    }
}

pub fn detail(n: usize) -> OrderDetail {
    let shown = order(n);
    let mut confirmed = shown.clone();
    confirmed.facts.remove(&FactId::new(uuid(3)));
    confirmed.wanted.date = None;
    let id = OrderId::new(uuid(n as u128));
    OrderDetail::of(id, id.into(), &shown, Some(&confirmed), &names(), May::all())
}

pub fn products(typed: &str) -> Vec<ProductHit> {
    let typed = typed.trim().to_lowercase();
    let hits = PRODUCTS.iter().enumerate().filter(|(_, (name, _))| name.to_lowercase().contains(&typed));
    let hits = hits.map(|(n, (name, cents))| ProductHit {
        id: ProductId::new(uuid(n as u128)),
        number: format!("40{n}"),
        name: (*name).to_owned(),
        unit: Unit::Piece,
        price: Some(Amount::from_minor(*cents, 2)),
        currency: Currency::EUR,
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true },
        exact: typed == format!("40{n}"),
    });
    if typed.is_empty() { Vec::new() } else { hits.collect() }
}

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

pub fn customers_data() -> CustomersData {
    let rows = (0..300).map(|n| CustomerRow {
        id: CustomerId::new(uuid(n)),
        number: format!("C-{}", 100 + n),
        name: CUSTOMERS[n as usize % 8].0.to_owned(),
        group: String::new(),
        city: CUSTOMERS[n as usize % 8].1.to_owned(),
        phone: String::new(),
        retired: n % 17 == 5,
        pending: false,
    });
    CustomersData { rows: Paged::whole(rows.collect()), all: 300, may: May::all() }
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
        pending: false,
        may: May::all(),
        today: today(),
    }
}

pub fn products_data() -> ProductsData {
    let rows = (0..200).map(|n| ProductRow {
        id: ProductId::new(uuid(n)),
        number: format!("40{n}"),
        name: PRODUCTS[n as usize % 8].0.to_owned(),
        category: ["Seating", "Tables", "Home"][n as usize % 3].to_owned(),
        unit: if n % 8 == 6 { Unit::Litre } else { Unit::Piece },
        tax_class: "standard".into(),
        retired: n % 23 == 7,
        priced: product_detail().product,
        barcodes: Vec::new(),
        pending: false,
    });
    ProductsData {
        rows: Paged::whole(rows.collect()),
        all: 200,
        currency: Some(Currency::EUR),
        today: today(),
        may: May::all(),
    }
}

pub fn product_detail() -> ProductDetail {
    let mut product = Product::default();
    product.fields.name = "Oak chair".into();
    product.fields.number = "400".into();
    product.fields.category = "Seating".into();
    product.fields.tax_class = "standard".into();
    product.barcodes.insert("4006381333931".into(), true);
    for (n, (cents, ahead)) in [(17_900, 200), (18_900, 30)].into_iter().enumerate() {
        let from = today() - Days::new(ahead);
        let price = Price {
            price: Amount::from_minor(cents, 2),
            currency: Currency::EUR,
            tax_included: true,
            from,
            at: at(from, 9, 0),
            day: from,
            month: Month::of(from),
            person: PersonId::new(uuid(1)),
            device: DeviceId::new(uuid(1)),
        };
        product.prices.insert(PriceId::new(uuid(n as u128)), price);
    }
    let id = ProductId::new(uuid(0));
    ProductDetail {
        id,
        timeline: Vec::new(),
        addr: id.into(),
        terms_addr: DocAddr::from(ProductTermsId::of(id)),
        product,
        cost: Some(Some(Amount::from_minor(9_400, 2))),
        currency: Currency::EUR,
        tax_classes: vec![
            ("standard".into(), "Standard 19 %".into()),
            ("reduced".into(), "Reduced 7 %".into()),
        ],
        pending: false,
        may: May::all(),
        today: today(),
    }
}

pub fn attention() -> AttentionData {
    let credit = Finding::new(
        Rule::OverCredit,
        "Placing this order takes Hotel Seeblick to € 6,120.00, over its limit of € 5,000.00.",
        "Take a payment first, or ask a manager to let it pass.",
    );
    let item = |n, wanted: &str, about: &str, findings, standing| AttentionItem {
        edit: EditId::new(uuid(n)),
        wanted: wanted.into(),
        about: about.into(),
        when: "13:58".into(),
        person: "Anna Berg".into(),
        findings,
        standing,
        thing: Some(waybill_client::desktop::intent::Thing::Order(OrderId::new(uuid(n)))),
        change: None,
    };
    let changed = Finding::changed("quantity", "3", "5");
    AttentionData {
        today: today(),
        items: vec![
            item(
                1,
                "Set the quantity of Oak chair to 3",
                "T2-1499 · Café am Markt",
                vec![changed],
                Standing::Refused,
            ),
            item(2, "Place the order", "T2-1498 · Hotel Seeblick", vec![credit], Standing::Refused),
            item(3, "Confirm the order", "T2-1498 · Hotel Seeblick", Vec::new(), Standing::WaitsForAbove),
        ],
    }
}

pub fn reports(days: u64) -> ReportsData {
    let day = |back: u64| {
        let day = today() - Days::new(back);
        let closed = day.format("%a").to_string() == "Sun";
        let cents = if closed { 0 } else { 90_000 + (back as i64 * 7_919 % 61) * 4_700 };
        let gross = Amount::from_minor(cents, 2);
        RevenueDay { day, gross, net: Amount::from_minor(cents * 100 / 119, 2) }
    };
    ReportsData {
        days: (0..days).rev().map(day).collect(),
        currency: Some(Currency::EUR),
        today: today(),
        source: "as this device knows it".into(),
    }
}

pub fn place() -> LocationId {
    LocationId::new(uuid(1))
}

pub fn locations() -> LocationsData {
    let places = [
        ("S1", "Shop Lübeck", LocationKind::Shop),
        ("W1", "Harbour warehouse", LocationKind::Warehouse),
        ("V1", "Van 1", LocationKind::Van),
    ];
    let row = |(n, (code, name, kind)): (usize, (&str, &str, LocationKind))| LocationRow {
        id: LocationId::new(uuid(n as u128)),
        code: code.into(),
        name: name.into(),
        kind,
        closed: false,
        pending: false,
    };
    LocationsData { rows: places.into_iter().enumerate().map(row).collect(), may: May::all() }
}

pub fn business() -> Business {
    let mut settings = Settings::default();
    settings.fields.company = "Lund Möbel".into();
    settings.fields.zone = chrono_tz::Europe::Berlin;
    let standard = TaxClass { name: "Standard".into(), rate: Amount::from_minor(19, 0) };
    settings.tax_classes.insert("standard".into(), standard);
    Business { confirmed: settings.clone(), settings, may: May::all() }
}
