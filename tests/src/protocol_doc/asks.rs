//! Every question that there is, with who may ask it; and every answer that a question gets.

use waybill_shared::{
    finding::{Finding, Rule},
    protocol::{
        encode,
        question::{
            Answer, DevicePage, DeviceQuestion, DeviceRow, DocumentQuestion, Enrolled, HeldQuestion,
            PersonQuestion, Question, SessionPage, SessionQuestion, SessionRow,
        },
    },
    review::{Decided, Decision},
    rules::{questions, roles::Role},
};

use super::{
    Example, diagnostic,
    world::{at, device, edit, order, person},
};

pub fn all() -> Vec<Example> {
    vec![asks(), answers()]
}

fn asks() -> Example {
    let (device, person) = (device(), person(1));
    let reason = "It was a trial.".to_owned();
    let all: Vec<Question> = vec![
        HeldQuestion::Count {}.into(),
        HeldQuestion::List { after: Some(5210) }.into(),
        HeldQuestion::Show { edit: edit(2) }.into(),
        HeldQuestion::Decide { edit: edit(2), attempt: 0, decision: Decision::Discard, reason }.into(),
        DeviceQuestion::List { from: 0 }.into(),
        DeviceQuestion::Rename { device, name: "Till 2".to_owned() }.into(),
        DeviceQuestion::Revoke { device }.into(),
        DeviceQuestion::Restore { device }.into(),
        DeviceQuestion::Pace { device, on: false }.into(),
        SessionQuestion::List { from: 0 }.into(),
        SessionQuestion::End { person, device: Some(device) }.into(),
        PersonQuestion::ResetCode { person }.into(),
        DocumentQuestion::Read { docs: vec![order(1).into()] }.into(),
    ];
    let names: Vec<&str> = all.iter().map(Question::name).collect();
    assert_eq!(names, Question::NAMES, "each of them, in their order");
    let lines: Vec<String> = all
        .iter()
        .zip(questions::TABLE)
        .map(|(question, row)| {
            let roles: Vec<&str> = row.roles.iter().map(Role::name).collect();
            format!("{}: {}\n{}", row.question, roles.join(" "), told(question))
        })
        .collect();
    Example::new("every question", lines.join("\n\n"))
}

fn answers() -> Example {
    let who = || Enrolled { person: person(1), name: "ida".to_owned(), display: "Ida Weber".to_owned() };
    let row = DeviceRow {
        id: device(),
        code: "T1".to_owned(),
        name: "Till 1".to_owned(),
        people: vec![who()],
        version: Some("0.1.0".to_owned()),
        waiting: 0,
        last_contact: Some(at(1)),
        since: at(0),
        revoked_at: Some(at(2)),
        unpaced: true,
        clock_off: Some(259_200_000),
    };
    let session = SessionRow {
        who: who(),
        device: device(),
        code: "T1".to_owned(),
        device_name: "Till 1".to_owned(),
        since: at(0),
        last_contact: Some(at(1)),
        person_revoked: false,
        device_revoked: false,
    };
    let decided = Decided { decision: Decision::Accept, by: person(2), at: at(0), reason: String::new() };
    let finding = Finding::new(Rule::NotThere, "There is no such device.", "Look at the list again.");
    let all = [
        Answer::Count(3),
        Answer::Decided(decided),
        Answer::Devices(DevicePage { devices: vec![row], next: Some(200) }),
        Answer::Sessions(SessionPage { sessions: vec![session], next: None }),
        Answer::Ended { devices: 1 },
        Answer::Code { code: "7K2MD-0QX4T-9WBZC-HJ5RE".to_owned() },
        Answer::Done {},
        Answer::Declined { findings: vec![finding] },
        Answer::Later { words: "The server cannot answer just now. Try again in a moment.".to_owned() },
    ];
    let lines: Vec<String> = all.iter().map(told).collect();
    Example::new("other answers", lines.join("\n\n"))
}

fn told(value: &impl serde::Serialize) -> String {
    diagnostic(&encode(value)).unwrap_or_else(|error| panic!("our own CBOR reads: {error}"))
}
