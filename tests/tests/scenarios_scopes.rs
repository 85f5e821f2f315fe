//! Stories on the simulated network of who sees what: orders that come into sight and go out of it, by what is in
//! them and by who works where.

use waybill_shared::{
    edit::Verdict,
    finding::Rule,
    id::{EditId, OrderId, PersonId},
    order::status::{self, Fulfilment},
    rules::roles::Role,
};
use waybill_tests::world::{
    Hand, World,
    accounts::{ELSEWHERE, PLACE},
};

/// An office, two vans, and an order that neither driver has.
fn office_and_vans(seed: u64) -> (World, Hand, [Hand; 2], OrderId) {
    let world = World::seeded(seed);
    let (office, vans) = (world.office("O1"), ["V1", "V2"].map(|code| world.driver(code)));
    world.settle();
    let order = office.creates_order("Oak chair", 3);
    office.places(order);
    world.settle();
    (world, office, vans, order)
}

fn rules(verdict: &Verdict) -> Vec<Rule> {
    verdict.findings().iter().map(|finding| finding.rule).collect()
}

fn has(hand: &Hand, order: OrderId) -> bool {
    hand.view(order).is_some()
}

#[test]
fn an_order_comes_to_the_driver_who_is_given_it_and_goes_when_another_gets_it() {
    let (world, office, [van, other], order) = office_and_vans(1);
    assert!(!has(&van, order) && !has(&other, order), "nobody drives it yet");
    office.gives_to_driver(order, &van);
    world.settle();
    assert_eq!(van.sees(order), world.server_order(order), "with all that came before");
    assert!(!has(&other, order));

    van.goes_offline();
    office.gives_to_driver(order, &other);
    office.notes(order, "the key is under the mat");
    world.settle();
    assert!(has(&van, order), "it has not heard of it");
    assert!(van.sees(order).facts.is_empty());
    van.goes_online();
    world.settle();
    assert!(!has(&van, order), "it is gone");
    assert_eq!(other.sees(order), world.server_order(order));

    office.gives_to_driver(order, &van);
    world.settle();
    assert_eq!(van.sees(order), world.server_order(order), "and it may come back");
    world.expect_all_is_well();
}

#[test]
fn a_driver_who_handed_over_before_hearing_of_the_reassignment_is_believed() {
    let (world, office, [van, other], order) = office_and_vans(2);
    office.gives_to_driver(order, &van);
    world.settle();
    van.goes_offline();
    let first = van.hands_over(order, "Oak chair", 1);
    let second = van.hands_over(order, "Oak chair", 2);
    office.gives_to_driver(order, &other);
    world.settle();
    van.goes_online();
    world.settle();

    // It happened, and is judged where it was made.
    assert!(["accepted", "rewritten"].contains(&van.state(first)), "{}", van.state(first));
    assert!(["accepted", "rewritten"].contains(&van.state(second)), "{}", van.state(second));
    assert!(van.attention().is_empty());
    let order_now = world.server_order(order);
    assert_eq!(status::of(&order_now).fulfilment, Fulfilment::Delivered);
    assert_eq!(other.sees(order), order_now, "whoever drives it now need not go there");
    assert!(!has(&van, order), "what was entered went first, then the order");
    world.expect_all_is_well();
}

/// Whatever else was entered before it, and whatever became of that.
#[test]
fn a_driver_is_believed_too_where_what_came_before_was_refused_or_written_otherwise() {
    for (seed, tags, ahead_ms) in [(20, true, 0), (21, false, 600_000)] {
        let (world, office, [van, other], order) = office_and_vans(seed);
        office.gives_to_driver(order, &van);
        world.settle();
        van.goes_offline();
        let van = van.with_clock(ahead_ms, 0);
        let tagged = tags.then(|| van.tags(order, "rings twice"));
        let handed = van.hands_over(order, "Oak chair", 3);
        office.gives_to_driver(order, &other);
        world.settle();
        van.goes_online();
        world.settle();
        assert_eq!(van.state(handed), "rewritten");
        assert_eq!(tagged.map(|tagged| van.state(tagged)), tags.then_some("attention"));
        assert_eq!(status::of(&world.server_order(order)).fulfilment, Fulfilment::Delivered);
        assert!(!has(&van, order));
        world.expect_all_is_well();
    }
}

/// Also where what was waited for last changed nothing in the document.
#[test]
fn an_order_for_another_shop_is_gone_once_all_that_was_entered_on_it_is_settled() {
    let world = World::seeded(22);
    let (here, there) = (world.shop_till("T1"), world.shop_till("T2"));
    world.sends_to(&there, &[ELSEWHERE]);
    world.settle();
    here.goes_offline();
    let order = here.creates_for(ELSEWHERE, "Pine shelf", 1);
    let tagged = here.tags(order, "gift");
    let again = here.tags(order, "gift");
    here.goes_online();
    world.settle();
    assert_eq!((here.state(tagged), here.state(again)), ("accepted", "accepted"));
    assert!(!has(&here, order) && has(&there, order));
    world.expect_all_is_well();
}

#[test]
fn what_is_refused_on_an_order_out_of_sight_names_nothing_of_it() {
    let (world, office, [van, other], order) = office_and_vans(3);
    office.gives_to_driver(order, &van);
    let kept = office.creates_order("Ash table", 1);
    office.gives_to_driver(kept, &van);
    world.settle();
    van.goes_offline();
    let tagged = van.tags(order, "rings twice");
    let on_another = van.tags(kept, "rings twice");
    office.gives_to_driver(order, &other);
    world.settle();
    van.goes_online();
    world.settle();
    assert_eq!((van.state(tagged), van.state(on_another)), ("attention", "accepted"));
    let (_, verdict) = van.attention().pop().expect("it is listed");
    assert_eq!(rules(&verdict), [Rule::OutOfSight]);
    assert!(!has(&van, order));
    // It can be given up, and not be entered again.
    assert!(matches!(van.redoes(tagged), waybill_tests::world::Outcome::Refused(_)));
    van.discards(tagged).done();
    world.settle();
    world.expect_all_is_well();
}

/// A driver who sells, too, and hears why a price of theirs was not taken.
fn a_refused_price(world: &World, office: &Hand, van: &Hand, order: OrderId) -> EditId {
    world.changes_roles(van, &[Role::Driver, Role::Shop]);
    world.sends_to(van, &[ELSEWHERE]);
    office.gives_to_driver(order, van);
    world.settle();
    van.goes_offline();
    let priced = van.sets_price(order, "Oak chair", "5");
    office.sets_price(order, "Oak chair", "8");
    world.settle();
    van.goes_online();
    world.settle();
    let (_, verdict) = van.attention().pop().expect("it is listed");
    assert_eq!(rules(&verdict), [Rule::ChangedMeanwhile], "both values are shown as long as it is theirs");
    priced
}

#[test]
fn what_was_said_before_an_order_went_is_taken_back_with_it() {
    let (world, office, [van, other], order) = office_and_vans(4);
    let priced = a_refused_price(&world, &office, &van, order);
    office.gives_to_driver(order, &other);
    world.settle();
    assert!(!has(&van, order));
    let (listed, verdict) = van.attention().pop().expect("it stays on the list");
    assert_eq!((listed, rules(&verdict)), (priced, vec![Rule::OutOfSight]));
    world.expect_all_is_well();
}

#[test]
fn what_was_said_before_is_taken_back_also_where_everything_is_loaded_anew() {
    let (world, office, [van, other], order) = office_and_vans(10);
    let priced = a_refused_price(&world, &office, &van, order);
    van.goes_offline();
    office.gives_to_driver(order, &other);
    world.settle();
    world.server_trims_all_but(0);
    van.goes_online();
    world.settle();
    assert!(!has(&van, order));
    let (listed, verdict) = van.attention().pop().expect("it stays on the list");
    assert_eq!((listed, rules(&verdict)), (priced, vec![Rule::OutOfSight]));
    world.expect_all_is_well();
}

#[test]
fn a_shop_never_has_the_orders_of_another() {
    let world = World::seeded(5);
    let (here, there, office) = (world.shop_till("T1"), world.shop_till("T2"), world.office("O1"));
    world.sends_to(&there, &[ELSEWHERE]);
    world.settle();
    let (ours, theirs) = (here.creates_order("Oak chair", 1), there.creates_order("Elm desk", 1));
    let (sold, sold_there) = (here.sells("Ash table", 1), there.sells("Beech stool", 2));
    world.settle();
    for (till, own, others) in
        [(&here, [ours, sold], [theirs, sold_there]), (&there, [theirs, sold_there], [ours, sold])]
    {
        assert!(own.iter().all(|order| has(till, *order)));
        assert!(!others.iter().any(|order| has(till, *order)));
    }
    assert!([ours, sold, theirs, sold_there].iter().all(|order| has(&office, *order)));
    // Made for the other shop: it goes there.
    let id = here.creates_for(ELSEWHERE, "Pine shelf", 1);
    world.settle();
    assert!(!has(&here, id) && has(&there, id));
    world.expect_all_is_well();
}

#[test]
fn who_is_sent_to_another_shop_gets_its_orders_and_loses_the_old_ones_once_all_is_sent() {
    let world = World::seeded(6);
    let (till, there, office) = (world.shop_till("T1"), world.shop_till("T2"), world.office("O1"));
    world.sends_to(&there, &[ELSEWHERE]);
    world.settle();
    let (ours, theirs) = (till.creates_order("Oak chair", 1), there.creates_order("Elm desk", 1));
    world.settle();
    till.goes_offline();
    let noted = till.notes(ours, "paid by the neighbour");
    let placed = till.places(ours);
    world.sends_to(&till, &[ELSEWHERE]);
    there.notes(theirs, "calls back");
    world.settle();
    till.goes_online();
    world.settle();
    assert!(!has(&till, ours) && has(&till, theirs));
    assert_eq!(till.sees(theirs), world.server_order(theirs));
    assert_eq!((till.state(noted), till.state(placed)), ("accepted", "accepted"));
    assert_eq!(office.sees(ours).facts.len(), 1, "nothing of it was lost");
    // Both, while connected; then neither.
    world.sends_to(&till, &[PLACE, ELSEWHERE]);
    world.settle();
    assert_eq!(till.sees(ours), world.server_order(ours));
    world.sends_to(&till, &[]);
    world.settle();
    assert!(!has(&till, ours) && !has(&till, theirs));
    world.expect_all_is_well();
}

#[test]
fn a_device_shows_what_the_people_on_it_may_see_together() {
    let (world, office, [van, other], order) = office_and_vans(7);
    let spare = office.creates_order("Elm desk", 1);
    office.gives_to_driver(order, &van);
    office.gives_to_driver(spare, &other);
    world.settle();
    assert!(has(&van, order) && !has(&van, spare));
    let colleague: PersonId = other.person;
    world.signs_in(colleague, &van);
    world.settle();
    assert!(has(&van, order) && has(&van, spare), "both drive with this device");
    world.signs_out(colleague, &van);
    world.settle();
    assert!(has(&van, order) && !has(&van, spare));
    world.expect_all_is_well();
}

#[test]
fn a_till_hears_that_credit_is_lacking_and_not_how_much() {
    let world = World::seeded(8);
    let (till, office) = (world.shop_till("T1"), world.office("O1"));
    office.sets_credit("Weber", "20");
    world.settle();
    let order = till.creates_order("Oak chair", 3);
    let placed = till.places(order);
    world.settle();
    assert_eq!(till.state(placed), "attention");
    let (_, verdict) = till.attention().pop().expect("it is listed");
    assert_eq!(rules(&verdict), [Rule::OverCredit]);
    let said = format!("{:?}", verdict.findings());
    assert!(!said.contains(|letter: char| letter.is_ascii_digit()), "{said}");
    world.expect_all_is_well();
}

/// However long the log is that comes down: nothing is sent that went before it is read.
#[test]
fn an_order_that_was_a_driver_s_for_a_while_never_reaches_a_van_that_was_away() {
    for meanwhile in [0, 150] {
        let (world, office, [van, other], order) = office_and_vans(9);
        let elsewhere = office.creates_order("Ash table", 1);
        van.goes_offline();
        office.gives_to_driver(order, &van);
        office.notes(order, "the key is under the mat");
        for _ in 0..meanwhile {
            office.notes(elsewhere, "calls back");
        }
        office.gives_to_driver(order, &other);
        world.settle();
        let before = van.brought();
        van.goes_online();
        world.settle();
        assert_eq!(van.brought(), before, "neither whole nor in parts");
        assert!(!has(&van, order));
        world.expect_all_is_well();
    }
}

#[test]
fn a_refusal_that_was_not_heard_in_time_is_told_without_its_reasons() {
    for meanwhile in [0, 150] {
        let (world, office, [van, other], order) = office_and_vans(11);
        let elsewhere = office.creates_order("Ash table", 1);
        world.changes_roles(&van, &[Role::Driver, Role::Shop]);
        world.sends_to(&van, &[ELSEWHERE]);
        office.gives_to_driver(order, &van);
        world.settle();
        van.goes_offline();
        let priced = van.sets_price(order, "Oak chair", "5");
        office.sets_price(order, "Oak chair", "8");
        world.settle();
        van.goes_online();
        // The server has judged it; its answer finds nobody.
        world.wait_until(|| world.sim().server.log.edits().iter().any(|(known, _)| known.edit == priced));
        van.goes_offline();
        for _ in 0..meanwhile {
            office.notes(elsewhere, "calls back");
        }
        office.gives_to_driver(order, &other);
        world.settle();
        assert_eq!(van.state(priced), "pending", "it does not know");
        van.goes_online();
        world.settle();
        let (_, verdict) = van.attention().pop().expect("it is listed");
        assert_eq!(rules(&verdict), [Rule::OutOfSight]);
        world.expect_all_is_well();
    }
}
