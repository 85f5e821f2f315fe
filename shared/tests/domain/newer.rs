//! What a newer version of Waybill writes: this one shows it and passes it on as it came.

use ciborium::Value;
use waybill_shared::{
    command::Command,
    kind::DocKind,
    location::{self, LocationKind},
    open::Newer,
    order::{
        Line, PaymentMethod, PaymentState, Priority, amounts,
        commands::*,
        fact::NotDeliveredReason,
        status::{self, MoneyState},
        timeline,
    },
    protocol::codec,
    quantity::Unit,
    rules::roles::{self, Role},
    view::View,
};

use crate::common::*;

/// The command as a newer version would send it: one name in it is another.
fn with_name(command: impl Into<Command>, known: &str, newer: &str) -> (Vec<u8>, Command) {
    fn renamed(value: &mut Value, known: &str, newer: &str) -> usize {
        match value {
            Value::Text(text) if text == known => {
                *text = newer.to_owned();
                1
            }
            Value::Map(entries) => entries.iter_mut().map(|(_, inner)| renamed(inner, known, newer)).sum(),
            _ => 0,
        }
    }
    let command: Command = command.into();
    let mut value: Value = ciborium::from_reader(codec::encode(&command).as_slice()).expect("reads");
    assert_eq!(renamed(&mut value, known, newer), 1, "“{known}” stands once in {command:?}");
    let bytes = codec::encode(&value);
    let command = ciborium::from_reader(bytes.as_slice()).expect("a newer name reads");
    (bytes, command)
}

fn goes_on_unchanged(bytes: &[u8], command: &Command) {
    assert_eq!(codec::encode(command), bytes, "{command:?}");
}

fn told(desk: &Desk) -> Vec<String> {
    timeline::of(desk.order()).into_iter().map(|event| event.words).collect()
}

#[test]
fn a_payment_in_a_newer_state_is_shown_kept_and_counts_as_nothing_taken() {
    let (bytes, pay) = with_name(take_payment(1, "12.50"), "taken", "charged_back");
    goes_on_unchanged(&bytes, &pay);
    let mut desk = Desk::placed();
    desk.must(pay);
    assert!(told(&desk).contains(&"€ 12.50 by cash: charged back".to_owned()), "{:?}", told(&desk));
    assert!(amounts::paid(desk.order()).is_zero());
    assert_eq!(status::of(desk.order()).money, MoneyState::Unpaid);
    assert_eq!(View::read(&desk.doc).expect("reads again"), desk.view);
}

#[test]
fn a_payment_by_a_newer_method_is_paid() {
    let (bytes, pay) = with_name(take_payment(1, "59.97"), "cash", "pay_by_link");
    goes_on_unchanged(&bytes, &pay);
    let mut desk = Desk::placed();
    desk.must(pay);
    assert!(told(&desk).contains(&"took € 59.97 by pay by link".to_owned()), "{:?}", told(&desk));
    assert_eq!(status::of(desk.order()).money, MoneyState::Paid);
}

#[test]
fn a_newer_priority_stands_until_somebody_sets_another() {
    let (bytes, set) = with_name(SetPriority { priority: Priority::Urgent }, "urgent", "critical");
    goes_on_unchanged(&bytes, &set);
    let mut desk = Desk::placed();
    desk.must(set);
    assert_eq!(desk.order().plan.priority.words(), "critical");
    assert!(desk.order().plan.priority > Priority::Urgent, "it stands apart from those that are known");
    desk.must(SetPriority { priority: Priority::High });
    assert!(told(&desk).contains(&"changed priority from critical to high".to_owned()), "{:?}", told(&desk));
}

#[test]
fn a_newer_unit_is_counted_in_thousandths_so_that_amounts_agree() {
    let add = AddLine {
        id: line_id(2),
        line: Line { unit: Unit::Metre, quantity: pieces(1500), ..line("Carpet") },
    };
    let (bytes, add) = with_name(add, "metre", "square_metre");
    goes_on_unchanged(&bytes, &add);
    let mut desk = Desk::new(DocKind::Order);
    desk.must(Create { lines: [].into(), ..create() });
    desk.must(add);
    let [(_, carpet)] = desk.order().live_lines()[..] else { panic!("one line") };
    assert_eq!(
        (carpet.unit.show(carpet.quantity), carpet.unit.symbol().as_ref()),
        ("1.5".into(), "square metre")
    );
    assert_eq!(amounts::line(carpet).gross, amount("29.99"), "1.5 at 19.99");
}

#[test]
fn a_newer_reason_and_a_newer_kind_of_place_are_shown_as_they_are_called() {
    let not = NotDelivered { id: fact_id(1), reason: NotDeliveredReason::Damaged, note: None };
    let (bytes, not) = with_name(not, "damaged", "beware_of_the_dog");
    goes_on_unchanged(&bytes, &not);
    let mut desk = Desk::placed();
    desk.must(not);
    assert!(told(&desk).contains(&"not delivered: beware of the dog".to_owned()), "{:?}", told(&desk));

    let place = location::Create {
        code: "K1".into(),
        name: "Market".into(),
        kind: LocationKind::Warehouse,
        address: Default::default(),
    };
    let (bytes, place) = with_name(place, "warehouse", "market_stall");
    goes_on_unchanged(&bytes, &place);
    let mut desk = Desk::new(DocKind::Location);
    desk.must(place);
    let View::Location(market) = &desk.view else { panic!("a place") };
    assert_eq!(market.fields.kind.words(), "market stall");
}

#[test]
fn a_newer_role_may_do_nothing_here_and_takes_no_right_away() {
    let auditor: Role = ciborium::from_reader(codec::encode(&"auditor").as_slice()).expect("a role");
    assert_eq!(auditor.words(), "auditor");
    let desk = Desk::with_order();
    let place: Command = Place {}.into();
    let finding = roles::permits(&[auditor], &place, person(ANNA), &desk.view).expect("not permitted");
    assert_eq!(finding.what, "As auditor you may not place an order.");
    assert_eq!(roles::permits(&[auditor, Role::Sales], &place, person(ANNA), &desk.view), None);
    assert!("auditor".parse::<Role>().is_err(), "an admin gives only roles that are known");
}

#[test]
fn every_name_reads_as_itself_and_what_is_no_name_is_refused_with_what_one_is() {
    for method in PaymentMethod::ALL {
        assert_eq!(PaymentMethod::of(method.name()), Some(method));
    }
    for state in PaymentState::ALL {
        assert_eq!(PaymentState::of(state.name()), Some(state));
    }
    assert_eq!(Unit::ALL.map(|unit| Unit::of(unit.name())), Unit::ALL.map(Some));
    let longest = "x".repeat(Newer::LONGEST);
    assert!(Unit::of(&longest).is_some_and(|unit| unit.name() == longest));
    for no_name in ["", " ", "Piece", "kilo gram", "größe", "a-b", "\0", &"x".repeat(Newer::LONGEST + 1)] {
        assert_eq!(Unit::of(no_name), None, "“{no_name}”");
        let error = serde_json::from_value::<Unit>(no_name.into()).expect_err("refused").to_string();
        assert!(error.contains("expected a name of at most 24 small letters"), "{error}");
    }
}
