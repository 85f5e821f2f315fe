//! What an admin does about people and devices on a real server, and what the devices out there make of it.

use std::{fs, path::Path};

use serde_json::Value;
use waybill_shared::scope::Scope;
use waybill_tests::real::{Company, Device, Server, until};

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
fn a_till_that_is_shut_out_hands_over_what_it_has_and_is_wiped() {
    let (server, tim) = company();
    tim.does("customer create \"Weber Interiors\"");
    tim.orders("--channel phone");
    tim.syncs();
    // It said hello with two, and both were settled since.
    let till =
        until("nothing waits there by now", || Some(till_2(&server)).filter(|till| till["waiting"] == 0));
    assert_eq!(till["people"], serde_json::json!(["tim"]), "{till}");
    assert_eq!(till["version"], env!("CARGO_PKG_VERSION"));
    assert!(till["last_contact"].is_string() && till["revoked_at"].is_null(), "{till}");
    let table = server.does("device list");
    assert!(table.starts_with("CODE") && table.contains("Till 2"), "{table}");

    let code = till["code"].as_str().expect("a code");
    server.does(&format!("device revoke {code}"));
    let number = tim.orders("--channel phone");
    assert!(holds(tim.path(), "Weber Interiors"));
    let told = tim.tries("sync").expect_err("it is shut out");
    assert!(told.said.to_string().contains("Harbour has removed its data"), "{told:?}");
    assert!(
        !holds(tim.path(), "Weber Interiors") && !holds(tim.path(), "T2-"),
        "not even in what is left over"
    );
    assert_eq!(names(tim.path()), ["WIPED.txt", "waybill.lock"]);
    assert!(server.does("device list").contains("withdrawn"));
    assert!(server.does("session list").contains("device withdrawn"));

    // What was entered on it is safe, and a manager decides.
    let held = listed(&server, "held");
    assert_eq!((held.len(), &held[0]["person"], &held[0]["kind"]), (1, &"tim".into(), &"asked for".into()));
    let id = held[0]["id"].as_str().expect("an id");
    assert!(server.does(&format!("held show {id}")).contains("may not be used any more"));
    server.does(&format!("held accept {id} --by ana --reason \"He called\""));
    assert!(server.does(&format!("held show {id}")).contains("He called"));
    assert_eq!(listed(&server, "held").len(), 0);
    let other = Device::signed_in(DEMO, &server.url(), "ana");
    assert!(other.numbers().contains(&number), "the order came in");
    server.is_sound();

    // The device itself begins anew, as another one; by its old name it does not come back.
    let status = tim.tries("status").expect_err("there is nothing");
    assert!(status.said.to_string().contains("removed its data"), "{status:?}");
    tim.does(&format!("login {} tim --device \"Till 3\"", server.url()));
    assert!(!names(tim.path()).contains(&"WIPED.txt".to_owned()));
}

#[test]
fn a_lost_till_that_is_found_before_it_connects_sends_what_it_kept() {
    let (server, tim) = company();
    let code = till_2(&server)["code"].as_str().expect("a code").to_owned();
    server.does(&format!("device revoke {code}"));
    let login = tim.tries(&format!("login {} tim", server.url())).expect_err("not by signing in");
    assert!(login.said.to_string().contains("may not be used any more"), "{login:?}");
    let number = tim.orders("--channel phone");
    server.does(&format!("device restore {code}"));
    tim.syncs();
    assert_eq!(tim.attention(), Vec::<Value>::new());
    assert!(Device::signed_in(DEMO, &server.url(), "ana").numbers().contains(&number));
    server.is_sound();
}

/// Two people on one till; one is dismissed while it is offline.
#[test]
fn of_two_people_on_a_till_the_one_who_was_dismissed_is_held_and_the_other_is_not() {
    let (server, till) = company();
    server.add_person("mia", "shop");
    till.tries_with(&format!("login {} tim --new-pin", server.url()), "482915\n").expect("tim chooses a PIN");
    till.tries_with(&format!("login {} mia", server.url()), "739164\n").expect("mia chooses one");
    till.tries_with("switch tim", "482915\n").expect("tim works");
    let of_tim = till.orders("--channel phone");
    till.tries_with("switch mia", "739164\n").expect("mia works");
    let of_mia = till.orders("--channel phone");
    // Mia signed in last: the till's token is hers.
    server.does("user revoke mia");
    till.does("sync");
    let complaint = till.complaint();
    assert_eq!(complaint["verdict"], "held", "{complaint}");
    let office = Device::signed_in(DEMO, &server.url(), "ana");
    assert_eq!(office.numbers(), [of_tim]);
    let held = listed(&server, "held");
    let id = held[0]["id"].as_str().expect("an id");
    server.does(&format!("held accept {id} --by ana"));
    // Both here and on the till the order is there now, and nothing needs attention.
    till.does("sync");
    office.does("sync");
    assert_eq!((till.attention(), office.numbers().len()), (vec![], 2));
    assert!(office.numbers().contains(&of_mia));
    server.is_sound();
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("the directory is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Whether these letters stand anywhere in the files of the directory.
fn holds(dir: &Path, letters: &str) -> bool {
    let of = |name: &String| fs::read(dir.join(name)).unwrap_or_default();
    names(dir).iter().any(|name| of(name).windows(letters.len()).any(|window| window == letters.as_bytes()))
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

/// With one connection to the database for all that devices ask.
#[test]
fn a_connected_till_is_shown_more_while_others_ask_for_their_part() {
    let company = Company::opens_at(Server::start_flagged(DEMO, "--database-connections 5"), DEMO);
    let (tim, uma) = (company.hires("tim", "shop"), company.hires("uma", "shop"));
    let watching = [tim.watches(), uma.watches()];
    company.server.does("user role add tim sales");
    company.server.does("user role add uma sales");
    for device in [&tim, &uma] {
        until("the till sees what the office sees", || device.scopes().contains(Scope::Office).then_some(()));
    }
    let order = company.office.orders("--customer Orion --channel phone --line 2xCHAIR");
    company.office.syncs();
    until("the order comes", || tim.numbers().contains(&order).then_some(()));
    drop(watching);
    company.settles(&[&tim, &uma, &company.office]);
}
