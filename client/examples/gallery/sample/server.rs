//! What only the server has: held entries, devices, sign-ins.

use waybill_client::desktop::online::{Heard, Online};
use waybill_shared::edit::EditKind;
use waybill_shared::finding::{Finding, Rule};
use waybill_shared::id::{DeviceId, EditId, OrderId, PersonId};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::protocol::question::{DeviceRow, Enrolled, SessionRow};
use waybill_shared::review::{Does, HeldEdit};
use waybill_shared::time::Booked;

use super::{at, today, uuid};

pub fn online(empty: bool) -> Online {
    if empty {
        return Online { held: Heard::of(Vec::new()), ..Online::default() };
    }
    Online {
        held: Heard::of(held()),
        count: 3,
        devices: Heard::of(devices()),
        sessions: Heard::of(sessions()),
        ..Online::default()
    }
}

fn held() -> Vec<HeldEdit> {
    let away = "As driver you may take a payment only for orders of the own round.";
    let gone = "The access of the person who entered this was withdrawn.";
    let one = |n: u128, person, words: &str, cents, kind, why: &str| HeldEdit {
        edit: EditId::new(uuid(n)),
        attempt: 0,
        kind,
        person: PersonId::new(uuid(person)),
        device: DeviceId::new(uuid(person)),
        at: at(today(), 9, n as u32),
        booked: Booked::on(today()),
        does: vec![Does {
            doc: OrderId::new(uuid(n)).into(),
            words: words.to_owned(),
            worth: (cents > 0).then(|| (Amount::from_minor(cents, 2), Currency::EUR)),
        }],
        findings: vec![Finding::new(Rule::NotPermitted, why, "A manager looks at it.")],
    };
    vec![
        one(41, 2, "Took € 149.00 by cash · order T2-1488", 14_900, EditKind::Facts, away),
        one(
            43,
            3,
            "Handed over 4 × Oak chair, 1 × Dining table with extension leaf · order V1-1",
            124_500,
            EditKind::Facts,
            gone,
        ),
        one(47, 3, "Quantity of Wool rug: 3 · order T2-1490", 0, EditKind::Requests, gone),
    ]
}

fn who(n: u128) -> Enrolled {
    let (name, display) =
        [("anna", "Anna Berg"), ("tom", "Tom Kruse"), ("ines", "Ines Vogt")][n as usize - 1];
    Enrolled { person: PersonId::new(uuid(n)), name: name.to_owned(), display: display.to_owned() }
}

fn devices() -> Vec<DeviceRow> {
    let one = |n: u128, name: &str, people: Vec<Enrolled>, waiting, out: bool| DeviceRow {
        id: DeviceId::new(uuid(n)),
        code: format!("T{n}"),
        name: name.to_owned(),
        people,
        version: Some("0.1.0".to_owned()),
        waiting,
        last_contact: Some(at(today(), 12, n as u32)),
        since: at(today(), 7, 0),
        revoked_at: out.then(|| at(today(), 13, 5)),
        unpaced: false,
        clock_off: (n == 1).then_some(259_200_000),
    };
    vec![
        one(1, "Till 2", vec![who(1), who(3)], 0, false),
        one(2, "Office at the harbour", vec![who(1)], 0, false),
        one(3, "Van 1", vec![who(2)], 7, false),
        one(4, "Tom's old telephone", Vec::new(), 2, true),
    ]
}

fn sessions() -> Vec<SessionRow> {
    let one = |person: u128, device: u128, name: &str, revoked| SessionRow {
        who: who(person),
        device: DeviceId::new(uuid(device)),
        code: format!("T{device}"),
        device_name: name.to_owned(),
        since: at(today(), 7, device as u32),
        last_contact: Some(at(today(), 12, device as u32)),
        person_revoked: revoked,
        device_revoked: false,
    };
    vec![
        one(1, 1, "Till 2", false),
        one(1, 2, "Office at the harbour", false),
        one(3, 1, "Till 2", true),
        one(2, 3, "Van 1", false),
    ]
}
