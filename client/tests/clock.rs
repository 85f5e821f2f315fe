//! A device whose clock is wrong, and one whose clock is set while it runs: it works by the server's time all the same.

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use chrono::{Days, NaiveDate};
use common::{
    Device,
    guest::{Guest, Server, signs_in, until},
};
use waybill_client::{
    engine::{self, Answer, Clocks, Config, EngineHandle, LinkState, Submit},
    store::{Reader, Store},
};
use waybill_shared::{
    command::Command,
    edit::Edit,
    kind::{DocAddr, DocKind},
    location,
    protocol::ClientFrame,
    session::store::{Store as _, Write},
    time::Timestamp,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A clock that is off by so much, and can be set.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn off(by: i64) -> Self {
        Self(Arc::new(AtomicI64::new(by)))
    }

    fn set(&self, by: i64) {
        self.0.store(by, Ordering::SeqCst);
    }

    fn shows(&self) -> Timestamp {
        engine::now().plus_ms(self.0.load(Ordering::SeqCst))
    }

    fn start(&self, till: &Device) -> EngineHandle {
        let (hands, began) = (self.clone(), Instant::now());
        let clocks = Clocks {
            wall: Arc::new(move || hands.shows()),
            steady: Arc::new(move || began.elapsed()),
            counts_sleep: true,
        };
        let config = Config { dir: till.dir.clone(), online: true, listen: false };
        engine::start_by(config, clocks).expect("starts")
    }

    /// What a window on this device takes for now.
    fn corrected(&self, till: &Device) -> Timestamp {
        Reader::open(&till.dir).expect("opens").meta().expect("reads").now(self.shows())
    }
}

fn is_now(at: Timestamp) {
    let off = at.since(engine::now());
    assert!(off.abs() < 10_000, "{off} ms from the true time");
}

fn make_a_place(engine: &EngineHandle) {
    let create = location::Create {
        code: "S1".into(),
        name: "Shop".into(),
        kind: location::LocationKind::Shop,
        address: Default::default(),
    };
    let commands: Vec<(DocAddr, Command)> = vec![(engine::fresh(DocKind::Location), create.into())];
    let answer = engine.submit(Submit::new(commands)).wait();
    assert!(matches!(answer, Answer::Entered { .. }), "{answer:?}");
}

fn pushed(guest: &mut Guest) -> Edit {
    loop {
        if let ClientFrame::Push { mut edits, .. } = guest.next() {
            return edits.remove(0);
        }
    }
}

fn waits(till: &Device) -> Edit {
    let store = Store::open(&till.dir, engine::now()).expect("opens");
    let edit = store.pending(0, 100).expect("reads").pop().expect("one waits").edit;
    store.close().expect("closes");
    edit
}

#[test]
fn a_wrong_clock_that_has_greeted_books_by_the_servers_time_and_says_that_it_is_wrong() {
    for (by, words) in [(3 * DAY, "3 days ahead"), (-3 * HOUR, "3 hours behind")] {
        let (till, server, hands) = (Device::new(), Server::start(), Hands::off(by));
        let engine = hands.start(&till);
        let mut guest = signs_in(&engine, &server);
        let status = engine.status();
        assert_eq!(status.clock.as_deref(), Some(words));
        let said = format!("This device's clock is {words}; Waybill uses the server's time.");
        assert!(status.words().ends_with(&said), "{}", status.words());
        is_now(hands.corrected(&till));
        make_a_place(&engine);
        let edit = pushed(&mut guest);
        is_now(edit.parts[0].at);
        engine.stop();
    }
}

#[test]
fn a_clock_that_is_right_is_not_worth_a_word() {
    let (till, server, hands) = (Device::new(), Server::start(), Hands::off(100_000));
    let engine = hands.start(&till);
    let _guest = signs_in(&engine, &server);
    assert_eq!(engine.status().clock, None);
    engine.stop();
}

#[test]
fn a_clock_that_is_set_without_network_changes_no_day() {
    let (till, server, hands) = (Device::new(), Server::start(), Hands::off(3 * DAY));
    let engine = hands.start(&till);
    let guest = signs_in(&engine, &server);
    drop(guest);
    drop(server);
    until(&engine, |status| status.link != LinkState::Live);
    // Set right, and then wrong on the other side.
    for (by, words) in [(0, None), (-3 * HOUR, Some("3 hours behind")), (9 * DAY, Some("9 days ahead"))] {
        hands.set(by);
        until(&engine, |status| status.clock.as_deref() == words);
        is_now(hands.corrected(&till));
    }
    // What is entered at the very moment goes by it already.
    hands.set(-40 * DAY);
    make_a_place(&engine);
    engine.stop();
    is_now(waits(&till).parts[0].at);
}

#[test]
fn a_clock_that_is_set_while_connected_is_compared_anew() {
    let (till, server, hands) = (Device::new(), Server::start(), Hands::off(0));
    let engine = hands.start(&till);
    let _guest = signs_in(&engine, &server);
    hands.set(2 * HOUR);
    let mut guest = server.guest();
    let hello = guest.welcome();
    is_now(hello.clock.expect("it says what its clock shows").plus_ms(-2 * HOUR));
    let status = until(&engine, |status| status.link == LinkState::Live);
    assert_eq!(status.clock.as_deref(), Some("2 hours ahead"));
    engine.stop();
}

#[test]
fn a_clock_that_was_set_right_while_nothing_ran_is_noticed_by_what_it_showed() {
    let (till, server, hands) = (Device::new(), Server::start(), Hands::off(3 * DAY));
    let engine = hands.start(&till);
    let guest = signs_in(&engine, &server);
    engine.stop();
    drop((guest, server));
    hands.set(0);
    is_now(hands.corrected(&till));
    let engine = hands.start(&till);
    assert_eq!(engine.status().clock, None);
    make_a_place(&engine);
    engine.stop();
    is_now(waits(&till).parts[0].at);
    is_now(hands.corrected(&till));
}

/// The till learnt that its clock is off by so much.
fn learnt(till: &Device, by: i64) {
    let mut store = Store::open(&till.dir, engine::now()).expect("opens");
    let mut meta = store.meta().expect("reads");
    meta.learn(engine::now(), engine::now().plus_ms(-by));
    store.commit(&[Write::Meta(meta.into())]).expect("commits");
    store.close().expect("closes");
}

fn berlin(at: Timestamp) -> NaiveDate {
    at.local(chrono_tz::Europe::Berlin).date_naive()
}

#[test]
fn the_command_line_charges_the_price_of_the_true_day() {
    // True today is three days before what the clock shows, which has a price of its own, and a day after.
    for by in [3 * DAY, -DAY] {
        let till = Device::shop();
        learnt(&till, by);
        let today = berlin(engine::now().plus_ms(-by));
        till.ok("product create Stool --number OAK-3");
        till.ok(&format!("product set-price OAK-3 10.00 --from {today}"));
        let tomorrow = today.checked_add_days(Days::new(1)).expect("a day");
        till.ok(&format!("product set-price OAK-3 99.00 --from {tomorrow}"));
        till.ok("order create --line OAK-3 --wanted today");
        let shown = till.ok("order show T1-1");
        assert_eq!(shown["lines"][0]["price"], "10", "{shown}");
        assert_eq!(shown["wanted"]["date"], today.to_string());
        let words = if by > 0 { "3 days ahead" } else { "24 hours behind" };
        let status = till.ok("status");
        assert_eq!(status["status"]["clock"], words);
        let said = format!("This device's clock is {words}; Waybill uses the server's time");
        assert!(status["words"].as_str().expect("words").contains(&said), "{status}");
    }
}
