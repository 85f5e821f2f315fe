//! What gets lost: acknowledgements, power, room on the disk, a device's file or the server's database, put back
//! from a copy. Each story ends with every invariant checked.

mod scenario;

use scenario::{rules, till_and_office};
use waybill_shared::finding::Rule;
use waybill_shared::id::FactId;
use waybill_shared::order::commands::Note;
use waybill_shared::review::Decision;
use waybill_shared::rules::roles::Role;
use waybill_shared::session::Notice;
use waybill_tests::checkers;
use waybill_tests::world::{Hand, Outcome, World, pieces};

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
fn an_entry_that_rots_before_it_is_sent_is_set_aside_and_the_others_go() {
    let (world, till, office, order) = till_and_office(9);
    till.goes_offline();
    let noted = till.notes(order, "before");
    let rotted = till.has_an_entry_rot().expect("it waits");
    assert_eq!(rotted, noted);
    assert!(till.sees(order).facts.is_empty(), "it is not shown as if it waited");
    let paid = till.takes_payment(order, "10");
    till.goes_online();
    world.settle();
    assert_eq!(till.state(paid), "accepted");
    assert_eq!(world.server_order(order).facts.len(), 1);
    assert_eq!(office.sees(order), till.sees(order));
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

#[test]
fn a_device_that_stands_before_a_trimmed_log_loads_anew_keeps_what_waits_and_loses_nothing() {
    let (world, till, office, order) = till_and_office(40);
    till.goes_offline();
    let paid = till.takes_payment(order, "10");
    let sale = till.sells("Pine shelf", 1);
    for note in ["one", "two", "three"] {
        office.notes(order, note);
    }
    world.settle();
    world.server_trims_all_but(1);
    office.tags(order, "gift");
    world.settle();
    let resets = |hand: &Hand| {
        let sim = world.sim();
        sim.devices[hand.device].notices.iter().filter(|notice| matches!(notice, Notice::Reset)).count()
    };
    assert_eq!(resets(&office), 0, "who has everything reads on");

    till.goes_online();
    world.settle();
    assert_eq!((resets(&till), resets(&office)), (1, 0));
    assert_eq!((till.state(paid), world.server_order(sale).sale().is_some()), ("accepted", true));
    assert_eq!(world.server_order(order).facts.len(), 4);
    assert_eq!(till.sees(order), office.sees(order));
    world.expect_all_is_well();
}

#[test]
fn what_was_decided_meanwhile_reaches_a_device_that_stands_before_a_trimmed_log() {
    let (world, till, office, order) = till_and_office(43);
    till.goes_offline();
    world.changes_roles(&till, &[Role::Warehouse]);
    let paid = till.takes_payment(order, "59.97");
    till.goes_online();
    world.settle();
    till.goes_offline();
    assert_eq!(till.state(paid), "attention");
    world.decides(&office, paid, Decision::Discard, "the drawer was counted: it is not there");
    for note in ["one", "two"] {
        office.notes(order, note);
    }
    world.settle();
    world.server_trims_all_but(1);
    till.goes_online();
    world.settle();
    // The till hears of it, with the reason, and strikes it off its list.
    assert_eq!(till.state(paid), "attention");
    till.discards(paid);
    assert_eq!(till.state(paid), "discarded");
    world.settle();
    world.expect_all_is_well();
}

#[test]
fn what_is_held_is_held_again_by_a_server_that_was_put_back() {
    let (world, till, office, order) = till_and_office(44);
    till.goes_offline();
    world.changes_roles(&till, &[Role::Warehouse]);
    let paid = till.takes_payment(order, "59.97");
    till.goes_online();
    world.settle();
    assert_eq!(world.held(), [paid]);
    world.server_is_put_back(1);
    assert!(world.held().is_empty(), "the server has lost it");
    world.settle();
    assert_eq!(world.held(), [paid]);
    assert_eq!(till.state(paid), "attention");
    assert_eq!(till.sees(order), office.sees(order), "and it is shown as done by nobody");
    world.expect_all_is_well();
}

#[test]
fn an_answer_that_was_lost_comes_again_though_its_position_was_trimmed() {
    let (world, till, office, order) = till_and_office(41);
    let paid = till.takes_payment(order, "10");
    world.wait_until(|| world.server_order(order).facts.len() == 1);
    till.loses_the_network();
    world.wait(20_000);
    assert_eq!(till.state(paid), "pending", "the device does not know");
    world.server_trims_all_but(0);
    till.finds_the_network();
    world.settle();
    assert_eq!(till.state(paid), "accepted");
    assert_eq!(world.server_order(order).facts.len(), 1);
    assert_eq!(till.sees(order), office.sees(order));
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
fn a_full_disk_shows_nothing_as_done_and_everything_goes_on_when_there_is_room() {
    let (world, till, office, order) = till_and_office(34);
    till.fills_the_disk(true);
    let note = Note { id: FactId::NIL, text: "not shown as done".into() };
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

/// How many numbers the script printed, and how many of its orders wait for one. Between two of them some may be left
/// out: what is handed in twice at once may take one for nothing.
fn printed_and_waiting(world: &World) -> (usize, usize) {
    let script = &world.sim().script;
    (script.printed.len(), script.waits())
}

#[test]
fn a_restored_server_gives_no_number_before_an_admin_says_which_was_the_last() {
    let (world, _till, _office, _order) = till_and_office(42);
    for _ in 0..3 {
        world.script_makes_an_order();
        world.settle();
    }
    assert_eq!(printed_and_waiting(&world), (3, 0));
    world.server_is_put_back(2);
    world.settle();
    world.script_makes_an_order();
    world.settle();
    assert_eq!(printed_and_waiting(&world), (3, 1), "it has to wait");
    world.admin_confirms_the_last_number();
    world.settle();
    assert_eq!(printed_and_waiting(&world), (4, 0));
    world.expect_all_is_well();
}

#[test]
fn a_database_that_loses_its_end_under_the_server_gets_it_back_and_numbers_wait() {
    let (world, till, office, order) = till_and_office(43);
    let paid = till.takes_payment(order, "10");
    world.script_makes_an_order();
    world.settle();
    world.server_loses(2);
    world.settle();
    world.script_makes_an_order();
    world.settle();
    assert_eq!(world.server_order(order).facts.len(), 1, "the payment is back");
    assert_eq!(till.state(paid), "accepted");
    assert_eq!(printed_and_waiting(&world), (1, 1));
    world.admin_confirms_the_last_number();
    world.settle();
    assert_eq!(printed_and_waiting(&world), (2, 0));
    assert_eq!(till.sees(order), office.sees(order));
    world.expect_all_is_well();
}

#[test]
fn what_was_entered_on_what_another_device_still_has_to_send_again_waits_for_it_and_bothers_nobody() {
    let (world, till, office, _) = till_and_office(44);
    let driver = world.driver("V1");
    world.settle();
    let order = till.creates_order("Oak chair", 2);
    world.settle();
    let placed = office.places(order);
    world.settle();
    let given = office.gives_to_driver(order, &driver);
    world.settle();
    let handed = driver.hands_over(order, "Oak chair", 2);
    world.settle();
    assert_eq!(driver.state(handed), "accepted");

    // Whoever made the order comes back last, and who was given it first.
    for hand in [&till, &office, &driver] {
        hand.goes_offline();
    }
    world.server_is_put_back(4);
    for hand in [&driver, &office] {
        hand.goes_online();
        world.wait(20 * 60_000);
    }
    assert_eq!((driver.state(handed), office.state(given)), ("pending", "pending"));
    let other = office.creates_order("Elm desk", 1);
    world.wait(60_000);
    assert!(world.server_order(other).head.is_some(), "what is new does not wait with it");
    till.goes_online();
    world.settle();
    for edit in [placed, given] {
        assert!(["accepted", "rewritten"].contains(&office.state(edit)), "{}", office.state(edit));
    }
    assert!(["accepted", "rewritten"].contains(&driver.state(handed)), "{}", driver.state(handed));
    assert!(office.attention().is_empty() && driver.attention().is_empty());
    world.expect_all_is_well();
}

#[test]
fn what_waits_for_a_device_that_never_comes_back_is_listed_after_a_day() {
    let (world, till, office, _) = till_and_office(45);
    let order = till.creates_order("Oak chair", 2);
    world.settle();
    let placed = office.places(order);
    world.settle();
    till.goes_offline();
    world.server_is_put_back(2);
    world.wait(23 * 3_600_000);
    assert_eq!(office.state(placed), "pending");
    world.wait(2 * 3_600_000);
    assert_eq!(office.state(placed), "attention");
    till.goes_online();
    world.settle();
    assert!(matches!(office.redoes(placed), Outcome::Done(_)), "now there is an order to place");
    world.settle();
    assert!(["accepted", "rewritten"].contains(&office.state(placed)));
    world.expect_all_is_well();
}

#[test]
fn what_was_held_is_handed_over_again_to_a_server_that_was_put_back() {
    let (world, till, office, order) = till_and_office(46);
    till.goes_offline();
    let paid = till.takes_payment(order, "10");
    world.changes_roles(&till, &[Role::Analyst]);
    till.goes_online();
    world.settle();
    assert_eq!(world.held(), [paid]);
    world.server_is_put_back(1);
    assert!(world.held().is_empty());
    world.settle();
    assert_eq!(world.held(), [paid], "a manager finds it again");
    world.decides(&office, paid, Decision::Accept, "He was still with us");
    world.settle();
    assert_eq!(till.state(paid), "rewritten");
    world.expect_all_is_well();
}

#[test]
fn a_device_that_does_not_send_again_what_a_restored_server_lacks_is_found() {
    let (world, till, _office, order) = till_and_office(47);
    till.keeps_to_itself();
    till.takes_payment(order, "10");
    world.settle();
    world.server_is_put_back(1);
    world.settle();
    let wrong = checkers::check(&world.sim());
    let says = "is accepted on the device; the server said nothing";
    assert!(wrong.iter().any(|words| words.contains(says)), "{wrong:?}");
}

#[test]
fn a_server_that_gives_numbers_before_the_word_of_an_admin_is_found() {
    let (world, _till, _office, _order) = till_and_office(48);
    world.script_makes_an_order();
    world.settle();
    world.server_is_put_back(1);
    world.server_gives_numbers_anyway();
    world.script_makes_an_order();
    world.settle();
    let wrong = checkers::check(&world.sim());
    assert!(wrong.iter().any(|words| words == "S-000001 was printed for 2 orders"), "{wrong:?}");
}
