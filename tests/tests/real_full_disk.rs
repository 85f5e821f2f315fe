//! Disks that fill up: a device's while frames come down from the server, and the server's.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::Value;
use waybill_client::{
    engine::{self, Answer, Config, Request},
    store::{Reader, file},
};
use waybill_tests::real::{Clerk, Company, Device, Server, SmallDisk, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

fn status(device: &Device) -> Value {
    device.does("status")["status"].clone()
}

#[test]
fn what_comes_down_onto_a_full_disk_is_not_shown_is_told_and_comes_again_when_there_is_room() {
    let company = Company::opens(DEMO);
    let till = company.hires("tim", "shop");
    let engine = till.watches_on_a_small_disk();
    let before = company.office.orders("--customer Orion --channel phone --line 1xCHAIR");
    company.office.syncs();
    until("the order comes down", || till.numbers().contains(&before).then_some(()));

    engine.disk_is_full(true);
    let order = company.office.orders("--customer Orion --channel phone --line 3xCHAIR");
    company.office.syncs();
    let words = until("it says so", || status(&till)["trouble"].as_str().map(str::to_owned));
    assert!(words.contains("disk of this device") && words.contains("nothing was saved"), "{words}");
    assert!(!till.numbers().contains(&order), "nothing is shown that is not on the disk");
    let refused = till.tries("order create --channel shop --line 1xCHAIR").unwrap_err();
    assert!(refused.said.to_string().contains("nothing was saved"), "{refused:?}");
    assert_eq!(till.numbers(), std::slice::from_ref(&before));
    assert_eq!(status(&till)["waiting"], 0);

    engine.disk_is_full(false);
    until("the order is here, by itself", || till.numbers().contains(&order).then_some(()));
    until("nothing is said any more", || status(&till)["trouble"].is_null().then_some(()));
    let entered = till.orders("--channel shop --line 1xCHAIR");
    company.settles(&[&till, &company.office]);
    assert!(company.office.numbers().contains(&entered));
}

#[test]
fn a_server_whose_disk_is_full_refuses_nothing_and_takes_everything_once_when_there_is_room() {
    let Some(disk) = SmallDisk::of_megabytes(250) else {
        return eprintln!("not looked at: no small disk can be mounted here");
    };
    let company = Company::opens_at(Server::start_below(DEMO, disk.path()), DEMO);
    let till = company.hires("tim", "shop");
    let _engine = till.watches();
    disk.fills();
    let mut clerk = Clerk::at(&till);
    until("entries are turned away", || {
        assert!(clerk.enters(), "the device has room");
        company.server.log().contains("the disk is full").then_some(())
    });
    for _ in 0..20 {
        assert!(clerk.enters());
    }
    assert!(till.entries("pending") > 0);
    assert!(till.attention().is_empty(), "later is no refusal");

    disk.has_room();
    until("everything was sent", || (till.entries("pending") == 0).then_some(()));
    company.server.database().has_accepted(&clerk.goes());
    assert!(till.attention().is_empty());
    company.settles(&[&till, &company.office]);
}

/// What reads, says and saves on a device whose disk takes no byte more; with so many entries waiting.
fn can_be_read(till: &Device, orders: &[String], waiting: usize) {
    let mut numbers = till.numbers();
    numbers.sort();
    assert_eq!(numbers, orders);
    for order in orders {
        assert_eq!(till.order(order)["lines"][0]["name"], "Oak chair");
    }
    assert!(till.does("product list").to_string().contains("Oak table"));
    assert!(till.attention().is_empty());
    let status = till.does("status");
    assert_eq!(status["status"]["waiting"], waiting, "{status}");
    let elsewhere = tempfile::tempdir().unwrap();
    let saved = till.does(&format!("export-unsent {}", elsewhere.path().join("unsent.json").display()));
    assert_eq!((&saved["entries"], &saved["unreadable"]), (&waiting.into(), &0.into()), "{saved}");
    let here =
        till.tries(&format!("export-unsent {}", till.path().join("unsent.json").display())).unwrap_err();
    assert!(!here.said.to_string().contains("damaged"), "{here:?}");
}

/// The window begins, says why nothing can be entered, and shows what is there.
fn opens_for_reading(till: &Device, orders: &[String]) {
    let config = Config { dir: till.path().to_owned(), online: true, listen: false };
    let engine = engine::start(config).expect("it is opened for reading");
    let reader = Reader::open(till.path()).expect("the books open beside it");
    assert_eq!(reader.count_orders().unwrap(), orders.len());
    let Answer::Status(status) = engine.ask(Request::Status).wait() else { panic!("no status") };
    let words = status.words();
    assert!(words.contains("disk of this device is full") && words.contains("Free some space"), "{words}");
    drop(reader);
    engine.stop();
}

#[test]
fn on_a_disk_without_room_for_a_byte_everything_reads_and_what_was_not_sent_is_saved_on_another() {
    let Some(disk) = SmallDisk::of_megabytes(40) else {
        return eprintln!("not looked at: no small disk can be mounted here");
    };
    let mut company = Company::opens(DEMO);
    company.server.add_person("tim", "shop");
    let till = Device::below(DEMO, disk.path());
    till.sign_in(&company.server.url(), "tim");
    let mut orders = vec![till.orders("--customer Orion --channel phone --line 2xCHAIR")];
    till.syncs();
    orders.push(till.orders("--customer Orion --channel phone --line 3xCHAIR"));

    // It was closed in order: all of it is in the file itself.
    disk.fills();
    can_be_read(&till, &orders, 1);
    let refused = till.tries("order create --channel shop --line 1xCHAIR").unwrap_err();
    assert!(refused.said.to_string().contains("disk of this device is full"), "{refused:?}");
    // It is the disk, and not that nobody answered.
    let unsent = till.tries("sync").unwrap_err();
    assert_eq!((unsent.code, &unsent.said["error"]["kind"]), (3, &"file".into()), "{unsent:?}");
    assert!(unsent.said.to_string().contains("disk of this device is full"), "{unsent:?}");
    opens_for_reading(&till, &orders);
    disk.has_room();

    // Nothing goes up from here on. The power fails: some of it is in the log beside the file, and what leads through that
    // is gone.
    company.server.kill_9();
    let waiting = engine_is_killed(&till, &mut orders);
    assert!(fs::metadata(beside(&till, "wal")).unwrap().len() > 0);
    fs::remove_file(beside(&till, "shm")).unwrap();
    disk.fills();
    can_be_read(&till, &orders, waiting);
    opens_for_reading(&till, &orders);
    // What is in the log already may make room for more. What is said to be saved is.
    match till.tries("order create --channel shop --line 1xCHAIR") {
        Ok(made) => orders.push(made["order"]["number"].as_str().expect("a number").to_owned()),
        Err(refused) => {
            assert!(refused.said.to_string().contains("disk of this device is full"), "{refused:?}")
        }
    }
    assert_eq!(till.numbers().len(), orders.len());

    disk.has_room();
    company.server.restart();
    till.syncs();
    orders.push(till.orders("--customer Orion --channel phone --line 1xCHAIR"));
    company.settles(&[&till, &company.office]);
    assert_eq!(company.office.numbers().len(), orders.len());
}

/// Orders were saved, and are in the log alone. Gives how many entries wait.
fn engine_is_killed(till: &Device, orders: &mut Vec<String>) -> usize {
    let engine = till.watches();
    orders.push(till.orders("--customer Orion --channel phone --line 4xCHAIR"));
    engine.kill_9();
    till.entries("pending")
}

fn beside(till: &Device, what: &str) -> std::path::PathBuf {
    std::path::PathBuf::from(format!("{}-{what}", file(till.path()).display()))
}
