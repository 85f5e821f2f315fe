//! What no honest device sends, sent to a real server on real sockets: each gets a stated answer or a closed
//! socket, and a neighbour who works on meanwhile notices nothing. What it costs is in `attacks.rs`.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_shared::{
    command::Command,
    doc::{Actor, Hash, skeleton},
    edit::{Edit, EditKind, Verdict},
    finding::Rule,
    id::{FactId, LocationId},
    order::commands::{Note, Tag},
    protocol::{
        ClientFrame, encode,
        frame::{FaultCode, SignIn},
        limits,
    },
    scope::Scope,
    time::Timestamp,
};
use waybill_tests::{
    peer::{Peer, Taken, hello, taken},
    scribe::Page,
    serving::PASSWORD,
    street::{Street, create},
    wire::Wire,
};

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_frame() {
    let mut street = Street::new().await;
    let good = encode(&ClientFrame::Heads { scope: Scope::Everyone });
    let text = |text: &str| encode(&text);
    let cases = [
        ("nothing", Vec::new()),
        ("half a frame", good[..good.len() / 2].to_vec()),
        ("a frame and a half", [good.clone(), good[..4].to_vec()].concat()),
        ("text where a frame belongs", text("hello")),
        ("arrays five thousand deep", [vec![0x81; 5000], vec![0]].concat()),
        ("maps five thousand deep", [0xa1, 0x61, 0x61].repeat(5000)),
        ("an array of 2^64 things", vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("text of 2^62 bytes", vec![0x7b, 0x40, 0, 0, 0, 0, 0, 0, 0]),
        ("tags upon tags", [vec![0xc1; 5000], vec![0]].concat()),
        ("a name nobody knows", encode(&BTreeMap::from([("open_sesame", 1)]))),
        ("a number for edits", encode(&BTreeMap::from([("push", BTreeMap::from([("edits", 1)]))]))),
        ("text for an address", encode(&BTreeMap::from([("fetch", BTreeMap::from([("docs", vec!["x"])]))]))),
        ("a scope that is none", encode(&BTreeMap::from([("heads", BTreeMap::from([("scope", "moon")]))]))),
        ("a frame above its size", vec![0; limits::CLIENT_FRAME + 1]),
        ("noise", (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
        ("too many edits", too_many_edits(&mut street.stranger)),
        ("too many documents", encode(&ClientFrame::Fetch { docs: vec![street.order.addr; 257] })),
    ];
    for (what, bytes) in cases {
        // To a socket that has said nothing yet, and to one that was greeted.
        let mut fresh = Wire::open(&street.serving.socket()).await.expect("a socket opens");
        street.come_back().await;
        for wire in [&mut fresh, &mut street.stranger.wire] {
            // A server that has seen enough closes before all of it is sent.
            let _ = wire.send_bytes(bytes.clone()).await;
            match taken(wire).await.unwrap_or_else(|error| panic!("{what}: {error}")) {
                Taken::Closed => {}
                Taken::Fault(fault) => {
                    let fits = matches!(fault.code, FaultCode::BadFrame | FaultCode::OutOfPlace);
                    assert!(fits && !fault.words.is_empty(), "{what}: {fault:?}");
                }
            }
        }
        street.neighbour_notices_nothing(what).await;
    }
    let mut wire = Wire::open(&street.serving.socket()).await.expect("a socket opens");
    wire.send_text("{\"hello\": 1}").await.expect("text can be sent");
    assert_fault(&mut wire, FaultCode::BadFrame, "a text message").await;
    street.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_out_of_place_and_people_who_are_somebody_else() {
    let mut street = Street::new().await;
    let address = street.serving.socket();
    let stolen = street.neighbour.token.clone();
    let sign_in = |name: &str, password: &str, device, protocol| {
        ClientFrame::SignIn(SignIn {
            protocol,
            name: name.to_owned(),
            password: password.to_owned(),
            new_password: None,
            device,
            device_name: "Till".to_owned(),
            version: "0.1.0".to_owned(),
            token: None,
            company: None,
        })
    };
    let own = street.stranger.scribe.device;
    let theirs = street.neighbour.scribe.device;
    let cases = [
        ("a push before hello", ClientFrame::Push { edits: Vec::new(), turn: 0 }, FaultCode::OutOfPlace),
        ("heads before hello", ClientFrame::Heads { scope: Scope::Office }, FaultCode::OutOfPlace),
        ("a token made up", hello(vec![7; 32]), FaultCode::SignedOut),
        ("an empty token", hello(Vec::new()), FaultCode::SignedOut),
        ("half a token", hello(stolen[..stolen.len() / 2].to_vec()), FaultCode::SignedOut),
        ("a wrong password", sign_in("stranger", "guess", own, 1), FaultCode::SignInRefused),
        ("nobody", sign_in("nobody", PASSWORD, own, 1), FaultCode::SignInRefused),
        ("a device of others", sign_in("stranger", PASSWORD, theirs, 1), FaultCode::SignInRefused),
        ("a protocol of the future", sign_in("stranger", PASSWORD, own, 99), FaultCode::Version),
        ("a protocol of the past", sign_in("stranger", PASSWORD, own, 0), FaultCode::Version),
    ];
    for (what, frame, code) in cases {
        let mut wire = Wire::open(&address).await.expect("a socket opens");
        wire.send(&frame).await.expect("it can be sent");
        assert_fault(&mut wire, code, what).await;
        street.neighbour_notices_nothing(what).await;
    }

    // On a greeted socket: another device's name, greeting twice.
    let mut page = street.stranger.new_page();
    let mut other_device = street.stranger.scribe.edit(&mut page, create("S-1"));
    other_device.device = street.neighbour.scribe.device;
    let again = hello(street.stranger.token.clone());
    for (what, frame, code) in [
        (
            "another device's name",
            ClientFrame::Push { edits: vec![other_device], turn: 0 },
            FaultCode::Forged,
        ),
        ("a second hello", again, FaultCode::OutOfPlace),
        (
            "heads of a scope not held",
            ClientFrame::Heads { scope: Scope::Location(LocationId::new(Uuid::now_v7())) },
            FaultCode::OutOfPlace,
        ),
    ] {
        street.come_back().await;
        street.stranger.wire.send(&frame).await.expect("it can be sent");
        assert_fault(&mut street.stranger.wire, code, what).await;
        street.neighbour_notices_nothing(what).await;
    }

    // A person who is not enrolled on the device: a request is refused, a fact is held for a manager.
    street.come_back().await;
    let mut page = street.stranger.new_page();
    street.stranger.does(&mut page, create("S-2")).await.expect("the stranger's own order");
    street.stranger.scribe.person = street.neighbour.person();
    let entered: [(EditKind, Command); 2] =
        [(EditKind::Requests, tag("theirs").into()), (EditKind::Facts, note("theirs").into())];
    for (kind, command) in entered {
        let mut copy = page.clone();
        let edit = street.stranger.scribe.edit(&mut copy, command);
        let (verdict, changes) = street.stranger.sends(edit).await.expect("it is judged");
        let as_due = match kind {
            EditKind::Requests => matches!(verdict, Verdict::Refused { .. }),
            EditKind::Facts => matches!(verdict, Verdict::Held { .. }),
        };
        assert!(as_due && verdict.findings()[0].rule == Rule::NotPermitted, "{kind:?}: {verdict:?}");
        assert!(changes.is_empty(), "nothing of it is in the document");
    }
    street.neighbour_notices_nothing("a forged person").await;
    street.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_that_claim_what_is_not_so() {
    let mut street = Street::new().await;
    let mut order = street.order.clone();
    let neighbours_actor = street.neighbour.scribe.actor;
    let year = 365 * 24 * 60 * 60 * 1000;

    type Twist = Box<dyn Fn(&mut Edit)>;
    let made = |twist: fn(&mut waybill_shared::edit::Made)| -> Twist {
        Box::new(move |edit| edit.parts.iter_mut().filter_map(|part| part.made.as_mut()).for_each(twist))
    };
    let actor = move |actor: Actor| -> Twist {
        Box::new(move |edit| {
            edit.parts.iter_mut().filter_map(|part| part.made.as_mut()).for_each(|made| made.actor = actor);
        })
    };
    let clock = move |by: i64| -> Twist {
        Box::new(move |edit| edit.parts.iter_mut().for_each(|part| part.at = part.at.plus_ms(by)))
    };
    let cases: [(&str, Twist); 12] = [
        ("a hash that does not come out", made(|made| made.hash = Some(Hash([9; 32])))),
        ("a seq that is not its turn", made(|made| made.seq += 5)),
        ("a seq far ahead", made(|made| made.seq = u64::MAX)),
        ("deps nobody has", made(|made| made.deps = vec![Hash([1; 32]), Hash([2; 32])])),
        ("no deps", made(|made| made.deps.clear())),
        ("no change", made(|made| made.hash = None)),
        ("the neighbour's actor", actor(neighbours_actor)),
        ("the actor of skeletons", actor(skeleton::ACTOR)),
        ("a clock ten years ahead", clock(10 * year)),
        ("a clock at the end of time", Box::new(|edit| edit.parts[0].at = Timestamp::from_unix_ms(i64::MAX))),
        ("a clock before all time", Box::new(|edit| edit.parts[0].at = Timestamp::from_unix_ms(i64::MIN))),
        ("a clock ten years behind", clock(-10 * year)),
    ];
    for (nth, (what, twist)) in cases.into_iter().enumerate() {
        street.stranger.reads(&mut order).await.expect("the order is read");
        let mut copy = order.clone();
        let text = format!("{nth}: {what}");
        let mut edit = street.stranger.scribe.edit(&mut copy, note(&text));
        twist(&mut edit);
        let claimed = edit.parts[0].made.as_ref().and_then(|made| made.hash);
        let told = street.stranger.sends(edit.clone()).await;
        let (verdict, changes) = told.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(verdict, Verdict::Rewritten, "{what}: {:?}", changes.first().map(|change| change.hash));
        assert_ne!(changes.first().map(|change| change.hash), claimed, "{what}: another change stands");

        // The same once more, as after a lost acknowledgement: the same answer, and nothing twice.
        let (again, _) = street.stranger.sends(edit).await.expect("it has its verdict");
        assert_eq!(again, Verdict::Rewritten, "{what}, sent again");
        street.stranger.reads(&mut order).await.expect("the order is read");
        assert_eq!(notes(&order, &text), 1, "{what}: the note is there once");
        street.neighbour.reads(&mut street.order).await.expect("the neighbour catches up");
        street.neighbour_notices_nothing(what).await;
    }

    // One seq of one actor used twice, as by a device file that was copied.
    street.stranger.reads(&mut order).await.expect("the order is read");
    let mut copy = order.clone();
    street.stranger.does(&mut order, note("the first")).await.expect("the first is accepted");
    let edit = street.stranger.scribe.edit(&mut copy, note("the second"));
    let (verdict, _) = street.stranger.sends(edit).await.expect("the second is judged");
    assert_eq!(verdict, Verdict::Rewritten, "a seq used twice");
    street.neighbour.reads(&mut street.order).await.expect("the neighbour catches up");
    assert_eq!((notes(&street.order, "the first"), notes(&street.order, "the second")), (1, 1));
    street.neighbour_notices_nothing("a seq used twice").await;
    street.ends_well().await;
}

async fn assert_fault(wire: &mut Wire, code: FaultCode, what: &str) {
    match taken(wire).await.unwrap_or_else(|error| panic!("{what}: {error}")) {
        Taken::Fault(fault) => {
            assert_eq!(fault.code, code, "{what}: {}", fault.words);
            assert!(!fault.words.is_empty(), "{what}: a fault says what was wrong");
        }
        Taken::Closed => panic!("{what}: closed without a word"),
    }
}

fn too_many_edits(stranger: &mut Peer) -> Vec<u8> {
    let mut page = stranger.new_page();
    let edit = stranger.scribe.edit(&mut page, create("S-0"));
    encode(&ClientFrame::Push { edits: vec![edit; limits::EDITS_IN_PUSH + 1], turn: 0 })
}

fn notes(page: &Page, text: &str) -> usize {
    let waybill_shared::view::View::Order(order) = &page.view else { return 0 };
    let is_it = |fact: &waybill_shared::order::Fact| matches!(&fact.what, waybill_shared::order::What::Note { text: held } if held == text);
    order.facts.values().filter(|fact| is_it(fact)).count()
}

fn tag(tag: &str) -> Tag {
    Tag { tag: tag.to_owned() }
}

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}
