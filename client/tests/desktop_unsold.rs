//! What cannot be sold as it stands is not sold: the window says why, and leads to where it is put right.

#[path = "desktop/shop.rs"]
mod shop;

use egui::Key;
use egui_kittest::kittest::Queryable;
use shop::{Shop, go, press, shows, type_and_enter, type_words};
use waybill_client::engine;
use waybill_shared::kind::DocKind;
use waybill_shared::product::{self, SetPrice};
use waybill_shared::quantity::Unit;

const VASE: &str = "4006381333955";
const NO_PRICE: &str = "“Glass vase” has no price in EUR today. Set one first.";

/// A shop whose newest product has a price in dollars and none in its own currency.
fn shop_with_a_vase() -> Shop {
    let shop = Shop::new();
    let vase = engine::fresh(DocKind::Product);
    let create = product::Create {
        number: "402".into(),
        name: "Glass vase".into(),
        description: String::new(),
        category: "Home".into(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: [(VASE.to_owned(), true)].into(),
    };
    shop.enter(vase, create);
    let dollars = SetPrice {
        id: engine::fresh_id(),
        price: "20".parse().unwrap(),
        currency: "USD".parse().unwrap(),
        tax_included: true,
        from: chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
    };
    shop.enter(vase, dollars);
    shop
}

#[test]
fn the_till_does_not_give_away_what_has_no_price() {
    let shop = shop_with_a_vase();
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    // Scanned: the next code follows at once, and the word on the vase stays.
    type_and_enter(&mut screen, VASE);
    assert!(shows(&screen, NO_PRICE));
    type_and_enter(&mut screen, "4006381333931");
    screen.get_by_label_contains("1 × Oak chair, 189.00");
    assert!(shows(&screen, NO_PRICE) && !shows(&screen, "Glass vase, 0.00"));
    press(&mut screen, "Close");
    assert!(!shows(&screen, NO_PRICE));
    // Found by its name, and pressed.
    type_words(&mut screen, "vase");
    screen.get_by_label_contains("Glass vase 402").click();
    screen.run_steps(4);
    assert!(shows(&screen, NO_PRICE) && !shows(&screen, "Glass vase, 0.00"));
    // The way on leads to the product, and the sale waits.
    press(&mut screen, "Go to the product");
    assert!(shows(&screen, "Set a price") && shows(&screen, "Glass vase"));
    go(&mut screen, Key::Num2);
    screen.get_by_label_contains("1 × Oak chair, 189.00");
}

#[test]
fn a_new_order_does_not_take_what_has_no_price() {
    let shop = shop_with_a_vase();
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::N);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "vase");
    assert!(shows(&screen, NO_PRICE));
    assert!(screen.query_by_label("Quantity").is_none(), "it was not taken");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "2");
    assert!(shows(&screen, "€ 378.00"));
    press(&mut screen, "Go to the product");
    assert!(shows(&screen, "Set a price"));
}
