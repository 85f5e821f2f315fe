//! Internal notes in the window: written, taken out, shown to the shops, and nothing of them for who may not read them.

#[path = "desktop/shop.rs"]
mod shop;

use egui::{Key, Modifiers};
use shop::{PHONE, Screen, Shop, fits, go, press, shows, type_and_enter, type_words, until};
use waybill_client::store::ListQuery;
use waybill_shared::id::{CustomerId, NoteId, NotesId};
use waybill_shared::notes::{Notes, Write};
use waybill_shared::rules::roles::Role;

fn lund(shop: &Shop) -> CustomerId {
    shop.reader().customers(&ListQuery::typed("lund", 1)).unwrap()[0].id
}

fn notes(shop: &Shop) -> Notes {
    shop.reader().document(NotesId::of(lund(shop))).unwrap().unwrap_or_default()
}

/// The window on the one customer.
fn on_the_customer(shop: &Shop, width: f32) -> Screen {
    let mut screen = shop.window(width, if width < 600.0 { 740.0 } else { 800.0 });
    go(&mut screen, Key::Num3);
    let list = "C-100 Bakery Lund, ";
    until(&mut screen, "the customer is listed", |screen| shows(screen, list));
    press(&mut screen, list);
    screen
}

fn note(screen: &mut Screen, words: &str) {
    screen.run_steps(2);
    screen.key_press(Key::I);
    screen.run_steps(3);
    type_and_enter(screen, words);
}

#[test]
fn a_note_is_written_by_keyboard_shown_to_the_shops_and_taken_out_when_it_is_meant() {
    let shop = Shop::new();
    let mut screen = on_the_customer(&shop, 1280.0);
    assert!(shows(&screen, "Internal notes") && shows(&screen, "Nothing noted yet"), "an empty card teaches");
    assert!(!shows(&screen, "The shops may read these"), "there is nothing to show");
    note(&mut screen, "Pays late");
    until(&mut screen, "it is noted", |screen| shows(screen, "Take out Pays late"));
    note(&mut screen, "Ask for Ms Blum");
    until(&mut screen, "the second too", |screen| shows(screen, "Take out Ask for Ms Blum"));
    assert!(shows(&screen, "Only the office reads these") && shows(&screen, "waits to be sent"));

    press(&mut screen, "The shops may read these");
    until(&mut screen, "they are shown", |screen| shows(screen, "The shops read these too"));
    assert!(notes(&shop).fields.shown);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut screen, "that is taken back", |screen| shows(screen, "Only the office reads these"));

    press(&mut screen, "Take out Pays late");
    assert!(shows(&screen, "Take this note out?"));
    screen.key_press(Key::Escape);
    screen.run_steps(4);
    assert!(!shows(&screen, "Take this note out?") && notes(&shop).standing().len() == 2, "it was not meant");
    press(&mut screen, "Take out Pays late");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "it is gone", |screen| shows(screen, "Anna Berg took a note out"));
    assert!(!shows(&screen, "Pays late"));
    let texts: Vec<String> = notes(&shop).standing().iter().map(|(_, note)| note.text.clone()).collect();
    assert_eq!(texts, ["Ask for Ms Blum"]);
}

#[test]
fn who_may_not_read_them_sees_no_trace_of_them() {
    for role in [Role::Shop, Role::Service] {
        let shop = Shop::with_anna_as(role);
        let screen = on_the_customer(&shop, 1280.0);
        assert!(shows(&screen, "Bakery Lund") && !shows(&screen, "Internal notes"), "{role:?}");
    }
}

#[test]
fn on_an_order_they_stand_beside_the_note_that_goes_with_it() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::N);
    screen.run_steps(3);
    for words in ["lund", "oak", "2"] {
        type_and_enter(&mut screen, words);
    }
    screen.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "the order is placed", |screen| shows(screen, "Placed the order"));
    note(&mut screen, "Margin is thin");
    until(&mut screen, "it is noted", |screen| shows(screen, "Take out Margin is thin"));
    let noted: Notes = {
        let mut found = None;
        shop.reader().every(|_, notes: Notes| found = Some(notes)).unwrap();
        found.expect("there are notes")
    };
    assert_eq!(noted.about().map(|about| about.kind), Some(waybill_shared::kind::DocKind::Order));
    // What is half typed about one order is not written about another, and is there again.
    screen.key_press(Key::I);
    screen.run_steps(3);
    type_words(&mut screen, "half a thou");
    go(&mut screen, Key::Num3);
    press(&mut screen, "C-100 Bakery Lund, ");
    assert!(!shows(&screen, "half a thou"));
}

#[test]
fn on_a_telephone_nothing_of_them_is_beside_the_screen() {
    let shop = Shop::new();
    let about = lund(&shop).into();
    for text in
        ["Pays late", "Has a dog that does not like vans and barks at whoever rings at the front door"]
    {
        let write = Write { id: NoteId::NIL, about, text: text.to_owned(), saw_shown: false };
        shop.enter(NotesId::of(about).into(), write);
    }
    let mut screen = on_the_customer(&shop, PHONE);
    until(&mut screen, "they are shown", |screen| shows(screen, "Internal notes"));
    fits(&mut screen, "the customer with notes");
    press(&mut screen, "Take out Pays late");
    fits(&mut screen, "the question whether it shall go");
}
