//! An order's walk, and how commands travel.

use waybill_shared::{
    command::Command,
    doc::{Doc, Hash},
    kind::DocKind,
    order::{Line, amounts, commands::*, status::*, timeline},
    protocol::codec,
    quantity::Unit,
};

use crate::common::*;

/// Made, placed, handed over, paid.
fn walk() -> Vec<Command> {
    vec![create().into(), Place {}.into(), hand_over(1, &[(1, 3)]).into(), take_payment(2, "59.97").into()]
}

#[test]
fn an_order_is_made_placed_handed_over_paid_and_closed() {
    let mut desk = Desk::new(DocKind::Order);
    for command in walk() {
        assert!(desk.must(command).is_some(), "every one of them changes something");
    }
    let status = waybill_shared::order::status::of(desk.order());
    assert_eq!(
        (status.order, status.fulfilment, status.money),
        (OrderState::Closed, Fulfilment::Delivered, MoneyState::Paid)
    );
    assert_eq!(amounts::open(desk.order()).to_string(), "0");
    let told: Vec<String> = timeline::of(desk.order()).into_iter().map(|event| event.words).collect();
    assert_eq!(told, ["made the order T1-1", "placed", "handed over 3 × Oak chair", "took € 59.97 by cash"]);
}

/// The history holds how much it was; the words are made when it is shown, out of the line that it names.
#[test]
fn lines_that_come_and_go_are_told_with_their_unit_and_kept_as_quantities() {
    let mut desk = Desk::with_order();
    let beeswax = Line { quantity: pieces(1500), unit: Unit::Kilogram, ..line("Beeswax") };
    desk.must(AddLine { id: line_id(2), line: beeswax });
    desk.must(SetQuantity { line: line_id(2), was: pieces(1500), now: pieces(250) });
    desk.must(RemoveLine { line: line_id(2) });
    desk.must(RemoveLine { line: line_id(1) });
    let told: Vec<String> = timeline::of(desk.order()).into_iter().map(|event| event.words).collect();
    assert_eq!(
        told[1..],
        [
            "added 1.5 kg Beeswax",
            "changed quantity from 1.5 to 0.25 (Beeswax)",
            "took off 0.25 kg Beeswax",
            "took off 3 × Oak chair"
        ]
    );
    let mut kept: Vec<_> = desk.order().history.values().collect();
    kept.sort_by_key(|entry| entry.nth);
    let kept: Vec<_> = kept.iter().map(|entry| (entry.was.as_deref(), entry.now.as_deref())).collect();
    assert_eq!(
        kept,
        [(None, Some("1.5")), (Some("1.5"), Some("0.25")), (Some("0.25"), None), (Some("3"), None)]
    );
}

#[test]
fn the_same_commands_make_the_same_changes_on_every_machine_and_after_every_load() {
    let hashes = |reload: bool| -> Vec<Option<Hash>> {
        let mut desk = Desk::new(DocKind::Order);
        let mut hashes = Vec::new();
        for command in walk() {
            hashes.push(desk.must(command));
            if reload {
                desk.doc = Doc::load(DocKind::Order, &desk.doc.save()).expect("loads");
            }
        }
        hashes
    };
    assert_eq!(hashes(false), hashes(true));
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let mut desk = Desk::placed();
    desk.must(Tag { tag: "fragile".into() });
    desk.must(take_payment(1, "5"));
    let nothing: [Command; 6] = [
        create().into(),
        Tag { tag: "fragile".into() }.into(),
        Untag { tag: "gift".into() }.into(),
        set_quantity(1, 3, 3).into(),
        SetContact { contact: Default::default() }.into(),
        take_payment(1, "5").into(),
    ];
    for command in nothing {
        let name = command.name();
        assert_eq!(desk.must(command), None, "{name}");
    }
}

#[test]
fn a_removed_line_cannot_be_changed_any_more() {
    let mut desk = Desk::with_order();
    desk.must(RemoveLine { line: line_id(1) });
    let refused = desk.try_do(set_quantity(1, 3, 4)).map_err(|error| error.finding().what);
    assert_eq!(refused, Err("The line “Oak chair” was removed.".to_owned()));
    assert_eq!(desk.must(RemoveLine { line: line_id(1) }), None, "removing it again is no mistake");
}

#[test]
fn a_command_on_a_document_of_another_kind_is_told_so() {
    let refused = Desk::new(DocKind::Customer).try_do(Place {}).map_err(|error| error.finding().field);
    assert_eq!(refused, Err(Some("document".to_owned())));
}

#[test]
fn commands_come_back_from_the_wire_and_from_a_script_as_they_were() {
    for command in walk() {
        let back: Command = codec::decode(&codec::encode(&command), 10_000).expect("reads");
        assert_eq!(back, command);
        let json = serde_json::to_string(&command).expect("writes");
        assert_eq!(serde_json::from_str::<Command>(&json).expect("reads"), command);
    }
}

#[test]
fn a_client_without_ids_is_given_them() {
    let mut n = 40;
    let mut fresh = || {
        n += 1;
        uuid(n)
    };
    let json = r#"{"order.note/1": {"text": "ring twice"}}"#;
    let mut note: Command = serde_json::from_str(json).expect("reads");
    note.complete(&mut fresh);
    assert_eq!(
        note,
        Note { id: waybill_shared::id::FactId::new(uuid(41)), text: "ring twice".into() }.into()
    );
    let unchanged = note.clone();
    note.complete(&mut fresh);
    assert_eq!(note, unchanged, "an id that is there stays");
}
