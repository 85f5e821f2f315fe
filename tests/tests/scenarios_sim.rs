//! Stories on the simulated network, with the production sessions, rules and intake. Each ends with every
//! invariant checked.

use waybill_shared::{
    edit::Verdict,
    finding::Rule,
    id::{FactId, LocationId},
    location,
    order::{
        Priority, revenue,
        status::{self, OrderState},
    },
    rules::roles::Role,
    session::Notice,
    view::View,
};
use waybill_tests::{
    checkers,
    world::{Hand, Outcome, World, hand::counter_sale, pieces},
};

/// A till and an office that know each other, and an order of three oak chairs that both see.
fn till_and_office(seed: u64) -> (World, Hand, Hand, waybill_shared::id::OrderId) {
    let world = World::seeded(seed);
    let (till, office) = (world.shop_till("T1"), world.office("O1"));
    world.settle();
    let order = till.creates_order("Oak chair", 3);
    world.settle();
    (world, till, office, order)
}

fn rules(verdict: &Verdict) -> Vec<Rule> {
    verdict.findings().iter().map(|finding| finding.rule).collect()
}

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
    assert!(matches!(&outcome, Outcome::Refused(rules) if rules == &[Rule::Malformed]), "{outcome:?}");
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
fn a_lost_acknowledgement_doubles_nothing() {
    let (world, till, office, order) = till_and_office(7);
    let paid = till.takes_payment(order, "10");
    let noted = till.notes(order, "rings twice");
    // The server has both; its answer finds nobody.
    world.wait_until(|| world.server_order(order).facts.len() == 2);
    till.loses_the_network();
    world.wait(20_000);
    assert_eq!(till.state(paid), "pending", "the device does not know");
    till.finds_the_network();
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 2);
    assert_eq!((till.state(paid), till.state(noted)), ("accepted", "accepted"));
    assert_eq!(office.sees(order), till.sees(order));
    world.expect_all_is_well();
}

#[test]
fn a_lost_acknowledgement_doubles_nothing_after_a_rebase_either() {
    let (world, till, office, order) = till_and_office(8);
    let quantity = till.sets_quantity(order, "Oak chair", 9);
    let paid = till.takes_payment(order, "10");
    world.wait_until(|| !world.server_order(order).facts.is_empty());
    till.loses_the_network();
    // Meanwhile the server begins to write everything as other changes, so the device has to rebase.
    world.server_rewrites_everything(true);
    office.tags(order, "gift");
    world.wait(20_000);
    till.restarts();
    till.notes(order, "still here");
    till.finds_the_network();
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 2);
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(9));
    assert!(matches!(till.state(quantity), "accepted" | "rewritten"));
    assert!(matches!(till.state(paid), "accepted" | "rewritten"));
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
fn a_device_restored_from_an_old_copy_converges() {
    let (world, till, office, order) = till_and_office(10);
    till.goes_offline();
    till.notes(order, "before the copy");
    let backup = till.backup();
    till.goes_online();
    world.settle();
    till.sets_quantity(order, "Oak chair", 4);
    let sale = till.sells("Pine shelf", 1);
    world.settle();
    let receipt = till.sees(sale).number().to_owned();

    till.is_put_back(&backup);
    till.notes(order, "after the copy was put back");
    world.settle();
    assert_eq!(till.line(order, "Oak chair").1.quantity, pieces(4), "what it had forgotten came back");
    assert_eq!(world.server_order(order).facts.len(), 2, "and nothing was doubled");
    let next = till.sells("Pine shelf", 1);
    assert_ne!(till.sees(next).number(), receipt, "its numbers go on in a new series");
    world.settle();
    assert_eq!(office.sees(next), till.sees(next));
    world.expect_all_is_well();
}

#[test]
fn a_copied_device_file_converges() {
    let (world, till, office, order) = till_and_office(11);
    till.goes_offline();
    till.notes(order, "entered before the file was copied");
    let copy = world.copy_of(&till, "T1 again");
    copy.sets_quantity(order, "Oak chair", 6);
    till.goes_online();
    let mine = till.sets_quantity(order, "Oak chair", 8);
    copy.tags(order, "gift");
    world.settle();

    assert_eq!(world.server_order(order).facts.len(), 1, "the same note from both counts once");
    let [at_till, at_copy] = [till.sees(order), copy.sees(order)];
    assert_eq!(at_till, at_copy);
    assert_eq!(office.sees(order), at_till);
    assert_eq!(at_till.tags.get("gift"), Some(&true));
    // One of the two quantities stands; whoever set the other is asked.
    let listed = till.attention().len() + copy.attention().len();
    assert!(listed >= 1, "{}", till.state(mine));
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
fn a_server_put_back_reloads_its_devices_and_gets_back_what_it_lost() {
    let (world, till, office, order) = till_and_office(12);
    till.sets_quantity(order, "Oak chair", 4);
    world.settle();
    let sale = till.sells("Elm desk", 2);
    office.tags(order, "gift");
    world.settle();
    let before = (world.server_order(order), world.server_order(sale));

    world.server_is_put_back(2);
    assert!(world.server_order(sale).sale().is_none(), "the server has lost the sale");
    world.settle();
    till.goes_online();
    office.goes_online();
    world.settle();
    let after = (world.server_order(order), world.server_order(sale));
    assert_eq!(after.0.tags, before.0.tags);
    assert_eq!(after.0.lines, before.0.lines);
    assert_eq!(after.1.number(), before.1.number());
    assert_eq!(office.sees(sale), till.sees(sale));
    world.expect_all_is_well();
}

#[test]
fn what_was_entered_while_documents_were_replaced_is_kept() {
    let (world, till, office, _) = till_and_office(13);
    let orders: Vec<_> = (0..30).map(|_| till.creates_order("Ash table", 1)).collect();
    world.settle();
    let lost = till.creates_order("Ash table", 2);
    world.settle();
    world.server_is_put_back(1);
    // Its documents are replaced in several pages; in the middle of it the user goes on working.
    world.wait_until(|| till.is_loading());
    let note = till.notes(lost, "entered in the middle");
    let other = till.notes(orders[0], "this too");
    world.settle();
    assert_eq!((till.state(note), till.state(other)), ("accepted", "accepted"));
    assert_eq!(office.sees(lost), till.sees(lost));
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
fn a_power_cut_loses_nothing_that_was_shown_as_done() {
    let (world, till, office, order) = till_and_office(16);
    till.goes_offline();
    let paid = till.takes_payment(order, "5");
    till.restarts();
    till.hands_over(order, "Oak chair", 1);
    till.restarts();
    till.goes_online();
    world.server_crashes();
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 2);
    assert_eq!(till.state(paid), "accepted");
    assert_eq!(office.sees(order), till.sees(order));
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
fn a_seed_replays_identically() {
    for seed in [3, 11, 29] {
        let (first, second) =
            (waybill_tests::simulation::run(seed, true), waybill_tests::simulation::run(seed, true));
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
    let note = waybill_shared::order::commands::Note { id: waybill_shared::id::FactId::NIL, text };
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

#[test]
fn a_full_disk_shows_nothing_as_done_and_everything_goes_on_when_there_is_room() {
    let (world, till, office, order) = till_and_office(34);
    till.fills_the_disk(true);
    let note = waybill_shared::order::commands::Note { id: FactId::NIL, text: "not shown as done".into() };
    assert!(matches!(till.tries(vec![(order.into(), note.into())], Vec::new()), Outcome::Full));
    office.notes(order, "comes down meanwhile");
    world.wait(60_000);
    assert!(till.sees(order).facts.is_empty(), "nothing is shown that is not on the disk");
    till.fills_the_disk(false);
    till.notes(order, "now");
    world.settle();
    assert_eq!(till.sees(order).facts.len(), 2);
    world.expect_all_is_well();
}

#[test]
fn a_server_whose_disk_is_full_says_later_and_takes_everything_once() {
    let (world, till, _office, order) = till_and_office(35);
    world.sim().log_is_full = 100.0;
    till.notes(order, "waits");
    world.wait(30_000);
    assert_eq!(till.stored(till.notes(order, "waits too")).state.name(), "pending");
    assert!(world.server_order(order).facts.is_empty());
    world.sim().log_is_full = 0.0;
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 2);
    assert!(till.attention().is_empty(), "later is no refusal");
    world.expect_all_is_well();
}

#[test]
fn what_the_servers_database_will_not_have_is_listed_and_takes_nothing_else_along() {
    let (world, till, _office, order) = till_and_office(36);
    till.goes_offline();
    let notes: Vec<_> = (0..5).map(|nth| till.notes(order, &format!("note {nth}"))).collect();
    world.sim().server.log.rejects(notes[2]);
    world.sim().ledger.rejected.insert(notes[2]);
    till.goes_online();
    world.settle();
    let listed = till.attention();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].0, rules(&listed[0].1)), (notes[2], vec![Rule::Defect]));
    assert_eq!(world.server_order(order).facts.len(), 4);
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
fn a_restored_server_gets_many_orders_with_their_steps_back_and_asks_nobody_about_them() {
    let (world, till, office, _) = till_and_office(31);
    let orders: Vec<_> = (0..25).map(|_| office.creates_order_for("Weber", &[("Oak chair", 2)])).collect();
    world.settle();
    for order in &orders {
        office.places(*order);
        office.confirms(*order);
        till.notes(*order, "called ahead");
    }
    world.settle();

    world.server_is_put_back(30);
    world.settle();
    for order in &orders {
        let there = world.server_order(*order);
        assert_eq!(there.steps.len(), 2, "placed and confirmed, each once");
        assert_eq!(there.facts.len(), 1, "and called once");
    }
    assert!(office.attention().is_empty(), "what stands already is nobody's task: {:?}", office.attention());
    world.expect_all_is_well();
}
