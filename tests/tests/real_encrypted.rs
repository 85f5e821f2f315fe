//! A company that wants what its devices keep encrypted, on a real server.

use std::{fs, path::Path};

use serde_json::Value;
use waybill_tests::real::{Company, Device, NotDone, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const NAME: &str = "Weber Interiors";

/// Whether these letters stand anywhere in the files of a device.
fn holds(dir: &Path, letters: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap_or_default();
        bytes.windows(letters.len()).any(|window| window == letters.as_bytes())
    })
}

fn with_pin(till: &Device, line: &str, pin: &str) -> Result<Value, NotDone> {
    till.tries_with(line, &format!("{pin}\n"))
}

fn is_refused(outcome: Result<Value, NotDone>, words: &str) {
    let refused = outcome.expect_err(words);
    assert!(
        matches!(refused.code, 1 | 5) && refused.said.to_string().contains(words),
        "{words}: {refused:?}"
    );
}

#[test]
fn what_a_device_keeps_is_encrypted_when_the_company_wants_it_and_plain_again_when_not() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    let login = format!("login {} tim --new-pin", company.server.url());
    with_pin(&till, &login, "482915").expect("tim chooses a short PIN");
    till.does(&format!("customer create \"{NAME}\""));
    assert!(holds(till.path(), NAME));

    company.server.does("device encrypt on");
    until("the device hears of it", || {
        till.does("sync");
        let status = till.does("status");
        status["words"].as_str().is_some_and(|words| words.contains("at least 8 characters")).then_some(())
    });
    is_refused(with_pin(&till, "pin", "482915\n739164"), "at least 8");
    with_pin(&till, "pin", "482915\n48291573").expect("a longer one");
    // At the next start, by the PIN.
    let without = till.tries("order list").expect_err("it asks for the PIN");
    assert!(without.said.to_string().contains("Give the PIN with --pin-file"), "{without:?}");
    is_refused(with_pin(&till, "customer list", "482915"), "9 tries are left");
    let made = with_pin(&till, "order create --channel shop", "48291573").expect("it opens");
    let number = made["order"]["number"].as_str().expect("a number").to_owned();
    assert!(!holds(till.path(), NAME), "nothing of it can be read");
    let listed = with_pin(&till, "customer list", "48291573").expect("it opens").to_string();
    assert!(listed.contains(NAME), "{listed}");
    // What waited and what was entered since goes up, once, under the numbers of this device.
    with_pin(&till, "sync", "48291573").expect("it syncs");
    company.office.does("sync");
    assert!(company.office.numbers().contains(&number));
    assert!(company.office.does("customer list").to_string().contains(NAME));

    company.server.does("device encrypt off");
    until("the device hears of it", || {
        with_pin(&till, "sync", "48291573").ok()?;
        // By now it opens as it is.
        holds(till.path(), NAME).then_some(())
    });
    with_pin(&till, "switch tim", "48291573").expect("the PIN is known by its hash again");
    till.syncs();
    assert_eq!(till.attention(), Vec::<Value>::new());
    company.server.is_sound();
}

#[test]
fn of_two_people_each_opens_it_and_an_engine_that_runs_needs_no_pin_again() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    company.server.add_person("mia", "shop");
    company.server.does("device encrypt on");
    let login = |name: &str| format!("login {} {name} --new-pin", company.server.url());
    until("the device hears of it", || {
        till.does("sync");
        till.does("status")["words"].as_str().is_some_and(|words| words.contains("at least 8")).then_some(())
    });
    with_pin(&till, &login("tim"), "48291573").expect("tim chooses a PIN");
    with_pin(&till, &format!("--as tim {}", login("mia")), "48291573\nharbour lights")
        .expect("mia chooses one");
    assert!(holds(till.path(), "tim"), "names can be read, to choose from");
    let whose = till.tries_with("order list", "48291573\n").expect_err("whose?");
    assert!(whose.said.to_string().contains("tim or mia"), "{whose:?}");
    is_refused(with_pin(&till, "switch mia", "48291573"), "That is not mia's PIN");
    with_pin(&till, "switch mia", "harbour lights").expect("she opens it");
    let made = with_pin(&till, "--as tim order create --channel shop", "48291573").expect("he does");
    assert!(made.to_string().contains("T2-"), "{made}");
    // Somebody who has the file and no PIN.
    let copy = till.copied();
    fs::remove_file(copy.path().join("waybill.pins")).unwrap();
    let lost = copy.tries("order list").expect_err("nothing opens it");
    assert_eq!(lost.code, 3, "{lost:?}");
}

/// The thief has the phone, a copy of everything on it, and a day in which nobody missed it.
#[test]
fn of_a_phone_stolen_with_its_file_nothing_is_read_and_nothing_more_comes_to_it_and_its_last_sale_is_safe() {
    let company = Company::opens(DEMO);
    company.server.does("device encrypt on");
    company.server.add_person("tim", "sales");
    let phone = Device::new(DEMO);
    let login = format!("login {} tim --new-pin --device \"Tim's phone\"", company.server.url());
    with_pin(&phone, &login, "48291573").expect("tim chooses a PIN");
    let tim = |line: &str| with_pin(&phone, line, "48291573").unwrap_or_else(|bad| panic!("{line}: {bad:?}"));
    until("the phone hears of it", || {
        tim("sync");
        tim("status")["words"].as_str().is_some_and(|words| words.contains("at least 8")).then_some(())
    });
    // It has as many, and is given again: at the next start it opens the file.
    tim("switch tim");
    tim("sync");
    let before = company.office.orders("--customer Orion --channel phone --line 1xCHAIR");
    company.office.does("sync");
    tim("sync");
    assert!(tim("order list").to_string().contains(&before));
    let sold =
        tim("order create --channel shop --line 1xTABLE")["order"]["number"].as_str().unwrap().to_owned();

    // What is in the thief's hand.
    let copy = phone.copied();
    for words in ["Orion", "Kiel", "Oak chair", &before, &sold] {
        assert!(!holds(copy.path(), words), "“{words}” can be read");
    }
    is_refused(with_pin(&copy, "customer list", "12345679"), "9 tries are left");
    is_refused(with_pin(&copy, "order list", "87654321"), "8 tries are left");
    let without = copy.tries("sync").expect_err("nothing is sent either");
    assert!(without.said.to_string().contains("Give the PIN"), "{without:?}");

    // The loss is told. Even who saw the PIN typed gets nothing more: neither on the phone nor on the copy.
    let devices: Value = serde_json::from_str(&company.server.does("device list --json")).unwrap();
    let lost = devices.as_array().unwrap().iter().find(|device| device["name"] == "Tim's phone").unwrap();
    company.server.does(&format!("device revoke {}", lost["code"].as_str().unwrap()));
    let after = company.office.orders("--customer Orion --channel phone --line 2xCHAIR");
    company.office.does("sync");
    for stolen in [&copy, &phone] {
        let told = with_pin(stolen, "sync", "48291573").expect_err("it is shut out");
        assert!(told.said.to_string().contains("has removed its data"), "{told:?}");
        assert!(with_pin(stolen, "order list", "48291573").is_err());
        for words in [&before, &sold, &after] {
            assert!(!holds(stolen.path(), words), "“{words}” can be read");
        }
        let left = fs::read_dir(stolen.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.into_iter().all(|name| name == "WIPED.txt" || name == "waybill.lock"));
    }
    // What tim sold on it came in, once, and a manager decides.
    let held: Value = serde_json::from_str(&company.server.does("held list --json")).unwrap();
    let [entry] = held.as_array().unwrap().as_slice() else { panic!("{held}") };
    let id = entry["id"].as_str().unwrap();
    company.server.does(&format!("held accept {id} --by ana --reason \"Tim says so\""));
    company.office.does("sync");
    assert!(company.office.numbers().contains(&sold));
    company.server.is_sound();
}
