//! What a server's session sends down to one device, of all that the log says.

use std::sync::Arc;

use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    edit::Verdict,
    id::{CompanyId, DeviceId, EditId, LocationId, PersonId},
    protocol::{
        ClientFrame, ServerFrame, VERSION, batch,
        frame::{Entry, Grant, Hello, Names},
    },
    rules::roles::Role,
    scope::{Scope, Scopes},
    session::{
        Server,
        server::{Admission, Ask, Effect, Event, FeedEntry, ScopesNow},
        who::Who,
    },
    time::Timestamp,
};

const DEVICE: DeviceId = DeviceId::new(Uuid::from_u128(1));
const OTHER: DeviceId = DeviceId::new(Uuid::from_u128(2));

fn at(pos: u64) -> Cursor {
    Cursor { pos, chain: Hash([u8::try_from(pos % 251).unwrap(); 32]) }
}

/// What was said of an edit of this device, and nothing of a document.
fn said(pos: u64, device: DeviceId) -> Arc<FeedEntry> {
    Arc::new(FeedEntry {
        pos,
        edit: EditId::new(Uuid::from_u128(u128::from(pos))),
        device,
        attempt: 0,
        verdict: Verdict::Accepted,
        decided: None,
        given: Vec::new(),
        changes: Vec::new(),
        opens: None,
        moved: Vec::new(),
        about: Vec::new(),
    })
}

/// A till that has everything up to this position.
fn live(pos: u64) -> Server {
    let person = PersonId::new(Uuid::from_u128(3));
    let locations = vec![LocationId::new(Uuid::from_u128(4))];
    let here = vec![Grant { person, roles: vec![Role::Shop], locations, unlocked: None }];
    let names = Names {
        version: 1,
        since: 0,
        people: Vec::new(),
        devices: Vec::new(),
        here: here.clone(),
        encrypt: false,
    };
    let scopes = Scopes::held_by(&here);
    let mut server = Server::new(CompanyId::new(Uuid::from_u128(5)));
    server.handle(Event::Frame(ClientFrame::Hello(Hello {
        protocol: VERSION,
        version: "test".into(),
        token: Vec::new(),
        company: None,
        cursor: Some(at(pos)),
        proof: None,
        loaded: None,
        scopes: scopes.clone(),
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: 1,
        waiting: 0,
        commands: 1,
        clock: None,
    })));
    let who = Who { device: DEVICE, people: here, scopes, former: Vec::new(), only_push: None };
    server.handle(Event::Admitted(Ok(Box::new(Admission {
        who,
        names,
        head: at(pos),
        digests: Vec::new(),
        counter: 0,
        cursor_holds: true,
        proof: None,
        time: Timestamp::from_unix_ms(1_763_640_000_000),
        attachment: None,
    }))));
    server
}

/// The log goes on by these; where each frame that comes down leaves the device, and what it holds.
fn goes_on(server: &mut Server, upto: u64, entries: Vec<Arc<FeedEntry>>) -> Vec<(u64, usize)> {
    let asked = server.handle(Event::Head(at(upto)));
    assert!(matches!(asked.as_slice(), [Effect::Ask(Ask::Feed { .. })]), "{asked:?}");
    let (upto, now) = (at(upto), ScopesNow::new());
    frames(server.handle(Event::Feed { entries, upto, head: upto, digests: Some(Vec::new()), now }))
}

fn frames(effects: Vec<Effect>) -> Vec<(u64, usize)> {
    let frame = |effect| match effect {
        Effect::Send(ServerFrame::Entries { entries, upto, .. }) => {
            (upto.pos, batch::unpack::<Entry>(&entries).unwrap().len())
        }
        other => panic!("{other:?}"),
    };
    effects.into_iter().map(frame).collect()
}

#[test]
fn what_is_not_for_a_device_is_not_sent_and_where_it_stands_is_told_when_there_is_time() {
    let mut server = live(10);
    assert_eq!(goes_on(&mut server, 11, vec![said(11, OTHER)]), []);
    assert_eq!(goes_on(&mut server, 12, vec![said(12, OTHER)]), []);
    assert_eq!(server.told(), Some(at(10)), "it would come back from there");
    assert_eq!(frames(server.handle(Event::Quiet)), [(12, 0)]);
    assert_eq!(server.told(), Some(at(12)));
    assert_eq!(frames(server.handle(Event::Quiet)), [], "it knows");

    // What is for it comes at once, and with it where it stands.
    assert_eq!(goes_on(&mut server, 13, vec![said(13, OTHER)]), []);
    assert_eq!(goes_on(&mut server, 15, vec![said(14, DEVICE), said(15, OTHER)]), [(15, 1)]);
    assert_eq!(frames(server.handle(Event::Quiet)), []);

    // Nor is it left to stand too far behind.
    assert_eq!(goes_on(&mut server, 1_014, Vec::new()), []);
    assert_eq!(goes_on(&mut server, 1_015, Vec::new()), [(1_015, 0)]);
}

#[test]
fn who_asks_for_the_heads_of_what_it_has_just_lost_is_told_nothing_and_not_sent_away() {
    let mut server = live(1);
    let here = vec![Grant {
        person: PersonId::new(Uuid::from_u128(3)),
        roles: vec![Role::Driver],
        locations: Vec::new(),
        unlocked: None,
    }];
    server.handle(Event::Names(Names {
        version: 2,
        since: 1,
        people: Vec::new(),
        devices: Vec::new(),
        here,
        encrypt: false,
    }));
    // It had not heard of it.
    assert!(server.handle(Event::Frame(ClientFrame::Heads { scope: Scope::Shops })).is_empty());
    assert!(!server.is_closed());
    let effects = server.handle(Event::Frame(ClientFrame::Heads { scope: Scope::Everyone }));
    assert!(
        matches!(effects.as_slice(), [Effect::Ask(Ask::Heads { scope: Scope::Everyone })]),
        "{effects:?}"
    );
    server.handle(Event::Frame(ClientFrame::Heads { scope: Scope::Office }));
    assert!(server.is_closed(), "what it never held is not asked for by mistake");
}
