//! PROTOCOL.md says what the code does: its examples are made of the real types, and no name is left out.
//!
//! `WAYBILL_BLESS=1 cargo test --workspace --test protocol` writes the examples anew. A change in one of them
//! is a change of what travels or of what is hashed: only a new version of a command or frame may cause it.

use std::{fs, path::PathBuf};

use waybill_shared::{
    command::Command,
    finding::Rule,
    protocol::{ClientFrame, PATH, ServerFrame, frame::FaultCode},
};
use waybill_tests::protocol_doc;

fn document() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../PROTOCOL.md")
}

fn text() -> String {
    fs::read_to_string(document()).expect("PROTOCOL.md is there")
}

#[test]
fn the_examples_are_what_the_code_makes() {
    let text = text();
    let filled = protocol_doc::filled(&text, &protocol_doc::all()).expect("every example has its place");
    if std::env::var_os("WAYBILL_BLESS").is_some() {
        fs::write(document(), filled).expect("PROTOCOL.md can be written");
        return;
    }
    let drifted = text.lines().zip(filled.lines()).position(|(said, made)| said != made);
    if let Some(line) = drifted {
        let said = text.lines().nth(line).unwrap_or_default();
        let made = filled.lines().nth(line).unwrap_or_default();
        panic!("PROTOCOL.md, line {}, says\n  {said}\nbut the code makes\n  {made}", line + 1);
    }
    assert_eq!(text.lines().count(), filled.lines().count(), "PROTOCOL.md misses lines");
}

#[test]
fn every_frame_and_command_has_its_example() {
    let examples: Vec<String> = protocol_doc::all().into_iter().map(|example| example.name).collect();
    for name in ClientFrame::NAMES.iter().chain(ServerFrame::NAMES).chain(Command::NAMES) {
        assert!(examples.iter().any(|example| example == name), "“{name}” has no example");
    }
}

#[test]
fn every_name_that_travels_is_explained() {
    let text = text();
    let names = ClientFrame::NAMES.iter().chain(ServerFrame::NAMES).chain(Command::NAMES);
    let mut missing: Vec<String> =
        names.filter(|name| !text.contains(&format!("`{name}`"))).map(|name| (*name).to_owned()).collect();
    let rules: Vec<Rule> = every_rule();
    let codes: Vec<FaultCode> = every_fault_code();
    let spelled = rules.iter().map(spelling).chain(codes.iter().map(spelling));
    missing.extend(spelled.filter(|name| !text.contains(&format!("| `{name}` |"))));
    assert!(missing.is_empty(), "PROTOCOL.md does not explain {missing:?}");
    assert!(text.contains(&format!("One WebSocket at `{PATH}`")), "PROTOCOL.md says where the socket is");
}

fn spelling<T: serde::Serialize>(name: &T) -> String {
    serde_json::to_value(name).ok().and_then(|value| value.as_str().map(str::to_owned)).expect("a word")
}

/// All of them: the match says so to the compiler when one is added.
fn every_rule() -> Vec<Rule> {
    use Rule::*;
    let all = vec![
        Malformed,
        NotPermitted,
        ChangedMeanwhile,
        NotThere,
        WrongStep,
        NoLines,
        NoCustomer,
        OverCredit,
        CreditCurrency,
        OutsideLimits,
        Implausible,
        LineLocked,
        AddressLocked,
        IdInUse,
        NumberTaken,
        NeedsRefused,
        Erased,
        OutOfSight,
        Unsupported,
        Defect,
        Unknown,
    ];
    for rule in &all {
        match rule {
            Malformed | NotPermitted | ChangedMeanwhile | NotThere | WrongStep | NoLines | NoCustomer
            | OverCredit | CreditCurrency | OutsideLimits | Implausible | LineLocked | AddressLocked
            | IdInUse | NumberTaken | NeedsRefused | Erased | OutOfSight | Unsupported | Defect | Unknown => {
            }
        }
    }
    all
}

fn every_fault_code() -> Vec<FaultCode> {
    use FaultCode::*;
    let all = vec![
        BadFrame,
        OutOfPlace,
        Version,
        SignInRefused,
        Throttled,
        SignedOut,
        OtherCompany,
        Forged,
        Unavailable,
        Unknown,
    ];
    for code in &all {
        match code {
            BadFrame | OutOfPlace | Version | SignInRefused | Throttled | SignedOut | OtherCompany
            | Forged | Unavailable | Unknown => {}
        }
    }
    all
}
