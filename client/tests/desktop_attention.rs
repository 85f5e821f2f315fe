//! The needs-attention list: what happened, why, both values, and what can be done about it.

#[path = "desktop/shop.rs"]
mod shop;

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use shop::{Shop, go, until};
use waybill_client::desktop::intent::{Intent, Thing};
use waybill_client::desktop::panels::attention::{
    AttentionData, AttentionItem, AttentionState, DamagedItem, Standing, attention_ui,
};
use waybill_client::desktop::panels::change::Change;
use waybill_client::desktop::theme;
use waybill_client::engine::{Answer, Request};
use waybill_client::store::Reader;
use waybill_shared::customer::{ContactNote, Field, SetField};
use waybill_shared::edit::Verdict;
use waybill_shared::finding::{Finding, Rule};
use waybill_shared::id::{CustomerId, EditId, FactId, LineId, OrderId};
use waybill_shared::order::commands::SetQuantity;
use waybill_shared::quantity::{Quantity, Unit};

fn edit(n: u128) -> EditId {
    EditId::new(uuid::Uuid::from_u128(n))
}

fn item(n: u128, findings: Vec<Finding>, standing: Standing) -> AttentionItem {
    AttentionItem {
        edit: edit(n),
        wanted: "Quantity of Oak chair: 3".into(),
        about: "Order T2-7".into(),
        when: "13:58".into(),
        person: "Anna Berg".into(),
        findings,
        standing,
        thing: Some(Thing::Order(order())),
        change: Change::of(order().into(), &three().into(), |_| Unit::Piece),
    }
}

fn order() -> OrderId {
    OrderId::new(uuid::Uuid::from_u128(5))
}

fn three() -> SetQuantity {
    SetQuantity { line: LineId::NIL, was: Quantity::new(1), now: Quantity::new(3) }
}

struct Screen {
    data: AttentionData,
    state: AttentionState,
    asked: Vec<Intent>,
}

fn screen(items: Vec<AttentionItem>) -> Harness<'static, Screen> {
    let screen = Screen {
        data: AttentionData { items, ..AttentionData::default() },
        state: AttentionState::default(),
        asked: Vec::new(),
    };
    let mut harness =
        Harness::builder().with_context_setup(theme::install).with_size((900.0, 700.0)).build_ui_state(
            |ui, screen: &mut Screen| {
                screen.asked.extend(attention_ui(ui, &screen.data, &mut screen.state));
            },
            screen,
        );
    harness.run();
    harness
}

#[test]
fn a_conflict_shows_both_values_and_either_can_be_chosen() {
    let changed = Finding::changed("quantity", "3", "5");
    let mut harness = screen(vec![item(1, vec![changed], Standing::Refused)]);
    harness.get_by_label("The quantity was changed meanwhile: it is 5, you set 3.");
    harness.get_by_label("Yours");
    harness.get_by_label("Now there");
    harness.get_by_label("Set yours again").click();
    harness.run();
    harness.get_by_label("Keep theirs").click();
    harness.run();
    harness.get_by_label("Open the order").click();
    harness.run();
    let open = Intent::Open(Thing::Order(order()));
    assert_eq!(harness.state().asked, [Intent::Redo(edit(1)), Intent::Discard(edit(1)), open]);
}

#[test]
fn another_value_can_be_set_in_its_place() {
    let changed = Finding::changed("quantity", "3", "5");
    let mut harness = screen(vec![item(1, vec![changed], Standing::Refused)]);
    harness.get_by_label("Change").click();
    harness.run();
    // It stands selected in its field: what is typed replaces it.
    harness.event(egui::Event::Text("none".into()));
    harness.run();
    harness.get_by_label("That is not a value for it.");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.run();
    harness.event(egui::Event::Text("4".into()));
    harness.run();
    assert!(harness.query_by_label("That is not a value for it.").is_none());
    harness.get_by_label("Set this").click();
    harness.run();
    let four = SetQuantity { now: Quantity::new(4), ..three() };
    assert_eq!(harness.state().asked, [Intent::Change(edit(1), vec![(order().into(), four.into())])]);
}

#[test]
fn a_damaged_entry_says_what_it_was_and_goes_when_it_was_read_of() {
    let damaged = DamagedItem {
        nth: Some(3),
        told: "Damaged on this device; as far as it can be read: “Tagged it urgent”".into(),
        when: "13:41".into(),
        advice: "It was not sent. Look whether what it says is there, and enter it again if it is not.",
        sent: false,
        thing: Some(Thing::Order(order())),
    };
    let mut harness = screen(Vec::new());
    harness.state_mut().data.damaged = vec![damaged];
    harness.run();
    harness.get_by_label("Damaged on this device; as far as it can be read: “Tagged it urgent”");
    harness.get_by_label(
        "It was not sent. Look whether what it says is there, and enter it again if it is not.",
    );
    for label in ["Open the order", "Save what was not sent", "Understood"] {
        harness.get_by_label(label).click();
        harness.run();
    }
    let open = Intent::Open(Thing::Order(order()));
    assert_eq!(harness.state().asked, [open, Intent::ExportUnsent, Intent::Strike(3)]);
}

#[test]
fn discarding_takes_a_second_press() {
    let limit = Finding::new(Rule::OverCredit, "The credit is used up.", "Take a payment first.");
    let mut harness = screen(vec![item(1, vec![limit], Standing::Refused)]);
    harness.get_by_label("The credit is used up.");
    harness.get_by_label("Take a payment first.");
    harness.get_by_label("Discard").click();
    harness.run();
    assert_eq!(harness.state().asked, []);
    harness.get_by_label("Keep it").click();
    harness.run();
    harness.get_by_label("Discard").click();
    harness.run();
    harness.get_by_label("Discard it").click();
    harness.run();
    assert_eq!(harness.state().asked, [Intent::Discard(edit(1))]);
}

#[test]
fn what_builds_on_another_entry_waits_for_it_and_cannot_be_tried_alone() {
    let harness = screen(vec![item(1, Vec::new(), Standing::WaitsForAbove)]);
    harness.get_by_label("Waiting for the entry above: it builds on it.");
    assert!(harness.query_by_label("Try again").is_none());
    harness.get_by_label("Discard");
}

#[test]
fn an_empty_list_says_what_will_stand_there() {
    let harness = screen(Vec::new());
    harness.get_by_label("Nothing needs your attention");
}

/// From the file to the screen and back: the customer was renamed here, the server refused it, and the
/// person who works here sets it again.
#[test]
fn an_entry_that_was_refused_is_set_again_from_the_list() {
    let shop = Shop::new();
    let lund = customer(&shop.reader());
    let rename = SetField { field: Field::Name("Bakery Lund & Son".into()) };
    let edit = shop.enter(lund.into(), rename);
    let finding = Finding::new(
        Rule::NotPermitted,
        "Somebody else renamed this customer.",
        "Look at the name, then try again.",
    );
    let shop = shop.told(edit, Verdict::Refused { findings: vec![finding] });

    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num5);
    screen.get_by_label("Somebody else renamed this customer.");
    screen.get_by_label("Try again").click();
    until(&mut screen, "the list is empty", |screen| {
        screen.query_by_label("Nothing needs your attention").is_some()
    });
    let name = shop.reader().customer(lund).unwrap().unwrap().fields.name;
    assert_eq!(name, "Bakery Lund & Son");
    assert_eq!(shop.reader().count_attention().unwrap(), 0);
}

/// What is held happened: a manager decides, here and on the command line alike.
#[test]
fn what_is_held_cannot_be_given_up_by_its_user() {
    let shop = Shop::new();
    let note = ContactNote { id: FactId::NIL, text: "Called about the rug".into() };
    let lund = customer(&shop.reader());
    let edit = shop.enter(lund.into(), note);
    let finding = Finding::new(Rule::NotPermitted, "Your access was withdrawn.", "Ask a manager.");
    let shop = shop.told(edit, Verdict::Held { findings: vec![finding] });

    let mut screen = shop.window(1280.0, 800.0);
    go(&mut screen, Key::Num5);
    screen.get_by_label("Held for review: a manager looks at it.");
    assert!(screen.query_by_label("Discard").is_none());
    let Answer::Refused { findings } = shop.engine.ask(Request::Discard { edit }).wait() else {
        panic!("it is not given up");
    };
    assert_eq!(findings[0].what, "This entry is held for review, so it cannot be given up here.");
    assert_eq!(shop.reader().count_attention().unwrap(), 1);
}

fn customer(reader: &Reader) -> CustomerId {
    let rows = reader.customers(&waybill_client::store::ListQuery::typed("lund", 5)).unwrap();
    rows.first().map(|row| row.id).expect("Bakery Lund is known")
}
