//! What people who lead ask the server online: who may ask what, what they hear, and what nobody gets by asking.

use std::time::Duration;

use uuid::Uuid;
use waybill_server::check;
use waybill_shared::{
    edit::Verdict,
    finding::Rule,
    id::{DeviceId, EditId, FactId, PersonId},
    money::{Amount, Currency},
    order::{
        Payment, PaymentMethod, PaymentState,
        commands::{Create, TakePayment},
    },
    protocol::{
        ClientFrame, ServerFrame,
        frame::FaultCode,
        limits,
        question::{
            Answer, DeviceQuestion, DocumentQuestion, HeldQuestion, PersonQuestion, Question, SessionQuestion,
        },
    },
    review::Decision,
    rules::roles::Role,
};
use waybill_tests::{
    peer::{Peer, Taken, taken},
    scribe::Page,
    serving::{PLACE, Serving},
    wire::Wire,
};

fn list() -> Question {
    HeldQuestion::List { after: None }.into()
}

fn decide(edit: EditId, decision: Decision, reason: &str) -> Question {
    HeldQuestion::Decide { edit, attempt: 0, decision, reason: reason.to_owned() }.into()
}

/// One of each, about things that are not there.
fn all() -> Vec<Question> {
    let (device, person) = (DeviceId::new(Uuid::now_v7()), PersonId::new(Uuid::now_v7()));
    let edit = EditId::new(Uuid::now_v7());
    let questions: Vec<Question> = vec![
        HeldQuestion::Count {}.into(),
        list(),
        HeldQuestion::Show { edit }.into(),
        decide(edit, Decision::Accept, ""),
        DeviceQuestion::List { from: 0 }.into(),
        DeviceQuestion::Rename { device, name: "Till 9".to_owned() }.into(),
        DeviceQuestion::Revoke { device }.into(),
        DeviceQuestion::Restore { device }.into(),
        DeviceQuestion::Pace { device, on: false }.into(),
        SessionQuestion::List { from: 0 }.into(),
        SessionQuestion::End { person, device: Some(device) }.into(),
        PersonQuestion::ResetCode { person }.into(),
        DocumentQuestion::Read { docs: Vec::new() }.into(),
    ];
    let names: Vec<&str> = questions.iter().map(Question::name).collect();
    assert_eq!(names, Question::NAMES, "one of each");
    questions
}

fn rules(answer: &Answer) -> Vec<Rule> {
    match answer {
        Answer::Declined { findings } => findings.iter().map(|finding| finding.rule).collect(),
        _ => Vec::new(),
    }
}

fn order() -> Create {
    Create {
        number: "Q-1".to_owned(),
        channel: "shop".to_owned(),
        location: PLACE,
        customer: None,
        customer_name: None,
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: Default::default(),
    }
}

/// A server with an order, and a payment on it by an analyst, who may take none: it is held.
struct Office {
    serving: Serving,
    admin: Peer,
    manager: Peer,
    analyst: Peer,
    order: Page,
}

impl Office {
    async fn opens() -> Self {
        let serving = Serving::start().await.expect("a server starts");
        let people = [("ada", Role::Admin), ("max", Role::Manager), ("ann", Role::Analyst)];
        for (name, role) in people {
            serving.add_person(name, role).await.expect("a person is added");
        }
        let sign_in =
            async |name, seed| Peer::sign_in(&serving.socket(), name, seed).await.expect("signed in");
        let (mut admin, manager) = (sign_in("ada", 1).await, sign_in("max", 2).await);
        let analyst = sign_in("ann", 3).await;
        let mut order_page = admin.new_page();
        admin.does(&mut order_page, order()).await.expect("an order");
        Self { serving, admin, manager, analyst, order: order_page }
    }

    async fn held_payment(&mut self, cents: i64) -> EditId {
        let payment = Payment {
            amount: Amount::from_minor(cents, 2),
            currency: Currency::EUR,
            method: PaymentMethod::Cash,
            drawer: None,
            reference: None,
            state: PaymentState::Taken,
        };
        let taken = TakePayment { id: FactId::new(Uuid::now_v7()), payment };
        let mut copy = self.order.clone();
        let edit = self.analyst.scribe.edit(&mut copy, taken);
        let id = edit.id;
        let (verdict, _) = self.analyst.sends(edit).await.expect("it is judged");
        assert!(matches!(verdict, Verdict::Held { .. }), "{verdict:?}");
        id
    }

    async fn ends_well(self) {
        let checked = check::check(&self.serving.server.app().pool).await.expect("it can be checked");
        assert!(checked.wrong.is_empty(), "{checked}");
        drop((self.admin, self.manager, self.analyst));
        self.serving.stop().await.expect("the server stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_may_ask_what_the_table_says_and_nothing_else() {
    let serving = Serving::start().await.expect("a server starts");
    for (seed, role) in (0..).zip(Role::ALL) {
        serving.add_person(role.name(), role).await.expect("a person is added");
        let mut peer = Peer::sign_in(&serving.socket(), role.name(), seed).await.expect("signed in");
        for question in all() {
            let name = question.name();
            let may = match role {
                Role::Admin => true,
                Role::Manager => name.starts_with("held.") || name.starts_with("document."),
                _ => name.starts_with("document."),
            };
            let answer = peer.asks(question).await.expect("it is answered");
            let refused = rules(&answer) == [Rule::NotPermitted];
            assert_eq!(refused, !may, "{role:?} asks {name}: {answer:?}");
        }
    }
    serving.stop().await.expect("the server stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_and_the_connection_goes_on() {
    let mut office = Office::opens().await;
    for question in all() {
        let name = question.name();
        let answer = office.admin.asks(question).await.expect("it is answered");
        let lists =
            matches!(name, "held.count" | "held.list" | "device.list" | "session.list" | "document.read");
        assert_eq!(rules(&answer) == [Rule::NotThere], !lists, "{name}: {answer:?}");
    }
    // Somebody who is not enrolled on this device, though a manager elsewhere.
    let max = office.manager.person();
    let answer = office.admin.asks_as(max, list()).await.expect("it is answered");
    assert_eq!(rules(&answer), [Rule::NotPermitted], "{answer:?}");
    // More words than a question may have, and a name that is none.
    let long = decide(EditId::new(Uuid::now_v7()), Decision::Discard, &"x".repeat(limits::QUESTION));
    assert_eq!(rules(&office.admin.asks(long).await.expect("answered")), [Rule::Malformed]);
    let device = office.analyst.scribe.device;
    let nameless = DeviceQuestion::Rename { device, name: "  ".to_owned() };
    assert_eq!(rules(&office.admin.asks(nameless.into()).await.expect("answered")), [Rule::Malformed]);
    office.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_before_hello_and_at_the_door_are_out_of_place() {
    let mut office = Office::opens().await;
    let mut wire = Wire::open(&office.serving.socket()).await.expect("a socket opens");
    let ask = ClientFrame::Ask { id: 1, person: office.admin.person(), question: list() };
    wire.send(&ask).await.expect("it can be sent");
    let out_of_place = async |wire: &mut Wire| match taken(wire).await.expect("it is said") {
        Taken::Fault(fault) => assert_eq!(fault.code, FaultCode::OutOfPlace, "{}", fault.words),
        Taken::Closed => panic!("closed without a word"),
    };
    out_of_place(&mut wire).await;

    let device = office.manager.scribe.device;
    let revoke = DeviceQuestion::Revoke { device };
    assert_eq!(office.admin.asks(revoke.into()).await.expect("answered"), Answer::Done {});
    let address = office.serving.socket();
    office.manager.come_back(&address).await.expect("by the other door");
    let ask = ClientFrame::Ask { id: 1, person: office.manager.person(), question: list() };
    office.manager.wire.send(&ask).await.expect("it can be sent");
    out_of_place(&mut office.manager.wire).await;
    office.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_counts_once_however_often_it_is_asked_and_the_next_manager_hears_of_it() {
    let mut office = Office::opens().await;
    let paid = office.held_payment(2_000).await;
    let later = office.held_payment(3_000).await;
    assert_eq!(office.manager.asks(HeldQuestion::Count {}.into()).await.expect("answered"), Answer::Count(2));
    let Answer::Held(page) = office.manager.asks(list()).await.expect("answered") else { panic!("no page") };
    assert_eq!(page.entries.iter().map(|held| held.edit).collect::<Vec<_>>(), [paid, later]);
    assert_eq!((page.total, page.next), (2, None));
    let held = &page.entries[0];
    assert_eq!(held.does[0].worth, Some((Amount::from_minor(2_000, 2), Currency::EUR)));
    assert!(held.does[0].words.contains("order Q-1"), "{held:?}");
    assert_eq!((held.person, held.device), (office.analyst.person(), office.analyst.scribe.device));

    // Without a reason nothing is thrown away.
    let silent = office.manager.asks(decide(paid, Decision::Discard, "")).await.expect("answered");
    assert_eq!(rules(&silent), [Rule::Malformed], "{silent:?}");
    // The answer is lost: the connection ends as soon as it is asked.
    let discard = || decide(paid, Decision::Discard, "It was a trial");
    let ask = ClientFrame::Ask { id: 9, person: office.manager.person(), question: discard() };
    office.manager.wire.send(&ask).await.expect("it can be sent");
    let address = office.serving.socket();
    office.manager.come_back(&address).await.expect("it comes back");
    let Answer::Decided(first) = office.manager.asks(discard()).await.expect("answered") else {
        panic!("it is decided")
    };
    assert_eq!((first.by, first.reason.as_str()), (office.manager.person(), "It was a trial"));
    assert_eq!(office.manager.asks(discard()).await.expect("answered"), Answer::Decided(first.clone()));
    // Neither another word of the same manager nor another manager changes it.
    for accept in [decide(paid, Decision::Accept, ""), decide(paid, Decision::Discard, "No")] {
        assert_eq!(
            office.manager.asks(accept.clone()).await.expect("answered"),
            Answer::Meanwhile(first.clone())
        );
        assert_eq!(office.admin.asks(accept).await.expect("answered"), Answer::Meanwhile(first.clone()));
    }
    let shown = office.admin.asks(HeldQuestion::Show { edit: paid }.into()).await.expect("answered");
    assert_eq!(shown, Answer::Decided(first.clone()));
    // Its author hears who, when and why.
    let (verdict, _) = office.analyst.hears_of(paid).await.expect("it comes down");
    assert_eq!(verdict, Verdict::Discarded { by: Some(first) });

    // Two managers at the same moment: one counts, the other hears of it.
    let (ours, theirs) = tokio::join!(
        office.manager.asks(decide(later, Decision::Accept, "He told us")),
        office.admin.asks(decide(later, Decision::Reverse, "The card bounced")),
    );
    let answers = [ours.expect("answered"), theirs.expect("answered")];
    let decided = answers.iter().filter(|answer| matches!(answer, Answer::Decided(_))).count();
    let meanwhile = answers.iter().filter(|answer| matches!(answer, Answer::Meanwhile(_))).count();
    assert_eq!((decided, meanwhile), (1, 1), "{answers:?}");
    let pool = &office.serving.server.app().pool;
    let reviews: i64 =
        sqlx::query_scalar("select count(*) from sync.review").fetch_one(pool).await.expect("read");
    assert_eq!(reviews, 2);
    office.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_comes_page_after_page() {
    let mut office = Office::opens().await;
    let mut held = Vec::new();
    for cents in 0..55 {
        held.push(office.held_payment(100 + cents).await);
    }
    let (mut listed, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let question = HeldQuestion::List { after }.into();
        let Answer::Held(page) = office.manager.asks(question).await.expect("answered") else { panic!() };
        assert!(page.entries.len() <= limits::HELD_IN_PAGE && page.total == 55);
        listed.extend(page.entries.iter().map(|held| held.edit));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((pages, listed), (2, held));
    office.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_questions_at_once_are_declined_and_nobody_else_waits() {
    let mut office = Office::opens().await;
    let asked = 60;
    let pool = &office.serving.server.app().pool;
    // The database keeps the lists waiting, so that all of them are under way.
    let mut lock = pool.begin().await.expect("a transaction");
    sqlx::query("lock table account.device in access exclusive mode")
        .execute(&mut *lock)
        .await
        .expect("it is locked");
    for id in 0..asked {
        let question = DeviceQuestion::List { from: 0 }.into();
        let ask = ClientFrame::Ask { id, person: office.admin.person(), question };
        office.admin.wire.send(&ask).await.expect("it can be sent");
    }
    let mut declined = 0;
    while declined + limits::QUESTIONS_UNDER_WAY < asked as usize {
        let answer = tokio::time::timeout(Duration::from_secs(60), office.admin.wire.next()).await;
        match answer.expect("it is said in time").expect("the connection stays") {
            ServerFrame::Answer { answer, .. } => {
                assert_eq!(rules(&answer), [Rule::Malformed], "{answer:?}");
                declined += 1;
            }
            ServerFrame::Fault(fault) => panic!("{fault:?}"),
            _ => {}
        }
    }
    // Edits are judged meanwhile, of the same device too.
    office.admin.does(&mut office.order, order_note()).await.expect("it works on");
    lock.rollback().await.expect("it is let go");
    let mut listed = 0;
    while listed < limits::QUESTIONS_UNDER_WAY {
        match office.admin.wire.next().await.expect("the connection stays") {
            ServerFrame::Answer { answer: Answer::Devices(_), .. } => listed += 1,
            ServerFrame::Answer { answer, .. } => panic!("{answer:?}"),
            _ => {}
        }
    }
    office.ends_well().await;
}

fn order_note() -> waybill_shared::order::commands::SetReference {
    waybill_shared::order::commands::SetReference { name: "step".to_owned(), value: "1".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_looks_after_devices_and_sign_ins_and_stays_in() {
    let mut office = Office::opens().await;
    let (own, theirs) = (office.admin.scribe.device, office.analyst.scribe.device);
    let Answer::Devices(page) =
        office.admin.asks(DeviceQuestion::List { from: 0 }.into()).await.expect("answered")
    else {
        panic!("no devices")
    };
    assert_eq!(page.next, None);
    let analysts = page.devices.iter().find(|row| row.id == theirs).expect("it is listed");
    assert_eq!(analysts.people.iter().map(|who| who.name.as_str()).collect::<Vec<_>>(), ["ann"]);
    assert!(analysts.last_contact.is_some() && analysts.revoked_at.is_none(), "{analysts:?}");
    let from = DeviceQuestion::List { from: 2 };
    let Answer::Devices(rest) = office.admin.asks(from.into()).await.expect("answered") else { panic!() };
    assert_eq!(rest.devices, page.devices[2..]);

    let rename = DeviceQuestion::Rename { device: theirs, name: "  Till 7 ".to_owned() };
    assert_eq!(office.admin.asks(rename.into()).await.expect("answered"), Answer::Done {});
    let Answer::Sessions(sessions) =
        office.admin.asks(SessionQuestion::List { from: 0 }.into()).await.expect("answered")
    else {
        panic!("no sign-ins")
    };
    let ann = sessions.sessions.iter().find(|row| row.device == theirs).expect("it is listed");
    assert_eq!((ann.device_name.as_str(), ann.state()), ("Till 7", "active"));

    // Whoever shuts others out stays in.
    let me = office.admin.person();
    for question in [
        Question::from(DeviceQuestion::Revoke { device: own }),
        SessionQuestion::End { person: me, device: Some(own) }.into(),
        SessionQuestion::End { person: me, device: None }.into(),
    ] {
        let answer = office.admin.asks(question).await.expect("answered");
        assert_eq!(rules(&answer), [Rule::WrongStep], "{answer:?}");
    }
    let end = SessionQuestion::End { person: ann.who.person, device: Some(theirs) };
    assert_eq!(office.admin.asks(end.into()).await.expect("answered"), Answer::Ended { devices: 1 });
    match taken(&mut office.analyst.wire).await.expect("it is said") {
        Taken::Fault(fault) => assert_eq!(fault.code, FaultCode::SignedOut, "{}", fault.words),
        Taken::Closed => panic!("closed without a word"),
    }
    let code = PersonQuestion::ResetCode { person: ann.who.person };
    let Answer::Code { code } = office.admin.asks(code.into()).await.expect("answered") else { panic!() };
    assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [5; 4]);
    office.ends_well().await;
}
