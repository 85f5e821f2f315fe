//! Disks that fill up: a device's while frames come down from the server, and the server's.
#![cfg(target_os = "linux")]

use serde_json::Value;
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
