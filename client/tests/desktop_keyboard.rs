//! The keyboard in every sheet and place: the first field has it, Enter saves from every field after reading it, Esc
//! closes the topmost thing only, Ctrl+Enter presses the primary button, Tab goes the way the eye goes, and after an
//! error the field in error has it.

#[path = "desktop/shop.rs"]
mod shop;

use egui::accesskit::Role as Kind;
use egui::{Event, Key, Modifiers, Rect};
use egui_kittest::kittest::{NodeT, Queryable};
use shop::{Screen, Shop, go, press, shows, type_and_enter, type_words, until};
use waybill_client::engine;
use waybill_client::store::OrderQuery;
use waybill_shared::id::{LineId, LocationId};
use waybill_shared::kind::DocKind;
use waybill_shared::money::Currency;
use waybill_shared::order::{Order, Tax, commands, status};
use waybill_shared::quantity::{Quantity, Unit};

/// What has the keyboard: its kind, its name, and where it stands.
fn focused(screen: &Screen) -> Option<(Kind, String, Rect)> {
    screen.root().children_recursive().find(|node| node.accesskit_node().is_focused()).map(|node| {
        let name = node.accesskit_node().label().unwrap_or_default();
        (node.accesskit_node().role(), name, node.rect())
    })
}

fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::TextInput | Kind::MultilineTextInput | Kind::PasswordInput | Kind::SearchInput)
}

fn key(screen: &mut Screen, key: Key) {
    screen.key_press(key);
    screen.run_steps(4);
}

fn ctrl_enter(screen: &mut Screen) {
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
}

/// A sheet is open: every one can be left.
fn is_asked(screen: &Screen) -> bool {
    screen.query_by_label("Cancel").is_some() || screen.query_by_label("Back").is_some()
}

/// All at once, as a fast scanner or a script types: one pass sees it.
fn at_once(screen: &mut Screen, events: &[Event]) {
    screen.input_mut().events.extend(events.iter().cloned());
    screen.run_steps(12);
}

fn down(key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
}

fn text(words: &str) -> Event {
    Event::Text(words.to_owned())
}

/// An order of three chairs for Bakery Lund, placed and confirmed.
fn order(shop: &Shop) {
    let addr = engine::fresh(DocKind::Order);
    let line = waybill_shared::order::Line {
        name: "Oak chair".into(),
        quantity: Quantity::new(3),
        unit: Unit::Piece,
        price: "189".parse().unwrap(),
        currency: Currency::EUR,
        tax: Tax { class: "standard".into(), rate: "19".parse().unwrap(), included: true },
        ..bare_line()
    };
    let create = commands::Create {
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
        lines: [(engine::fresh_id::<LineId>(), line)].into(),
    };
    shop.enter(addr, create);
    shop.enter(addr, commands::Place {});
    shop.enter(addr, commands::Confirm {});
}

fn bare_line() -> waybill_shared::order::Line {
    waybill_shared::order::Line {
        pos: 0,
        product: None,
        name: String::new(),
        quantity: Quantity::ZERO,
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: waybill_shared::money::Amount::ZERO,
        currency: Currency::EUR,
        discount: waybill_shared::order::Discount::None,
        tax: Tax { class: "standard".into(), rate: waybill_shared::money::Amount::ZERO, included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

fn the_order(shop: &Shop) -> Order {
    let reader = shop.reader();
    let list = reader.orders(&OrderQuery::all(chrono::NaiveDate::default())).unwrap();
    let rows = reader.order_rows(&list, 0..1).unwrap();
    reader.order(rows[0].id).unwrap().unwrap()
}

/// The screen in a place, with its first row chosen.
fn at(shop: &Shop, place: Key) -> Screen {
    let mut screen = shop.window(1280.0, 1400.0);
    go(&mut screen, place);
    key(&mut screen, Key::ArrowDown);
    screen.run_steps(3);
    screen
}

type Opens = fn(&mut Screen);

/// A sheet: its place, how it is opened, whether a text field is its first thing, and what is typed in its fields
/// before it can be saved; nothing where what stands there will do.
struct Case(&'static str, Key, Opens, bool, &'static [&'static str]);

fn item(screen: &mut Screen, words: &str) {
    press(screen, "More");
    press(screen, words);
}

/// What stands at a fact: *Add*, or *Change*.
fn fact(screen: &mut Screen, name: &str) {
    let add = format!("Add {name}");
    let words = if shows(screen, &add) { add } else { format!("Change {name}") };
    press(screen, &words);
}

const CASES: &[Case] = &[
    Case("contact", Key::Num1, |s| fact(s, "contact"), true, &["Kim", "0301", "kim@example.com"]),
    Case(
        "address",
        Key::Num1,
        |s| fact(s, "deliver to"),
        true,
        &["Kim", "Seeweg 1", "10115", "Berlin", "DE", ""],
    ),
    Case("wanted", Key::Num1, |s| fact(s, "wanted"), true, &["tomorrow", "9", "12"]),
    Case("line", Key::Num1, |s| key(s, Key::E), true, &["2", "", ""]),
    Case("hand over", Key::Num1, |s| press(s, "Hand over"), true, &["1", "Kim"]),
    Case(
        "not delivered",
        Key::Num1,
        |s| {
            item(s, "Not delivered");
            // The first reason.
            key(s, Key::Space);
        },
        false,
        &["closed"],
    ),
    Case("payment", Key::Num1, |s| key(s, Key::P), true, &[""]),
    Case("note", Key::Num1, |s| key(s, Key::N), true, &["ring twice"]),
    Case("tag", Key::Num1, |s| press(s, "Add tag"), true, &["fragile"]),
    Case("reference", Key::Num1, |s| item(s, "Add a reference"), true, &["", "4711"]),
    Case("cancelling", Key::Num1, |s| item(s, "Cancel the order"), true, &["no longer wanted"]),
    Case("customer", Key::Num3, |s| press(s, "New customer"), true, &["Inn", "", "", "", "", "", ""]),
    Case("customer's name", Key::Num3, |s| fact(s, "name"), true, &[""]),
    Case("customer's contact", Key::Num3, |s| fact(s, "contact"), true, &["Kim", "", ""]),
    Case("customer's address", Key::Num3, |s| fact(s, "address"), true, &["Kim", "", "", "", "", ""]),
    Case("credit limit", Key::Num3, |s| fact(s, "credit limit"), true, &["500"]),
    Case("contact note", Key::Num3, |s| press(s, "Write a note"), true, &["called"]),
    Case("product", Key::Num4, |s| press(s, "New product"), true, &["Lamp", "402", "", "", "12"]),
    Case("product's name", Key::Num4, |s| fact(s, "name"), true, &[""]),
    Case("description", Key::Num4, |s| fact(s, "description"), true, &["solid"]),
    Case("product's tax", Key::Num4, |s| fact(s, "tax"), false, &[]),
    Case("reorder point", Key::Num4, |s| fact(s, "order again at"), true, &["5"]),
    Case("cost", Key::Num4, |s| fact(s, "cost"), true, &["80"]),
    Case("barcode", Key::Num4, |s| press(s, "Add barcode"), true, &["12345670"]),
    Case("price", Key::Num4, |s| press(s, "Set a price"), true, &["99", ""]),
    Case("location", Key::Num7, |s| press(s, "New location"), true, &["Kiel", "K", "", "", "", ""]),
    Case("location's code", Key::Num7, |s| fact(s, "code"), true, &[""]),
    Case("location's address", Key::Num7, |s| fact(s, "address"), true, &["Kim", "", "", "", "", ""]),
    Case("business", Key::Comma, |s| fact(s, "name"), true, &[""]),
    Case("time zone", Key::Comma, |s| fact(s, "time zone"), true, &[""]),
    Case("currency", Key::Comma, |s| fact(s, "currency"), true, &[""]),
    Case("tax class", Key::Comma, |s| press(s, "Add a tax class"), true, &["Reduced", "7"]),
    Case("limit", Key::Comma, |s| fact(s, "discount"), true, &[""]),
    Case("channel", Key::Comma, |s| press(s, "Add a channel"), true, &["market"]),
];

/// Types what each field needs up to the one at `last`, going on by Tab; says what kind that one is.
fn fill(screen: &mut Screen, case: &Case, last: usize) -> Kind {
    let Case(name, .., values) = case;
    for (nth, value) in values.iter().enumerate() {
        let (kind, ..) = to_text(screen, name, nth > 0);
        if !value.is_empty() {
            type_words(screen, value);
        }
        if nth == last {
            return kind;
        }
    }
    panic!("{name} has no field {last}");
}

/// Goes on by Tab to the next text field, from where the keyboard is.
fn to_text(screen: &mut Screen, name: &str, mut on: bool) -> (Kind, String, Rect) {
    for _ in 0..16 {
        if on {
            key(screen, Key::Tab);
        }
        on = true;
        if let Some(found) = focused(screen).filter(|(kind, ..)| is_text(*kind)) {
            return found;
        }
    }
    panic!("{name}: no text field by Tab from {:?}", focused(screen));
}

fn each(test: impl Fn(&Case, &Shop)) {
    for case in CASES {
        let shop = Shop::new();
        order(&shop);
        test(case, &shop);
    }
}

#[test]
fn every_sheet_opens_with_its_first_field_focused_and_esc_closes_it_and_nothing_else() {
    each(|case, shop| {
        let Case(name, place, opens, text_first, _) = case;
        let mut screen = at(shop, *place);
        opens(&mut screen);
        assert!(is_asked(&screen), "{name} is open");
        let has = focused(&screen);
        assert_eq!(has.as_ref().map(|(kind, ..)| is_text(*kind)), Some(*text_first), "{name}: {has:?}");
        key(&mut screen, Key::Escape);
        assert!(!is_asked(&screen), "{name} closes");
    });
}

#[test]
fn enter_saves_from_every_field_of_every_sheet() {
    for case in CASES {
        let Case(name, place, opens, _, values) = case;
        for last in 0..values.len() {
            // Before that one everything that is needed is typed, so it is not saved from there.
            if values[last + 1..].iter().any(|value| !value.is_empty()) && needs_all(name) {
                continue;
            }
            let shop = Shop::new();
            order(&shop);
            let mut screen = at(&shop, *place);
            opens(&mut screen);
            if fill(&mut screen, case, last) == Kind::MultilineTextInput {
                ctrl_enter(&mut screen);
            } else {
                key(&mut screen, Key::Enter);
            }
            assert!(!is_asked(&screen), "{name} is saved from field {last}; {:?}", focused(&screen));
        }
    }
}

/// Whose later fields must be filled too.
fn needs_all(name: &str) -> bool {
    matches!(name, "reference" | "tax class" | "location")
}

#[test]
fn tab_stays_in_a_sheet_and_goes_the_way_the_eye_goes() {
    each(|case, shop| {
        let Case(name, place, opens, ..) = case;
        let mut screen = at(shop, *place);
        opens(&mut screen);
        let first = focused(&screen).unwrap_or_else(|| panic!("{name}: nothing is focused"));
        let mut stops = vec![first];
        loop {
            key(&mut screen, Key::Tab);
            let next = focused(&screen).unwrap_or_else(|| panic!("{name}: Tab leads out after {stops:?}"));
            if stops.contains(&next) || stops.len() > 40 {
                break;
            }
            stops.push(next);
        }
        assert!(
            stops.iter().any(|(_, words, _)| matches!(words.as_str(), "Cancel" | "Back")),
            "{name}: {stops:?}"
        );
        for (_, words, rect) in &stops {
            assert!(rect.left() > 240.0 && rect.right() < 1040.0, "{name}: {words} is outside: {rect:?}");
        }
        // At most once it goes back to the top: from the last to the first.
        let back = |two: &[(Kind, String, Rect)]| {
            let [(.., a), (.., b)] = two else { return false };
            let below = b.center().y > a.center().y + 8.0;
            let beside = (b.center().y - a.center().y).abs() <= 8.0 && b.left() > a.left();
            !(below || beside)
        };
        let backs = stops.windows(2).filter(|two| back(two)).count();
        assert!(backs <= 1, "{name}: {stops:?}");
    });
}

#[test]
fn after_an_error_the_field_in_error_has_the_keyboard() {
    let shop = Shop::new();
    order(&shop);
    for (place, opens, typed, last, wrong) in [
        (Key::Num1, (|s| fact(s, "wanted")) as Opens, vec!["tomorrow", "9", "noon"], 2, "Until"),
        (Key::Num1, |s| fact(s, "wanted"), vec!["soonish", "9"], 1, "Day"),
        (Key::Num1, |s| fact(s, "deliver to"), vec!["Kim", "", "", "", "Germany", "gate"], 5, "Country"),
        (Key::Num1, |s| key(s, Key::E), vec!["0", ""], 1, "Quantity"),
        (Key::Num4, |s| press(s, "Set a price"), vec!["cheap", ""], 1, "Price in EUR"),
        (Key::Num7, |s| press(s, "New location"), vec!["", "K"], 1, "Name"),
        (Key::Comma, |s| press(s, "Add a tax class"), vec!["Reduced", "much"], 0, "Rate in %"),
    ] {
        let mut screen = at(&shop, place);
        opens(&mut screen);
        for (nth, words) in typed.iter().enumerate() {
            to_text(&mut screen, wrong, nth > 0);
            type_words(&mut screen, words);
        }
        // Back to where it is pressed.
        for _ in last..typed.len() - 1 {
            screen.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
            screen.run_steps(4);
        }
        key(&mut screen, Key::Enter);
        assert!(is_asked(&screen), "{wrong} is wrong, so it stays open");
        assert_eq!(focused(&screen).map(|(_, name, _)| name).as_deref(), Some(wrong));
    }
}

#[test]
fn a_scan_after_an_unknown_code_and_on_coming_back_to_the_till_is_sold() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    type_and_enter(&mut screen, "9999999999999");
    assert!(shows(&screen, "9999999999999"), "what was not found is said");
    type_and_enter(&mut screen, "4006381333931");
    assert!(shows(&screen, "1 × Oak chair"), "the next scan is sold");
    go(&mut screen, Key::Num1);
    go(&mut screen, Key::Num2);
    type_and_enter(&mut screen, "4006381333931");
    assert!(shows(&screen, "2 × Oak chair"), "coming back, it is ready");
    // Whatever a press or Tab gave the keyboard to.
    press(&mut screen, "More of Oak chair");
    key(&mut screen, Key::Tab);
    key(&mut screen, Key::Tab);
    type_and_enter(&mut screen, "4006381333948");
    assert!(shows(&screen, "1 × Wool rug"), "a scan goes to the scan field");
}

#[test]
fn what_is_typed_faster_than_the_window_draws_is_read_before_the_key_behind_it() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num2);
    let scans = ["4006381333931", "9999999999999", "4006381333948"];
    let scanned: Vec<Event> = scans.iter().flat_map(|code| [text(code), down(Key::Enter)]).collect();
    at_once(&mut screen, &scanned);
    assert!(shows(&screen, "1 × Oak chair") && shows(&screen, "1 × Wool rug"), "each scan counts");
    ctrl_enter(&mut screen);
    at_once(&mut screen, &[text("600"), down(Key::Enter)]);
    until(&mut screen, "the cash that was typed counts", |screen| shows(screen, "Change € 96.00"));
}

#[test]
fn ctrl_enter_hands_over_what_is_shown_whatever_has_the_keyboard() {
    let shop = Shop::new();
    order(&shop);
    let mut screen = at(&shop, Key::Num1);
    press(&mut screen, "Hand over");
    screen.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    screen.run_steps(4);
    assert_eq!(focused(&screen).map(|(_, name, _)| name).as_deref(), Some("Less of Oak chair"));
    ctrl_enter(&mut screen);
    until(&mut screen, "it is handed over", |screen| shows(screen, "Handed over"));
    let delivered: Vec<_> = status::delivered(&the_order(&shop)).into_values().collect();
    assert_eq!(delivered, [Quantity::new(3)], "all three, as the sheet said");
}

#[test]
fn esc_and_going_elsewhere_leave_no_results_open_that_take_the_arrows() {
    let shop = Shop::new();
    order(&shop);
    order(&shop);
    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num4);
    for by_esc in [true, false] {
        go(&mut screen, Key::K);
        type_words(&mut screen, "lund");
        assert!(shows(&screen, "Bakery Lund  customer"), "what was found is shown");
        if by_esc {
            key(&mut screen, Key::Escape);
        }
        go(&mut screen, Key::Num3);
        assert!(
            screen.query_by_label_contains("Bakery Lund C-100").is_none(),
            "no results over another screen"
        );
        go(&mut screen, Key::Num4);
        key(&mut screen, Key::ArrowDown);
        key(&mut screen, Key::ArrowUp);
        assert!(shows(&screen, "Set a price"), "the arrows are the list's");
    }
}

#[test]
fn esc_closes_the_topmost_thing_one_after_the_other() {
    let shop = Shop::new();
    order(&shop);
    // One column: list, order, sheet, and a choice within it.
    let mut screen = shop.window(740.0, 1000.0);
    go(&mut screen, Key::Num1);
    key(&mut screen, Key::ArrowDown);
    key(&mut screen, Key::Enter);
    assert!(screen.query_by_label("Back to the list").is_some());
    press(&mut screen, "More");
    assert!(shows(&screen, "Cancel the order"));
    key(&mut screen, Key::Escape);
    assert!(!shows(&screen, "Cancel the order"), "the menu closes");
    key(&mut screen, Key::P);
    assert!(is_asked(&screen));
    type_words(&mut screen, "12");
    key(&mut screen, Key::Escape);
    assert!(!is_asked(&screen), "then the sheet");
    assert!(screen.query_by_label("Back to the list").is_some(), "and not the order");
    key(&mut screen, Key::Escape);
    assert!(screen.query_by_label("Back to the list").is_none(), "then the order");
}

#[test]
fn while_something_is_asked_the_keys_of_the_screen_below_do_nothing() {
    let shop = Shop::new();
    order(&shop);
    let mut screen = at(&shop, Key::Num1);
    key(&mut screen, Key::P);
    for place in [Key::Num2, Key::N, Key::K] {
        go(&mut screen, place);
        assert!(is_asked(&screen) && shows(&screen, "Take a payment"));
    }
}
