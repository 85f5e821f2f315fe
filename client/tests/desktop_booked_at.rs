//! Where a sale and an order are booked: at the place of whoever does it, said on the screen and chosen there.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use shop::{Screen, Shop, go, press, shows, type_and_enter, until};
use waybill_client::store::OrderQuery;
use waybill_shared::id::LocationId;
use waybill_shared::location::LocationKind;
use waybill_shared::order::Order;
use waybill_shared::rules::roles::Role;

/// The shop of the others, and behind it in every list a warehouse and two vans.
fn places() -> (Shop, [LocationId; 3]) {
    let shop = Shop::new();
    let warehouse = shop.open_place("W1", "Harbour warehouse", LocationKind::Warehouse);
    let vans = [("V1", "Van 1"), ("V2", "Van 2")];
    let [first, second] = vans.map(|(code, name)| shop.open_place(code, name, LocationKind::Van));
    (shop, [warehouse, first, second])
}

fn orders(shop: &Shop) -> Vec<Order> {
    let reader = shop.reader();
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
    let rows = reader.order_rows(&list, 0..9).unwrap();
    rows.iter().map(|row| reader.order(row.id).unwrap().unwrap()).collect()
}

fn sell_a_chair(screen: &mut Screen) {
    type_and_enter(screen, "4006381333931");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(screen, "the sale is recorded", |screen| shows(screen, "Sold"));
}

fn order_a_chair(screen: &mut Screen) {
    type_and_enter(screen, "lund");
    type_and_enter(screen, "oak");
    type_and_enter(screen, "1");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(screen, "the order is placed", |screen| shows(screen, "Placed the order"));
}

#[test]
fn a_driver_sells_out_of_the_own_van_whatever_stands_first_in_the_list() {
    let (shop, [_, _, van]) = places();
    let shop = shop.with_anna_at(Role::Driver, &[van]);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    assert!(shows(&screen, "Van sale") && shows(&screen, "at Van 2"), "the place is said");
    sell_a_chair(&mut screen);
    let sold = orders(&shop);
    let (_, _, sale) = sold[0].sale().unwrap();
    assert_eq!((sale.location, sale.channel.as_str()), (van, "van"));
}

#[test]
fn an_order_of_a_sales_rep_goes_to_the_warehouse_and_one_may_go_elsewhere() {
    let (shop, [warehouse, ..]) = places();
    let shop = shop.with_anna_at(Role::Sales, &[]);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::N);
    assert!(shows(&screen, "at Harbour warehouse"), "the place is said");
    order_a_chair(&mut screen);
    go(&mut screen, Key::N);
    press(&mut screen, "at Harbour warehouse");
    assert!(shows(&screen, "Where is this order booked?"));
    screen.get_by_label_contains("Shop Lübeck").click();
    screen.run_steps(4);
    assert!(shows(&screen, "at Shop Lübeck"));
    order_a_chair(&mut screen);
    go(&mut screen, Key::N);
    assert!(shows(&screen, "at Harbour warehouse"), "only the one went elsewhere");
    let mut at: Vec<_> = orders(&shop).iter().filter_map(Order::location).collect();
    at.sort_unstable();
    let mut expected = vec![warehouse, LocationId::new(uuid::Uuid::from_u128(1))];
    expected.sort_unstable();
    assert_eq!(at, expected);
}

#[test]
fn where_several_places_are_as_likely_it_is_asked_once_and_remembered_for_each_person_on_this_device() {
    let (shop, [_, van, _]) = places();
    shop.open_place("S2", "Shop Kiel", LocationKind::Shop);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    assert!(shows(&screen, "Where do you sell?"));
    // Who closes the question can sell nothing yet, and reads why.
    screen.key_press(Key::Escape);
    screen.run_steps(4);
    assert!(!shows(&screen, "Where do you sell?"));
    type_and_enter(&mut screen, "4006381333931");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
    assert!(!shows(&screen, "Exact"), "nothing is paid where no place is known");
    press(&mut screen, "Choose the place");
    screen.get_by_label_contains("Van 1").click();
    until(&mut screen, "the place is said", |screen| shows(screen, "at Van 1"));
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the sale is recorded", |screen| shows(screen, "Sold"));
    drop(screen);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    assert!(!shows(&screen, "Where do you sell?") && shows(&screen, "at Van 1"));
    sell_a_chair(&mut screen);
    let at: Vec<_> = orders(&shop).iter().filter_map(Order::location).collect();
    assert_eq!(at, [van, van]);
    let chosen = shop.reader().local().unwrap().chosen;
    assert_eq!(chosen.keys().collect::<Vec<_>>(), [&shop::ANNA], "it says nothing about the others");
}
