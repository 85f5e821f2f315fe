//! An open connection ends, or believes less, soon after an admin says so.

use std::collections::BTreeMap;

use uuid::Uuid;
use waybill_server::{accounts::devices, check};
use waybill_shared::{
    edit::Verdict,
    finding::{Finding, Rule},
    id::{FactId, PersonId},
    money::Currency,
    order::commands::{Create, Note, SetReference},
    protocol::{
        self, ClientFrame, ServerFrame,
        frame::{FaultCode, SignIn},
    },
    rules::roles::Role,
};
use waybill_tests::{
    peer::{Peer, Taken, taken},
    serving::{PASSWORD, PLACE, Serving},
    wire::Wire,
};

fn order() -> Create {
    Create {
        number: "A-1".to_owned(),
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
        lines: BTreeMap::new(),
    }
}

fn note(text: &str) -> Note {
    Note { id: FactId::from(Uuid::now_v7()), text: text.to_owned() }
}

fn reference(value: &str) -> SetReference {
    SetReference { name: "step".to_owned(), value: value.to_owned() }
}

/// Somebody else signs in on the peer's device, which from then on shows their token.
async fn joins(peer: &mut Peer, serving: &Serving, name: &str) {
    let mut wire = Wire::open(&serving.socket()).await.unwrap();
    let sign_in = SignIn {
        protocol: protocol::VERSION,
        name: name.to_owned(),
        password: PASSWORD.to_owned(),
        new_password: None,
        device: peer.scribe.device,
        device_name: "Till".to_owned(),
        version: "0.1.0".to_owned(),
        token: Some(peer.token.clone()),
        company: None,
    };
    wire.send(&ClientFrame::SignIn(sign_in)).await.unwrap();
    let Some(ServerFrame::SignedIn(signed_in)) = wire.next().await else { panic!("{name} cannot sign in") };
    peer.token = signed_in.token;
    peer.come_back(&serving.socket()).await.unwrap();
}

/// Waits until the device was told that nobody but these is signed in on it.
async fn hears_who_is_here(peer: &mut Peer, people: &[PersonId]) {
    loop {
        match peer.wire.next().await.expect("the connection stays open") {
            ServerFrame::Names(names) => {
                let here: Vec<PersonId> = names.here.iter().map(|grant| grant.person).collect();
                if here == people {
                    return;
                }
            }
            ServerFrame::Fault(fault) => panic!("{fault:?}"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_of_a_device_that_is_shut_out_ends_and_another_goes_on() {
    let serving = Serving::start().await.unwrap();
    for name in ["anna", "ben"] {
        serving.add_person(name, Role::Sales).await.unwrap();
    }
    let pool = serving.server.app().pool.clone();
    let mut anna = Peer::sign_in(&serving.socket(), "anna", 1).await.unwrap();
    let mut ben = Peer::sign_in(&serving.socket(), "ben", 2).await.unwrap();
    let mut page = anna.new_page();
    anna.does(&mut page, order()).await.unwrap();
    devices::revoke(&pool, "T1").await.unwrap();
    match taken(&mut anna.wire).await.unwrap() {
        Taken::Fault(fault) => {
            // It comes again, and is shown the door through which it may only hand over.
            assert_eq!(fault.code, FaultCode::Unavailable, "{}", fault.words);
        }
        Taken::Closed => panic!("closed without a word"),
    }
    let mut page = ben.new_page();
    ben.does(&mut page, order()).await.unwrap();

    devices::restore(&pool, "T1").await.unwrap();
    anna.come_back(&serving.socket()).await.unwrap();
    let mut page = anna.new_page();
    anna.does(&mut page, order()).await.unwrap();
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_signed_out_is_not_believed_on_a_device_that_others_go_on_using() {
    let serving = Serving::start().await.unwrap();
    for name in ["anna", "ben"] {
        serving.add_person(name, Role::Sales).await.unwrap();
    }
    let pool = serving.server.app().pool.clone();
    let mut till = Peer::sign_in(&serving.socket(), "anna", 1).await.unwrap();
    let anna = till.person();
    joins(&mut till, &serving, "ben").await;
    let mut page = till.new_page();
    till.does(&mut page, order()).await.unwrap();

    devices::end_session(&pool, "anna", Some("T1")).await.unwrap();
    let ben: Uuid = sqlx::query_scalar("select id from account.person where name = 'ben'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let ben = PersonId::from(ben);
    hears_who_is_here(&mut till, &[ben]).await;

    // Whatever still comes in her name waits for a manager.
    let not_here = |findings: &[Finding]| matches!(findings, [finding] if finding.rule == Rule::NotPermitted);
    let mut copy = page.clone();
    let edit = till.scribe.edit(&mut copy, note("as anna"));
    match till.sends(edit).await.unwrap().0 {
        Verdict::Held { findings } if not_here(&findings) => {}
        other => panic!("{other:?}"),
    }
    let mut copy = page.clone();
    let edit = till.scribe.edit(&mut copy, reference("as anna"));
    match till.sends(edit).await.unwrap().0 {
        Verdict::Held { findings } if not_here(&findings) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(till.person(), anna);
    till.scribe.person = ben;
    let edit = till.scribe.edit(&mut page, reference("as ben"));
    assert_eq!(till.sends(edit).await.unwrap().0, Verdict::Accepted);
    let checked = check::check(&pool).await.unwrap();
    assert!(checked.wrong.is_empty(), "{checked}");
    drop(till);
    serving.stop().await.unwrap();
}
