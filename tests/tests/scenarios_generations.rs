//! Stories on the simulated network of documents that have grown and are made anew: the same document, without its
//! past, for everybody who has it.

use waybill_shared::{
    id::CustomerTermsId,
    order::status::{self, Fulfilment, MoneyState},
    rules::roles::Role,
    view::View,
};
use waybill_tests::world::{Hand, World, customer, pieces};

/// An office, a till, and documents that may have so many changes.
fn a_shop(seed: u64, changes: u32) -> (World, Hand, Hand) {
    let world = World::seeded(seed);
    world.documents_may_grow(changes, 2);
    let (office, till) = (world.office("O1"), world.shop_till("T1"));
    world.settle();
    (world, office, till)
}

#[test]
fn an_order_that_was_changed_often_is_the_same_order_everywhere_without_its_past() {
    let (world, office, till) = a_shop(1, 6);
    let order = till.creates_order("Oak chair", 1);
    world.settle();
    for count in 2..30 {
        office.sets_quantity(order, "Oak chair", count);
        world.settle();
    }
    assert!(world.generation(order) >= 4, "{}", world.generation(order));
    for hand in [&office, &till] {
        assert_eq!(hand.line(order, "Oak chair").1.quantity, pieces(29));
        assert_eq!(hand.sees(order), world.server_order(order));
    }
    assert!(till.sees(order).history.len() <= 9, "{}", till.sees(order).history.len());
    world.expect_all_is_well();
}

#[test]
fn what_was_entered_on_an_earlier_generation_is_done_on_the_one_there_is() {
    let (world, office, till) = a_shop(2, 5);
    let order = till.creates_order("Oak chair", 3);
    till.places(order);
    world.settle();
    till.goes_offline();
    let handed = till.hands_over(order, "Oak chair", 3);
    let paid = till.takes_payment(order, "59.97");
    let tagged = till.tags(order, "gift");
    for text in ["rang", "rang again", "nobody there", "left a word", "rang once more"] {
        office.notes(order, text);
        world.settle();
    }
    assert!(world.generation(order) > 0);
    till.goes_online();
    world.settle();
    for edit in [handed, paid, tagged] {
        assert_eq!(till.state(edit), "rewritten");
    }
    assert!(till.attention().is_empty());
    let seen = status::of(&office.sees(order));
    assert_eq!((seen.fulfilment, seen.money), (Fulfilment::Delivered, MoneyState::Paid));
    assert_eq!(office.sees(order).tags.get("gift"), Some(&true));
    world.expect_all_is_well();
}

#[test]
fn two_who_changed_the_same_meanwhile_are_asked_as_ever() {
    let (world, office, till) = a_shop(3, 3);
    let order = till.creates_order("Oak chair", 3);
    world.settle();
    till.goes_offline();
    let changed = till.sets_quantity(order, "Oak chair", 7);
    for count in [4, 5, 6, 8] {
        office.sets_quantity(order, "Oak chair", count);
        world.settle();
    }
    till.goes_online();
    world.settle();
    let [(asked, verdict)] = <[_; 1]>::try_from(till.attention()).unwrap();
    assert_eq!(asked, changed);
    assert!(verdict.findings()[0].what.contains('8'), "{verdict:?}");
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(8));
    till.redoes(changed);
    world.settle();
    assert_eq!(office.line(order, "Oak chair").1.quantity, pieces(7));
    world.expect_all_is_well();
}

#[test]
fn a_device_that_was_away_and_one_that_is_new_have_it_too() {
    let (world, office, till) = a_shop(4, 4);
    let order = till.creates_order("Oak chair", 1);
    let own = till.notes(order, "by the window");
    world.settle();
    till.goes_offline();
    for count in 2..20 {
        office.sets_quantity(order, "Oak chair", count);
        world.settle();
    }
    let late = world.device("T2", &[Role::Shop]);
    till.goes_online();
    world.settle();
    for hand in [&office, &till, &late] {
        assert_eq!(hand.sees(order), world.server_order(order));
    }
    assert_eq!(till.state(own), "accepted");
    world.expect_all_is_well();
}

#[test]
fn a_driver_gets_an_order_that_was_made_anew_before_it_was_theirs_and_loses_one_that_is() {
    let (world, office, _) = a_shop(5, 3);
    let van = world.driver("V1");
    let order = office.creates_order("Oak chair", 2);
    office.places(order);
    world.settle();
    van.goes_offline();
    office.gives_to_driver(order, &van);
    for text in ["ring twice", "the dog is kind"] {
        office.notes(order, text);
        world.settle();
    }
    van.goes_online();
    world.settle();
    assert_eq!(van.sees(order), world.server_order(order));

    let other = world.driver("V2");
    van.goes_offline();
    office.gives_to_driver(order, &other);
    for text in ["third floor", "left", "no lift"] {
        office.notes(order, text);
        world.settle();
    }
    van.goes_online();
    world.settle();
    assert!(van.view(order).is_none());
    assert_eq!(other.sees(order), world.server_order(order));
    world.expect_all_is_well();
}

#[test]
fn settings_of_customers_and_the_books_of_orders_outlive_every_generation() {
    let (world, office, till) = a_shop(6, 4);
    for limit in 1..40 {
        office.sets_credit("Frank", &limit.to_string());
        world.settle();
    }
    let terms = CustomerTermsId::of(customer("Frank"));
    assert!(world.generation(terms) >= 8);
    let View::CustomerTerms(seen) = world.server_view(terms) else { panic!("no terms") };
    assert_eq!(seen.fields.credit_limit.map(|limit| limit.to_string()), Some("39".to_owned()));
    assert!(seen.history.len() <= 6, "{}", seen.history.len());

    // From its placing on every change of a line is booked for itself, and stays.
    let order = till.creates_order("Oak chair", 1);
    till.places(order);
    world.settle();
    for count in 2..22 {
        office.sets_quantity(order, "Oak chair", count);
        world.settle();
    }
    assert_eq!(world.server_order(order).history.values().filter(|entry| entry.line.is_some()).count(), 20);
    world.expect_all_is_well();
}

#[test]
fn a_server_that_was_put_back_to_before_it_has_everything_again() {
    let (world, office, till) = a_shop(7, 4);
    let order = till.creates_order("Oak chair", 1);
    world.settle();
    for count in 2..12 {
        office.sets_quantity(order, "Oak chair", count);
        till.notes(order, "again");
        world.settle();
    }
    let before = world.generation(order);
    world.server_is_put_back(9);
    assert!(world.generation(order) < before);
    world.settle();
    world.admin_confirms_the_last_number();
    world.settle();
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(11));
    assert_eq!(till.sees(order), office.sees(order));
    world.expect_all_is_well();
}
