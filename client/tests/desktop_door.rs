//! At the door and at the till: who has the goods in hand is offered to hand them over, money above what is owed is asked
//! about, and of two products under one code none is guessed.

#[path = "desktop/shop.rs"]
mod shop;

use egui::Key;
use egui_kittest::kittest::Queryable;
use shop::{ANNA, PHONE, Screen, Shop, go, press, shows, type_and_enter, type_words, until};
use waybill_client::engine;
use waybill_shared::id::{LineId, LocationId};
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::{AssignDriver, Create, Place};
use waybill_shared::order::{Line, Tax};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::rules::roles::Role;

/// Placed and not confirmed: one oak chair for € 36.36.
fn order(shop: &Shop) -> DocAddr {
    let addr = draft(shop);
    shop.enter(addr, Place {});
    addr
}

fn draft(shop: &Shop) -> DocAddr {
    let line = Line {
        pos: 0,
        product: None,
        name: "Oak chair".into(),
        quantity: Quantity::new(1),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(3_636, 2),
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
        customer: None,
        customer_name: Some("Bakery Lund".into()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: [(LineId::new(uuid::Uuid::from_u128(77)), line)].into(),
    };
    let addr = engine::fresh(DocKind::Order);
    shop.enter(addr, create);
    addr
}

fn opens(shop: &Shop) -> Screen {
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num1);
    screen.get_all_by_label_contains("Bakery Lund").next().expect("it is listed").click();
    until(&mut screen, "the order", |screen| shows(screen, "What happened"));
    screen
}

#[test]
fn a_driver_hands_over_what_nobody_has_confirmed_yet() {
    let shop = Shop::with_anna_also(Role::Driver);
    let addr = order(&shop);
    shop.enter(addr, AssignDriver { driver: Some(ANNA), round: None });
    let screen = opens(&shop);
    assert!(screen.query_by_label("Confirm").is_some(), "who may confirm does that first");
    drop(screen);
    let shop = shop.with_anna_now(Role::Driver);
    let mut screen = opens(&shop);
    assert!(screen.query_by_label("Confirm").is_none());
    press(&mut screen, "Hand over");
    until(&mut screen, "the sheet", |screen| shows(screen, "Cancel"));
}

#[test]
fn more_than_is_owed_is_asked_about_before_it_is_taken() {
    let shop = Shop::new();
    order(&shop);
    let mut screen = opens(&shop);
    screen.key_press(Key::P);
    until(&mut screen, "the sheet", |screen| shows(screen, "Amount in EUR"));
    type_words(&mut screen, "50");
    press(&mut screen, "Take payment");
    until(&mut screen, "it asks", |screen| shows(screen, "This is € 13.64 more than is owed."));
    assert!(!shows(&screen, "Took € 50.00"), "nothing is taken yet");
    press(&mut screen, "Take it all the same");
    until(&mut screen, "it is taken", |screen| shows(screen, "took € 50.00 by cash"));
}

#[test]
fn what_is_listed_and_owes_nobody_anything_is_in_no_sum() {
    let shop = Shop::new();
    order(&shop);
    draft(&shop);
    for (width, said) in [(1280.0, "Sum of 1 order that counts"), (PHONE, "2 orders, 1 count")] {
        let mut screen = shop.window(width, 740.0);
        go(&mut screen, Key::Num1);
        until(&mut screen, "the sum", |screen| shows(screen, said));
        assert!(!shows(&screen, "72.72"), "the draft is not in it at {width}");
        let (count, sum) =
            (screen.get_by_label_contains("2 orders").rect(), screen.get_by_label_contains("Sum").rect());
        assert!(count.right() <= sum.left(), "beside each other at {width}");
    }
}

#[test]
fn a_code_that_two_products_have_sells_neither_and_names_both() {
    let shop = Shop::new();
    let product = |number: &str| shop.reader().products_coded(number).unwrap().remove(0).id;
    let (chair, rug) = (product("400"), product("401"));
    // As two devices without a network make it: while the one is not sold, its code may be the other's.
    let retire = |retired| shop.enter(chair.into(), waybill_shared::product::Retire { retired });
    retire(true);
    let field = waybill_shared::product::Field::AddBarcode("4006381333931".into());
    shop.enter(rug.into(), waybill_shared::product::SetField { field });
    retire(false);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    type_and_enter(&mut screen, "4006381333931");
    until(&mut screen, "both are named", |screen| {
        shows(screen, "2 products have this number or barcode: Oak chair, Wool rug.")
    });
    assert!(shows(&screen, "0 lines"));
    type_and_enter(&mut screen, "wool");
    until(&mut screen, "it is sold by its name", |screen| shows(screen, "1 line"));
}
