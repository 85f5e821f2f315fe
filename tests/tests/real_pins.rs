//! People who share a till, each with a PIN, on a real server: enrolled once online, then switching offline.

use std::{fs, path::Path};

use serde_json::Value;
use waybill_client::pin::{self, ALLOWED, Attempts, Book, Moment};
use waybill_client::store::Reader;
use waybill_shared::{id::PersonId, rules::roles::Role, time::Timestamp};
use waybill_tests::real::{Company, Device, NotDone, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Tim and Mia share a till, and Mia works at it; Tim's PIN is 482915, Mia's 739164.
fn shared() -> (Company, Device) {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    company.server.add_person("mia", "shop");
    till.tries_with(&login(&company, "tim", "--new-pin"), "482915\n").expect("tim chooses a PIN");
    till.tries_with(&login(&company, "mia", ""), "739164\n").expect("mia is asked for one");
    (company, till)
}

fn login(company: &Company, name: &str, options: &str) -> String {
    format!("login {} {name} --device \"Till 2\" {options}", company.server.url())
}

fn switch(till: &Device, name: &str, pin: &str) -> Result<Value, NotDone> {
    till.tries_with(&format!("switch {name}"), &format!("{pin}\n"))
}

fn code_of(company: &Company) -> String {
    let devices: Value = serde_json::from_str(&company.server.does("device list --json")).expect("JSON");
    let till = devices.as_array().expect("a list").iter().find(|device| device["name"] == "Till 2");
    till.expect("Till 2 is listed")["code"].as_str().expect("a code").to_owned()
}

fn person(till: &Path, name: &str) -> PersonId {
    let names = Reader::open(till).unwrap().names().unwrap();
    names.people.iter().find(|person| person.name == name).unwrap().id
}

/// As after ten wrong ones, an hour ago.
fn lock_out(till: &Path, name: &str) {
    let mut attempts = Attempts::default();
    let at = Moment { wall: Timestamp::from_unix_ms(0), run: 0, running_ms: 0 };
    (0..ALLOWED).for_each(|_| attempts.count(at));
    Book::open(till).keep(person(till, name), attempts).unwrap();
}

/// A server notices within seconds what changed among its people.
fn lets_tim_in(till: &Device) {
    until("the server's word comes", || {
        till.syncs();
        switch(till, "tim", "482915").ok()
    });
}

fn is_refused(outcome: Result<Value, NotDone>, words: &str) {
    let refused = outcome.expect_err(words);
    assert!(
        matches!(refused.code, 1 | 5) && refused.said.to_string().contains(words),
        "{words}: {refused:?}"
    );
}

#[test]
fn two_people_share_a_till_and_what_each_enters_offline_reaches_the_office_in_the_own_name() {
    let (company, till) = shared();
    let of_mia = till.orders("--channel shop");
    switch(&till, "tim", "482915").expect("tim switches offline");
    let of_tim = till.orders("--channel shop");
    is_refused(switch(&till, "mia", "482915"), "That is not mia's PIN");
    let as_mia = "order create --channel shop --as mia";
    let without = till.tries(as_mia).expect_err("her PIN is asked for");
    assert!(without.said.to_string().contains("Give the PIN with --pin-file"), "{without:?}");
    is_refused(till.tries_with(as_mia, "482915\n"), "That is not mia's PIN");
    switch(&till, "tim", "482915").expect("tim goes on");
    assert_eq!(till.entries("pending"), 2);
    till.syncs();
    company.office.syncs();
    for (order, name) in [(of_mia, "mia"), (of_tim, "tim")] {
        let shown = company.office.order(&order);
        assert!(shown.to_string().contains(&format!("\"person\":\"{name}\"")), "{shown}");
    }
    company.server.is_sound();
}

#[test]
fn nobody_joins_a_till_before_whoever_works_there_without_a_pin_chose_one_or_signed_out() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    till.orders("--channel shop");
    company.server.add_person("mia", "shop");
    let joins = || till.tries_with(&login(&company, "mia", ""), "739164\n");
    is_refused(joins(), "tim works on this device without a PIN");
    let people = || {
        let devices: Value = serde_json::from_str(&company.server.does("device list --json")).expect("JSON");
        let people: Vec<Value> =
            devices.as_array().expect("a list").iter().map(|d| d["people"].clone()).collect();
        people
    };
    assert!(!people().contains(&serde_json::json!(["tim", "mia"])), "she is not enrolled either");
    // He goes on as before, and may sign in again himself.
    till.orders("--channel shop");
    is_refused(till.tries("lock"), "There is no PIN on this device");
    till.does(&login(&company, "Tim", ""));
    is_refused(joins(), "tim works on this device without a PIN");
    till.tries_with("pin", "482915\n").expect("tim chooses a PIN");
    let weak = till.tries_with(&login(&company, "mia", "--new-pin"), "111111\n").expect_err("all the same");
    assert!(weak.said.to_string().contains("the same character"), "{weak:?}");
    // Without one she is enrolled and does not work here; he switches back.
    let without = till.tries(&login(&company, "mia", "")).expect_err("no PIN");
    assert!(without.said.to_string().contains("choose a PIN to work here"), "{without:?}");
    is_refused(till.tries("order list"), "This device is locked");
    is_refused(till.tries("order create --channel shop"), "This device is locked");
    switch(&till, "tim", "482915").expect("tim is let in");
    joins().expect("mia chooses one");
    till.does("lock");
    is_refused(till.tries("customer list"), "This device is locked");
    switch(&till, "mia", "739164").expect("mia is let in");
    till.syncs();
    company.server.is_sound();
}

#[test]
fn whoever_signed_out_without_a_pin_makes_room_for_the_next() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    company.server.add_person("mia", "shop");
    till.does("logout");
    till.tries_with(&login(&company, "mia", ""), "739164\n").expect("mia chooses a PIN");
    till.orders("--channel shop");
    till.tries_with(&login(&company, "tim", ""), "482915\n").expect("tim comes back by his password");
    switch(&till, "mia", "739164").expect("mia is let in");
    till.syncs();
}

#[test]
fn a_device_keeps_its_name_when_somebody_signs_in_without_saying_one() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    let names = || {
        let devices: Value = serde_json::from_str(&company.server.does("device list --json")).expect("JSON");
        let named = |device: &Value| device["name"].as_str().expect("a name").to_owned();
        devices.as_array().expect("a list").iter().map(named).collect::<Vec<_>>()
    };
    assert!(names().contains(&"tim's device".to_owned()), "{:?}", names());
    till.does(&login(&company, "tim", ""));
    till.does(&format!("login {} tim", company.server.url()));
    assert!(names().contains(&"Till 2".to_owned()), "{:?}", names());
}

/// The right PIN: it counts as wrong until it was looked at, so killing the program wins nothing.
#[test]
fn killed_in_the_middle_of_a_try_it_counts_all_the_same() {
    let (_company, till) = shared();
    let typed = till.path().join("typed");
    fs::write(&typed, "482915\n").unwrap();
    let file = till.path().join(pin::FILE);
    let is_caught = (0..20).any(|_| {
        let before = fs::read(&file).unwrap();
        let trying = till.begins(&format!("switch tim --pin-file \"{}\"", typed.display()));
        until("it is counted", || (fs::read(&file).unwrap() != before).then_some(()));
        trying.kill_9();
        // On a busy machine it may have come through first.
        Book::open(till.path()).attempts(person(till.path(), "tim")).unwrap().left() == ALLOWED - 1
    });
    assert!(is_caught, "never between the count and the answer");
    is_refused(switch(&till, "tim", "000111"), &format!("{} tries are left", ALLOWED - 2));
}

#[test]
fn a_lock_out_leaves_what_waits_alone_and_the_server_lifts_it_at_the_next_contact() {
    let (company, till) = shared();
    switch(&till, "tim", "482915").expect("tim works");
    let number = till.orders("--channel shop");
    lock_out(till.path(), "tim");
    till.does("lock");
    is_refused(switch(&till, "tim", "482915"), "tim is locked out");
    till.syncs();
    company.office.syncs();
    assert!(company.office.numbers().contains(&number), "what he entered went on");
    let code = code_of(&company);
    assert!(company.server.fails(&format!("device unlock {code} nobody")).contains("not signed in on"));
    assert!(company.server.fails("device unlock T99 tim").contains("no device T99"));
    company.server.does(&format!("device unlock {code} tim"));
    is_refused(switch(&till, "tim", "482915"), "tim is locked out");
    lets_tim_in(&till);
    // The same word does not count twice.
    lock_out(till.path(), "tim");
    company.server.does("user role add ana sales");
    until("the names are here again", || {
        till.syncs();
        let names = Reader::open(till.path()).unwrap().names().unwrap();
        names
            .people
            .iter()
            .find(|person| person.name == "ana" && person.roles.contains(&Role::Sales))
            .map(drop)
    });
    is_refused(switch(&till, "tim", "482915"), "tim is locked out");
    company.server.does(&format!("device unlock {code} tim"));
    lets_tim_in(&till);
}

#[test]
fn a_lock_out_is_lifted_by_an_admin_at_the_till_or_by_the_password() {
    let (company, till) = shared();
    till.tries_with(&login(&company, "ana", ""), "615283\n").expect("ana signs in on the till");
    till.does("lock");
    lock_out(till.path(), "tim");
    is_refused(till.tries_with("--as mia unlock tim", "739164\n"), "mia is no admin on this device");
    is_refused(till.tries_with("--as ana unlock tim", "739164\n"), "That is not ana's PIN");
    till.tries_with("--as ana unlock tim", "615283\n").expect("ana may");
    switch(&till, "tim", "482915").expect("tim may try again");
    lock_out(till.path(), "tim");
    till.does(&login(&company, "tim", ""));
    switch(&till, "mia", "739164").expect("mia is next");
    switch(&till, "tim", "482915").expect("the password forgave, and the PIN is the same");
    // Forgotten: the password again, and a new one.
    till.tries_with(&login(&company, "tim", "--new-pin"), "new and long\n").expect("a new PIN");
    till.tries_with("pin", "new and long\n904172\n").expect("changed offline");
    switch(&till, "mia", "739164").expect("mia is next");
    is_refused(switch(&till, "tim", "482915"), "That is not tim's PIN");
    switch(&till, "tim", "904172").expect("the changed one");
}
