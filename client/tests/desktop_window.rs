//! The window as a person uses it, on a real engine and a real file, without a display.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use shop::{Shop, shows, type_and_enter, until};
use waybill_client::store::OrderQuery;
use waybill_shared::order::status::{self, OrderState};

#[test]
fn a_new_order_needs_no_mouse() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    // Customer, product by name, quantity; product by barcode, quantity.
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "4");
    type_and_enter(&mut screen, "4006381333948");
    type_and_enter(&mut screen, "1");
    assert!(shows(&screen, "€ 1,071.00"), "4 × 189.00 and 315.00 stand as the total");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));

    let reader = shop.reader();
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
    let rows = reader.order_rows(&list, 0..9).unwrap();
    let [row] = &rows[..] else { panic!("one order, not {}", rows.len()) };
    assert_eq!(row.customer_name, "Bakery Lund");
    assert_eq!(row.total.to_string(), "1071");
    let order = reader.order(row.id).unwrap().unwrap();
    assert_eq!(status::of(&order).order, OrderState::Placed);
    let lines: Vec<_> =
        order.live_lines().into_iter().map(|(_, l)| (l.name.as_str(), l.quantity.count())).collect();
    assert_eq!(lines, [("Oak chair", 4), ("Wool rug", 1)]);
    // It is shown at once, as waiting: the next step is one key away.
    assert!(shows(&screen, "waits to be sent"));
    assert!(shows(&screen, "Confirm"));
}

#[test]
fn an_order_without_a_customer_says_what_is_missing_and_is_not_made() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    screen.get_by_label("Choose a customer first.");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(5);
    assert_eq!(shop.reader().count_orders().unwrap(), 0);
}

#[test]
fn a_till_sells_by_scanning_and_says_what_to_give_back() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    screen.run_steps(3);
    type_and_enter(&mut screen, "4006381333931");
    type_and_enter(&mut screen, "4006381333931");
    screen.get_by_label_contains("2 × Oak chair, 378.00");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(3);
    screen.get_by_label("Exact");
    type_and_enter(&mut screen, "400");
    until(&mut screen, "the sale is recorded", |screen| shows(screen, "Change € 22.00"));

    let reader = shop.reader();
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
    let rows = reader.order_rows(&list, 0..9).unwrap();
    let order = reader.order(rows[0].id).unwrap().unwrap();
    let (_, _, sale) = order.sale().expect("a sale over the counter");
    assert_eq!(sale.change.to_string(), "22");
    assert!(!sale.receipt.is_empty(), "the receipt has a number");
    assert!(!shows(&screen, "2 × Oak chair, 378.00"), "the till is empty for the next customer");
}

#[test]
fn the_list_filters_and_an_empty_filter_offers_the_way_back() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    screen.run_steps(3);
    screen.get_by_label("No orders yet");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "1");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    screen.get_by_label("Drafts").click();
    screen.run_steps(4);
    screen.get_by_label("No orders here");
    screen.get_by_label("Show all orders").click();
    screen.run_steps(4);
    assert!(shows(&screen, "Bakery Lund"));
    assert!(shows(&screen, "1 order"));
}

#[test]
fn what_was_changed_can_be_taken_back_at_once() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "3");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    screen.get_by_label_contains("3 × Oak chair, 567.00").click();
    screen.run_steps(4);
    // The quantity has the keyboard and is selected: what is typed replaces it.
    type_and_enter(&mut screen, "5");
    until(&mut screen, "five are ordered", |screen| shows(screen, "5 × Oak chair, 945.00"));
    // The notice has found its place a frame after it appeared.
    screen.run_steps(3);
    screen.get_by_label("Undo").click();
    until(&mut screen, "three again", |screen| shows(screen, "3 × Oak chair, 567.00"));
}

#[test]
fn a_narrow_window_has_everything_within_reach_of_a_thumb() {
    let shop = Shop::new();
    let mut screen = shop.window(360.0, 740.0);
    screen.run_steps(3);
    for place in ["Orders", "Reports", "Attention", "More"] {
        let named = screen.query_all_by_role_and_label(egui::accesskit::Role::Button, place);
        let rect = named.map(|node| node.rect()).max_by(|a, b| a.top().total_cmp(&b.top())).expect(place);
        assert!(rect.height() >= 44.0 && rect.width() >= 44.0, "{place} is {rect:?}");
        assert!(rect.right() <= 360.5 && rect.bottom() <= 740.5, "{place} is cut off: {rect:?}");
    }
    screen.get_by_label("More").click();
    screen.run_steps(4);
    screen.get_by_label("Counter sale").click();
    screen.run_steps(4);
    let pay = screen.get_by_label("Pay").rect();
    assert!(pay.width() > 300.0 && pay.height() >= 44.0, "Pay is as wide as the screen: {pay:?}");
}

#[test]
fn the_keys_are_shown_on_a_question_mark() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
    screen.run_steps(3);
    screen.get_by_label("Needs your attention");
    screen.get_by_label("Ctrl+K");
    screen.key_press(Key::Escape);
    screen.run_steps(3);
    assert!(screen.query_by_label("Ctrl+K").is_none());
}

#[test]
fn the_search_finds_orders_customers_and_products_and_opens_one() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::K);
    screen.run_steps(3);
    screen.event(egui::Event::Text("lund".to_owned()));
    screen.run_steps(4);
    screen.get_by_label_contains("Bakery Lund");
    screen.key_press(Key::Enter);
    screen.run_steps(4);
    screen.get_by_label("Change number");
}

#[test]
fn where_there_is_one_column_a_press_opens_the_order_and_escape_goes_back() {
    let shop = Shop::new();
    let mut screen = shop.window(760.0, 700.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "1");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    assert!(shows(&screen, "What happened"), "a new order is shown at once");
    screen.key_press(Key::Escape);
    screen.run_steps(4);
    assert!(!shows(&screen, "What happened"));
    screen.get_by_label_contains("Bakery Lund, € 189.00").click();
    screen.run_steps(4);
    assert!(shows(&screen, "What happened"));
}

#[test]
fn arrows_move_in_the_list_and_show_what_they_stand_on() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    for quantity in ["1", "2"] {
        screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
        screen.run_steps(3);
        type_and_enter(&mut screen, "lund");
        type_and_enter(&mut screen, "oak");
        type_and_enter(&mut screen, quantity);
        screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        until(&mut screen, "the order is placed", |screen| shows(screen, "What happened"));
    }
    // The newest stands first and is shown; one down is the older one.
    screen.get_by_label_contains("2 × Oak chair, 378.00");
    screen.key_press(Key::ArrowDown);
    screen.run_steps(4);
    screen.get_by_label_contains("1 × Oak chair, 189.00");
    screen.key_press(Key::Home);
    screen.run_steps(4);
    screen.get_by_label_contains("2 × Oak chair, 378.00");
}
