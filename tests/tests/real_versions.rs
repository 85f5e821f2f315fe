//! Devices whose program is older than the server's: one that is served works beside newer ones, one that is not keeps
//! what was entered, can hand it on, and sends it once it is brought up to date.

use serde_json::Value;
use waybill_shared::protocol::LEAST;
use waybill_tests::real::{Company, Device, Versions};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Somebody new, whose device is of the least version served while everybody else is up to date.
fn older(company: &Company, name: &str, role: &str) -> (Versions, Device) {
    let versions = Versions::to(company.server.address());
    versions.device_is_of(LEAST);
    company.server.add_person(name, role);
    let device = Device::signed_in(DEMO, &versions.url(), name);
    (versions, device)
}

#[test]
fn a_device_of_the_least_version_served_works_beside_newer_ones() {
    let company = Company::opens(DEMO);
    let (_versions, old) = older(&company, "kim", "sales");
    let new = company.hires("sam", "sales");
    let order = old.orders("--customer Orion --channel phone --line 2xCHAIR");
    old.syncs();
    new.syncs();
    new.does(&format!("order set-quantity {order} 1 5"));
    old.does(&format!("order tag {order} gift"));
    for device in [&new, &old] {
        device.syncs();
    }
    // One of two that change the same is asked, whichever program it has.
    old.does(&format!("order set-quantity {order} 1 6"));
    new.syncs();
    new.does(&format!("order set-quantity {order} 1 7"));
    new.syncs();
    old.syncs();
    assert_eq!(old.complaint()["findings"][0]["rule"], "changed_meanwhile", "{:?}", old.attention());
    let complaint = old.complaint()["edit"].as_str().unwrap().to_owned();
    old.does(&format!("attention discard {complaint}"));
    company.settles(&[&old, &new, &company.office]);
    assert_eq!(old.order(&order)["lines"], new.order(&order)["lines"]);
}

#[test]
fn a_device_below_it_goes_on_working_keeps_and_exports_what_waits_and_sends_it_when_updated() {
    let company = Company::opens(DEMO);
    let (versions, old) = older(&company, "kim", "sales");
    let before = old.orders("--customer Orion --channel phone --line 1xCHAIR");
    old.syncs();
    // The server is brought up to date and serves the old program no more.
    versions.device_is_of(LEAST - 1);
    let order = old.orders("--customer Orion --channel phone --line 3xTABLE --place");
    let refused = old.tries("sync").unwrap_err();
    let words = refused.said.to_string();
    assert!(
        words.contains("too old") && words.contains("Update it; nothing on the device is lost"),
        "{words}"
    );
    old.does(&format!("order note {before} \"called back\""));
    let status = old.does("status");
    assert_eq!(status["status"]["waiting"], 2, "{status}");
    assert_eq!(old.numbers(), [before.as_str(), order.as_str()]);
    assert_eq!(company.server.database().number("select count(*) from report.orders"), 1);

    let file = old.path().join("unsent.json");
    let exported = old.does(&format!("export-unsent {}", file.display()));
    assert_eq!((&exported["entries"], &exported["unreadable"]), (&2.into(), &0.into()));
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let words = kept["edits"].to_string();
    assert!(words.contains("called back") && words.contains(&order), "{words}");
    assert_eq!(old.does("status")["status"]["waiting"], 2, "what is exported still waits");

    versions.device_is_of(LEAST);
    company.settles(&[&old, &company.office]);
    assert!(company.office.numbers().contains(&order));
    assert_eq!(old.entries("pending"), 0);
}
