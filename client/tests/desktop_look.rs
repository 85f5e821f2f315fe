//! What each person sees: where their work begins, only what is theirs, names and no ids, large what they act on,
//! nothing over anything.

#[path = "desktop/shop.rs"]
mod shop;

use chrono::NaiveDate;
use egui::{Key, Modifiers, Rect, Role as Kind};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use shop::{ANNA, PHONE, Screen, Shop, go, press, shows, type_and_enter, type_words, until};
use waybill_client::desktop::panels::reports::{ReportsData, ReportsState, reports_ui};
use waybill_client::desktop::theme;
use waybill_client::engine;
use waybill_client::store::ListQuery;
use waybill_shared::id::{LineId, LocationId};
use waybill_shared::kind::{DocAddr, DocKind};
use waybill_shared::location::LocationKind;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::{
    AssignDriver, Confirm, Create, HandOver, Note, Place, SetReference, TakePayment,
};
use waybill_shared::order::{Address, Contact, Line, Payment, PaymentMethod, PaymentState, Tax, Wanted};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::rules::roles::Role;
use waybill_shared::{customer, location, product};

const LINE: LineId = LineId::new(uuid::Uuid::from_u128(77));

fn line(name: &str, quantity: i64) -> Line {
    Line {
        pos: 0,
        product: None,
        name: name.into(),
        quantity: Quantity::new(quantity),
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
    }
}

/// A confirmed order for so many oak chairs.
fn order(shop: &Shop, customer: &str, quantity: i64, wanted: Option<NaiveDate>) -> DocAddr {
    let create = Create {
        number: String::new(),
        channel: "shop".into(),
        location: LocationId::new(uuid::Uuid::from_u128(1)),
        customer: None,
        customer_name: Some(customer.into()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Contact::default(),
        delivery: Address::default(),
        wanted: Wanted { date: wanted, ..Default::default() },
        lines: [(LINE, line("Oak chair", quantity))].into(),
    };
    let addr = engine::fresh(DocKind::Order);
    shop.enter(addr, create);
    shop.enter(addr, Place {});
    shop.enter(addr, Confirm {});
    addr
}

fn hand_over(shop: &Shop, addr: DocAddr, quantity: i64) {
    let lines = [(LINE, Quantity::new(quantity))].into();
    let id = waybill_shared::id::FactId::NIL;
    shop.enter(addr, HandOver { id, lines, shown: Default::default(), received_by: None, signature: None });
}

/// What can be read, and where it stands.
fn read(screen: &Screen) -> Vec<(String, Rect)> {
    let words = |node: egui_kittest::Node<'_>| {
        let words = node.accesskit_node().label().or(node.accesskit_node().value())?;
        node.accesskit_node().bounding_box()?;
        Some((words, node.rect()))
    };
    screen.root().children_recursive().filter_map(words).filter(|(words, _)| !words.is_empty()).collect()
}

#[test]
fn each_person_begins_where_they_work_and_has_only_what_is_theirs() {
    let office = ["Customers", "Reports", "Held"];
    // What tells where they are, what is in the rail, what is not.
    let table: [(Role, &str, &[&str], &[&str]); 7] = [
        (
            Role::Driver,
            "Search orders",
            &["Orders"],
            &["Customers", "Reports", "Held", "Devices", "Locations"],
        ),
        (Role::Warehouse, "Search orders", &["Orders"], &["Customers", "Reports", "Held", "Devices"]),
        (Role::Shop, "Product", &["Orders", "Customers"], &["Reports", "Held", "Devices"]),
        (Role::Sales, "Search orders", &["Customers", "New order"], &["Held", "Devices"]),
        (Role::Service, "Search orders", &["Customers"], &["Held", "Devices", "Reports"]),
        (Role::Manager, "Revenue by day", &office, &["Devices"]),
        (Role::Admin, "Revenue by day", &office, &[]),
    ];
    for (role, begins, has, has_not) in table {
        let name = format!("{role:?}");
        let shop = Shop::with_anna_as(role);
        let mut screen = shop.window(1280.0, 800.0);
        screen.run_steps(4);
        assert!(screen.query_by_label(begins).is_some(), "{name} begins at {begins}");
        let rail: Vec<String> = read(&screen)
            .into_iter()
            .filter(|(_, rect)| rect.right() <= 148.0)
            .map(|(words, _)| words)
            .collect();
        for place in has {
            assert!(rail.iter().any(|words| words == place), "{name} has {place}: {rail:?}");
        }
        for place in has_not {
            assert!(rail.iter().all(|words| words != place), "{name} has no {place}: {rail:?}");
        }
        // Away from the field that a scanner types into.
        go(&mut screen, Key::Num1);
        screen.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
        screen.run_steps(3);
        let leads = has.contains(&"Held");
        for (words, offered) in [
            ("Discard what is held", leads),
            ("Held for review", leads),
            ("Devices", has_not.iter().all(|place| *place != "Devices")),
            ("This list", true),
        ] {
            let listed = read(&screen).iter().any(|(read, _)| read == words);
            assert_eq!(listed, offered, "{name}: “{words}” in the list of keys");
        }
    }
}

#[test]
fn a_driver_sees_what_is_due_and_what_of_it_was_delivered_in_part() {
    let today = engine::now().local(chrono_tz::Europe::Berlin).date_naive();
    let day = |days: i64| Some(today + chrono::Duration::days(days));
    let shop = Shop::new();
    order(&shop, "Late", 1, day(-2));
    let part = order(&shop, "Begun", 4, day(0));
    hand_over(&shop, part, 1);
    order(&shop, "Any day", 1, None);
    order(&shop, "Later", 1, day(3));
    let done = order(&shop, "Long done", 1, day(-3));
    hand_over(&shop, done, 1);
    let shop = shop.with_anna_now(Role::Warehouse);
    for (width, height) in [(PHONE, 740.0), (1280.0, 800.0)] {
        let mut screen = shop.window(width, height);
        until(&mut screen, "the list", |screen| shows(screen, "Begun"));
        for (customer, due) in
            [("Late", true), ("Begun", true), ("Any day", true), ("Later", false), ("Long done", false)]
        {
            let listed = read(&screen).iter().any(|(words, _)| words == customer);
            assert_eq!(listed, due, "{customer} at {width}");
        }
        let begun = screen.get_by_label("partly delivered").rect();
        let name = screen.get_by_label("Begun").rect();
        assert!((begun.center().y - name.center().y).abs() < 40.0, "it stands beside its name at {width}");
        assert!(shows(&screen, "to deliver"), "and the others are still to be delivered at {width}");
    }
}

#[test]
fn no_id_reaches_the_screen_and_money_is_written_in_one_manner() {
    let shop = Shop::with_anna_also(Role::Driver);
    let addr = order(&shop, "Bakery Lund", 1, None);
    shop.enter(addr, AssignDriver { driver: Some(ANNA), round: None });
    shop.enter(addr, AssignDriver { driver: None, round: None });
    shop.enter(addr, SetReference { name: "their order".into(), value: "4711".into() });
    let payment = Payment {
        method: PaymentMethod::Cash,
        amount: Amount::from_minor(3_636, 2),
        currency: Currency::EUR,
        state: PaymentState::Taken,
        drawer: None,
        reference: None,
    };
    shop.enter(addr, TakePayment { id: waybill_shared::id::FactId::NIL, payment });
    let mut screen = shop.window(1280.0, 2400.0);
    go(&mut screen, Key::Num1);
    screen.get_all_by_label_contains("Bakery Lund").next().expect("it is listed").click();
    until(&mut screen, "the order", |screen| shows(screen, "What happened"));
    let said = ["added driver: Anna Berg", "took off driver: Anna Berg", "took € 36.36 by cash"];
    for words in said {
        assert!(shows(&screen, words), "{words}: {:?}", read(&screen));
    }
    for key in [Key::Num1, Key::Num3, Key::Num4, Key::Num5, Key::Num7, Key::Comma] {
        go(&mut screen, key);
        for (words, _) in read(&screen) {
            assert!(!holds_an_id(&words), "{words}");
            assert!(!words.contains(" EUR"), "{words}");
        }
    }
}

/// Eight digits and letters, a hyphen, four of them.
fn holds_an_id(words: &str) -> bool {
    let hex = |part: &[u8]| part.iter().all(u8::is_ascii_hexdigit);
    words.as_bytes().windows(13).any(|part| hex(&part[..8]) && part[8] == b'-' && hex(&part[9..]))
}

#[test]
fn a_notice_covers_neither_what_is_pressed_next_nor_an_amount() {
    for (width, height) in [(PHONE, 740.0), (900.0, 700.0), (1280.0, 800.0)] {
        let shop = Shop::new();
        let mut screen = shop.window(width, height);
        go(&mut screen, Key::N);
        type_and_enter(&mut screen, "lund");
        type_and_enter(&mut screen, "oak");
        type_and_enter(&mut screen, "3");
        screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
        let notice = screen.get_by_label("Notice").rect();
        let amount = |words: &str| words.contains('€') || words.contains("567.00");
        for (words, rect) in read(&screen) {
            if words == "Confirm" || words == "More" || amount(&words) {
                assert!(
                    !rect.shrink(0.5).intersects(notice),
                    "{width}: “{words}” at {rect:?} under {notice:?}"
                );
            }
        }
    }
}

#[test]
fn the_change_to_give_stands_large_until_the_next_product() {
    for (width, height) in [(PHONE, 740.0), (1280.0, 800.0)] {
        let shop = Shop::new();
        let mut screen = shop.window(width, height);
        go(&mut screen, Key::Num2);
        type_and_enter(&mut screen, "4006381333931");
        press(&mut screen, "Pay");
        assert!(shows(&screen, "Cash received"));
        type_words(&mut screen, "200");
        let large = |screen: &Screen, words: &str| {
            let shown = read(screen).into_iter().filter(|(read, _)| read == words);
            shown.map(|(_, rect)| rect.height()).fold(0.0, f32::max) >= theme::FIGURE
        };
        assert!(large(&screen, "11.00"), "while paying at {width}");
        press(&mut screen, "Done");
        until(&mut screen, "it is sold", |screen| shows(screen, "Change € 11.00"));
        assert!(large(&screen, "11.00"), "and afterwards at {width}");
        // Long after the notice has gone.
        for _ in 0..40 {
            screen.step();
        }
        assert!(shows(&screen, "Change € 11.00"));
        type_and_enter(&mut screen, "4006381333948");
        assert!(!shows(&screen, "Change € 11.00"), "the next customer");
    }
}

#[test]
fn the_field_to_sign_in_is_as_wide_as_the_screen() {
    for (width, height, least) in [(PHONE, 740.0, 328.0), (1024.0, 768.0, 690.0)] {
        let shop = Shop::new();
        order(&shop, "Bakery Lund", 1, None);
        let mut screen = shop.window(width, height);
        go(&mut screen, Key::Num1);
        screen.get_all_by_label_contains("Bakery Lund").next().expect("it is listed").click();
        until(&mut screen, "the order", |screen| shows(screen, "What happened"));
        press(&mut screen, "Hand over");
        let field = screen.get_by_label("Sign here").rect();
        assert!(field.width() >= least && field.right() <= width, "{width}: {field:?}");
        let button = screen.get_by_label("Hand over all").rect();
        assert!(button.bottom() <= height && !button.intersects(field), "{width}: {button:?}");
        let large = |(words, rect): &(String, Rect)| words == "€ 36.36" && rect.height() >= theme::FIGURE;
        assert!(read(&screen).iter().any(large), "what is owed is large at {width}");
    }
}

#[test]
fn long_words_break_no_screen() {
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2);
    let shop = Shop::new();
    let addr = order(&shop, &long, 1, None);
    shop.enter(addr, Note { id: waybill_shared::id::FactId::NIL, text: long.clone() });
    shop.enter(addr, SetReference { name: "their order".into(), value: long.clone() });
    shop.enter(addr, waybill_shared::order::commands::Tag { tag: "Zerbrechliches".repeat(4) });
    shop.enter(
        addr,
        waybill_shared::order::commands::AddLine {
            id: LineId::new(uuid::Uuid::from_u128(78)),
            line: line(&long, 1),
        },
    );
    let contact =
        Contact { name: Some(long.clone()), phone: Some("1".repeat(60)), email: Some(long.clone()) };
    let main = Address { street: Some(long.clone()), city: Some(long.clone()), ..Address::default() };
    let person = customer::Create {
        number: "9".repeat(40),
        name: long.clone(),
        group: long.clone(),
        tax_number: long.clone(),
        contact,
        addresses: [("main".to_owned(), main)].into(),
    };
    shop.enter(engine::fresh(DocKind::Customer), person);
    let thing = product::Create {
        number: "9".repeat(40),
        name: long.clone(),
        description: long.clone(),
        category: long.clone(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: Default::default(),
    };
    shop.enter(engine::fresh(DocKind::Product), thing);
    let address = Address { street: Some(long.clone()), ..Address::default() };
    let place =
        location::Create { code: "W9".into(), name: long.clone(), kind: LocationKind::Warehouse, address };
    shop.enter(engine::fresh(DocKind::Location), place);
    assert_eq!(shop.reader().products(&ListQuery::typed("Donau", 9)).unwrap().len(), 1);
    for (width, height) in [(PHONE, 740.0), (900.0, 900.0), (1280.0, 900.0)] {
        let mut screen = shop.window(width, height);
        for key in [Key::Num1, Key::Num3, Key::Num4, Key::Num7] {
            go(&mut screen, key);
            until(&mut screen, "the list", |screen| shows(screen, "Donau"));
            within(&screen, width, &format!("the list {key:?}"));
            screen.get_all_by_label_contains("Donau").next().expect("it is listed").click();
            until(&mut screen, "the one", |screen| shows(screen, "Change") || shows(screen, "What happened"));
            within(&screen, width, &format!("the one of {key:?}"));
        }
        go(&mut screen, Key::Num2);
        type_words(&mut screen, "Donau");
        within(&screen, width, "the till");
    }
}

fn within(screen: &Screen, width: f32, at: &str) {
    for (words, rect) in read(screen) {
        assert!(rect.left() > -0.5 && rect.right() < width + 0.5, "{at} at {width}: “{words}” at {rect:?}");
    }
}

#[test]
fn what_is_being_counted_is_not_said_to_be_nothing() {
    let mut data = ReportsData { counting: true, currency: Some(Currency::EUR), ..Default::default() };
    for counting in [true, false] {
        data.counting = counting;
        let (data, mut state) = (data.clone(), ReportsState::default());
        let mut screen = Harness::builder()
            .with_context_setup(theme::install)
            .with_size((900.0, 700.0))
            .build_ui(move |ui| drop(reports_ui(ui, &data, &mut state)));
        screen.run_steps(3);
        assert_eq!(screen.query_by_label("No revenue in these days").is_none(), counting);
        assert_eq!(screen.query_by_label("Counting the revenue").is_some(), counting);
        assert!(screen.query_all_by_role(Kind::Button).next().is_some());
    }
}
