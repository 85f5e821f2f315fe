//! What a device sends, held against what a server takes: how much at once, and after it was told to come later.

use std::collections::BTreeSet;

use waybill_shared::{
    chain::Cursor,
    customer,
    digest::Digest,
    doc::{Actor, ChangeBytes, Doc, DocError},
    edit::Verdict,
    finding::{Finding, Rule},
    id::{CompanyId, CustomerId, EditId, Id as _, PersonId},
    kind::{DocAddr, DocKind},
    protocol::{
        ClientFrame, ServerFrame, VERSION, batch,
        frame::{DocChange, Entry, FaultCode, Grant, Hello, Names, Next, OwnVerdict, PersonName, Welcome},
        limits,
        push::{Push, Unknown},
    },
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::{
        Action, Device, Entered, Notice,
        server::{Admission, Ask, Effect, Event, Server},
        store::{EditState, Meta, Store, StoredEdit, Write, WriteDoc},
        who::Who,
    },
    time::Timestamp,
    view::View,
};
use waybill_tests::{
    scribe::{Page, Scribe, Seeded},
    world::disk::Disk,
};

const ANA: PersonId = PersonId::new(uuid::Uuid::from_u128(0xa));

const NOON: Timestamp = Timestamp::from_unix_ms(1_763_600_000_000);

/// Of a device on which Ana works.
fn disk() -> Disk {
    let mut disk = Disk::default();
    let names = Names {
        version: 1,
        since: 0,
        people: vec![PersonName { id: ANA, name: "Ana".into(), roles: vec![Role::Admin] }],
        devices: Vec::new(),
        here: vec![Grant { person: ANA, roles: vec![Role::Admin], locations: Vec::new(), unlocked: None }],
        encrypt: false,
    };
    let meta = Meta { device_code: "T1".into(), ..Meta::default() };
    disk.commit(&[Write::Meta(meta.into()), Write::Names(names)]);
    disk
}

fn a_customer(name: &str) -> customer::Create {
    customer::Create {
        number: String::new(),
        name: name.into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    }
}

fn enters(device: &mut Device, name: &str, disk: &Disk, dice: &mut Seeded) -> Entered {
    let customer: CustomerId = dice.id(NOON);
    let commands = vec![(customer.into(), a_customer(name).into())];
    let action = Action { id: None, person: ANA, commands, after: Vec::new(), overriding: None };
    device.enter(NOON, action, disk, dice).expect("is entered")
}

fn is_welcomed(device: &mut Device, disk: &mut Disk, dice: &mut Seeded) {
    device.opened(Timestamp::from_unix_ms(0), Vec::new(), "test", disk).expect("greets");
    let effects = device.received(NOON, welcome(Digest::default()), disk, dice).expect("takes it in");
    disk.commit(&effects.writes);
}

/// With nothing new, where all documents of the device count so much together.
fn welcome(digest: Digest) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        protocol: VERSION,
        company: None,
        time: NOON,
        next: Next::Nothing,
        head: None,
        proof: None,
        digest: Some(digest),
        counter: 0,
        attachment: None,
    })
}

#[test]
fn a_device_whose_documents_count_otherwise_than_the_servers_compares_every_scope() {
    let (mut dice, mut disk) = (Seeded(9), disk());
    let meta = Meta {
        scopes: vec![Scope::Everyone, Scope::Office].into(),
        digests: vec![(Scope::Office, Digest(7)), (Scope::Everyone, Digest(4))],
        ..disk.meta().expect("reads")
    };
    disk.commit(&[Write::Meta(meta.into())]);
    for (theirs, asked) in [(11, &[][..]), (12, &[Scope::Everyone, Scope::Office])] {
        let mut device = Device::new(&mut dice);
        device.opened(Timestamp::from_unix_ms(0), Vec::new(), "test", &disk).expect("greets");
        let effects = device.received(NOON, welcome(Digest(theirs)), &disk, &mut dice).expect("takes it in");
        let expected: Vec<ClientFrame> =
            asked.iter().map(|scope| ClientFrame::Heads { scope: *scope }).collect();
        assert_eq!(effects.send, expected);
    }
}

#[test]
fn whoever_gave_up_hundreds_of_entries_offline_tells_in_frames_that_a_server_takes() {
    let (now, mut dice) = (NOON, Seeded(7));
    let mut disk = disk();
    let mut device = Device::new(&mut dice);
    let mut given_up: Vec<EditId> = Vec::new();
    for nth in 0..300 {
        let entered = enters(&mut device, &format!("Berger {nth}"), &disk, &mut dice);
        disk.commit(&entered.writes);
        let stored = disk.edit(entered.id).expect("reads").expect("is there");
        let state = EditState::Discarded { told: false };
        disk.commit(&[Write::Edit(Box::new(StoredEdit { state, ..stored }))]);
        given_up.push(entered.id);
    }
    is_welcomed(&mut device, &mut disk, &mut dice);
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

/// As of a copy of this file: under the entry's id the server has another one.
#[test]
fn what_is_said_to_be_in_use_goes_on_under_a_fresh_id() {
    let (mut dice, mut disk) = (Seeded(6), disk());
    let mut device = Device::new(&mut dice);
    is_welcomed(&mut device, &mut disk, &mut dice);
    let entered = enters(&mut device, "Berger", &disk, &mut dice);
    disk.commit(&entered.writes);
    device.push(NOON, &disk).expect("pushes");
    let finding = Finding::new(Rule::IdInUse, "It is in use.", "Send it under a fresh id.");
    let said = OwnVerdict::new(0, Verdict::Refused { findings: vec![finding] });
    let frame = ServerFrame::Again { entries: batch::pack(&[Entry::said(0, entered.id, said)]) };
    let effects = device.received(NOON, frame, &disk, &mut dice).expect("takes it in");
    assert_eq!(effects.notices, [Notice::Attention(entered.id)]);
    disk.commit(&effects.writes);
    let again = device.again(NOON, entered.id, None, None, &disk, &mut dice).expect("once more");
    assert_ne!(again.id, entered.id);
    disk.commit(&again.writes);
    let [ClientFrame::Push { edits, .. }] = &device.push(NOON, &disk).expect("pushes")[..] else { panic!() };
    assert_eq!(edits.iter().map(|edit| (edit.id, edit.attempt)).collect::<Vec<_>>(), [(again.id, 0)]);
    let old = disk.edit(entered.id).expect("reads").expect("is there");
    assert_eq!(old.state, EditState::Discarded { told: true });
}

#[test]
fn what_was_on_its_way_when_the_server_said_later_is_passed_over_and_comes_again_in_order() {
    let (mut dice, mut disk) = (Seeded(8), disk());
    let mut device = Device::new(&mut dice);
    is_welcomed(&mut device, &mut disk, &mut dice);
    let mut server = greeted();
    let mut sent = Vec::new();
    for name in ["Berger", "Costa"] {
        let entered = enters(&mut device, name, &disk, &mut dice);
        disk.commit(&entered.writes);
        sent.push(device.push(NOON, &disk).expect("pushes"));
    }
    let [first, behind]: [Vec<ClientFrame>; 2] = sent.try_into().expect("a push each");
    assert_eq!(submitted(&mut server, first), 1);
    // The first cannot be saved. The second was sent before its device knows.
    let told =
        server.handle(Event::RetryLater { after_ms: 1_000, words: "Later.".into(), edits: Vec::new() });
    assert_eq!(submitted(&mut server, behind), 0, "it may rest on what was not saved");
    let Some(Effect::Send(retry_later)) = told.into_iter().next() else { panic!("no frame") };
    device.received(NOON, retry_later, &disk, &mut dice).expect("takes it in");
    assert!(device.push(NOON, &disk).expect("pushes").is_empty(), "it waits");
    let again = device.push(NOON.plus_ms(1_000), &disk).expect("pushes");
    let [ClientFrame::Push { edits, turn: 1 }] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(edits.iter().map(|edit| edit.counter).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(submitted(&mut server, again), 2);
    let ahead = server.handle(Event::Frame(ClientFrame::Push { edits: Vec::new(), turn: 7 }));
    assert!(
        matches!(ahead.as_slice(), [Effect::Send(ServerFrame::Fault(fault)), Effect::Close]
            if fault.code == FaultCode::BadFrame),
        "{ahead:?}"
    );
}

/// A server's session with that device.
fn greeted() -> Server {
    let mut server = Server::new(CompanyId::NIL);
    let names = disk().names().expect("reads");
    server.handle(Event::Frame(ClientFrame::Hello(Hello {
        protocol: VERSION,
        version: "test".into(),
        token: Vec::new(),
        company: None,
        cursor: Some(Cursor::START),
        proof: None,
        loaded: None,
        scopes: Scopes::NONE,
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: names.version,
        waiting: 0,
        commands: 1,
        clock: None,
    })));
    server.handle(Event::Admitted(Ok(Box::new(Admission {
        who: Who {
            device: Meta::default().device,
            people: names.here.clone(),
            scopes: Scopes::NONE,
            former: Vec::new(),
            only_push: None,
        },
        names,
        head: Cursor::START,
        digests: Vec::new(),
        counter: 0,
        cursor_holds: true,
        proof: None,
        time: NOON,
        attachment: None,
    }))));
    server
}

/// How many of the edits in these frames the session hands to intake.
fn submitted(server: &mut Server, frames: Vec<ClientFrame>) -> usize {
    let effects = frames.into_iter().flat_map(|frame| server.handle(Event::Frame(frame)));
    let submitted = effects.map(|effect| match effect {
        Effect::Ask(Ask::Submit(edits)) => edits.len(),
        other => panic!("{other:?}"),
    });
    submitted.sum()
}

#[test]
fn a_change_of_an_earlier_generation_than_the_document_has_is_passed_over() {
    let (mut dice, mut disk) = (Seeded(12), disk());
    let mut page = Page::blank(dice.id::<CustomerId>(NOON));
    Scribe::any(NOON, 5).edit(&mut page, a_customer("Weber"));
    // The first change of all rests on the skeleton, which every generation has.
    let earlier = page.doc.changes().pop().expect("there is one");
    let anew = page.doc.anew_without(&BTreeSet::new(), Actor::fresh(&mut dice)).expect("is made anew");
    let mut device = Device::new(&mut dice);
    holds(&mut device, page.addr, &anew, &mut disk, &mut dice);
    let change = DocChange {
        part: 0,
        doc: page.addr,
        generation: 0,
        scopes: Scopes::NONE,
        hash: earlier.hash,
        bytes: earlier.bytes,
    };
    hears_of(&mut device, change, &mut disk, &mut dice);
    let stored = disk.document(page.addr).expect("reads").expect("is there");
    assert_eq!(stored.confirmed, anew.save());
}

#[test]
fn what_is_written_in_a_document_of_an_unknown_kind_is_taken_in() {
    let (mut dice, mut disk) = (Seeded(13), disk());
    let addr = DocAddr::new(DocKind::Newer(77), dice.id::<CustomerId>(NOON).into());
    let mut names = |doc: &mut Doc, name: &str| {
        let written = doc.write(Actor::fresh(&mut dice), NOON, |draft| draft.set(&["name"], name));
        written.map_err(|error: DocError| error).expect("writes").0.expect("a change")
    };
    let mut doc = Doc::new(addr.kind);
    names(&mut doc, "crane");
    let before = doc.clone();
    let ChangeBytes { hash, bytes, .. } = names(&mut doc, "gantry");
    let mut device = Device::new(&mut dice);
    holds(&mut device, addr, &before, &mut disk, &mut dice);
    let change = DocChange { part: 0, doc: addr, generation: 0, scopes: Scopes::NONE, hash, bytes };
    hears_of(&mut device, change, &mut disk, &mut dice);
    let stored = disk.document(addr).expect("reads").expect("is there");
    assert_eq!(stored.confirmed, doc.save());
}

/// The device has this document, and is connected.
fn holds(device: &mut Device, addr: DocAddr, doc: &Doc, disk: &mut Disk, dice: &mut Seeded) {
    let scopes = Scopes::from(Scope::Office);
    let meta = Meta { cursor: Some(Cursor::START), scopes: scopes.clone(), ..disk.meta().expect("reads") };
    let view = View::read(doc).expect("reads");
    let doc = WriteDoc { addr, scopes, replaced: true, confirmed: doc.clone(), shown: None, view };
    disk.commit(&[Write::Meta(meta.into()), Write::Document(Box::new(doc))]);
    is_welcomed(device, disk, dice);
}

/// The change comes down, and leads to no question.
fn hears_of(device: &mut Device, change: DocChange, disk: &mut Disk, dice: &mut Seeded) {
    let (verdict, reveal, forget, erased) = Default::default();
    let entry = Entry { pos: 1, edit: dice.id(NOON), verdict, changes: vec![change], reveal, forget, erased };
    let upto = Cursor { pos: 1, ..Cursor::START };
    let frame = ServerFrame::Entries { entries: batch::pack(&[entry]), upto, proof: None, digests: None };
    let effects = device.received(NOON, frame, disk, dice).expect("takes it in");
    assert_eq!(effects.send, []);
    disk.commit(&effects.writes);
}

#[test]
fn entries_of_a_later_version_are_noted_up_to_a_bound() {
    let mut server = greeted();
    let mut dice = Seeded(3);
    let mut push = |count: usize| {
        let id = |_| Unknown {
            id: EditId::fresh(NOON, &mut dice),
            attempt: 0,
            counter: 1,
            docs: Vec::new(),
            stranger: None,
        };
        let unknown = (0..count).map(id).collect();
        let known = ClientFrame::Push { edits: Vec::new(), turn: 0 };
        Event::Partly(Push { known, unknown, malformed: Vec::new(), nameless: None })
    };
    for _ in 0..40 {
        let told = server.handle(push(limits::EDITS_IN_PUSH));
        assert!(matches!(told.first(), Some(Effect::Send(ServerFrame::RetryLater { .. }))), "{told:?}");
    }
    let full = server.handle(push(1));
    assert!(
        matches!(full.as_slice(), [Effect::Send(ServerFrame::Fault(fault)), Effect::Close]
            if fault.code == FaultCode::Unavailable),
        "{full:?}"
    );
    let large = greeted().handle(push(limits::EDITS_IN_PUSH + 1));
    assert!(
        matches!(large.as_slice(), [Effect::Send(ServerFrame::Fault(fault)), Effect::Close]
            if fault.code == FaultCode::BadFrame),
        "{large:?}"
    );
}
