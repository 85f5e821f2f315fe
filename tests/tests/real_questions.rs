//! A manager and an admin at their own devices: what is held is decided on there, lost devices are shut out there,
//! and whoever entered something reads what became of it.

use serde_json::Value;
use waybill_tests::real::{Company, Device, NotDone, Server, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Somebody whose access is withdrawn while entries wait on the device: they are held.
fn holds_of(company: &Company, name: &str, orders: usize) -> (Device, Vec<String>) {
    let device = company.hires(name, "shop");
    let numbers = (0..orders).map(|_| device.orders("--channel shop")).collect();
    company.server.does(&format!("user revoke {name}"));
    let told = device.tries("sync").expect_err("only to hand over");
    assert_eq!(told.code, 5, "{told:?}");
    (device, numbers)
}

fn held(device: &Device) -> Vec<Value> {
    device.does("held list")["entries"].as_array().expect("a list").clone()
}

fn id(entry: &Value) -> &str {
    entry["edit"].as_str().expect("an id")
}

fn words(not_done: NotDone) -> String {
    not_done.said.to_string()
}

#[test]
fn a_manager_decides_on_her_own_device_and_whoever_comes_second_hears_who_was_first() {
    let company = Company::opens(DEMO);
    let max = company.hires("max", "manager");
    let (_, numbers) = holds_of(&company, "tim", 3);
    let listed = held(&max);
    assert_eq!(listed.len(), 3);
    let first = &listed[0];
    assert_eq!((&first["person"], &first["kind"]), (&"tim".into(), &"asked for".into()), "{first}");
    assert!(first["why"].to_string().contains("withdrawn"), "{first}");
    let shown = max.does(&format!("held show {}", id(first)));
    assert_eq!(&shown, first);

    max.does(&format!("held accept {} --reason \"He called\"", id(first)));
    max.syncs();
    assert_eq!(max.numbers(), numbers[..1]);
    let silent = max.tries(&format!("held discard {}", id(&listed[1]))).expect_err("no reason");
    assert_eq!(silent.code, 1);
    assert!(words(silent).contains("Say why"));
    max.does(&format!("held discard {} --reason \"A trial\"", id(&listed[1])));
    // The server's own command is the same: it says who was first, and when.
    let second = company.server.fails(&format!("held accept {} --by ana", id(&listed[1])));
    assert!(second.contains("max decided on it at"), "{second}");
    let second = company.office.tries(&format!("held accept {}", id(&listed[1]))).expect_err("max was first");
    assert_eq!(second.code, 1);
    let second = words(second);
    assert!(second.contains("max discarded it at") && second.contains("A trial"), "{second}");
    // The same word once more is no second decision.
    max.does(&format!("held discard {} --reason \"A trial\"", id(&listed[1])));

    company.server.does(&format!("held accept {} --by ana", id(&listed[2])));
    let late =
        words(max.tries(&format!("held reverse {} --reason no", id(&listed[2]))).expect_err("ana was"));
    assert!(late.contains("ana accepted it at"), "{late}");
    assert_eq!(held(&max).len(), 0);
    company.server.is_sound();
}

#[test]
fn who_may_not_is_told_so_and_who_is_offline_too() {
    let mut company = Company::opens(DEMO);
    let sia = company.hires("sia", "sales");
    for line in ["held list", "device list", "session list", "session reset-code ana"] {
        let refused = sia.tries(line).expect_err("she has not the right");
        assert_eq!(refused.code, 5, "{refused:?}");
        assert!(words(refused).contains("As sales you may not"), "{line}");
    }
    company.server.kill_9();
    let offline = company.office.tries("held list").expect_err("the server is away");
    assert_eq!(offline.code, 4, "{offline:?}");
    assert!(words(offline).contains("This needs the server"));
    // An engine that stays connected says the same at once, and answers again when the server is back.
    let watching = company.office.watches();
    let offline = company.office.tries("device list").expect_err("the server is away");
    assert!(words(offline).contains("This needs the server"));
    company.server.restart();
    let devices = until("the server is back", || company.office.tries("device list").ok());
    assert_eq!(devices["count"], 2, "{devices}");
    drop(watching);
}

/// A fact that its author had no right to, given up by a manager: the author's device says who, when and why.
#[test]
fn the_reason_of_a_discard_reaches_its_author() {
    let company = Company::opens(DEMO);
    let dan = company.hires("dan", "sales");
    let number = dan.orders("--channel shop");
    dan.syncs();
    company.office.syncs();
    dan.does(&format!("order take-payment {number} 10"));
    company.server.does("user role add dan warehouse");
    company.server.does("user role remove dan sales");
    dan.does("sync");
    assert_eq!(dan.complaint()["verdict"], "held");
    let listed = held(&company.office);
    assert_eq!((listed[0]["does"][0]["amount"].as_str(), listed.len()), (Some("10"), 1), "{listed:?}");
    company.office.does(&format!("held discard {} --reason \"Nobody paid\"", id(&listed[0])));
    dan.does("sync");
    let told = dan.complaint();
    assert_eq!(told["verdict"], "discarded", "{told}");
    let given_up = &told["given_up"];
    assert_eq!((&given_up["by"], &given_up["reason"]), (&"ana".into(), &"Nobody paid".into()), "{told}");
    assert!(given_up["at"].is_number(), "{told}");
    // It is for good: not once more, and gone when it was read.
    let again = dan.tries(&format!("attention redo {}", id(&told))).expect_err("it is for good");
    assert!(words(again).contains("Enter it anew"));
    dan.does(&format!("attention discard {}", id(&told)));
    dan.syncs();
    assert_eq!(dan.attention(), Vec::<Value>::new());
    dan.syncs();
    assert_eq!(dan.attention(), Vec::<Value>::new(), "and it does not come back");
    company.settles(&[&company.office]);
}

#[test]
fn an_admin_renames_a_till_ends_a_sign_in_and_shuts_a_lost_one_out() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let office = &company.office;
    let code = until("the till is listed", || {
        let all = office.does("device list");
        let rows = all["devices"].as_array()?.clone();
        let till = rows.into_iter().find(|row| row["people"] == serde_json::json!(["tim"]))?;
        Some(till["code"].as_str()?.to_owned())
    });
    office.does(&format!("device rename {code} \"Corner till\""));
    for (word, paced) in [("off", false), ("on", true)] {
        office.does(&format!("device pace {code} {word}"));
        let rows = office.does("device list")["devices"].as_array().expect("a list").clone();
        let till = rows.into_iter().find(|row| row["code"] == code.as_str()).expect("the till");
        assert_eq!(till["paced"], paced, "{till}");
    }
    let sessions = office.does("session list");
    assert!(sessions.to_string().contains("Corner till"), "{sessions}");
    office.does(&format!("session end tim {code}"));
    let refused = tim.tries("sync").expect_err("the sign-in was ended");
    assert!(words(refused).contains("Sign in again"));
    let reset = office.does("session reset-code tim");
    let reset = reset["code"].as_str().expect("a code");
    let login = format!("login {} tim --code --password \"rain over the bay\"", company.server.url());
    tim.tries_with(&login, reset).expect("with the code");

    let own = office.does("device list")["devices"][0]["code"].as_str().expect("a code").to_owned();
    let own = office.tries(&format!("device revoke {own}")).expect_err("her own");
    assert!(words(own).contains("the device that you work on"));
    tim.orders("--channel shop");
    office.does(&format!("device revoke {code}"));
    let wiped = tim.tries("sync").expect_err("it is shut out");
    assert!(words(wiped).contains("has removed its data"));
    assert_eq!(held(office).len(), 1, "what waited there is held");
    let devices = office.does("device list");
    assert!(devices["devices"].to_string().contains("revoked_at"), "{devices}");
    company.server.is_sound();
}

/// The push-only door takes so much of one device; the rest is kept there, and comes when there is room.
#[test]
fn above_the_cap_a_device_keeps_the_rest_says_so_and_sends_it_once_there_is_room() {
    let company = Company::opens_at(Server::start_flagged(DEMO, "--limits-held-per-device 2"), DEMO);
    let tim = company.hires("tim", "shop");
    for _ in 0..5 {
        tim.orders("--channel shop");
    }
    company.server.does("user revoke tim");
    let told = tim.tries("sync").expect_err("there is no room for all");
    assert_eq!(told.code, 1, "{told:?}");
    assert!(words(told).contains("A manager has to look at earlier entries of this device first"));
    // It stands there, too, as long as the device is connected.
    let watching = tim.watches();
    until("the device says so", || {
        let status = tim.does("status");
        status["words"].as_str()?.contains("A manager has to look at earlier entries").then_some(())
    });
    until("what there was room for is held", || (tim.entries("pending") == 3).then_some(()));
    drop(watching);
    let office = &company.office;
    assert_eq!(held(office).len(), 2, "no more than there is room for");
    for left in [1, 0] {
        for entry in held(office) {
            office.does(&format!("held accept {}", id(&entry)));
        }
        until("the rest comes when there is room", || {
            // It is told to keep what is above the cap, or that it is signed out once nothing waits.
            let _ = tim.tries("sync");
            (tim.entries("pending") == left).then_some(())
        });
        assert!(held(office).len() <= 2, "no more than there is room for");
    }
    for entry in held(office) {
        office.does(&format!("held accept {}", id(&entry)));
    }
    office.syncs();
    assert_eq!(office.numbers().len(), 5, "nothing was lost");
    company.server.is_sound();
}
