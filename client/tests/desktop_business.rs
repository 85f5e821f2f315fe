//! What the business has settled and where it works, as those who lead it set it in the window, and what
//! others do not see of it.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use shop::{Shop, go, press, shows, type_and_enter, type_words, until};
use waybill_client::desktop::panels::settings::{Business, zones};
use waybill_client::store::OrderQuery;
use waybill_shared::id::SettingsId;
use waybill_shared::location::LocationKind;
use waybill_shared::money::Amount;
use waybill_shared::order::status::{self, OrderState};
use waybill_shared::quantity::Quantity;
use waybill_shared::rules::roles::Role;
use waybill_shared::settings::{Field, SetField, Settings};

#[test]
fn a_tax_rate_is_set_where_it_stands_and_what_is_no_rate_is_said_beside_it() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 1600.0);
    go(&mut screen, Key::Comma);
    press(&mut screen, "Change standard");
    screen.get_by_label("Rate in %").focus();
    screen.run_steps(2);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_words(&mut screen, "190");
    assert!(shows(&screen, "The tax rate is not between 0 and 100. Give a percentage, such as 19."));
    press(&mut screen, "Save");
    assert!(shows(&screen, "Rate in %"), "the form stays, nothing was saved");
    screen.get_by_label("Rate in %").focus();
    screen.run_steps(2);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_and_enter(&mut screen, "21");
    until(&mut screen, "the new rate stands", |screen| shows(screen, "21 %"));
    let rate = |shop: &Shop| shop.reader().settings().unwrap().tax_classes["standard"].rate;
    assert_eq!(rate(&shop), Amount::from_minor(21, 0));
    screen.run_steps(3);
    press(&mut screen, "Undo");
    until(&mut screen, "the old rate stands", |screen| shows(screen, "19 %"));
    assert_eq!(rate(&shop), Amount::from_minor(19, 0));
}

#[test]
fn how_far_back_one_books_and_what_a_manager_looks_at_is_set() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 1800.0);
    go(&mut screen, Key::Comma);
    press(&mut screen, "Change booked back more than");
    type_and_enter(&mut screen, "9999");
    assert!(shows(&screen, "The limit is further than anybody books. Give 0 to 3660 days."));
    screen.get_by_label("Days").focus();
    screen.run_steps(2);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_and_enter(&mut screen, "92");
    until(&mut screen, "the days stand", |screen| shows(screen, "92 days"));
    press(&mut screen, "Change worth of an entry above");
    type_and_enter(&mut screen, "25000");
    let worth = || shop.reader().settings().unwrap().limits.fact_amount;
    until(&mut screen, "the worth stands", |_| worth() == Amount::from_minor(25_000, 0));
    assert_eq!(shop.reader().settings().unwrap().limits.booked_back, 92);
    screen.run_steps(3);
    press(&mut screen, "Undo");
    until(&mut screen, "the old worth stands", |_| worth() == Amount::from_minor(10_000_000, 0));
}

#[test]
fn a_limit_is_set_and_holds_beside_the_field_of_the_next_order() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 1600.0);
    go(&mut screen, Key::Comma);
    press(&mut screen, "Change quantity");
    type_and_enter(&mut screen, "50");
    until(&mut screen, "the limit stands", |screen| shows(screen, "50 pieces, or 0.05 kg, m, l or h"));
    assert_eq!(shop.reader().settings().unwrap().limits.quantity, Quantity::new(50));

    let above = "51 pc of “Oak chair” are more than the most allowed, 50 pc.";
    go(&mut screen, Key::N);
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_words(&mut screen, "51");
    assert!(shows(&screen, above), "said while it is typed");
    screen.key_press(Key::Enter);
    screen.run_steps(3);
    assert!(shows(&screen, above), "and why it cannot be placed");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(5);
    assert_eq!(shop.reader().count_orders().unwrap(), 0);
    press(&mut screen, "Take off Oak chair");
    screen.get_by_role_and_label(egui::accesskit::Role::TextInput, "Product").focus();
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "3");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));

    // The same in the form of a line that stands.
    screen.get_by_label_contains("3 × Oak chair, 567.00").click();
    screen.run_steps(4);
    type_words(&mut screen, "60");
    assert!(shows(&screen, "60 pc of “Oak chair” are more than the most allowed, 50 pc."));
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
    assert!(shows(&screen, "Take this line off"), "it is not saved");
}

#[test]
fn a_quotation_is_shown_as_quoted_and_placing_it_makes_an_order_of_it() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::N);
    press(&mut screen, "Quotation");
    type_and_enter(&mut screen, "lund");
    type_and_enter(&mut screen, "oak");
    type_and_enter(&mut screen, "2");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the quotation is made", |screen| shows(screen, "Made the quotation"));
    let state = |shop: &Shop| {
        let reader = shop.reader();
        let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
        let rows = reader.order_rows(&list, 0..9).unwrap();
        let [row] = &rows[..] else { panic!("one order, not {}", rows.len()) };
        status::of(&reader.order(row.id).unwrap().unwrap()).order
    };
    assert_eq!(state(&shop), OrderState::Quoted);
    assert!(shows(&screen, "quoted"));
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "it is placed", |screen| shows(screen, "Confirm"));
    assert_eq!(state(&shop), OrderState::Placed);
}

#[test]
fn a_location_is_made_changed_and_closed() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 900.0);
    go(&mut screen, Key::Num7);
    screen.get_by_label("S1 Shop Lübeck, shop");
    press(&mut screen, "New location");
    press(&mut screen, "Make location");
    assert!(
        shows(&screen, "Give it a name that colleagues know"),
        "what is missing is said beside its field"
    );
    screen.get_by_label("Name").focus();
    type_words(&mut screen, "Van 1");
    screen.get_by_label("Code").focus();
    type_words(&mut screen, "V1");
    press(&mut screen, "van");
    press(&mut screen, "Make location");
    until(&mut screen, "the van is listed", |screen| shows(screen, "V1 Van 1, van"));
    let van = |shop: &Shop| {
        let rows = shop.reader().locations().unwrap();
        rows.into_iter().find(|row| row.code == "V1").map(|row| (row.name, row.kind, row.closed))
    };
    assert_eq!(van(&shop), Some(("Van 1".into(), LocationKind::Van, false)));
    press(&mut screen, "Change name");
    type_and_enter(&mut screen, "Blue van");
    until(&mut screen, "it is renamed", |screen| shows(screen, "V1 Blue van, van"));
    press(&mut screen, "Close");
    until(&mut screen, "it is closed", |screen| shows(screen, "Open again"));
    assert_eq!(van(&shop), Some(("Blue van".into(), LocationKind::Van, true)));
}

#[test]
fn who_may_not_change_them_sees_neither_the_settings_of_the_business_nor_its_locations() {
    for (role, sees) in [(Role::Manager, true), (Role::Sales, false), (Role::Driver, false)] {
        let shop = Shop::with_anna_as(role);
        let mut screen = shop.window(1280.0, 1600.0);
        go(&mut screen, Key::Comma);
        assert!(shows(&screen, "This device"), "{role:?}");
        assert_eq!(shows(&screen, "Taxes"), sees, "{role:?}");
        assert_eq!(shows(&screen, "Locations"), sees, "{role:?}");
    }
}

#[test]
fn every_setting_can_be_taken_back_to_what_it_was() {
    let mut settings = Settings::default();
    settings.fields.company = "Lund".into();
    let business = Business { settings: settings.clone(), ..Business::default() };
    let undone = |field: Field| {
        let wish = business.set(field, "");
        wish.undo.map(|undo| undo.parts)
    };
    let back = |field: Field| Some(vec![(SettingsId::ONLY.into(), SetField { field }.into())]);
    assert_eq!(undone(Field::Company("Sund".into())), back(Field::Company("Lund".into())));
    assert_eq!(undone(Field::MaxDiscount(Amount::ZERO)), back(Field::MaxDiscount(settings.limits.discount)));
    let shop = |allowed| Field::NoCustomer { channel: "shop".into(), allowed };
    assert_eq!(undone(shop(true)), back(shop(false)));
    let class = waybill_shared::settings::TaxClass { name: "New".into(), rate: Amount::ZERO };
    assert_eq!(undone(Field::TaxClass { key: "new".into(), class }), None, "there was none before");
}

#[test]
fn time_zones_are_found_by_a_town() {
    let names = |typed| zones(typed).into_iter().map(chrono_tz::Tz::name).collect::<Vec<_>>();
    assert_eq!(names("berlin"), ["Europe/Berlin"]);
    assert!(names("new york").contains(&"America/New_York"));
    assert_eq!(names(""), [""; 0]);
    assert_eq!(names("nowhere"), [""; 0]);
}

#[test]
fn nothing_is_ordered_or_sold_before_there_is_a_location_and_the_screen_says_so() {
    let shop = Shop::set_up();
    let mut screen = shop.window(1280.0, 800.0);
    for key in [Key::N, Key::Num2] {
        go(&mut screen, key);
        assert!(shows(&screen, "The business has no location yet."));
    }
}

#[test]
fn how_an_order_stands_is_said_once_and_what_is_finished_is_quiet() {
    use waybill_client::desktop::panels::orders::marks;
    use waybill_client::desktop::widgets::chip::Mood;
    use waybill_shared::order::status::Fulfilment::{Delivered, Open, PartDelivered};
    use waybill_shared::order::status::MoneyState::{Overpaid, Paid, PartPaid, Refunded, Unpaid};
    use {
        Mood::{Bad, Good, Neutral, Warn},
        OrderState::*,
    };
    type Said = (Option<Mood>, &'static str);
    let table: [(OrderState, _, _, &[Said]); 16] = [
        // Of what was never agreed nothing is to be delivered or paid.
        (Draft, Open, Unpaid, &[(Some(Neutral), "draft")]),
        (Quoted, Open, Unpaid, &[(Some(Neutral), "quoted")]),
        (Cancelled, Open, Unpaid, &[(None, "cancelled")]),
        (Cancelled, Open, Paid, &[(None, "cancelled"), (Some(Good), "paid")]),
        (Cancelled, Delivered, Unpaid, &[(None, "cancelled"), (Some(Warn), "delivered")]),
        (Placed, Open, Unpaid, &[(Some(Warn), "placed")]),
        (Confirmed, Open, Unpaid, &[(Some(Neutral), "to deliver")]),
        (Confirmed, Open, Paid, &[(Some(Neutral), "to deliver"), (Some(Good), "paid")]),
        // The goods first: a stop that was made in part is not one that was not made.
        (Confirmed, PartDelivered, Unpaid, &[(Some(Warn), "partly delivered")]),
        (Placed, PartDelivered, Paid, &[(Some(Warn), "partly delivered"), (Some(Good), "paid")]),
        (Confirmed, Delivered, Unpaid, &[(None, "delivered"), (Some(Warn), "unpaid")]),
        (Confirmed, Delivered, PartPaid, &[(None, "delivered"), (Some(Warn), "part-paid")]),
        (Confirmed, Delivered, Overpaid, &[(None, "delivered"), (Some(Bad), "overpaid")]),
        (Closed, Delivered, Paid, &[(None, "delivered")]),
        (Closed, Delivered, Refunded, &[(None, "delivered"), (Some(Neutral), "refunded")]),
        (Disputed, Delivered, Paid, &[(Some(Bad), "disputed"), (None, "delivered")]),
    ];
    for (order, goods, money, expected) in table {
        let said: Vec<Said> =
            marks::of(order, goods, money).into_iter().map(|mark| (mark.mood, mark.words)).collect();
        assert_eq!(said, expected, "{order:?} {goods:?} {money:?}");
    }
}
