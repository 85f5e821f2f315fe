//! `cargo demo --headless` with real processes, as somebody meets it who has just cloned the repository.
#![cfg(unix)]

mod launcher;

use std::{path::Path, process::Output};

use launcher::{Demo, demo, healthy, output, revenue_of};
use nix::sys::signal::Signal;

fn client(data: &Path, args: &[&str]) -> Output {
    let mut client = demo();
    client.arg("client").arg("--data").arg(data).args(args).env("WAYBILL_PASSWORD", "waybill-demo");
    client.output().unwrap()
}

#[test]
fn the_demo_starts_shows_itself_can_be_used_ends_and_starts_again_with_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("demo");
    let mut first = Demo::on(&data);
    assert!(first.said.contains("Making the demo company"));
    first.has_told_everything();
    assert!(healthy(first.address()));

    // A device that signs in has the same figures as the report, to the cent.
    let device = dir.path().join("device");
    let url = format!("http://{}", first.address());
    let signed_in = client(&device, &["login", &url, "manager"]);
    assert!(signed_in.status.success(), "{}", String::from_utf8_lossy(&signed_in.stderr));
    let revenue = client(&device, &["report", "revenue"]);
    let revenue = String::from_utf8_lossy(&revenue.stdout).into_owned();
    let last = first.said.lines().rfind(|line| line.contains(" EUR ")).unwrap();
    let of_report: Vec<_> = last.split_whitespace().collect();
    let of_device = revenue.lines().find(|line| line.starts_with(of_report[0])).unwrap_or(&revenue);
    // There the figures are written for people.
    let of_device = of_device.replace(',', "").replace('€', "EUR");
    let of_device: Vec<_> = of_device.split_whitespace().collect();
    assert_eq!(of_device, of_report, "placed, delivered and paid of {}, net and gross", of_report[0]);

    // Everything in the database agrees, while it runs.
    let check = demo().args(["server", "--data-dir"]).arg(&data).arg("check").output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));

    let was = first.address();
    assert_eq!(first.ends_by(Signal::SIGINT), Some(0));
    assert!(!healthy(was), "the server ended with the demo");

    let second = Demo::on(&data);
    assert!(!second.said.contains("Making the demo company"));
    assert_eq!(revenue_of(&second.said), revenue_of(&first.said));
}

#[test]
fn without_postgresql_one_sentence_says_how_to_get_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut missing = demo();
    missing.args(["--headless", "--data-dir"]).arg(dir.path().join("demo"));
    let output = output(missing.env("WAYBILL_POSTGRES_BIN", dir.path().join("nothing-here")));
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(waybill_server::postgres::how_to_install()), "{said}");
}

#[test]
fn a_directory_with_other_data_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("postgres")).unwrap();
    std::fs::write(dir.path().join("postgres/precious"), "data").unwrap();
    let listen = ["--headless", "--listen", "127.0.0.1:0", "--data-dir"];
    let output = output(demo().args(listen).arg(dir.path()));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds data that is not the demo's"));
    assert!(dir.path().join("postgres/precious").exists());
}
