//! The window before an encrypted file is opened.

#[path = "desktop/shop.rs"]
mod shop;

use std::time::{Duration, Instant};

use egui::{Event, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use shop::{ANNA, Shop};
use waybill_client::desktop::sealed::{Opened, Sealed};
use waybill_client::desktop::theme;
use waybill_client::engine::{Answer, EngineHandle, Request};
use waybill_client::pin::{Book, Pin};
use waybill_client::store::{self, ListQuery, Reader, key};

struct Before {
    sealed: Sealed,
    opened: Option<EngineHandle>,
}

fn until(screen: &mut Harness<'_, Before>, what: &str, done: impl Fn(&Harness<'_, Before>) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done(screen) {
        assert!(Instant::now() < deadline, "never: {what}");
        screen.run_steps(1);
    }
    screen.run_steps(3);
}

fn types(screen: &mut Harness<'_, Before>, pin: &str) {
    screen.event(Event::Text(pin.to_owned()));
    screen.run_steps(2);
    screen.key_press(Key::Enter);
    screen.run_steps(2);
}

#[test]
fn it_asks_for_a_pin_shows_nothing_of_the_file_and_whoever_opens_it_works_there() {
    let Shop { engine, dir } = Shop::new();
    engine.stop();
    // The company wants it encrypted, and Anna has a PIN that opens it.
    let mut book = Book::open(dir.path());
    book.set(ANNA, "Anna Berg", &Pin("lighthouse".into()), Some(&key::Key([5; 32]))).unwrap();
    book.set_encrypts(true).unwrap();
    assert!(store::is_sealed(dir.path()));

    let before = Before { sealed: Sealed::of(dir.path()), opened: None };
    let mut screen =
        Harness::builder().with_context_setup(theme::install).with_size((360.0, 740.0)).build_ui_state(
            |ui, before: &mut Before| {
                if before.opened.is_none()
                    && let Some(Opened(opened)) = before.sealed.show(ui, "Till 2")
                {
                    before.opened = Some(opened.unwrap());
                }
            },
            before,
        );
    screen.run_steps(4);
    for words in ["Anna Berg", "What is on this device is encrypted"] {
        assert!(screen.query_all_by_label_contains(words).next().is_some(), "{words}");
    }
    types(&mut screen, "a guess or so");
    until(&mut screen, "it is wrong", |screen| {
        screen.query_all_by_label_contains("That is not Anna Berg's PIN. 9 tries").next().is_some()
    });
    types(&mut screen, "lighthouse");
    until(&mut screen, "it is open", |screen| screen.state().opened.is_some());
    let engine = screen.state().opened.clone().unwrap();
    let Answer::Status(status) = engine.ask(Request::Status).wait() else { panic!("it tells") };
    assert_eq!(status.person, Some(ANNA));
    assert!(key::is_encrypted(&store::file(dir.path())));
    let customers = Reader::open(dir.path()).unwrap().customers(&ListQuery::typed("", 10)).unwrap();
    assert_eq!(customers.len(), 1, "what was there before is there");
}
