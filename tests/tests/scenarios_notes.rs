//! Stories on the simulated network of internal notes: what the office writes for itself, takes out again, and lets the
//! shops read.

use uuid::Uuid;
use waybill_shared::{
    customer, erasure,
    finding::Rule,
    id::{NoteId, NotesId, OrderId},
    kind::DocAddr,
    notes::{Show, Write},
    order::Contact,
    review::Decision,
    rules::roles::Role,
    scope::{Scope, Scopes},
    view::View,
};
use waybill_tests::world::{Hand, Outcome, World, accounts::ELSEWHERE, customer, hand::counter_sale};

const UGLY: &str = "an old skinflint";
const FAIR: &str = "pays in cash only";

/// An office, a shop, and an order there.
fn office_and_shop(seed: u64) -> (World, Hand, Hand, OrderId) {
    let world = World::seeded(seed);
    let (office, till) = (world.office("O1"), world.shop_till("T1"));
    world.settle();
    let order = till.creates_order("Oak chair", 1);
    world.settle();
    (world, office, till, order)
}

fn scopes(world: &World, order: OrderId) -> Scopes {
    Scopes::of(&world.server_view(NotesId::of(order)))
}

#[test]
fn what_was_taken_out_before_the_shops_were_shown_the_notes_never_reaches_a_shop() {
    let (world, office, till, order) = office_and_shop(1);
    office.writes_about(order, UGLY);
    world.settle();
    office.writes_about(order, FAIR);
    office.takes_out(order, UGLY);
    world.settle();
    assert!(till.reads(order).is_none() && !till.disk_tells(FAIR), "the office keeps it to itself");
    assert!(office.disk_tells(UGLY), "in the entry that its author keeps");

    office.shows_notes(order, true);
    world.settle();
    // Once as it was taken out, once as they were shown.
    assert_eq!(world.generation(NotesId::of(order)), 2);
    for hand in [&office, &till] {
        assert_eq!(hand.reads_texts(order), [FAIR]);
        let notes = hand.reads(order).expect("shown");
        let said: Vec<_> = notes.history.values().map(|entry| (entry.field.as_str(), &entry.now)).collect();
        assert!(said.contains(&("note", &Some("taken out".to_owned()))), "{said:?}");
        assert_eq!(notes.notes.values().filter(|note| note.out.is_some() && note.text.is_empty()).count(), 1);
    }
    assert!(till.disk_tells(FAIR) && !till.disk_tells(UGLY));

    // From here on the shop sees what happens, and how it was.
    let changed = office.writes_about(order, "and likes a chat");
    world.settle();
    assert_eq!(office.state(changed), "accepted");
    assert_eq!(till.reads_texts(order), [FAIR, "and likes a chat"]);
    assert_eq!(world.generation(NotesId::of(order)), 2);

    office.shows_notes(order, false);
    world.settle();
    assert!(till.reads(order).is_none() && !till.disk_tells(FAIR), "forgotten, with its bytes");
    assert_eq!(scopes(&world, order), Scope::Office.into());
    assert_eq!(office.reads_texts(order), [FAIR, "and likes a chat"]);
    world.expect_all_is_well();
}

#[test]
fn everything_at_once_from_an_office_that_was_offline_shows_no_more() {
    let (world, office, till, order) = office_and_shop(2);
    office.goes_offline();
    office.writes_about(order, UGLY);
    office.takes_out(order, UGLY);
    office.writes_about(order, FAIR);
    let shown = office.shows_notes(order, true);
    office.goes_online();
    world.settle();
    assert_eq!(office.state(shown), "accepted");
    assert_eq!((till.reads_texts(order), till.disk_tells(UGLY)), (vec![FAIR.to_owned()], false));
    assert_eq!(till.reads(order), office.reads(order));
    world.expect_all_is_well();
}

#[test]
fn a_till_that_was_away_while_they_were_shown_hidden_and_shown_again_gets_what_stands() {
    let (world, office, till, order) = office_and_shop(3);
    office.writes_about(order, FAIR);
    office.shows_notes(order, true);
    world.settle();
    assert_eq!(till.reads_texts(order), [FAIR]);
    till.goes_offline();
    office.shows_notes(order, false);
    office.writes_about(order, UGLY);
    world.settle();
    office.takes_out(order, UGLY);
    world.settle();
    office.shows_notes(order, true);
    office.writes_about(order, "third floor");
    world.settle();
    let late = world.shop_till("T2");
    till.goes_online();
    world.settle();
    for hand in [&till, &late] {
        assert_eq!(hand.reads_texts(order), [FAIR, "third floor"]);
        assert!(!hand.disk_tells(UGLY));
    }
    assert_eq!(world.generation(NotesId::of(order)), 3);
    world.expect_all_is_well();
}

#[test]
fn shown_they_are_for_whoever_may_see_what_they_are_about() {
    let (world, office, till, order) = office_and_shop(4);
    let van = world.driver("V1");
    let store = world.device("W1", &[Role::Warehouse]);
    let service = world.device("S1", &[Role::Service]);
    let elsewhere = world.shop_till("T2");
    world.sends_to(&elsewhere, &[ELSEWHERE]);
    office.gives_to_driver(order, &van);
    office.writes_about(order, FAIR);
    let who = customer("Weber");
    office.writes_about(who, "pays late");
    world.settle();
    for hand in [&van, &store, &service, &till, &elsewhere] {
        assert!(hand.reads(order).is_none() && !hand.disk_tells(FAIR));
    }
    office.shows_notes(order, true);
    world.settle();
    office.shows_notes(who, true);
    world.settle();
    // Of an order, at its place; of a customer, wherever customers are served.
    for (hand, of_the_order, of_the_customer) in [
        (&service, true, true),
        (&till, true, true),
        (&elsewhere, false, true),
        (&store, true, false),
        (&van, false, false),
    ] {
        for (about, words, reads) in
            [(DocAddr::from(order), FAIR, of_the_order), (who.into(), "pays late", of_the_customer)]
        {
            assert_eq!((hand.reads(about).is_some(), hand.disk_tells(words)), (reads, reads), "{words}");
        }
    }
    world.expect_all_is_well();
}

#[test]
fn the_notes_of_a_customer_are_shown_at_no_place_and_those_of_an_order_at_none_to_nobody() {
    let (world, office, till, order) = office_and_shop(13);
    let who = customer("Weber");
    office.writes_about(who, FAIR);
    office.writes_about(order, FAIR);
    world.settle();
    let told = office.tries(
        vec![(NotesId::of(who).into(), Show { shown: true, location: Some(ELSEWHERE) }.into())],
        vec![],
    );
    assert!(matches!(&told, Outcome::Refused(rules) if *rules == [Rule::Malformed]), "{told:?}");
    office.does(NotesId::of(order), Show { shown: true, location: None });
    world.settle();
    assert_eq!(scopes(&world, order), Scope::Office.into());
    assert!(till.reads(order).is_none() && !till.disk_tells(FAIR));
    world.expect_all_is_well();
}

#[test]
fn what_was_entered_offline_on_what_was_there_before_is_done_on_what_is_there_now() {
    let (world, office, till, order) = office_and_shop(5);
    let sales = world.device("O2", &[Role::Sales]);
    office.writes_about(order, UGLY);
    office.writes_about(order, FAIR);
    world.settle();
    sales.goes_offline();
    let noted = sales.writes_about(order, "rings before noon");
    let out = sales.takes_out(order, UGLY);
    office.takes_out(order, UGLY);
    office.shows_notes(order, true);
    world.settle();
    sales.goes_online();
    world.settle();
    assert_eq!((sales.state(noted), sales.state(out)), ("rewritten", "rewritten"));
    assert!(sales.attention().is_empty());
    office.shows_notes(order, true);
    world.settle();
    for hand in [&office, &sales, &till] {
        assert_eq!(hand.reads_texts(order), [FAIR, "rings before noon"]);
        let outs = |notes: &waybill_shared::notes::Notes| {
            notes.history.values().filter(|entry| entry.field == "note").count()
        };
        assert_eq!(hand.reads(order).map(|notes| outs(&notes)), Some(1), "it went once");
    }
    assert!(!till.disk_tells(UGLY));
    world.expect_all_is_well();
}

#[test]
fn what_was_written_for_the_office_does_not_reach_the_shops_because_somebody_showed_the_notes_meanwhile() {
    let (world, office, till, order) = office_and_shop(12);
    let sales = world.device("O2", &[Role::Sales]);
    office.writes_about(order, FAIR);
    world.settle();
    sales.goes_offline();
    let noted = sales.writes_about(order, UGLY);
    let second = sales.writes_about(order, "and a bore");
    office.shows_notes(order, true);
    world.settle();
    assert_eq!(till.reads_texts(order), [FAIR]);

    sales.goes_online();
    world.settle();
    assert_eq!((sales.state(noted), sales.state(second)), ("rewritten", "rewritten"));
    assert!(till.reads(order).is_none(), "nor the rest of it any more");
    for words in [UGLY, "and a bore", FAIR] {
        assert!(!till.disk_tells(words), "“{words}” is in the file of the shop");
    }
    assert_eq!(scopes(&world, order), Scope::Office.into());
    for hand in [&office, &sales] {
        assert_eq!(hand.reads_texts(order), [FAIR, UGLY, "and a bore"]);
        let notes = hand.reads(order).expect("the office has them");
        assert!(!notes.fields.shown && notes.fields.closed, "{notes:?}");
    }

    // Who sees that the shops read along writes for them too, also without a network.
    office.takes_out(order, UGLY);
    office.takes_out(order, "and a bore");
    office.shows_notes(order, true);
    world.settle();
    sales.goes_offline();
    sales.writes_about(order, "rings before noon");
    office.shows_notes(order, false);
    office.shows_notes(order, true);
    world.settle();
    sales.goes_online();
    world.settle();
    assert_eq!(till.reads_texts(order), [FAIR, "rings before noon"]);
    assert!(!office.reads(order).expect("it is there").fields.closed && !till.disk_tells(UGLY));
    world.expect_all_is_well();
}

#[test]
fn two_who_write_the_first_note_offline_write_in_the_same_place() {
    let (world, office, _, order) = office_and_shop(6);
    let sales = world.device("O2", &[Role::Sales]);
    world.settle();
    for (hand, text) in [(&office, FAIR), (&sales, "rings before noon")] {
        hand.goes_offline();
        hand.writes_about(order, text);
    }
    office.goes_online();
    sales.goes_online();
    world.settle();
    for hand in [&office, &sales] {
        assert_eq!(hand.reads_texts(order).len(), 2);
        assert_eq!(hand.reads(order).and_then(|notes| notes.about()), Some(order.into()));
    }
    world.expect_all_is_well();
}

#[test]
fn who_has_not_the_right_is_held_and_nobody_reads_it() {
    let (world, office, till, order) = office_and_shop(7);
    let (sales, boss) = (world.device("O2", &[Role::Sales]), world.device("M1", &[Role::Manager]));
    office.writes_about(order, FAIR);
    world.settle();
    let told = till.tries(
        vec![(
            NotesId::of(order).into(),
            Write { id: NoteId::NIL, about: order.into(), text: UGLY.to_owned(), saw_shown: false }.into(),
        )],
        vec![],
    );
    assert!(matches!(told, Outcome::Refused(_)), "{told:?}");

    // Who sold yesterday serves in a shop today, and has not heard of it.
    sales.goes_offline();
    let noted = sales.writes_about(order, UGLY);
    world.changes_roles(&sales, &[Role::Shop]);
    sales.goes_online();
    world.settle();
    assert_eq!(world.held(), [noted]);
    assert!(sales.reads(order).is_none() && !sales.disk_tells(FAIR), "what is the office's left it");
    assert_eq!(office.reads_texts(order), [FAIR]);
    assert!(!office.disk_tells(UGLY) && !till.disk_tells(UGLY));
    world.decides(&boss, noted, Decision::Accept, "");
    world.settle();
    assert_eq!(office.reads_texts(order), [FAIR, UGLY]);
    world.expect_all_is_well();
}

#[test]
fn notes_stand_in_the_document_whose_id_follows_from_what_they_are_about() {
    let (world, office, _, order) = office_and_shop(8);
    let another = NotesId::new(DocAddr::from(order).id);
    let write = Write { id: NoteId::NIL, about: order.into(), text: FAIR.to_owned(), saw_shown: false };
    let told = office.tries(vec![(another.into(), write.into())], vec![]);
    world.settle();
    let Outcome::Done(id) = told else { panic!("{told:?}") };
    assert_eq!(office.attention().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [id]);
    assert!(office.view(another).is_none() && !office.attention()[0].1.findings().is_empty());
    world.expect_all_is_well();
}

#[test]
fn notes_that_grew_keep_the_latest() {
    let (world, office, till, order) = office_and_shop(9);
    world.documents_may_grow(5, 3);
    office.writes_about(order, "note 0");
    office.shows_notes(order, true);
    world.settle();
    for nth in 1..12 {
        office.writes_about(order, &format!("note {nth}"));
        world.settle();
    }
    assert!(world.generation(NotesId::of(order)) > 2);
    let texts = office.reads_texts(order);
    assert!(texts.len() < 9 && texts.ends_with(&["note 10".to_owned(), "note 11".to_owned()]), "{texts:?}");
    assert_eq!(till.reads(order), office.reads(order));
    world.expect_all_is_well();
}

#[test]
fn what_was_noted_about_a_customer_who_is_erased_is_nowhere() {
    const NAME: &str = "Wilhelmina Grünspan";
    let world = World::seeded(10);
    let (office, till) = (world.device("O1", &[Role::Admin]), world.shop_till("T1"));
    let sales = world.device("O2", &[Role::Sales]);
    world.settle();
    let who = customer(NAME);
    office.does(
        who,
        customer::Create {
            number: "C-7".to_owned(),
            name: NAME.to_owned(),
            group: String::new(),
            tax_number: String::new(),
            contact: Contact::default(),
            addresses: Default::default(),
        },
    );
    let orders = [1, 2].map(|count| till.creates_order_for(NAME, &[("Oak chair", count)]));
    world.settle();
    office.writes_about(who, "Grünspan pays late");
    office.writes_about(orders[0], "for the nephew of Grünspan");
    office.shows_notes(who, true);
    world.settle();
    assert!(till.disk_tells("pays late"));
    sales.goes_offline();
    // On what is there, and on what nobody wrote in before.
    let late: Vec<_> = [DocAddr::from(who), orders[0].into(), orders[1].into()]
        .map(|about| sales.writes_about(about, "Grünspan rang"))
        .into();
    for doc in [DocAddr::from(who), NotesId::of(who).into(), orders[0].into(), orders[1].into()] {
        world.erases(doc);
    }
    world.erases(NotesId::of(orders[0]));
    world.wait(1_000);
    sales.goes_online();
    world.settle();
    for hand in [&office, &till, &sales] {
        assert!(!hand.disk_tells("Grünspan"));
    }
    for edit in late {
        assert_eq!(sales.state(edit), "rewritten", "it happened, and tells nothing");
    }
    for about in [DocAddr::from(who), orders[0].into(), orders[1].into()] {
        let View::Notes(notes) = world.server_view(NotesId::of(about)) else { panic!("no notes") };
        let tells = notes.notes.values().any(|note| note.text != erasure::ERASED);
        assert!(notes.erased.is_some() && !tells && notes.history.is_empty(), "{notes:?}");
    }
    world.expect_all_is_well();
}

#[test]
fn a_note_about_an_order_that_comes_with_it_for_an_erased_customer_tells_nothing() {
    let world = World::seeded(11);
    let [office, sales] = ["O1", "O2"].map(|code| world.device(code, &[Role::Admin]));
    world.settle();
    let who = customer("Weber");
    sales.goes_offline();
    let order = OrderId::new(Uuid::from_u128(78));
    let mut sale = counter_sale("Oak chair", 1, "19.99", &sales);
    sale.sale.customer = Some(who);
    let sold = sales.does(order, sale);
    let noted = sales.writes_about(order, "Weber always haggles");
    world.erases(who);
    world.wait(1_000);
    sales.goes_online();
    world.settle();
    assert_eq!(
        (sales.state(sold), sales.state(noted)),
        ("accepted", "rewritten"),
        "its name is in the note alone"
    );
    assert!(!sales.disk_tells("haggles") && !office.disk_tells("haggles"));
    world.expect_all_is_well();
}
