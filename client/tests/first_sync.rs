//! Before the first synchronisation has brought the company's settings nothing is booked; with them everything.

mod common;

use common::Device;
use waybill_client::{engine::now, store::Store};
use waybill_shared::session::store::{Store as _, Write};

const NOT_HERE_YET: &str = "The first synchronisation has not brought the company's settings yet";
const NOT_SET_UP: &str = "This company is not set up yet";
const SET_UP: &str = "settings create Oakworks --zone Europe/Berlin --currency EUR --tax standard=19";

/// As it is while the first synchronisation is under way.
fn is_loading(device: &Device) {
    let mut store = Store::open(&device.dir, now()).expect("opens");
    let mut meta = store.meta().expect("reads");
    meta.cursor = None;
    store.commit(&[Write::Meta(meta.into())]).expect("commits");
    store.close().expect("closes");
}

fn is_told(device: &Device, line: &str, words: &str) {
    let (code, said) = device.fails(line);
    assert_eq!(code, 1, "{line}: {said}");
    assert!(
        said["error"]["findings"][0]["what"].as_str().is_some_and(|what| what.starts_with(words)),
        "{said}"
    );
}

const BOOKED: [&str; 4] = [
    "order create --channel shop",
    "product create Chair --number OAK-1",
    "settings set company Oakworks",
    SET_UP,
];

#[test]
fn while_it_is_under_way_nothing_is_booked_and_the_company_is_not_set_up_a_second_time() {
    let till = Device::new();
    is_loading(&till);
    // What is booked on no day and speaks of no money.
    till.ok("location create S1 Mainstreet");
    till.ok("customer create Weber");
    for line in BOOKED {
        is_told(&till, line, NOT_HERE_YET);
    }
    is_told(&till, "customer note Weber ring-twice", NOT_HERE_YET);
    assert_eq!(till.ok("status")["status"]["waiting"], 2);
}

#[test]
fn a_company_that_nobody_has_set_up_is_set_up_first() {
    let office = Device::new();
    office.ok("location create S1 Mainstreet");
    for line in &BOOKED[..3] {
        is_told(&office, line, NOT_SET_UP);
    }
    office.ok(SET_UP);
    for line in &BOOKED[..3] {
        office.ok(line);
    }
}

#[test]
fn a_device_that_has_the_settings_goes_on_whatever_is_loaded_again() {
    let till = Device::shop();
    is_loading(&till);
    till.ok("order create --channel shop --line OAK-1");
    till.ok("order sell OAK-1 --given 200");
}
