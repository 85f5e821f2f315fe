//! A disputed order has a button that ends the dispute.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use shop::{Screen, Shop, go, press, shows, type_words, until};
use waybill_client::engine;
use waybill_shared::id::{FactId, LineId, LocationId, OrderId};
use waybill_shared::kind::DocKind;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::status::{self, OrderState};
use waybill_shared::order::{Discount, Line, Order, Tax, commands};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::rules::roles::Role;

/// Three chairs were ordered, and four handed over.
fn disputed(shop: &Shop) -> OrderId {
    let addr = engine::fresh(DocKind::Order);
    let id: LineId = engine::fresh_id();
    let line = Line {
        pos: 0,
        product: None,
        name: "Oak chair".into(),
        quantity: Quantity::new(3),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: "189".parse().unwrap(),
        currency: Currency::EUR,
        discount: Discount::None,
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
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
        lines: [(id, line)].into(),
    };
    shop.enter(addr, create);
    shop.enter(addr, commands::Place {});
    let handed = commands::HandOver {
        id: FactId::NIL,
        lines: [(id, Quantity::new(4))].into(),
        shown: Default::default(),
        received_by: Some("Kim".into()),
        signature: None,
    };
    shop.enter(addr, handed);
    addr.id.into()
}

fn open(shop: &Shop) -> Screen {
    let mut screen = shop.window(1280.0, 900.0);
    go(&mut screen, Key::Num1);
    screen.key_press(Key::ArrowDown);
    screen.run_steps(4);
    assert!(shows(&screen, "4 pc of Oak chair were handed over, 3 were ordered."));
    screen
}

fn ctrl_enter(screen: &mut Screen) {
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    screen.run_steps(4);
}

fn order(shop: &Shop, id: OrderId) -> Order {
    shop.reader().order(id).unwrap().unwrap()
}

#[test]
fn a_disputed_order_is_raised_or_its_surplus_taken_back_without_a_mouse() {
    let shop = Shop::new();
    let id = disputed(&shop);
    let mut screen = open(&shop);
    ctrl_enter(&mut screen);
    assert!(shows(&screen, "How is this resolved?"));
    ctrl_enter(&mut screen);
    until(&mut screen, "it is raised", |screen| shows(screen, "Raised the order to what was handed over"));
    let raised = status::of(&order(&shop, id));
    assert_eq!((raised.order, raised.disputes.len()), (OrderState::Placed, 0));

    let shop = Shop::new();
    let id = disputed(&shop);
    let mut screen = open(&shop);
    ctrl_enter(&mut screen);
    // The other way, and why.
    screen.key_press(Key::Tab);
    screen.run_steps(4);
    screen.key_press(Key::Space);
    screen.run_steps(4);
    screen.key_press(Key::Tab);
    screen.run_steps(4);
    type_words(&mut screen, "one was left in the van");
    screen.key_press(Key::Enter);
    until(&mut screen, "it is taken back", |screen| shows(screen, "Took the goods back"));
    let now = order(&shop, id);
    assert_eq!(status::of(&now).disputes, Vec::<String>::new());
    assert_eq!(status::delivered(&now).into_values().collect::<Vec<_>>(), [Quantity::new(3)]);
    assert!(!shows(&screen, "See what can be done"));
}

#[test]
fn who_may_not_resolve_it_is_told_who_can() {
    let shop = Shop::new();
    disputed(&shop);
    let shop = shop.with_anna_at(Role::Analyst, &[]);
    let mut screen = open(&shop);
    assert!(shows(&screen, "Ask a manager to resolve it."));
    assert!(screen.query_by_label("Resolve").is_none());
    ctrl_enter(&mut screen);
    assert!(!shows(&screen, "How is this resolved?"));
}

#[test]
fn the_sentence_itself_leads_to_the_ways_out() {
    let shop = Shop::new();
    disputed(&shop);
    let mut screen = open(&shop);
    press(&mut screen, "See what can be done");
    assert!(shows(&screen, "How is this resolved?"));
    screen.key_press(Key::Escape);
    screen.run_steps(4);
    assert!(!shows(&screen, "How is this resolved?"));
}
