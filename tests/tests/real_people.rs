//! What an admin does about people and devices on a real server, and what the devices out there make of it.

use serde_json::Value;
use waybill_tests::real::{Device, Server};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// A company with ana, an admin, and tim at a till of his own.
fn company() -> (Server, Device) {
    let server = Server::start(DEMO);
    server.add_person("ana", "admin");
    server.add_person("tim", "shop");
    let ana = Device::signed_in(DEMO, &server.url(), "ana");
    ana.does("settings create Harbour --zone UTC --currency EUR --tax standard=19 --no-customer phone");
    ana.does("location create HS \"Harbour shop\"");
    ana.syncs();
    let tim = Device::new(DEMO);
    tim.does(&format!("login {} tim --device \"Till 2\"", server.url()));
    (server, tim)
}

fn listed(server: &Server, what: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(&server.does(&format!("{what} list --json"))).expect("JSON");
    all.as_array().expect("a list").clone()
}

fn till_2(server: &Server) -> Value {
    let till = listed(server, "device").into_iter().find(|device| device["name"] == "Till 2");
    till.expect("Till 2 is listed")
}

#[test]
fn a_lost_till_is_shut_out_keeps_what_it_has_and_sends_it_when_it_is_found() {
    let (server, tim) = company();
    tim.orders("--channel phone");
    tim.syncs();
    let till = till_2(&server);
    assert_eq!(till["people"], serde_json::json!(["tim"]), "{till}");
    // As it was when the till last said hello.
    assert_eq!(till["waiting"], 1, "{till}");
    assert_eq!(till["version"], env!("CARGO_PKG_VERSION"));
    assert!(till["last_contact"].is_string() && till["revoked_at"].is_null(), "{till}");
    let table = server.does("device list");
    assert!(table.starts_with("CODE") && table.contains("Till 2"), "{table}");

    let code = till["code"].as_str().expect("a code");
    server.does(&format!("device revoke {code}"));
    let number = tim.orders("--channel phone");
    let refused = tim.tries("sync").expect_err("it is shut out");
    assert!(refused.said.to_string().contains("may not be used any more"), "{refused:?}");
    assert_eq!(tim.entries("pending"), 1, "what was entered stays");
    assert!(server.does("device list").contains("withdrawn"));
    assert!(server.does("session list").contains("device withdrawn"));
    let login = tim.tries(&format!("login {} tim", server.url())).expect_err("not by signing in either");
    assert!(login.said.to_string().contains("may not be used any more"), "{login:?}");

    server.does(&format!("device restore {code}"));
    tim.does(&format!("login {} tim", server.url()));
    tim.syncs();
    assert_eq!(tim.attention(), Vec::<Value>::new());
    let other = Device::signed_in(DEMO, &server.url(), "ana");
    assert!(other.numbers().contains(&number), "the order came in");
    server.is_sound();
}

#[test]
fn an_ended_sign_in_is_begun_again_and_nothing_on_the_till_is_lost() {
    let (server, tim) = company();
    let code = till_2(&server)["code"].as_str().expect("a code").to_owned();
    server.does(&format!("device rename {code} \"Corner till\""));
    tim.orders("--channel phone");
    server.does(&format!("session end tim {code}"));
    let refused = tim.tries("sync").expect_err("the sign-in was ended");
    assert!(refused.said.to_string().contains("Sign in again"), "{refused:?}");
    assert_eq!(tim.entries("pending"), 1);
    tim.does(&format!("login {} tim --device \"Till 2\"", server.url()));
    tim.syncs();
    assert_eq!(tim.numbers().len(), 1);
    let sessions = listed(&server, "session");
    let tims = sessions.iter().find(|session| session["name"] == "tim").expect("tim is signed in");
    assert_eq!((&tims["device_name"], &tims["state"]), (&"Corner till".into(), &"active".into()));
    server.is_sound();
}

#[test]
fn who_forgot_the_password_signs_in_with_a_code_and_a_new_one() {
    let (server, tim) = company();
    let code = server.does("user reset-code tim");
    let login = |password: &str| format!("login {} tim --code --password \"{password}\"", server.url());
    let weak = tim.tries_with(&login("short"), &code).expect_err("too short");
    assert!(weak.said.to_string().contains("5 characters; take at least 10"), "{weak:?}");
    tim.tries_with(&login("rain over the bay"), &code).expect("a new password is taken");
    let again = tim.tries_with(&login("snow over the bay"), &code).expect_err("the code was used");
    assert!(again.said.to_string().contains("Ask an admin for a new one"), "{again:?}");
    // The environment of this device still holds the forgotten one.
    tim.tries(&format!("login {} tim", server.url())).expect_err("the forgotten password");
    tim.does(&format!("login {} tim --password \"rain over the bay\"", server.url()));
    tim.orders("--channel phone");
    tim.syncs();
}

#[test]
fn roles_that_changed_while_a_till_was_offline_judge_what_it_sends() {
    let (server, tim) = company();
    tim.orders("--channel phone");
    tim.syncs();
    tim.orders("--channel phone");
    server.does("user role add tim driver");
    server.does("user role remove tim shop");
    tim.does("sync");
    let complaint = tim.complaint().to_string();
    assert!(complaint.contains("not_permitted"), "{complaint}");
    let refused = tim.tries("order create --channel phone").expect_err("the till knows by now");
    assert!(refused.said.to_string().contains("not_permitted"), "{refused:?}");
    server.is_sound();
}
