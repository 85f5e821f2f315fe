//! Products, as found, as listed and in full.

use chrono::Days;
use waybill_client::desktop::names::May;
use waybill_client::desktop::paged::Paged;
use waybill_client::desktop::panels::products::{ProductDetail, ProductsData};
use waybill_client::desktop::pick::ProductHit;
use waybill_client::store::ProductRow;
use waybill_shared::id::*;
use waybill_shared::kind::DocAddr;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::Tax;
use waybill_shared::product::{Price, Product};
use waybill_shared::quantity::Unit;
use waybill_shared::time::Month;

use super::{at, today, uuid};

pub const PRODUCTS: [(&str, i64); 8] = [
    ("Oak chair", 18_900),
    ("Beech stool", 7_450),
    ("Dining table, extendable, 180–260 cm", 84_900),
    ("Bookshelf", 23_900),
    ("Wool rug", 31_500),
    ("Desk lamp", 5_990),
    ("Wood oil", 1_495),
    ("Bench", 27_900),
];

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
        tax: Ok(Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true }),
        exact: typed == format!("40{n}"),
    });
    if typed.is_empty() { Vec::new() } else { hits.collect() }
}

pub fn products_data(count: u128) -> ProductsData {
    let rows = (0..count).map(|n| ProductRow {
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
        all: count as usize,
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
