//! What is held and the devices in the window, with a server that the test plays: asked for when the place is
//! opened, decided on with the keyboard and the mouse, and nothing of it while offline.

mod common;
#[path = "desktop/shop.rs"]
mod shop;

use common::{
    ANA, BOB, Device,
    guest::{Guest, Server, signed_in, until as engine_until},
};
use egui::Key;
use egui_kittest::{Harness, kittest::Queryable};
use shop::{PHONE, Screen, fits, go, press, shows, type_words, until};
use waybill_client::{
    desktop::{app::Window, books::Books, remembered::Remembered, theme},
    engine::{self, EngineHandle, LinkState},
};
use waybill_shared::{
    edit::EditKind,
    finding::{Finding, Rule},
    id::{DeviceId, EditId, OrderId},
    money::{Amount, Currency},
    protocol::{
        ClientFrame, ServerFrame,
        question::{
            Answer, DevicePage, DeviceQuestion, DeviceRow, Enrolled, HeldPage, HeldQuestion, PersonQuestion,
            Question, SessionPage, SessionQuestion, SessionRow,
        },
    },
    review::{Decided, Decision, Does, HeldEdit},
    time::Booked,
};

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

fn held(n: u128, cents: i64) -> HeldEdit {
    HeldEdit {
        edit: EditId::new(uuid(n)),
        attempt: 0,
        kind: EditKind::Facts,
        person: BOB,
        device: DeviceId::new(uuid(0xd2)),
        at: engine::now(),
        booked: Booked::on(engine::now().local(chrono_tz::UTC).date_naive()),
        does: vec![Does {
            doc: OrderId::new(uuid(n)).into(),
            words: format!("Took a payment · order T2-{n}"),
            worth: Some((Amount::from_minor(cents, 2), Currency::EUR)),
        }],
        findings: vec![Finding::new(
            Rule::NotPermitted,
            "As driver you may take a payment only for orders of the own round.",
            "A manager looks at it.",
        )],
    }
}

fn row(n: u128, name: &str, waiting: u32) -> DeviceRow {
    DeviceRow {
        id: DeviceId::new(uuid(n)),
        code: format!("T{}", n - 0xd0),
        name: name.to_owned(),
        people: vec![bob()],
        version: Some("0.1.0".to_owned()),
        waiting,
        last_contact: Some(engine::now()),
        since: engine::now(),
        revoked_at: None,
        unpaced: false,
        clock_off: (n == 0xd2).then_some(259_200_000),
    }
}

fn bob() -> Enrolled {
    Enrolled { person: BOB, name: "bob".to_owned(), display: "Bob".to_owned() }
}

fn session(n: u128, name: &str) -> SessionRow {
    SessionRow {
        who: bob(),
        device: DeviceId::new(uuid(n)),
        code: format!("T{}", n - 0xd0),
        device_name: name.to_owned(),
        since: engine::now(),
        last_contact: None,
        person_revoked: false,
        device_revoked: false,
    }
}

/// The server's side, on a thread of its own: `answer` says what it answers, and what was asked is remembered. It may hang up when it is asked for a code.
fn serves(
    mut guest: Guest,
    hangs_up: bool,
    mut answer: impl FnMut(&Question) -> Answer + Send + 'static,
) -> std::sync::mpsc::Receiver<Question> {
    let (asked, questions) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        while let Some(frame) = guest.hears() {
            if let ClientFrame::Ask { question: Question::Person(_), .. } = frame
                && hangs_up
            {
                return;
            }
            if let ClientFrame::Ask { id, person, question } = frame {
                assert_eq!(person, ANA);
                guest.send(&ServerFrame::Answer { id, answer: answer(&question) });
                let _ = asked.send(question);
            }
        }
    });
    questions
}

fn window(device: &Device, engine: &EngineHandle, width: f32, height: f32) -> Screen {
    let books = Books::open(&device.dir, engine::now()).unwrap();
    let window = Window::with(engine.clone(), books, Remembered::default());
    Harness::builder()
        .with_context_setup(theme::install)
        .with_size((width, height))
        .with_max_steps(60)
        .build_ui_state(|ui, window: &mut Window| window.show(ui, engine::now()), window)
}

fn decisions(asked: &std::sync::mpsc::Receiver<Question>) -> Vec<HeldQuestion> {
    let decides = |question| match question {
        Question::Held(question @ HeldQuestion::Decide { .. }) => Some(question),
        _ => None,
    };
    asked.try_iter().filter_map(decides).collect()
}

#[test]
fn a_manager_accepts_with_a_key_and_says_why_something_is_discarded() {
    let (device, server) = (Device::shop(), Server::start());
    let (engine, guest) = signed_in(&device, &server);
    let mut waiting = vec![held(1, 14_900), held(2, 2_000), held(3, 100)];
    let asked = serves(guest, false, move |question| match question {
        Question::Held(HeldQuestion::Count {}) => Answer::Count(waiting.len() as u64),
        Question::Held(HeldQuestion::List { .. }) => {
            Answer::Held(HeldPage { entries: waiting.clone(), total: waiting.len() as u64, next: None })
        }
        // Somebody else was faster with the third.
        Question::Held(HeldQuestion::Decide { edit, .. }) if *edit == held(3, 0).edit => {
            let (by, at) = (BOB, engine::now());
            waiting.clear();
            Answer::Meanwhile(Decided {
                decision: Decision::Reverse,
                by,
                at,
                reason: "The card bounced".into(),
            })
        }
        Question::Held(HeldQuestion::Decide { edit, decision, reason, .. }) => {
            waiting.retain(|held| held.edit != *edit);
            let (decision, reason) = (*decision, reason.clone());
            Answer::Decided(Decided { decision, by: ANA, at: engine::now(), reason })
        }
        _ => Answer::Done {},
    });
    let mut screen = window(&device, &engine, 1280.0, 800.0);
    go(&mut screen, Key::Num8);
    until(&mut screen, "the list is heard", |screen| shows(screen, "order T2-1"));
    press(&mut screen, "Took a payment · order T2-1, Bob");
    for words in ["Bob", "€ 149.00", "As driver you may take a payment only for orders of the own round."] {
        assert!(shows(&screen, words), "{words}");
    }
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::Enter);
    until(&mut screen, "it is accepted", |screen| shows(screen, "Accepted: it counts from now on"));
    until(&mut screen, "the list is heard again", |screen| !shows(screen, "order T2-1"));

    press(&mut screen, "Took a payment · order T2-2, Bob");
    press(&mut screen, "Discard");
    assert_eq!(decisions(&asked).len(), 1, "it is asked why first");
    type_words(&mut screen, "Nobody paid");
    press(&mut screen, "Discard it");
    until(&mut screen, "it is discarded", |screen| shows(screen, "Discarded: whoever entered it reads why"));
    until(&mut screen, "the list is heard again", |screen| !shows(screen, "order T2-2"));
    let told = decisions(&asked);
    let HeldQuestion::Decide { edit, decision, reason, .. } = &told[0] else { unreachable!() };
    assert_eq!((*edit, *decision, reason.as_str()), (held(2, 0).edit, Decision::Discard, "Nobody paid"));

    press(&mut screen, "Took a payment · order T2-3, Bob");
    press(&mut screen, "Accept");
    until(&mut screen, "somebody was faster", |screen| shows(screen, "Bob took it back"));
    assert!(shows(&screen, "The card bounced"));
    until(&mut screen, "nothing waits", |screen| shows(screen, "Nothing is held for review"));
}

#[test]
fn an_admin_is_asked_before_a_device_is_shut_out_and_a_code_is_shown_once() {
    let (device, server) = (Device::shop(), Server::start());
    let (engine, guest) = signed_in(&device, &server);
    let asked = serves(guest, false, |question| match question {
        Question::Device(DeviceQuestion::List { .. }) => {
            Answer::Devices(DevicePage { devices: vec![row(0xd2, "Van 1", 7)], next: None })
        }
        Question::Session(SessionQuestion::List { .. }) => {
            Answer::Sessions(SessionPage { sessions: vec![session(0xd2, "Van 1")], next: None })
        }
        Question::Session(SessionQuestion::End { .. }) => Answer::Ended { devices: 1 },
        Question::Person(PersonQuestion::ResetCode { .. }) => {
            Answer::Code { code: "7K2MD-0QX4T-9WBZC-HJ5RE".to_owned() }
        }
        Question::Held(_) => Answer::Count(0),
        _ => Answer::Done {},
    });
    let mut screen = window(&device, &engine, 1280.0, 800.0);
    go(&mut screen, Key::Num9);
    until(&mut screen, "the devices are heard", |screen| shows(screen, "T2 Van 1"));
    press(&mut screen, "T2 Van 1");
    until(&mut screen, "the sign-ins are heard", |screen| shows(screen, "End sign-in"));
    press(&mut screen, "Shut out");
    assert!(shows(&screen, "7 entries waited last") && shows(&screen, "all data is removed from it"));
    press(&mut screen, "Cancel");
    press(&mut screen, "Shut out");
    press(&mut screen, "Shut it out");
    until(&mut screen, "it is said", |screen| shows(screen, "Van 1 is shut out"));
    press(&mut screen, "End sign-in");
    until(&mut screen, "it is said", |screen| shows(screen, "Bob is signed out there"));
    press(&mut screen, "Forgot the password");
    until(&mut screen, "the code is shown", |screen| shows(screen, "7K2MD-0QX4T-9WBZC-HJ5RE"));
    press(&mut screen, "Done");
    assert!(!shows(&screen, "7K2MD"));
    let changes = asked.try_iter().filter(|question| !question.name().ends_with("list")).collect::<Vec<_>>();
    let id = DeviceId::new(uuid(0xd2));
    let wanted: [Question; 3] = [
        DeviceQuestion::Revoke { device: id }.into(),
        SessionQuestion::End { person: BOB, device: Some(id) }.into(),
        PersonQuestion::ResetCode { person: BOB }.into(),
    ];
    let changes: Vec<_> = changes.into_iter().filter(|question| question.name() != "held.count").collect();
    assert_eq!(changes, wanted);
}

#[test]
fn on_a_telephone_everything_is_inside_and_offline_says_so() {
    let (device, server) = (Device::shop(), Server::start());
    let (engine, guest) = signed_in(&device, &server);
    let _asked = serves(guest, true, |question| match question {
        Question::Held(HeldQuestion::Count {}) => Answer::Count(1),
        Question::Held(_) => {
            let mut long = held(1, 999_999_900);
            long.does[0].words =
                "Handed over 12 × Dining table with extension leaf and six chairs · order T2-1".into();
            Answer::Held(HeldPage { entries: vec![long], total: 1, next: Some(7) })
        }
        Question::Device(_) => {
            let name = "Telephone of the second driver at the harbour warehouse";
            Answer::Devices(DevicePage { devices: vec![row(0xd2, name, 7)], next: Some(1) })
        }
        _ => Answer::Sessions(SessionPage { sessions: vec![session(0xd2, "Van 1")], next: None }),
    });
    let mut screen = window(&device, &engine, PHONE, 740.0);
    go(&mut screen, Key::Num8);
    until(&mut screen, "the list is heard", |screen| shows(screen, "Handed over"));
    fits(&mut screen, "held");
    screen.get_all_by_label_contains("Handed over").next().expect("it is listed").click();
    until(&mut screen, "it is opened", |screen| shows(screen, "Why it is held"));
    fits(&mut screen, "a held entry");
    press(&mut screen, "Discard");
    fits(&mut screen, "why");
    press(&mut screen, "Cancel");
    go(&mut screen, Key::Num9);
    until(&mut screen, "the devices are heard", |screen| shows(screen, "Telephone of the second"));
    fits(&mut screen, "devices");
    press(&mut screen, "Sign-ins");
    fits(&mut screen, "sign-ins");
    press(&mut screen, "All devices");
    screen.get_all_by_label_contains("Telephone of").next().expect("it is listed").click();
    until(&mut screen, "it is opened", |screen| shows(screen, "Forgot the password"));
    fits(&mut screen, "a device");
    press(&mut screen, "Shut out");
    fits(&mut screen, "the question before it is shut out");
    press(&mut screen, "Cancel");

    // The server hangs up when it is asked for a code.
    press(&mut screen, "Forgot the password");
    engine_until(&engine, |status| status.link != LinkState::Live);
    go(&mut screen, Key::Num8);
    until(&mut screen, "it says so", |screen| shows(screen, "Offline: this is as it was"));
    assert!(!shows(&screen, "Accept"), "nothing is decided while offline");
    fits(&mut screen, "held, offline");
}
