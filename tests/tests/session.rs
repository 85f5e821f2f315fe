//! What a device sends, held against what a server takes at once.

use waybill_shared::{
    customer,
    id::{CustomerId, EditId, PersonId},
    protocol::{
        ClientFrame, ServerFrame, VERSION,
        frame::{Grant, Names, Next, PersonName, Welcome},
        limits,
    },
    rules::roles::Role,
    session::{
        Action, Device,
        store::{EditState, Meta, Store, StoredEdit, Write},
    },
    time::Timestamp,
};
use waybill_tests::{scribe::Seeded, world::disk::Disk};

const ANA: PersonId = PersonId::new(uuid::Uuid::from_u128(0xa));

#[test]
fn whoever_gave_up_hundreds_of_entries_offline_tells_in_frames_that_a_server_takes() {
    let (now, mut dice, mut disk) = (Timestamp::from_unix_ms(1_763_600_000_000), Seeded(7), Disk::default());
    let roles = vec![Role::Admin];
    let names = Names {
        version: 1,
        people: vec![PersonName { id: ANA, name: "Ana".into(), roles: roles.clone() }],
        devices: Vec::new(),
        here: vec![Grant { person: ANA, roles, locations: Vec::new() }],
    };
    let meta = Meta { device_code: "T1".into(), ..Meta::default() };
    disk.commit(&[Write::Meta(meta.into()), Write::Names(names)]);
    let mut device = Device::new(&mut dice);
    let mut given_up: Vec<EditId> = Vec::new();
    for nth in 0..300 {
        let customer: CustomerId = dice.id(now);
        let create = customer::Create {
            number: String::new(),
            name: format!("Berger {nth}"),
            group: String::new(),
            tax_number: String::new(),
            contact: Default::default(),
            addresses: Default::default(),
        };
        let commands = vec![(customer.into(), create.into())];
        let action = Action { person: ANA, commands, after: Vec::new(), overriding: None };
        let entered = device.enter(now, action, &disk, &mut dice).expect("is entered");
        disk.commit(&entered.writes);
        let stored = disk.edit(entered.id).expect("reads").expect("is there");
        let state = EditState::Discarded { told: false };
        disk.commit(&[Write::Edit(Box::new(StoredEdit { state, ..stored }))]);
        given_up.push(entered.id);
    }
    device.opened(Vec::new(), "test", &disk).expect("greets");
    let welcome = Welcome {
        protocol: VERSION,
        company: None,
        time: now,
        next: Next::Nothing,
        head: None,
        digests: Vec::new(),
        counter: 0,
    };
    let effects = device.received(now, ServerFrame::Welcome(welcome), &disk, &mut dice).expect("takes it in");
    disk.commit(&effects.writes);
    let mut told = Vec::new();
    for frame in device.push(now, &disk).expect("pushes") {
        let ClientFrame::Discard { edits } = frame else { panic!("{frame:?}") };
        assert!(edits.len() <= limits::EDITS_IN_PUSH, "{} at once", edits.len());
        told.extend(edits);
    }
    told.sort_unstable();
    given_up.sort_unstable();
    assert_eq!(told, given_up);
    assert!(device.push(now, &disk).expect("pushes").is_empty(), "told once");
}
