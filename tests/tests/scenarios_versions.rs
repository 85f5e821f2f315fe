//! Versions of the program beside each other: what a later one writes is kept and shown as far as it can be, who is not
//! served goes on and hands in later, and what one server does not know yet holds nothing else up.

use waybill_shared::{
    id::OrderId,
    kind::{DocAddr, DocKind},
    order::{Priority, What, timeline},
    product,
    protocol::{LEAST, VERSION},
    rules::roles::Role,
    session::Notice,
    view::View,
};
use waybill_tests::world::{Hand, World, newer::KIND, versions::Version};

const LATER: u16 = VERSION + 1;

/// A till and an office that know each other, and an order of three oak chairs that both see.
fn a_shop(seed: u64) -> (World, Hand, Hand, OrderId) {
    let world = World::seeded(seed);
    let (till, office) = (world.shop_till("T1"), world.office("O1"));
    world.settle();
    let order = till.creates_order("Oak chair", 3);
    world.settle();
    (world, till, office, order)
}

fn serves(from: u16, to: u16) -> Version {
    Version { serves: from..=to, lacks: None }
}

fn lacks(command: &'static str) -> Version {
    Version { serves: LEAST..=VERSION, lacks: Some(command) }
}

fn unknown_facts(hand: &Hand, order: OrderId) -> usize {
    hand.sees(order).facts.values().filter(|fact| fact.what == What::Unknown).count()
}

/// Of this kind, as the server has them.
fn documents(world: &World, kind: DocKind) -> Vec<DocAddr> {
    let all = world.sim().server.log.all_documents().into_iter().map(|saved| saved.doc);
    all.filter(|addr| addr.kind == kind).collect()
}

/// What differs from the server and is mended is a defect, which is reported.
fn mended(hand: &Hand) -> bool {
    let sim = hand.world.sim();
    sim.devices[hand.device].notices.iter().any(|notice| matches!(notice, Notice::Mended { .. }))
}

#[test]
fn what_a_later_version_writes_in_an_order_is_kept_and_shown_as_such() {
    let (world, till, office, order) = a_shop(1);
    world.documents_may_grow(4, 1);
    till.goes_offline();
    till.notes(order, "entered beside it");
    world.sim().newer_weighs(order.into());
    world.sim().newer_plans(order.into());
    world.settle();
    till.goes_online();
    world.settle();
    for hand in [&till, &office] {
        assert_eq!(unknown_facts(hand, order), 1);
        let Priority::Newer(priority) = hand.sees(order).plan.priority else {
            panic!("it is not known here")
        };
        assert_eq!(priority.name(), "critical");
    }
    let told = timeline::of(&office.sees(order));
    let told = format!("{told:?}");
    assert!(told.contains("a newer version of Waybill"), "{told}");
    // Our server makes the order anew, with all of it.
    for count in 4..14 {
        office.sets_quantity(order, "Oak chair", count);
        world.settle();
    }
    assert!(world.generation(order) > 0);
    assert_eq!((unknown_facts(&till, order), unknown_facts(&office, order)), (1, 1));
    world.expect_all_is_well();
}

#[test]
fn a_kind_of_document_that_is_not_known_here_is_kept_and_never_an_error() {
    let (world, till, office, order) = a_shop(2);
    world.sim().newer_names();
    world.settle();
    let [doc] = documents(&world, KIND)[..] else { panic!("there is one") };
    assert_eq!(office.view(doc), Some(View::Newer(KIND)));
    assert_eq!(till.view(doc), None, "it is the office's");
    office.notes(order, "goes on");
    // More is written in it while the device is away, and another device comes that has nothing yet.
    office.goes_offline();
    for _ in 0..6 {
        world.sim().newer_names();
    }
    till.notes(order, "goes on too");
    world.settle();
    office.goes_online();
    let second = world.device("O2", &[Role::Manager]);
    world.settle();
    assert_eq!(documents(&world, KIND).len(), 3);
    for doc in documents(&world, KIND) {
        assert_eq!((office.view(doc), second.view(doc)), (Some(View::Newer(KIND)), Some(View::Newer(KIND))));
    }
    assert!(!mended(&office) && !mended(&second), "nothing was wrong");
    world.expect_all_is_well();
}

#[test]
fn a_document_that_a_later_version_began_otherwise_is_worked_on_like_any_other() {
    let (world, till, office, _) = a_shop(3);
    world.sim().newer_makes_a_product();
    world.settle();
    let [product] = documents(&world, DocKind::Product)[..] else { panic!("there is one") };
    let field = product::Field::Category("heavy".into());
    office.does(product, product::SetField { field });
    world.settle();
    for hand in [&till, &office] {
        let Some(View::Product(seen)) = hand.view(product) else { panic!("everybody sees it") };
        assert!(seen.fields.name.starts_with("Lathe") && seen.fields.category == "heavy");
        assert!(!mended(hand), "nothing was wrong");
    }
    world.expect_all_is_well();
}

#[test]
fn who_is_not_served_any_more_goes_on_and_hands_in_once_updated() {
    let (world, till, office, order) = a_shop(4);
    till.goes_offline();
    let paid = till.takes_payment(order, "10");
    world.a_server_is_updated(0, serves(LATER, LATER));
    office.is_updated(LATER);
    till.goes_online();
    world.wait(60_000);
    let noted = till.notes(order, "entered on an old program");
    world.wait(60_000);
    assert!(world.sim().ledger.turned_away > 3);
    assert_eq!((till.state(paid), till.state(noted)), ("pending", "pending"));
    assert!(world.server_order(order).facts.is_empty());
    till.is_updated(LATER);
    world.settle();
    assert_eq!((till.state(paid), till.state(noted)), ("accepted", "accepted"));
    assert_eq!(office.sees(order).facts.len(), 2);
    world.expect_all_is_well();
}

#[test]
fn a_device_goes_to_the_server_that_serves_its_version() {
    let (world, till, office, order) = a_shop(5);
    world.has_servers(2);
    world.a_server_is_updated(1, serves(VERSION, LATER));
    world.wait(5_000);
    till.is_updated(LATER);
    till.talks_to(0);
    let noted = till.notes(order, "from a later version");
    world.settle();
    assert_eq!(world.sim().devices[till.device].server, 1);
    assert!(world.sim().ledger.turned_away > 0);
    assert_eq!((till.state(noted), office.sees(order).facts.len()), ("accepted", 1));
    world.expect_all_is_well();
}

#[test]
fn what_rests_on_an_entry_that_the_server_does_not_know_waits_with_it() {
    let (world, till, office, order) = a_shop(7);
    world.a_server_is_updated(0, lacks("order.add_line/1"));
    world.wait(5_000);
    let added = till.adds(order, "Ash table", 1);
    let placed = till.places(order);
    let tagged = till.tags(order, "gift");
    world.wait(60_000);
    assert_eq!([added, placed, tagged].map(|id| till.state(id)), ["pending"; 3]);
    assert!(till.attention().is_empty(), "nothing is refused");
    world.a_server_is_updated(0, serves(LEAST, VERSION));
    world.settle();
    assert_eq!([added, placed, tagged].map(|id| till.state(id)), ["accepted"; 3]);
    assert_eq!(office.sees(order), till.sees(order));
    world.expect_all_is_well();
}

#[test]
fn what_the_server_does_not_know_yet_waits_and_holds_nothing_else_up() {
    let (world, till, office, order) = a_shop(6);
    world.a_server_is_updated(0, lacks("order.hand_over/1"));
    world.wait(5_000);
    // They go up together.
    till.goes_offline();
    let handed_over = till.hands_over(order, "Oak chair", 1);
    let noted = till.notes(order, "entered behind it");
    let sold = till.sells("Pine shelf", 1);
    till.goes_online();
    world.wait(60_000);
    // What was entered behind it on the same order waits with it.
    assert_eq!((till.state(handed_over), till.state(noted)), ("pending", "pending"));
    assert_eq!(office.sees(sold), till.sees(sold));
    assert_eq!((till.sees(order).facts.len(), till.attention().len()), (2, 0));
    world.a_server_is_updated(0, serves(LEAST, VERSION));
    world.settle();
    assert_eq!((till.state(handed_over), till.state(noted)), ("accepted", "accepted"));
    assert_eq!(office.sees(order).facts.len(), 2);
    world.expect_all_is_well();
}
