//! The first hour of a company on a real server, as the README tells it, by the command line.

use waybill_tests::real::{Device, Server};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const SET_UP_ALREADY: &str = "The business was set up already, as Harbour in Pacific/Auckland with NZD.";
const NOT_SET_UP: &str = "This company is not set up yet";

#[test]
fn a_fresh_server_is_set_up_once_and_nothing_is_booked_before() {
    let mut server = Server::start(DEMO);
    server.stop();
    assert!(
        server.log().contains("there is no admin yet") && server.log().contains("the company is not set up")
    );
    server.restart();
    server.add_person("ana", "admin");
    server.add_person("eva", "admin");
    server.add_person("tim", "shop");

    // Whoever comes too early is told, and nothing is booked under a day that may be wrong.
    let tim = Device::new(DEMO);
    assert_eq!(tim.does(&format!("login {} tim", server.url()))["set_up"], false);
    let ana = Device::signed_in(DEMO, &server.url(), "ana");
    let eva = Device::signed_in(DEMO, &server.url(), "eva");
    ana.does("location create HS \"Harbour shop\"");
    ana.syncs();
    tim.syncs();
    let told = server.does("user location add tim \"Harbour shop\"");
    assert_eq!(told.trim(), "tim works at HS Harbour shop now.");
    assert!(server.does("user list").lines().any(|line| line.starts_with("tim") && line.contains("HS")));
    server.does("user location remove tim hs");
    let early = tim.tries("order create --channel phone").expect_err("it is too early");
    assert_eq!(early.code, 1, "{early:?}");
    assert!(early.said.to_string().contains(NOT_SET_UP), "{early:?}");
    assert_eq!(tim.entries("pending"), 0);

    // Zone and currency are not assumed.
    for missing in ["--zone Pacific/Auckland", "--currency NZD"] {
        assert_eq!(ana.tries(&format!("settings create Harbour {missing}")).unwrap_err().code, 2);
    }
    ana.does("settings create Harbour --zone Pacific/Auckland --currency NZD --tax standard=15 --no-customer phone");
    ana.syncs();
    tim.syncs();
    let known = tim.does("settings show");
    assert_eq!((&known["zone"], &known["currency"]), (&"Pacific/Auckland".into(), &"NZD".into()));
    let number = tim.orders("--channel phone");
    tim.syncs();
    assert_eq!(tim.order(&number)["order"]["currency"], "NZD");

    // Once: whoever does it again changes nothing and is told, here or, where it was not known yet, by the
    // server. What is changed later is changed by its name.
    let again = "settings create Other --zone UTC --currency EUR";
    let known = ana.tries(again).expect_err("it is set up already");
    assert_eq!(known.code, 1, "{known:?}");
    assert!(known.said.to_string().contains(SET_UP_ALREADY), "{known:?}");
    eva.does(again);
    eva.syncs();
    assert!(eva.complaint().to_string().contains(SET_UP_ALREADY), "{:?}", eva.complaint());
    assert_eq!(eva.does("settings show")["company"], "Harbour");
    ana.syncs();
    assert_eq!(ana.does("settings show")["company"], "Harbour");
    ana.does("settings set zone Pacific/Chatham");
    ana.syncs();
    tim.syncs();
    assert_eq!(tim.does("settings show")["zone"], "Pacific/Chatham");
    server.is_sound();

    server.stop();
    let before = server.log().len();
    server.restart();
    server.stop();
    assert!(!server.log()[before..].contains("not set up"), "{}", server.log());
}
