//! Edits that meet each other: made apart, made twice, made late, rewritten, given up.
//! Each story ends with every invariant checked.

mod scenario;

use scenario::{rules, till_and_office};
use waybill_shared::finding::Rule;
use waybill_shared::id::{FactId, LocationId};
use waybill_shared::location;
use waybill_shared::order::commands::Note;
use waybill_shared::order::status::{self, OrderState};
use waybill_shared::order::{Priority, revenue};
use waybill_shared::session::store::Store as _;
use waybill_shared::view::View;
use waybill_tests::checkers;
use waybill_tests::simulation;
use waybill_tests::world::{Hand, Outcome, pieces};

#[test]
fn two_devices_edit_the_same_order_offline_and_both_edits_survive() {
    let (world, till, office, order) = till_and_office(1);
    till.goes_offline();
    office.goes_offline();
    till.adds(order, "Beech stool", 2);
    till.tags(order, "gift");
    office.sets_quantity(order, "Oak chair", 5);
    office.sets_priority(order, Priority::Urgent);
    till.goes_online();
    office.goes_online();
    world.settle();

    let held = world.server_order(order);
    let lines: Vec<_> =
        held.live_lines().iter().map(|(_, line)| (line.name.clone(), line.quantity.count())).collect();
    assert!(
        lines.contains(&("Oak chair".into(), 5)) && lines.contains(&("Beech stool".into(), 2)),
        "{lines:?}"
    );
    assert_eq!((held.plan.priority, held.tags.get("gift")), (Priority::Urgent, Some(&true)));
    assert_eq!(till.sees(order), held);
    assert_eq!(office.sees(order), held);
    assert!(till.attention().is_empty() && office.attention().is_empty());
    world.expect_all_is_well();
}

#[test]
fn two_set_the_same_quantity_and_the_later_is_shown_both_values() {
    let (world, till, office, order) = till_and_office(2);
    till.goes_offline();
    let mine = till.sets_quantity(order, "Oak chair", 7);
    office.sets_quantity(order, "Oak chair", 5);
    world.settle();
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(7), "shown as entered until it is judged");
    till.goes_online();
    world.settle();

    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(5));
    let (listed, verdict) = till.attention().pop().expect("it needs attention");
    assert_eq!((listed, rules(&verdict)), (mine, vec![Rule::ChangedMeanwhile]));
    let conflict = verdict.findings()[0].conflict.clone().expect("both values");
    assert_eq!((conflict.yours.as_str(), conflict.theirs.as_str()), ("7", "5"));

    // Its user wants it all the same.
    till.redoes(mine).done();
    world.settle();
    assert_eq!(office.line(order, "Oak chair").1.quantity, pieces(7));
    assert!(till.attention().is_empty());
    world.expect_all_is_well();
}

#[test]
fn a_later_edit_from_a_stale_base_is_never_accepted_without_effect() {
    let (world, till, office, order) = till_and_office(3);
    // The office's device writes with the higher time; the till's edit reaches the server last.
    let office = office.with_clock(3_600_000, 0);
    till.goes_offline();
    till.sets_priority(order, Priority::High);
    office.sets_priority(order, Priority::Low);
    world.settle();
    till.goes_online();
    world.settle();
    assert_eq!(world.server_order(order).plan.priority, Priority::High, "the last accepted wins");
    assert_eq!(office.sees(order).plan.priority, Priority::High);
    let history = world.server_order(order).history;
    assert_eq!(history.values().filter(|entry| entry.field == "priority").count(), 2, "both are remembered");
    world.expect_all_is_well();
}

/// The price that the van showed was refused later: what the customer got was handed over at that price all
/// the same, although the hand-over is written on what the office has.
#[test]
fn a_hand_over_keeps_the_price_that_was_shown_when_it_happened() {
    let (world, till, office, order) = till_and_office(31);
    till.places(order);
    world.settle();
    till.goes_offline();
    office.sets_price(order, "Oak chair", "8");
    world.settle();
    let priced = till.sets_price(order, "Oak chair", "5");
    let handed = till.hands_over(order, "Oak chair", 3);
    till.goes_online();
    world.settle();

    assert_eq!((till.state(priced), till.state(handed)), ("attention", "rewritten"));
    let held = world.server_order(order);
    assert_eq!(held.live_lines()[0].1.price.to_string(), "8");
    let booked = revenue::entries(&held, &revenue::Worth::of(&held));
    let delivered = booked.iter().filter(|entry| entry.measure == revenue::Measure::Delivered);
    let gross: Vec<_> = delivered.map(|entry| entry.worth.gross.to_string()).collect();
    assert_eq!(gross, ["15"]);
    assert_eq!(till.sees(order), held);
    till.discards(priced);
    world.settle();
    world.expect_all_is_well();
}

#[test]
fn every_edit_rewritten_still_comes_to_the_same_everywhere() {
    let (world, till, office, order) = till_and_office(9);
    world.server_rewrites_everything(true);
    till.goes_offline();
    for count in 4..9 {
        till.sets_quantity(order, "Oak chair", count);
    }
    till.places(order);
    till.takes_payment(order, "20");
    till.goes_online();
    world.settle();
    assert!(till.attention().is_empty());
    let held = world.server_order(order);
    assert_eq!(held.live_lines()[0].1.quantity, pieces(8));
    assert_eq!(status::of(&held).order, OrderState::Placed);
    assert_eq!(held.facts.len(), 1);
    assert_eq!(office.sees(order), held);
    world.expect_all_is_well();
}

#[test]
fn two_who_make_the_same_place_are_told_apart() {
    let (world, till, office, _) = till_and_office(10);
    let place = LocationId::new(uuid::Uuid::from_u128(0x10ca));
    let named = |name: &str| location::Create {
        code: "S".into(),
        name: name.into(),
        kind: location::LocationKind::Shop,
        address: Default::default(),
    };
    let name = |hand: &Hand| match hand.view(place) {
        Some(View::Location(location)) => location.fields.name.clone(),
        _ => String::new(),
    };
    let other = world.office("O2");
    world.settle();
    office.goes_offline();
    office.does(place, named("Harbour"));
    let twice = office.tries(vec![(place.into(), named("Station").into())], vec![]);
    assert!(matches!(&twice, Outcome::Refused(rules) if rules == &[Rule::Malformed]), "{twice:?}");
    let second = other.does(place, named("Station"));
    world.settle();
    office.goes_online();
    world.settle();
    let asked = office.attention();
    assert_eq!(asked.len(), 1, "the one that came later is its user's to settle");
    assert_eq!(other.state(second), "accepted");
    assert_eq!((name(&office), name(&till)), ("Station".to_owned(), "Station".to_owned()));
    assert!(matches!(office.redoes(asked[0].0), Outcome::Refused(_)), "it is used here now, too");
    office.discards(asked[0].0).done();
    world.settle();
    world.expect_all_is_well();
}

#[test]
fn what_the_user_gives_up_is_gone_everywhere_and_stays_listed_as_given_up() {
    let (world, till, office, order) = till_and_office(15);
    till.goes_offline();
    let mine = till.sets_quantity(order, "Oak chair", 7);
    office.sets_quantity(order, "Oak chair", 5);
    world.settle();
    till.goes_online();
    world.settle();
    till.discards(mine).done();
    world.settle();
    assert_eq!(till.state(mine), "discarded");
    assert!(till.attention().is_empty());
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(5));
    world.expect_all_is_well();
}

#[test]
fn a_seed_replays_identically() {
    for seed in [3, 11, 29] {
        let (first, second) = (simulation::run(seed, true), simulation::run(seed, true));
        assert_eq!(first.story, second.story);
        assert_eq!(first.print, second.print);
    }
}

#[test]
fn a_clock_that_was_years_ahead_does_not_stay_in_the_books() {
    let (world, till, _office, order) = till_and_office(31);
    let today = world.sim().now.day(chrono_tz::UTC);
    till.goes_offline();
    let till = till.with_clock(3 * 365 * 24 * 3_600_000, 0);
    till.notes(order, "by a clock that is years ahead");
    let till = till.with_clock(0, 0);
    till.goes_online();
    world.settle();
    till.notes(order, "by the right clock");
    world.settle();

    let days: Vec<_> = world.server_order(order).facts.values().map(|fact| fact.day).collect();
    assert_eq!(days, [today, today]);
    world.expect_all_is_well();
}

#[test]
fn what_is_too_large_to_send_is_not_shown_as_done() {
    let (world, till, _office, order) = till_and_office(32);
    let text = "log ".repeat(100_000);
    let note = Note { id: FactId::NIL, text };
    match till.tries(vec![(order.into(), note.into())], Vec::new()) {
        Outcome::Refused(rules) => assert_eq!(rules, [Rule::Malformed]),
        other => panic!("{other:?}"),
    }
    till.notes(order, "shorter");
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 1);
    world.expect_all_is_well();
}

#[test]
fn a_device_that_does_not_take_in_what_was_rewritten_is_found_though_it_heals() {
    let (world, till, _office, order) = till_and_office(33);
    till.ignores_rewritten();
    world.server_rewrites_everything(true);
    till.notes(order, "written otherwise by the server");
    world.settle();
    // It has found out by itself meanwhile, and has everything.
    assert_eq!(till.sees(order), world.server_order(order));
    let wrong = checkers::check(&world.sim());
    assert!(wrong.len() == 1 && wrong[0].contains("had to mend"), "{wrong:?}");
}

/// It was left "not yet sent" for ever.
#[test]
fn an_entry_that_changes_nothing_is_settled_like_any_other() {
    let (world, till, _, order) = till_and_office(61);
    till.tags(order, "gift");
    world.settle();
    let again = till.tags(order, "gift");
    world.settle();
    assert_eq!(till.state(again), "accepted");
    let stored = world.sim().devices[till.device].disk.document(order.into()).expect("in memory");
    assert!(stored.is_some_and(|stored| stored.shown.is_none()), "nothing waits on it");
    world.expect_all_is_well();
}
