//! Tills with wrong clocks at a real server: the price and the day are the true ones, and the admin hears of the clock.

use std::{sync::Arc, time::Instant};

use chrono::Utc;
use waybill_client::{
    engine::{self, Answer, Clocks, Config, Request, SignIn, Trust},
    store::Reader,
};
use waybill_tests::real::{Device, Server};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const DAY: i64 = 24 * 3_600_000;

/// By how much a clock that is three hours behind at one in the morning is behind: it shows yesterday.
fn over_midnight() -> i64 {
    let since_midnight = engine::now().ms().rem_euclid(DAY);
    since_midnight + 2 * 3_600_000
}

#[test]
fn tills_with_wrong_clocks_charge_what_is_so_today_and_are_told_of_to_the_admin() {
    let server = Server::start(DEMO);
    server.add_person("ana", "admin");
    let ana = Device::signed_in(DEMO, &server.url(), "ana");
    ana.does("settings create Harbour --zone UTC --currency EUR --tax standard=19 --no-customer phone");
    ana.does("location create HS \"Harbour shop\"");
    ana.does("product create Chair --number OAK-1");
    // None yesterday, and another one by the day after tomorrow.
    ana.does("product set-price OAK-1 10.00");
    ana.does("product set-price OAK-1 99.00 --from +2");
    ana.syncs();
    for (name, by, words) in
        [("Ahead", 3 * DAY, Some("3 days ahead")), ("Behind", -over_midnight(), None), ("Right", 0, None)]
    {
        let dir = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let clocks = Clocks {
            wall: Arc::new(move || engine::now().plus_ms(by)),
            steady: Arc::new(move || began.elapsed()),
            counts_sleep: true,
        };
        let config = Config { dir: dir.path().to_owned(), online: false, listen: false };
        let till = engine::start_by(config, clocks).unwrap();
        let signed_in = till
            .ask(Request::SignIn(SignIn {
                server: server.url(),
                name: "ana".into(),
                password: "a long and quiet road".into(),
                new_password: None,
                device: name.into(),
                trust: Trust::AsBefore,
                pin: None,
            }))
            .wait();
        assert!(matches!(signed_in, Answer::SignedIn { .. }), "{signed_in:?}");
        let synced = till.ask(Request::SyncNow).wait();
        assert!(matches!(synced, Answer::Status(_)), "{synced:?}");
        let reader = Reader::open(dir.path()).unwrap();
        let today = reader.meta().unwrap().today(engine::now().plus_ms(by), chrono_tz::UTC);
        assert_eq!(today, Utc::now().date_naive(), "{name}");
        let chair = reader.products_coded("OAK-1").unwrap().remove(0);
        let price = chair.price_on(today).map(|price| price.price.to_string());
        assert_eq!(price.as_deref(), Some("10"), "{name}");
        till.stop();

        let listed = server.does("device list");
        let line = listed.lines().find(|line| line.contains(name)).expect("it is listed");
        match (by, words) {
            (0, _) => assert!(line.contains("right"), "{line}"),
            (_, Some(words)) => assert!(line.contains(words), "{line}"),
            (_, None) => assert!(line.contains("behind"), "{line}"),
        }
    }
    let listed = ana.does("device list");
    let off = |name: &str| {
        let all = listed["devices"].as_array().expect("devices");
        all.iter().find(|device| device["name"] == name).expect("it is listed")["clock_off"].as_i64()
    };
    assert!(off("Ahead").is_some_and(|off| (off - 3 * DAY).abs() < 60_000), "{listed}");
    assert!(off("Right").is_some_and(|off| off.abs() < 60_000), "{listed}");
    server.is_sound();
}
