//! Several server processes over one database: what one prepares another may overtake, one dies and the others go on,
//! and nothing is done twice or lost in between.

mod scenario;

use scenario::{rules, till_and_office};
use waybill_shared::{finding::Rule, id::OrderId};
use waybill_tests::world::{Hand, World};

/// A till and the office, each at a server of its own, and an order that both see.
fn two_servers(seed: u64) -> (World, Hand, Hand, OrderId) {
    let (world, till, office, order) = till_and_office(seed);
    world.has_servers(2);
    office.talks_to(1);
    world.settle();
    (world, till, office, order)
}

/// A batch of this server is on its way into the log.
fn is_writing(world: &World, process: usize) -> bool {
    let sim = world.sim();
    let intake = sim.server.processes[process].intake.as_ref();
    intake.is_some_and(|intake| !intake.about_to_stand().is_empty())
}

#[test]
fn what_one_server_prepared_while_another_wrote_is_prepared_anew() {
    let mut redone = 0;
    for seed in 1..20 {
        let (world, till, office, order) = two_servers(seed);
        let (at_till, at_office) =
            (till.sets_quantity(order, "Oak chair", 4), office.sets_quantity(order, "Oak chair", 5));
        world.settle();
        let said = [(&till, at_till), (&office, at_office)].map(|(hand, id)| hand.state(id));
        assert!(said == ["accepted", "attention"] || said == ["attention", "accepted"], "{seed}: {said:?}");
        let listed = [till.attention(), office.attention()].concat();
        assert_eq!(rules(&listed[0].1), [Rule::ChangedMeanwhile]);
        assert_eq!(till.sees(order), office.sees(order));
        world.expect_all_is_well();
        redone += world.sim().ledger.redone;
    }
    assert!(redone > 5, "of nineteen pairs {redone} were prepared at once");
}

#[test]
fn what_a_customer_owes_counts_over_all_servers() {
    let mut redone = 0;
    for seed in 1..12 {
        let (world, till, office, _) = two_servers(seed);
        office.sets_credit("Weber", "100");
        let orders = [till.creates_order("Oak chair", 4), office.creates_order("Oak chair", 4)];
        world.settle();
        let placed = [till.places(orders[0]), office.places(orders[1])];
        world.settle();
        let said = [till.state(placed[0]), office.state(placed[1])];
        assert!(said == ["accepted", "attention"] || said == ["attention", "accepted"], "{seed}: {said:?}");
        world.expect_all_is_well();
        redone += world.sim().ledger.redone;
    }
    assert!(redone > 3, "{redone}");
}

#[test]
fn what_a_server_wrote_before_it_died_is_not_doubled_at_the_next() {
    let (world, till, office, order) = two_servers(30);
    let paid = till.takes_payment(order, "10");
    world.wait_until(|| world.server_order(order).facts.len() == 1);
    till.loses_the_network();
    world.a_server_dies(0);
    let noted = till.notes(order, "entered without a server");
    till.finds_the_network();
    world.settle();
    assert_eq!(till.stored(paid).edit.attempt, 0);
    assert_eq!((till.state(paid), till.state(noted)), ("accepted", "accepted"));
    assert_eq!(world.server_order(order).facts.len(), 2, "the payment counts once");
    assert_eq!(world.sim().devices[till.device].server, 1, "it moved over");
    assert_eq!(office.sees(order), till.sees(order));
    world.expect_all_is_well();
}

#[test]
fn what_lands_after_its_server_died_is_not_doubled_either() {
    let (mut late, mut lost) = (0, 0);
    for seed in 1..16 {
        let (world, till, office, order) = two_servers(seed);
        let paid = till.takes_payment(order, "10");
        world.wait_until(|| is_writing(&world, 0));
        world.a_server_dies(0);
        world.settle();
        assert_eq!(till.state(paid), "accepted");
        assert_eq!(world.server_order(order).facts.len(), 1);
        assert_eq!(office.sees(order), till.sees(order));
        world.expect_all_is_well();
        let landed = world.sim().ledger.landed_late;
        (late, lost) = (late + landed, lost + u64::from(landed == 0));
    }
    assert!(late > 2 && lost > 2, "{late} landed late, {lost} never");
}

#[test]
fn a_server_that_comes_back_judges_by_what_the_others_wrote_meanwhile() {
    let (world, till, office, order) = two_servers(31);
    // Both servers have the order at hand.
    till.tags(order, "gift");
    office.tags(order, "late");
    world.settle();
    world.a_server_dies(0);
    world.settle();
    office.places(order);
    let cancelled = office.cancels(order);
    world.settle();
    world.the_server_returns(0);
    till.goes_offline();
    let paid = till.takes_payment(order, "10");
    till.talks_to(0);
    till.goes_online();
    world.settle();
    assert_eq!(world.sim().devices[till.device].server, 0);
    assert_eq!((office.state(cancelled), till.state(paid)), ("accepted", "accepted"));
    assert_eq!(office.sees(order), till.sees(order));
    world.expect_all_is_well();
}

#[test]
fn with_no_server_left_everybody_goes_on_and_hands_in_when_one_is_back() {
    let (world, till, office, order) = two_servers(32);
    world.a_server_dies(0);
    world.a_server_dies(1);
    let (noted, paid) = (office.notes(order, "called"), till.takes_payment(order, "10"));
    world.wait(60_000);
    assert_eq!((office.state(noted), till.state(paid)), ("pending", "pending"));
    world.the_server_returns(1);
    world.settle();
    assert_eq!((office.state(noted), till.state(paid)), ("accepted", "accepted"));
    assert_eq!(world.server_order(order).facts.len(), 2);
    world.expect_all_is_well();
}

#[test]
fn what_rests_on_an_entry_that_another_server_refused_is_not_judged_without_it() {
    let (world, till, office, order) = two_servers(33);
    office.sets_credit("Weber", "10");
    world.settle();
    // The till does not know what Weber may owe; it is gone before it hears of it.
    let placed = till.places(order);
    world.wait_until(|| world.sim().server.log.edits().iter().any(|(known, _)| known.edit == placed));
    till.loses_the_network();
    world.a_server_dies(0);
    let tagged = till.tags(order, "gift");
    assert_eq!((till.state(placed), till.stored(tagged).edit.attempt), ("pending", 0));
    till.finds_the_network();
    world.settle();
    assert_eq!(rules(&till.attention()[0].1), [Rule::OverCredit]);
    let again = till.stored(tagged);
    assert_eq!((again.state.name(), again.edit.attempt), ("accepted", 1), "run again without it");
    assert_eq!(office.sees(order), till.sees(order));
    world.expect_all_is_well();
}
