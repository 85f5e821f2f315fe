//! A device that floods is slowed down and heard of; it is refused nothing, and others do not wait for it. And one
//! with a program of another version.

use std::time::{Duration, Instant};

use waybill_shared::{
    edit::Verdict,
    id::FactId,
    order::commands,
    protocol::{self, ClientFrame, ServerFrame, frame::FaultCode},
    rules::roles::Role,
};
use waybill_tests::{
    peer,
    peer::{Peer, Taken},
    real::order_of_ten,
    serving::Serving,
    wire::Wire,
};

fn note(text: &str) -> commands::Note {
    commands::Note { id: FactId::new(uuid::Uuid::now_v7()), text: text.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_slowed_down_and_told_and_refused_nothing_while_others_go_on() {
    let limits = [("limits.edits_at_once", "10"), ("limits.edits_per_second", "10")];
    let serving = Serving::start_with(&limits).await.unwrap();
    for name in ["flo", "ben"] {
        serving.add_person(name, Role::Admin).await.unwrap();
    }
    let address = serving.socket();
    let mut flo = Peer::sign_in(&address, "flo", 1).await.unwrap();
    let mut ben = Peer::sign_in(&address, "ben", 2).await.unwrap();
    let began = Instant::now();
    let flood = tokio::spawn(async move {
        let mut page = flo.new_page();
        let location = waybill_shared::id::LocationId::new(uuid::Uuid::now_v7());
        let mut edits = vec![flo.scribe.edit(&mut page, order_of_ten(location))];
        for nth in 1..41 {
            edits.push(flo.scribe.edit(&mut page, note(&format!("note {nth}"))));
        }
        let last = edits.pop().unwrap();
        flo.wire.send(&ClientFrame::Push { edits: edits.clone(), turn: 0 }).await.unwrap();
        flo.sends(last).await.unwrap();
        let waited = began.elapsed();
        // Each has its verdict: it is told again without being judged again.
        for edit in edits {
            let (verdict, _) = flo.sends(edit).await.unwrap();
            assert_eq!(verdict, Verdict::Accepted);
        }
        waited
    });
    let mut page = ben.new_page();
    let location = waybill_shared::id::LocationId::new(uuid::Uuid::now_v7());
    let edit = ben.scribe.edit(&mut page, order_of_ten(location));
    let own = Instant::now();
    ben.sends(edit).await.unwrap();
    assert!(
        own.elapsed() < Duration::from_millis(1_500),
        "who does not flood does not wait: {:?}",
        own.elapsed()
    );
    // Ten at once, thirty at ten a second.
    let waited = flood.await.unwrap();
    assert!(waited >= Duration::from_secs(3), "{waited:?}");
    let told = serving.server.app().figures.0.render();
    assert!(told.contains("waybill_slowed_total"), "{told}");
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_below_the_least_version_served_is_told_so_and_one_at_it_works_beside_a_newer_one() {
    let serving = Serving::start().await.unwrap();
    serving.add_person("ana", Role::Admin).await.unwrap();
    let address = serving.socket();
    let newest = Peer::sign_in(&address, "ana", 3).await.unwrap();
    for (version, served) in [
        (protocol::LEAST - 1, false),
        (protocol::LEAST, true),
        (protocol::VERSION, true),
        (protocol::VERSION + 1, false),
    ] {
        let ClientFrame::Hello(mut hello) = peer::hello(newest.token.clone()) else { unreachable!() };
        hello.protocol = version;
        let mut wire = Wire::open(&address).await.unwrap();
        wire.send(&ClientFrame::Hello(hello)).await.unwrap();
        if served {
            assert!(matches!(wire.next().await, Some(ServerFrame::Welcome(_))), "version {version}");
            continue;
        }
        let Taken::Fault(fault) = peer::taken(&mut wire).await.unwrap() else { panic!("version {version}") };
        assert_eq!(fault.code, FaultCode::Version);
        assert!(fault.words.contains("Update"), "{}", fault.words);
    }
    drop(newest);
    serving.stop().await.unwrap();
}
