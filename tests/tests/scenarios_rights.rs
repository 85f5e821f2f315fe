//! Who may: roles that changed meanwhile, what is held, what needs a refused edit, a driver's orders, another
//! company's server. Each story ends with every invariant checked.

mod scenario;

use scenario::{rules, till_and_office};
use waybill_shared::edit::Verdict;
use waybill_shared::finding::Rule;
use waybill_shared::order::Priority;
use waybill_shared::order::status::{self, OrderState};
use waybill_shared::review::Decision;
use waybill_shared::rules::roles::Role;
use waybill_shared::session::Notice;
use waybill_tests::world::Outcome;
use waybill_tests::world::hand::counter_sale;

#[test]
fn a_role_violation_is_refused_and_an_unrelated_order_goes_through() {
    let (world, till, office, order) = till_and_office(4);
    let other = till.creates_order("Elm desk", 1);
    world.settle();
    till.goes_offline();
    // The office takes the till's rights away; the till does not know it yet.
    world.changes_roles(&till, &[Role::Warehouse]);
    let priced = till.sets_price(order, "Oak chair", "5");
    let again = till.sets_price(order, "Oak chair", "6");
    let urgent = till.sets_priority(order, Priority::Urgent);
    let noted = till.notes(other, "call before noon");
    till.goes_online();
    world.settle();

    assert_eq!(till.state(priced), "attention");
    assert_eq!(till.state(again), "attention", "it was built on what was refused");
    assert!(matches!(till.state(urgent), "accepted" | "rewritten"), "what a warehouse may do is run again");
    assert_eq!(till.state(noted), "accepted");
    let verdict = till.attention().into_iter().find(|(id, _)| *id == priced).expect("listed").1;
    assert_eq!(rules(&verdict), vec![Rule::NotPermitted]);
    let held = world.server_order(order);
    assert_eq!(held.live_lines()[0].1.price.to_string(), "19.99");
    assert_eq!(held.plan.priority, Priority::Urgent);
    assert_eq!(office.sees(order), held);
    assert_eq!(till.sees(order), held);
    world.expect_all_is_well();
}

#[test]
fn money_taken_without_the_right_is_held_and_reaches_nobody() {
    let (world, till, office, order) = till_and_office(5);
    till.goes_offline();
    world.changes_roles(&till, &[Role::Warehouse]);
    let paid = till.takes_payment(order, "59.97");
    till.goes_online();
    world.settle();
    let (listed, verdict) = till.attention().pop().expect("held for review");
    assert_eq!((listed, verdict.name()), (paid, "held"));
    assert!(office.sees(order).facts.is_empty());
    world.expect_all_is_well();
}

#[test]
fn a_receipt_that_was_printed_stays_as_it_is_though_its_sale_is_held() {
    let (world, till, office, _order) = till_and_office(38);
    till.sells("Pine shelf", 1);
    till.goes_offline();
    world.changes_roles(&till, &[Role::Warehouse]);
    let sale = till.sells("Pine shelf", 1);
    till.goes_online();
    world.settle();
    let (held, verdict) = till.attention().pop().expect("held for review");
    assert_eq!(verdict.name(), "held");

    let dearer = counter_sale("Pine shelf", 2, "2.00", &till).into();
    let outcome = till.redoes_with(held, Some(vec![(sale.into(), dearer)]), None);
    assert!(matches!(&outcome, Outcome::Refused(rules) if rules == &[Rule::WrongStep]), "{outcome:?}");
    office.sells("Pine shelf", 1);
    world.settle();
    // The checkers find every receipt in its place, the held one with the others.
    world.expect_all_is_well();
}

#[test]
fn a_payment_taken_on_an_order_whose_placing_was_refused_is_kept() {
    let (world, till, office, _) = till_and_office(6);
    office.sets_credit("Weber", "50");
    world.settle();
    till.goes_offline();
    // The till does not see the customer's limit.
    let order = till.creates_order("Oak chair", 3);
    let placed = till.places(order);
    let paid = till.takes_payment(order, "19.99");
    till.goes_online();
    world.settle();

    assert_eq!(rules(&till.attention()[0].1), vec![Rule::OverCredit]);
    assert_eq!(till.state(placed), "attention");
    assert!(matches!(till.state(paid), "accepted" | "rewritten"), "{}", till.state(paid));
    let held = world.server_order(order);
    assert_eq!(held.facts.len(), 1);
    assert_eq!(status::of(&held).order, OrderState::Disputed, "money was taken and nothing placed");
    // With the payment the customer owes less: now it goes through.
    till.redoes(placed).done();
    world.settle();
    assert_eq!(status::of(&world.server_order(order)).order, OrderState::Placed);
    world.expect_all_is_well();
}

#[test]
fn what_needs_a_refused_edit_is_blocked_and_goes_through_when_that_is_put_right() {
    let (world, till, office, _) = till_and_office(14);
    office.sets_credit("Weber", "50");
    world.settle();
    till.goes_offline();
    let order = till.creates_order("Oak chair", 3);
    let placed = till.places(order);
    let confirmed = till.confirms(order);
    let free = till.creates_order_for("Frank", &[("Oak chair", 3)]);
    till.places(free);
    till.goes_online();
    world.settle();
    assert_eq!((till.state(placed), till.state(confirmed)), ("attention", "attention"));
    assert_eq!(
        status::of(&world.server_order(free)).order,
        OrderState::Placed,
        "an unrelated order is not held up"
    );

    office.sets_credit("Weber", "500");
    world.settle();
    till.redoes(placed).done();
    till.redoes(confirmed).done();
    world.settle();
    assert_eq!(status::of(&world.server_order(order)).order, OrderState::Confirmed);
    world.expect_all_is_well();
}

#[test]
fn a_driver_delivers_own_orders_only() {
    let (world, _till, office, order) = till_and_office(17);
    let driver = world.driver("V1");
    office.places(order);
    office.gives_to_driver(order, &driver);
    world.settle();
    driver.goes_offline();
    driver.hands_over(order, "Oak chair", 3);
    driver.takes_payment(order, "59.97");
    // Meanwhile the office gives it to somebody else; the driver was entitled when it happened.
    let other = world.driver("V2");
    office.gives_to_driver(order, &other);
    world.settle();
    driver.goes_online();
    world.settle();
    assert_eq!(status::of(&world.server_order(order)).order, OrderState::Closed);
    assert!(driver.attention().is_empty());
    world.expect_all_is_well();
}

#[test]
fn a_device_that_meets_another_companys_server_tells_it_nothing_and_takes_nothing_from_it() {
    let (world, till, _office, order) = till_and_office(37);
    till.goes_offline();
    let tag = till.tags(order, "gift");
    world.the_address_changes_hands();
    till.goes_online();
    let (before, stands) = (till.sees(order), till.stands_at());
    world.wait(60_000);

    let met = |notice: &Notice| matches!(notice, Notice::OtherCompany { .. });
    assert!(world.sim().devices[till.device].notices.iter().any(met), "it is told");
    assert_eq!(world.sim().server.log.batches(), 0, "nothing reached the other company");
    assert_eq!((till.state(tag), till.sees(order)), ("pending", before));
    assert_eq!(till.stands_at(), stands, "nothing was begun anew");

    world.the_address_changes_hands();
    world.settle();
    assert_eq!(till.state(tag), "accepted");
    assert_eq!(world.server_order(order).tags.get("gift"), Some(&true));
    world.expect_all_is_well();
}

#[test]
fn of_two_people_on_one_till_the_dismissed_one_is_held_and_the_other_goes_through() {
    let (world, till, office, order) = till_and_office(71);
    let mia = world.joins(&till, "Mia", &[Role::Shop]);
    world.settle();
    till.goes_offline();
    let noted = till.notes(order, "Ring twice");
    let tagged = mia.tags(order, "gift");
    let paid = mia.takes_payment(order, "59.97");
    // While the till is offline Mia is dismissed.
    world.dismisses(&mia);
    till.goes_online();
    world.settle();
    assert!(matches!(till.state(noted), "accepted" | "rewritten"));
    let kept = till.attention();
    assert_eq!(kept.iter().map(|(id, _)| *id).collect::<Vec<_>>(), vec![tagged, paid]);
    assert!(
        kept.iter().all(|(_, verdict)| matches!(verdict, Verdict::Held { .. })),
        "also what she asked for"
    );
    let seen = office.sees(order);
    assert!(seen.tags.is_empty() && seen.facts.len() == 1, "nothing of hers reached anybody");

    // The office counts the drawer: the money is there. The gift was nobody's wish.
    world.decides(&office, paid, Decision::Accept, "");
    world.decides(&office, tagged, Decision::Discard, "nobody asked for it");
    world.settle();
    // Who gave it up and why is read on the till.
    assert_eq!((till.state(paid), till.state(tagged)), ("rewritten", "attention"));
    till.discards(tagged);
    assert_eq!(till.state(tagged), "discarded");
    assert_eq!(office.sees(order).facts.len(), 2);
    assert_eq!(till.sees(order), office.sees(order));
    world.expect_all_is_well();
}

#[test]
fn money_that_was_never_there_is_accepted_and_taken_back_in_one() {
    let (world, till, office, order) = till_and_office(72);
    till.goes_offline();
    let paid = till.takes_payment(order, "59.97");
    world.dismisses(&till);
    till.goes_online();
    world.settle();
    world.decides(&office, paid, Decision::Reverse, "the card bounced");
    world.settle();
    let seen = office.sees(order);
    assert_eq!((seen.facts.len(), status::of(&seen).money), (2, status::MoneyState::Refunded));
    assert!(seen.facts.values().any(|fact| fact.person == office.person), "the office took it back");
    world.expect_all_is_well();
}

#[test]
fn a_dismissed_device_hands_over_once_more_what_a_server_that_was_put_back_has_lost() {
    let (world, till, office, order) = till_and_office(74);
    let paid = till.takes_payment(order, "59.97");
    world.settle();
    assert_eq!((till.state(paid), office.sees(order).facts.len()), ("accepted", 1));
    till.goes_offline();
    office.goes_offline();
    world.server_is_put_back(1);
    assert!(world.server_order(order).facts.is_empty(), "the server has lost the money");
    world.dismisses(&till);
    till.goes_online();
    world.settle();
    assert!(till.is_retired());
    assert_eq!(world.held(), [paid], "it is kept for a manager");
    office.goes_online();
    world.settle();
    world.decides(&office, paid, Decision::Accept, "");
    world.settle();
    assert_eq!(office.sees(order).facts.len(), 1);
    world.expect_all_is_well();
}

#[test]
fn what_a_dismissed_device_was_told_at_the_door_is_asked_for_again_when_it_comes_back() {
    let (world, till, office, order) = till_and_office(75);
    till.goes_offline();
    let paid = till.takes_payment(order, "59.97");
    world.dismisses(&till);
    till.goes_online();
    world.wait_until(|| till.state(paid) == "attention");
    // Before it could say that it is done the network is gone, and the server loses what it was told.
    till.loses_the_network();
    world.server_is_put_back(1);
    assert!(world.held().is_empty(), "the server has lost the money");
    till.finds_the_network();
    world.settle();
    assert_eq!(world.held(), [paid]);
    world.decides(&office, paid, Decision::Accept, "");
    world.settle();
    assert_eq!(office.sees(order).facts.len(), 1);
    world.expect_all_is_well();
}

#[test]
fn a_stolen_telephone_hands_over_what_was_entered_and_is_empty_after_its_next_contact() {
    let (world, phone, office, order) = till_and_office(73);
    phone.goes_offline();
    let paid = phone.takes_payment(order, "59.97");
    // The file is in somebody's hand, and copied before anybody notices.
    let thief = world.copy_of(&phone, "copy");
    thief.goes_offline();
    world.shuts_out(&phone);
    // Whoever switches the telephone on where there is a network empties it, and nothing is lost.
    phone.goes_online();
    world.settle();
    assert!(phone.is_retired() && phone.view(order).is_none(), "nothing is left on it");
    assert_eq!(world.held(), [paid]);
    // The copy can be read by whoever has it: only encryption of the disk is against that. But its token opens
    // nothing: what is entered on it is held, nothing comes down to it, and it is emptied like the first.
    let forged = thief.takes_payment(order, "1000000");
    office.notes(order, "not for their eyes");
    thief.goes_online();
    world.settle();
    assert!(thief.is_retired() && thief.view(order).is_none());
    assert_eq!(world.held(), [paid, forged]);
    world.decides(&office, paid, Decision::Accept, "the driver says so");
    world.decides(&office, forged, Decision::Discard, "after the theft");
    world.expect_all_is_well();
    assert_eq!(office.sees(order).facts.len(), 2);
}
