//! The engine against a server that the test plays itself: every frame, and every way of losing it.

mod common;

use common::{
    ANA, Device,
    guest::{Guest, OURS, Server, THEIRS, signed_in, until},
};
use tokio_tungstenite::tungstenite::Message;
use waybill_client::{
    engine::{self, Answer, Config, EngineHandle, LinkState, Request, SignIn, Submit, Trust},
    pin::Pin,
    store::Reader,
};
use waybill_shared::{
    chain::Cursor,
    command::Command,
    edit::{Edit, Verdict},
    finding::{Finding, Rule},
    id::LocationId,
    kind::{DocAddr, DocKind},
    location,
    location::LocationCommand,
    protocol::{
        ClientFrame, ServerFrame, batch,
        frame::{Entry, FaultCode, OwnVerdict, SignedIn},
    },
    rules::roles::Role,
    session::OTHER_COMPANY,
};

fn make_a_place(engine: &EngineHandle) -> DocAddr {
    let addr = engine::fresh(DocKind::Location);
    let create = location::Create {
        code: addr.id.simple().to_string(),
        name: "Shop".into(),
        kind: location::LocationKind::Shop,
        address: Default::default(),
    };
    let commands: Vec<(DocAddr, Command)> = vec![(addr, create.into())];
    let answer = engine.submit(Submit::new(commands)).wait();
    assert!(matches!(answer, Answer::Entered { .. }), "{answer:?}");
    until(engine, |status| status.waiting > 0);
    addr
}

#[test]
fn what_is_entered_while_live_goes_up_at_once_and_is_on_the_disk_before() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, mut guest) = signed_in(&till, &server);
    let addr = make_a_place(&engine);
    let ClientFrame::Push { edits, .. } = guest.next() else { panic!("no push") };
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0].parts[0].doc, addr);
    let reader = Reader::open(&till.dir).expect("opens");
    let location: Option<location::Location> = reader.document(LocationId::from(addr.id)).expect("reads");
    assert_eq!(location.map(|l| l.fields.name), Some("Shop".into()));
    let status = until(&engine, |status| status.sending.is_some());
    assert_eq!(status.sending.map(|sending| (sending.done, sending.of)), Some((0, 1)));
    engine.stop();
}

#[test]
fn a_lost_connection_is_made_again_and_what_was_not_judged_is_sent_again() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, mut guest) = signed_in(&till, &server);
    make_a_place(&engine);
    let ClientFrame::Push { edits: first, .. } = guest.next() else { panic!("no push") };
    drop(guest);
    let offline = until(&engine, |status| status.link != LinkState::Live);
    assert_eq!(offline.waiting, 1);

    let mut guest = server.guest();
    guest.welcome();
    let ClientFrame::Push { edits: again, .. } = guest.next() else { panic!("no push") };
    assert_eq!(first, again, "the same edit, not another");
    until(&engine, |status| status.link == LinkState::Live && status.reason.is_none());
    engine.stop();
}

#[test]
fn a_token_that_is_no_longer_taken_ends_the_attempts_and_keeps_everything() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, guest) = signed_in(&till, &server);
    make_a_place(&engine);
    guest.fault(FaultCode::SignedOut, "Your access was withdrawn. Ask your administrator.");
    let status = until(&engine, |status| status.link == LinkState::SignedOut);
    assert_eq!(status.waiting, 1);
    let answer = engine.ask(Request::SyncNow).wait();
    assert!(
        matches!(&answer, Answer::Refused { findings } if findings[0].what.contains("Nobody is signed in")),
        "{answer:?}"
    );
    // Work goes on.
    make_a_place(&engine);
    // Signing in again on the same device shows the old token: it is no stranger.
    let reply = engine.ask(Request::SignIn(SignIn {
        server: server.address(),
        name: "ana".into(),
        password: "secret".into(),
        new_password: None,
        device: String::new(),
        trust: Trust::AsBefore,
        pin: Some(Pin("lighthouse".into())),
    }));
    let mut guest = server.guest();
    let ClientFrame::SignIn(frame) = guest.next() else { panic!("no sign-in") };
    assert_eq!((frame.token, frame.device_name.as_str()), (Some(vec![7; 32]), "Till 1"));
    guest.fault(FaultCode::SignInRefused, "The name or the password is wrong.");
    assert_eq!(reply.wait(), Answer::TurnedAway { words: "The name or the password is wrong.".into() });
    engine.stop();
}

#[test]
fn bytes_that_are_no_frame_close_the_connection_and_harm_nothing() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, mut guest) = signed_in(&till, &server);
    guest.0.send(Message::Binary(vec![0xff; 100].into())).expect("sends");
    let status = until(&engine, |status| status.reason.is_some());
    assert!(status.reason.is_some_and(|words| words.contains("another language")));
    let mut guest = server.guest();
    guest.welcome();
    // A frame that cannot come now, and entries that do not unpack.
    guest.send(&ServerFrame::Entries {
        entries: vec![9, 9, 9],
        upto: Cursor::START,
        proof: None,
        digests: None,
    });
    let mut guest = server.guest();
    guest.welcome();
    until(&engine, |status| status.link == LinkState::Live);
    make_a_place(&engine);
    engine.stop();
}

/// What the server says of an edit, at a log position.
fn verdict(pos: u64, edit: &Edit, verdict: Verdict) -> ServerFrame {
    let own = OwnVerdict::new(edit.attempt, verdict);
    let entry = Entry {
        pos,
        edit: edit.id,
        verdict: Some(own),
        changes: Vec::new(),
        reveal: Vec::new(),
        forget: Vec::new(),
        erased: Vec::new(),
    };
    let upto = Cursor { pos, ..Cursor::START };
    ServerFrame::Entries { entries: batch::pack(&[entry]), upto, proof: None, digests: Some(Vec::new()) }
}

fn pushed(guest: &mut Guest) -> Edit {
    let ClientFrame::Push { edits, .. } = guest.next() else { panic!("no push") };
    assert_eq!(edits.len(), 1, "{edits:?}");
    edits[0].clone()
}

#[test]
fn what_is_refused_is_listed_entered_again_with_another_value_or_given_up() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, mut guest) = signed_in(&till, &server);
    let reader = Reader::open(&till.dir).expect("opens");
    make_a_place(&engine);
    let edit = pushed(&mut guest);
    let finding = Finding::new(Rule::Unknown, "There is such a shop already.", "Give another code.");
    let refused = Verdict::Refused { findings: vec![finding.clone()] };
    guest.send(&verdict(1, &edit, refused.clone()));
    until(&engine, |status| status.attention == 1 && status.waiting == 0);
    let listed = reader.attention().expect("reads");
    assert_eq!(listed[0].edit.id, edit.id);
    assert_eq!(listed[0].verdict.findings(), [finding]);
    assert_eq!(reader.locations().expect("reads"), [], "what is refused is not shown as done");

    let mut changed = edit.parts[0].command.clone();
    if let Command::Location(LocationCommand::Create(create)) = &mut changed {
        create.code = "S2".into();
    }
    let again = Some(vec![(edit.parts[0].doc, changed.clone())]);
    let answer =
        engine.ask(Request::Again { edit: edit.id, changed: again, overriding: None, pins: vec![] }).wait();
    assert!(matches!(answer, Answer::Entered { edit: id, .. } if id == edit.id), "{answer:?}");
    let second = pushed(&mut guest);
    assert_eq!((second.id, second.attempt), (edit.id, edit.attempt + 1), "the same entry, another attempt");
    assert_eq!(second.parts[0].command, changed);
    assert_eq!(reader.locations().expect("reads")[0].code, "S2");

    guest.send(&verdict(2, &second, refused));
    until(&engine, |status| status.attention == 1);
    assert_eq!(engine.ask(Request::Discard { edit: edit.id }).wait(), Answer::Done);
    let ClientFrame::Discard { edits } = guest.next() else { panic!("not told") };
    assert_eq!(edits, [edit.id]);
    // A sync ends when the server has taken that too, and not before.
    let mut synced = engine.ask(Request::SyncNow);
    assert_eq!(engine.ask(Request::Status).wait(), Answer::Status(Box::new(engine.status())));
    assert_eq!(synced.poll(), None);
    guest.send(&verdict(3, &second, Verdict::GIVEN_UP));
    assert!(matches!(synced.wait(), Answer::Status(status) if status.attention == 0));
    engine.stop();
}

#[test]
fn an_engine_that_is_told_not_to_stays_offline_until_it_is_asked_to_sync() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, guest) = signed_in(&till, &server);
    engine.stop();
    drop(guest);
    let config = Config { dir: till.dir.clone(), online: false, listen: false };
    let engine = engine::start(config).expect("starts");
    make_a_place(&engine);
    assert_eq!(engine.status().link, LinkState::Offline);
    let reply = engine.ask(Request::SyncNow);
    let mut guest = server.guest();
    guest.welcome();
    let ClientFrame::Push { edits, .. } = guest.next() else { panic!("no push") };
    assert_eq!(edits.len(), 1);
    drop(guest);
    // The server went before it answered: told at once, and not tried again by itself.
    assert!(matches!(reply.wait(), Answer::Away { .. }));
    assert_eq!(until(&engine, |status| status.link == LinkState::Offline).waiting, 1);
    engine.stop();
}

/// What must not be touched by another company's server: what waits, where the device stands, who opens what.
fn kept(till: &Device, engine: &EngineHandle) -> impl PartialEq + std::fmt::Debug + use<> {
    let reader = Reader::open(&till.dir).expect("opens");
    let meta = reader.meta().expect("reads");
    let places = reader.locations().expect("reads");
    (engine.status().waiting, meta.company, meta.cursor, meta.last_contact, places)
}

#[test]
fn a_running_device_that_meets_another_companys_server_says_so_and_goes_on_when_its_own_is_back() {
    let (till, mut server) = (Device::new(), Server::start());
    let (engine, guest) = signed_in(&till, &server);
    server.company = THEIRS;
    drop(guest);
    until(&engine, |status| status.link != LinkState::Live);
    make_a_place(&engine);
    let before = kept(&till, &engine);

    // This one welcomes everybody.
    let mut guest = server.guest();
    guest.welcome();
    guest.is_left();
    let status = until(&engine, |status| status.trouble.is_some());
    assert_eq!((status.trouble.as_deref(), status.waiting), (Some(OTHER_COMPANY), 1));
    assert!(status.words().starts_with("This server belongs to another company"), "{}", status.words());
    assert_eq!(kept(&till, &engine), before);

    // This one refuses, as the real one does. The device is not signed out by it.
    let mut guest = server.guest();
    let ClientFrame::Hello(hello) = guest.next() else { panic!("no hello") };
    assert_eq!(hello.company, Some(OURS));
    guest.fault(FaultCode::OtherCompany, OTHER_COMPANY);
    assert_eq!(kept(&till, &engine), before);

    server.company = OURS;
    let mut guest = server.guest();
    guest.welcome();
    let edit = pushed(&mut guest);
    guest.send(&verdict(1, &edit, Verdict::Accepted));
    let status = until(&engine, |status| status.waiting == 0);
    assert_eq!((status.trouble, status.link), (None, LinkState::Live));
    engine.stop();
}

#[test]
fn a_sign_in_at_another_companys_server_is_refused_and_leaves_the_account_as_it_was() {
    let (till, server) = (Device::new(), Server::start());
    let (engine, mut guest) = signed_in(&till, &server);
    make_a_place(&engine);
    pushed(&mut guest);
    let before = kept(&till, &engine);
    let other = Server { company: THEIRS, ..Server::start() };
    let reply = engine.ask(Request::SignIn(SignIn {
        server: other.address(),
        name: "ana".into(),
        password: "secret".into(),
        new_password: None,
        device: "Till 1".into(),
        trust: Trust::AsBefore,
        pin: Some(Pin("lighthouse".into())),
    }));
    let mut stranger = other.guest();
    let ClientFrame::SignIn(frame) = stranger.next() else { panic!("no sign-in") };
    assert_eq!(frame.company, Some(OURS));
    // As a server would that did not look.
    stranger.send(&ServerFrame::SignedIn(SignedIn {
        token: vec![8; 32],
        person: ANA,
        display: "Ana".into(),
        roles: vec![Role::Admin],
        device_code: "X1".into(),
        company: THEIRS,
    }));
    assert_eq!(reply.wait(), Answer::Declined { words: OTHER_COMPANY.into() });
    stranger.is_left();
    assert_eq!(kept(&till, &engine), before);
    assert_eq!(engine.status().server, Some(server.address()));

    let mut guest = server.guest();
    let ClientFrame::Hello(hello) = guest.next() else { panic!("no hello") };
    assert_eq!(hello.token, vec![7; 32], "its own token still");
    engine.stop();
}
