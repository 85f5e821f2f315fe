//! Redo and rebase, told as stories of two devices and a server.

use waybill_shared::{
    command::Command,
    doc::Doc,
    edit::Made,
    finding::{Finding, Rule},
    make::make,
    order::{Order, commands::*, status},
    redo::{Base, How},
};

use crate::common::*;

const SERVER: u64 = 9;

/// A device stands where the office stands, and makes this there.
fn made_at(desk: &Desk, n: u128, command: &Command) -> (Desk, Made) {
    let (written, made) =
        make(&desk.doc, &desk.view, command, &context(n, BEN), actor(2)).expect("runs on the device");
    (Desk { doc: written.doc, view: written.view, ..desk.clone() }, made)
}

fn redone(head: &Desk, n: u128, command: &Command, made: &Made) -> Result<Redone, Box<Finding>> {
    let base = Base::Deps(&made.deps);
    redo(&head.doc, &head.view, command, &context(n, BEN), Some(made), base, actor(SERVER))
        .map_err(|error| Box::new(error.finding()))
}

fn order(redone: &Redone) -> Order {
    redone.doc.read().expect("reads")
}

#[test]
fn an_edit_on_the_newest_state_comes_out_as_the_device_made_it() {
    let office = Desk::placed();
    let command = set_quantity(1, 3, 5).into();
    let (device, made) = made_at(&office, 50, &command);
    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(redone.how, How::Same);
    assert_eq!(redone.doc.heads(), device.doc.heads(), "both hold the very same change");
}

#[test]
fn two_edits_of_different_things_made_apart_both_survive() {
    let mut office = Desk::placed();
    let command = set_quantity(1, 3, 5).into();
    let (_, made) = made_at(&office, 50, &command);
    office.must(SetPriority { priority: waybill_shared::order::Priority::Urgent });

    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(redone.how, How::Same);
    assert_eq!(redone.change.as_ref().map(|change| change.hash), made.hash);
    let order = order(&redone);
    assert_eq!(order.lines[&line_id(1)].quantity, pieces(5));
    assert_eq!(order.plan.priority.words(), "urgent");
    assert!(redone.at_base.is_some(), "what the device saw is given, to judge a fact's entitlement by");
}

#[test]
fn the_later_of_two_quantities_is_shown_both_values() {
    let mut office = Desk::placed();
    let command = set_quantity(1, 3, 5).into();
    let (_, made) = made_at(&office, 50, &command);
    office.must(set_quantity(1, 3, 7));

    let finding = redone(&office, 50, &command, &made).expect_err("refused");
    assert_eq!(finding.rule, Rule::ChangedMeanwhile);
    let both = finding.conflict.expect("both values");
    assert_eq!((both.yours.as_str(), both.theirs.as_str()), ("5", "7"));
}

#[test]
fn an_edit_from_a_stale_base_is_never_accepted_without_effect() {
    // The office tags and untags; the device, which saw neither, tags too. Whoever Automerge would let
    // win: afterwards the tag is there.
    for n in 0..8 {
        let mut office = Desk::placed();
        let command = SetPriority { priority: waybill_shared::order::Priority::High }.into();
        let (written, made) =
            make(&office.doc, &office.view, &command, &context(50, BEN), actor(n)).expect("runs");
        drop(written);
        for priority in [waybill_shared::order::Priority::Low, waybill_shared::order::Priority::Urgent] {
            office.must(SetPriority { priority });
        }
        let redone = redone(&office, 50, &command, &made).expect("accepted");
        assert_eq!(order(&redone).plan.priority.words(), "high", "as actor {n}");
    }
}

#[test]
fn a_value_that_went_away_and_came_back_does_not_hide_a_later_edit() {
    // 3 → 8 → 3 at the office while the device set 5: the guard sees 3 and lets it pass.
    let mut office = Desk::placed();
    let command = set_quantity(1, 3, 5).into();
    let (_, made) = made_at(&office, 50, &command);
    office.must(set_quantity(1, 3, 8));
    office.must(set_quantity(1, 8, 3));

    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(order(&redone).lines[&line_id(1)].quantity, pieces(5));
    assert_eq!(redone.how, How::Rewritten, "it was put on top, for it would have lost");
}

#[test]
fn redundant_ancestors_among_the_deps_do_no_harm() {
    let mut office = Desk::placed();
    let command = Tag { tag: "fragile".into() }.into();
    let (_, mut made) = made_at(&office, 50, &command);
    made.deps.extend(office.doc.changes().iter().map(|change| change.hash));
    made.deps.sort_unstable();
    for _ in 0..2 {
        let redone = redone(&office, 50, &command, &made).expect("accepted");
        assert_eq!(redone.how, How::Same);
        office.must(Note { id: fact_id(1), text: "meanwhile".into() });
    }
}

#[test]
fn a_claimed_hash_that_does_not_come_out_is_answered_with_the_true_change() {
    let office = Desk::placed();
    let command = Tag { tag: "fragile".into() }.into();
    let (_, made) = made_at(&office, 50, &command);
    let another = office.doc.heads().first().copied();
    let none_of_its_own = [
        Made { hash: another, ..made.clone() },
        Made { hash: None, ..made.clone() },
        Made { seq: 40, ..made.clone() },
        Made { actor: actor(77), ..made.clone() },
        Made { deps: vec![waybill_shared::doc::Hash([7; 32])], ..made },
    ];
    for made in none_of_its_own {
        let redone = redone(&office, 50, &command, &made).expect("accepted");
        assert_eq!(redone.how, How::Rewritten, "{made:?}");
        assert_eq!(order(&redone).tags.get("fragile"), Some(&true));
    }
}

#[test]
fn nobody_writes_as_the_maker_of_skeletons() {
    let office = Desk::placed();
    let command = Tag { tag: "fragile".into() }.into();
    let forged = waybill_shared::doc::skeleton::ACTOR;
    let (_, made) = make(&office.doc, &office.view, &command, &context(50, BEN), forged).expect("runs");
    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(redone.how, How::Rewritten);
    assert_ne!(redone.change.expect("a change").hash, made.hash.expect("a hash"));
}

#[test]
fn a_seq_that_was_used_twice_is_rewritten_not_refused() {
    // A copied device file: two devices go on as the same actor.
    let office = Desk::placed();
    let [one, other]: [Command; 2] = [Tag { tag: "one".into() }.into(), Tag { tag: "other".into() }.into()];
    let (_, made_one) = made_at(&office, 50, &one);
    let (_, made_other) = made_at(&office, 51, &other);
    let first = redone(&office, 50, &one, &made_one).expect("accepted");
    let office = Desk { doc: first.doc, view: first.view, ..office };
    let second = redone(&office, 51, &other, &made_other).expect("accepted");
    assert_eq!(second.how, How::Rewritten);
    let tags = order(&second).tags;
    assert_eq!((tags.get("one"), tags.get("other")), (Some(&true), Some(&true)));
}

#[test]
fn a_client_without_documents_is_written_for_by_the_server() {
    let office = Desk::placed();
    let command = Tag { tag: "fragile".into() }.into();
    let redone =
        redo(&office.doc, &office.view, &command, &context(50, BEN), None, Base::Head, actor(SERVER))
            .expect("accepted");
    assert_eq!(redone.how, How::Same, "it holds nothing that would have to be replaced");
    assert!(redone.change.is_some());
}

#[test]
fn what_changes_nothing_is_accepted_without_a_change() {
    let mut office = Desk::placed();
    office.must(Tag { tag: "fragile".into() });
    let command = Tag { tag: "fragile".into() }.into();
    let (_, made) = made_at(&office, 50, &command);
    assert_eq!(made.hash, None);
    let same = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!((same.how, same.change), (How::Same, None));

    // Somebody took the tag off before it arrived: then it does change something.
    office.must(Untag { tag: "fragile".into() });
    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(redone.how, How::Rewritten);
    assert_eq!(order(&redone).tags.get("fragile"), Some(&true));
}

#[test]
fn a_fact_stands_once_under_its_id_whoever_writes_it_again() {
    let mut office = Desk::placed();
    let forged = take_payment(1, "999").into();
    let (_, made) = made_at(&office, 50, &forged);
    office.must(take_payment(1, "10"));
    let redone = redone(&office, 50, &forged, &made).expect("a fact is never refused");
    assert_eq!((redone.how, redone.change.is_none()), (How::Rewritten, true));
    assert_eq!(waybill_shared::order::amounts::paid(&order(&redone)), amount("10"), "the first one stands");
}

#[test]
fn facts_are_kept_whatever_became_of_the_order() {
    let mut office = Desk::placed();
    let [paid, handed]: [Command; 2] = [take_payment(1, "20").into(), hand_over(2, &[(1, 3)]).into()];
    let (device, made_paid) = made_at(&office, 50, &paid);
    let (_, made_handed) = made_at(&device, 51, &handed);
    office.must(Cancel { reason: "changed their mind".into() });

    for (n, command, made) in [(50, &paid, &made_paid), (51, &handed, &made_handed)] {
        let redone = redone(&office, n, command, made).expect("never refused");
        assert_eq!(redone.how, How::Same);
        office = Desk { doc: redone.doc, view: redone.view, ..office };
    }
    let status = status::of(office.order());
    assert_eq!(status.order, status::OrderState::Disputed);
    assert_eq!(
        status.disputes,
        [
            "Goods were handed over although the order was cancelled.",
            "Money was taken although the order was cancelled."
        ]
    );
}

#[test]
fn a_fact_on_an_order_whose_making_was_refused_is_kept() {
    let nothing = Desk::new(waybill_shared::kind::DocKind::Order);
    let command = take_payment(1, "20").into();
    let redone = redo(
        &nothing.doc,
        &nothing.view,
        &command,
        &context(50, BEN),
        Some(&made_at(&Desk::placed(), 50, &command).1),
        Base::Head,
        actor(SERVER),
    )
    .expect("kept");
    assert_eq!(status::of(&order(&redone)).order, status::OrderState::Disputed);
}

#[test]
fn what_came_last_is_what_was_decided_last_whatever_the_clocks_say() {
    // The office cancels by a clock that runs an hour ahead; placing it again is not passed over.
    let mut office = Desk::placed();
    office.edits += 3600;
    office.must(Cancel { reason: "by mistake".into() });
    let command = Place {}.into();
    let (_, made) = made_at(&office, 50, &command);
    let redone = redone(&office, 50, &command, &made).expect("accepted");
    assert_eq!(status::of(&order(&redone)).order, status::OrderState::Placed);
}

#[test]
fn a_confirmation_does_not_undo_a_cancellation_that_it_did_not_see() {
    let mut office = Desk::placed();
    let command = Confirm {}.into();
    let (_, made) = made_at(&office, 50, &command);
    office.must(Cancel { reason: "no longer wanted".into() });
    let finding = redone(&office, 50, &command, &made).expect_err("refused");
    assert_eq!(finding.rule, Rule::WrongStep);
    assert_eq!(finding.what, "The order is cancelled, so it cannot be confirmed.");
}

#[test]
fn what_is_done_again_on_newer_state_is_what_the_server_then_accepts() {
    // The device's edits after a rebase: the tag and the payment go through, the quantity shows both values.
    let mut office = Desk::placed();
    office.must(set_quantity(1, 3, 7));
    let mut device = office.clone();
    for (n, command) in
        [(50, Command::from(Tag { tag: "fragile".into() })), (51, take_payment(1, "20").into())]
    {
        let made;
        (device, made) = made_at(&device, n, &command);
        let redone = redone(&office, n, &command, &made).expect("accepted");
        assert_eq!(redone.how, How::Same);
        office = Desk { doc: redone.doc, view: redone.view, ..office };
    }
    assert_eq!(office.doc.heads(), device.doc.heads());
    assert_eq!(office.view, device.view);

    let again = make(&device.doc, &device.view, &set_quantity(1, 3, 5).into(), &context(52, BEN), actor(2));
    let finding = again.expect_err("not run").finding();
    assert_eq!(finding.what, "The quantity was changed meanwhile: it is 7, you set 5.");
}

#[test]
fn the_server_writes_on_after_a_restart_under_another_actor() {
    let office = Desk::placed();
    let mut doc: Doc = office.doc.clone();
    for (n, server) in [(50, 9), (51, 9), (52, 10)] {
        let view = waybill_shared::view::View::read(&doc).expect("reads");
        let command = Tag { tag: format!("tag {n}") }.into();
        let redone =
            redo(&doc, &view, &command, &context(n, BEN), None, Base::Head, actor(server)).expect("accepted");
        doc = Doc::load(doc.kind(), &redone.doc.save()).expect("loads");
    }
    let order: Order = doc.read().expect("reads");
    assert_eq!(order.tags.len(), 3);
}
