//! What is found first: as people mean what they type, and what is sold often before what is not.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use shop::{Shop, type_words};
use waybill_client::engine;
use waybill_client::store::ListQuery;
use waybill_shared::id::{CustomerId, LineId, LocationId, ProductId};
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::{Cancel, Create, Place};
use waybill_shared::order::{Line, Tax};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::{customer, product};

/// Name, what it is said to be, and in how many orders it stands.
const PRODUCTS: [(&str, &str, usize); 9] = [
    ("Black olives", "in olive oil, pitted", 5),
    ("Café crème", "", 0),
    ("Foil", "for the oven", 9),
    ("Oil lamp", "", 0),
    ("Olive oil 500 ml", "", 0),
    ("Olives, green", "", 2),
    ("Rapeseed oil", "", 0),
    ("Sunflower oil", "", 3),
    ("Virgin olive oil", "", 1),
];

fn product(shop: &Shop, nth: usize) -> ProductId {
    let (name, description, _) = PRODUCTS[nth];
    let create = product::Create {
        number: format!("P-{nth}"),
        name: name.into(),
        description: description.into(),
        category: String::new(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: [(format!("40063813339{nth:02}"), true)].into(),
    };
    let addr = engine::fresh(DocKind::Product);
    shop.enter(addr, create);
    addr.id.into()
}

fn order(shop: &Shop, product: Option<ProductId>, name: &str, customer: Option<CustomerId>) -> DocAddr {
    let line = Line {
        pos: 0,
        product,
        name: name.into(),
        quantity: Quantity::new(1),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(500, 2),
        currency: Currency::EUR,
        discount: Default::default(),
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    };
    let create = Create {
        number: String::new(),
        channel: "shop".into(),
        location: LocationId::new(uuid::Uuid::from_u128(1)),
        customer,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: [(engine::fresh_id::<LineId>(), line)].into(),
    };
    let addr = engine::fresh(DocKind::Order);
    shop.enter(addr, create);
    shop.enter(addr, Place {});
    addr
}

/// A grocer's, with what was sold in it.
fn grocer() -> Shop {
    let shop = Shop::new();
    for (nth, (name, _, orders)) in PRODUCTS.iter().enumerate() {
        let id = product(&shop, nth);
        for _ in 0..*orders {
            order(&shop, Some(id), name, None);
        }
    }
    shop
}

fn found(shop: &Shop, typed: &str) -> Vec<String> {
    let rows = shop.reader().products(&ListQuery::typed(typed, 50)).unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn the_product_that_is_meant_comes_first() {
    let shop = grocer();
    let table: [(&str, &[&str]); 12] = [
        // Every word must stand there, and what is called so comes before what is only said to hold some.
        ("olive oil", &["Olive oil 500 ml", "Virgin olive oil", "Black olives"]),
        ("oil olive", &["Virgin olive oil", "Olive oil 500 ml", "Black olives"]),
        ("black oil", &["Black olives"]),
        ("olive vinegar", &[]),
        // A whole word at the beginning, then a whole word, what is sold most first, then what mentions it.
        (
            "oil",
            &[
                "Oil lamp",
                "Sunflower oil",
                "Virgin olive oil",
                "Olive oil 500 ml",
                "Rapeseed oil",
                "Black olives",
            ],
        ),
        // So far it is only begun: what begins with it, what is sold most first.
        ("oliv", &["Olives, green", "Olive oil 500 ml", "Black olives", "Virgin olive oil"]),
        ("olive", &["Olive oil 500 ml", "Virgin olive oil", "Olives, green", "Black olives"]),
        ("olive o", &["Olive oil 500 ml", "Virgin olive oil", "Black olives", "Olives, green"]),
        ("cafe", &["Café crème"]),
        // Whoever types a number or a barcode means that one.
        ("P-0", &["Black olives"]),
        ("p-4", &["Olive oil 500 ml"]),
        ("4006381333902", &["Foil"]),
    ];
    for (typed, expected) in table {
        assert_eq!(found(&shop, typed), expected, "{typed:?}");
    }
}

#[test]
fn what_was_cancelled_is_not_sold_often() {
    let shop = grocer();
    let rapeseed = shop.reader().products(&ListQuery::typed("rapeseed", 1)).unwrap().remove(0).id;
    let orders: Vec<_> = (0..4).map(|_| order(&shop, Some(rapeseed), "Rapeseed oil", None)).collect();
    assert_eq!(found(&shop, "oil")[1], "Rapeseed oil", "in four orders, sunflower oil in three");
    for addr in orders {
        shop.enter(addr, Cancel { reason: "fetched nowhere".into() });
    }
    assert_eq!(found(&shop, "oil")[1], "Sunflower oil");
}

#[test]
fn who_orders_often_is_found_before_who_does_not() {
    let shop = Shop::new();
    let mut ids = Vec::new();
    for name in ["Hansen Bau", "Hansen Yachts", "Café Hansen"] {
        let create = customer::Create {
            number: String::new(),
            name: name.into(),
            group: String::new(),
            tax_number: String::new(),
            contact: Default::default(),
            addresses: Default::default(),
        };
        let addr = engine::fresh(DocKind::Customer);
        shop.enter(addr, create);
        ids.push(CustomerId::from(addr.id));
    }
    order(&shop, None, "Rope", Some(ids[1]));
    let rows = shop.reader().customers(&ListQuery::typed("hansen", 50)).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Hansen Yachts", "Hansen Bau", "Café Hansen"]);
}

#[test]
fn the_search_over_everything_begins_with_what_is_called_so() {
    let shop = grocer();
    let oil = shop.reader().products(&ListQuery::typed("virgin", 1)).unwrap().remove(0).id;
    let number = order(&shop, Some(oil), "Virgin olive oil", None);
    let number = shop.reader().order_row(number.id.into()).unwrap().unwrap().number;
    for (typed, first) in [("olive oil", "Olive oil 500 ml"), (number.as_str(), "Counter customer")] {
        let mut screen = shop.window(1280.0, 800.0);
        screen.run_steps(3);
        screen.key_press_modifiers(Modifiers::COMMAND, Key::K);
        type_words(&mut screen, typed);
        let kinds = [" order", " customer", " product"];
        let results: Vec<String> = screen
            .query_all_by_role(Role::ListItem)
            .filter_map(|node| node.accesskit_node().label())
            .filter(|label| kinds.iter().any(|kind| label.ends_with(kind)))
            .collect();
        assert!(results.first().is_some_and(|label| label.starts_with(first)), "{typed}: {results:?}");
    }
}
