//! Every place on a telephone: nothing that is drawn stands beside the window.

#[path = "desktop/shop.rs"]
mod shop;

use egui::Key;
use egui_kittest::kittest::Queryable;
use shop::{PHONE, Shop, fits, go, press, shows, type_and_enter, until};

#[test]
fn nothing_stands_beside_the_window_of_a_telephone() {
    let shop = Shop::new();
    let mut screen = shop.window(PHONE, 740.0);
    fits(&mut screen, "no orders");
    // Revenue in six figures, and an order for a customer.
    go(&mut screen, Key::Num2);
    type_and_enter(&mut screen, "4006381333931");
    fits(&mut screen, "counter sale");
    for digit in ["9", "9", "9"] {
        press(&mut screen, digit);
    }
    press(&mut screen, "Pay");
    fits(&mut screen, "paying");
    press(&mut screen, "Done");
    until(&mut screen, "the sale is recorded", |screen| {
        shows(screen, "Counter sale") && !shows(screen, "Cash received")
    });
    go(&mut screen, Key::N);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "2000");
    fits(&mut screen, "new order");
    press(&mut screen, "Place order");
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    fits(&mut screen, "an order");

    let places = [
        (Key::Num1, "Orders"),
        (Key::Num3, "Customers"),
        (Key::Num4, "Products"),
        (Key::Num5, "Nothing needs your attention"),
        (Key::Num6, "Today, gross"),
        (Key::Num7, "Locations"),
        (Key::Num8, "This needs the server"),
        (Key::Num9, "Sign-ins"),
        (Key::Comma, "Settings"),
    ];
    for (key, words) in places {
        go(&mut screen, key);
        until(&mut screen, words, |screen| shows(screen, words));
        fits(&mut screen, words);
    }
    for (key, first) in [(Key::Num3, "Bakery Lund"), (Key::Num4, "Oak chair"), (Key::Num7, "Shop Lübeck")] {
        go(&mut screen, key);
        screen.get_all_by_label_contains(first).next().expect("it is listed").click();
        fits(&mut screen, first);
    }
}
