//! A device that floods is slowed down and heard of; it is refused nothing, and others do not wait for it. And one
//! with a program of another version.

use std::time::{Duration, Instant};

use waybill_server::{accounts::devices, log::Log};
use waybill_shared::{
    edit::{Edit, Part, Verdict},
    id::{EditId, FactId},
    order::commands,
    protocol::{
        self, ClientFrame, ServerFrame, batch,
        frame::{Entry, FaultCode},
        question::{Answer, HeldQuestion},
    },
    review::Decision,
    rules::roles::Role,
};
use waybill_tests::{
    peer,
    peer::{Peer, Taken},
    real::order_of_ten,
    serving::{PLACE, Serving},
    wire::Wire,
};

fn note(text: &str) -> commands::Note {
    commands::Note { id: FactId::new(uuid::Uuid::now_v7()), text: text.into() }
}

/// Nothing was slowed down in this process before.
async fn whom_others_name_is_not_slowed_down() {
    let limits = [("limits.edits_at_once", "200"), ("limits.edits_per_second", "1")];
    let serving = Serving::start_with(&limits).await.unwrap();
    for name in ["flo", "ben"] {
        serving.add_person(name, Role::Admin).await.unwrap();
    }
    let address = serving.socket();
    let mut flo = Peer::sign_in(&address, "flo", 1).await.unwrap();
    let mut ben = Peer::sign_in(&address, "ben", 2).await.unwrap();
    let location = PLACE;
    let mut page = flo.new_page();
    let edit = flo.scribe.edit(&mut page, order_of_ten(location));
    flo.sends(edit).await.unwrap();
    let in_his_name = (0..18).map(|nth| {
        let edit = flo.scribe.edit(&mut page, note(&format!("as he {nth}")));
        Edit { person: ben.person(), ..edit }
    });
    let edits = in_his_name.collect();
    let judged = flo.sends_all(edits).await.unwrap();
    assert!(judged.iter().all(|(verdict, _)| verdict.name() == "held"), "{judged:?}");

    let mut page = ben.new_page();
    let edits = std::iter::once(ben.scribe.edit(&mut page, order_of_ten(location)))
        .chain((1..190).map(|nth| ben.scribe.edit(&mut page, note(&format!("own {nth}")))))
        .collect();
    ben.sends_all(edits).await.unwrap();
    assert!(!serving.server.app().figures.0.render().contains("waybill_slowed_total"));
    drop((flo, ben));
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_slowed_down_and_told_and_refused_nothing_while_others_go_on() {
    whom_others_name_is_not_slowed_down().await;
    let limits = [("limits.edits_at_once", "10"), ("limits.edits_per_second", "10")];
    let serving = Serving::start_with(&limits).await.unwrap();
    for name in ["flo", "ben"] {
        serving.add_person(name, Role::Admin).await.unwrap();
    }
    let address = serving.socket();
    let mut flo = Peer::sign_in(&address, "flo", 1).await.unwrap();
    let mut ben = Peer::sign_in(&address, "ben", 2).await.unwrap();
    let slowed = || serving.server.app().figures.0.render().contains("waybill_slowed_total");

    // An import of the business's own, whose pace an admin lifted, is not slowed down, nor is its person elsewhere.
    devices::pace(&serving.server.app().pool, "T1", false).await.unwrap();
    flo.come_back(&address).await.unwrap();
    let mut page = flo.new_page();
    let location = PLACE;
    let edits: Vec<Edit> = std::iter::once(flo.scribe.edit(&mut page, order_of_ten(location)))
        .chain((1..200).map(|nth| flo.scribe.edit(&mut page, note(&format!("import {nth}")))))
        .collect();
    let judged = flo.sends_all(edits).await.unwrap();
    assert!(judged.iter().all(|(verdict, _)| *verdict == Verdict::Accepted));
    assert!(!slowed(), "whoever is let in at any pace is not slowed down");
    devices::pace(&serving.server.app().pool, "T1", true).await.unwrap();
    flo.come_back(&address).await.unwrap();

    let began = Instant::now();
    let flood = tokio::spawn(async move {
        let mut page = flo.new_page();
        let location = PLACE;
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
        // What is given up counts like what is entered, though nobody ever heard of it.
        let began = Instant::now();
        let invented = (0..30).map(|_| EditId::new(uuid::Uuid::now_v7())).collect();
        flo.wire.send(&ClientFrame::Discard { edits: invented }).await.unwrap();
        let edit = flo.scribe.edit(&mut page, note("behind what was given up"));
        flo.sends(edit).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        // So does each part of an entry, which is run by itself.
        let began = Instant::now();
        let mut many = flo.scribe.bare(page.addr, note("part 0"));
        let part = many.parts[0].clone();
        let noted = (1..30).map(|nth| note(&format!("part {nth}")).into());
        many.parts.extend(noted.map(|command| Part { command, ..part.clone() }));
        flo.sends(many).await.unwrap();
        let edit = flo.scribe.bare(page.addr, note("behind what was of many parts"));
        flo.sends(edit).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        // So does what is answered without being looked at.
        let began = Instant::now();
        let edit = flo.scribe.edit(&mut page, note("behind what has no id"));
        let nameless = vec![Edit { id: EditId::new(uuid::Uuid::nil()), ..edit.clone() }; 30];
        flo.wire.send(&ClientFrame::Push { edits: nameless, turn: 0 }).await.unwrap();
        flo.sends(edit).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        waited
    });
    let mut page = ben.new_page();
    let location = PLACE;
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
    assert!(slowed(), "an admin hears of it");
    serving.stop().await.unwrap();
}

/// Whoever may not do what they did: a manager looks at so much of it, and the device keeps the rest.
#[tokio::test(flavor = "multi_thread")]
async fn so_much_of_a_device_is_held_and_the_rest_waits_on_it() {
    let serving = Serving::start_with(&[("limits.held_per_device", "10")]).await.unwrap();
    serving.add_person("max", Role::Manager).await.unwrap();
    serving.add_person("dora", Role::Driver).await.unwrap();
    let address = serving.socket();
    let mut max = Peer::sign_in(&address, "max", 1).await.unwrap();
    let mut dora = Peer::sign_in(&address, "dora", 2).await.unwrap();
    let mut page = max.new_page();
    let location = PLACE;
    let edit = max.scribe.edit(&mut page, order_of_ten(location));
    max.sends(edit).await.unwrap();

    let edits: Vec<Edit> =
        (0..30).map(|nth| dora.scribe.edit(&mut page, note(&format!("seen {nth}")))).collect();
    let (held, kept) = told(&mut dora, edits.clone()).await;
    assert_eq!((held.len(), kept.len()), (10, 20), "in one push, too");
    // What is held already takes no more room when it is sent again, and nothing else finds any.
    let (again, kept) = told(&mut dora, edits.clone()).await;
    assert_eq!((again, kept.len()), (held.clone(), 20));

    for edit in held.into_iter().take(3) {
        let (decision, reason) = (Decision::Discard, "never there".to_owned());
        let word = HeldQuestion::Decide { edit, attempt: 0, decision, reason };
        let answer = max.asks(word.into()).await.unwrap();
        assert!(matches!(answer, Answer::Decided(_)), "{answer:?}");
    }
    let rest = edits.into_iter().filter(|edit| kept.contains(&edit.id)).collect();
    let (held, kept) = told(&mut dora, rest).await;
    assert_eq!((held.len(), kept.len()), (3, 17), "there is room again");
    assert_eq!(serving.server.app().hub.log.count_held(None).await.unwrap(), 10);

    // What rests on one that waits is not judged without it, be it sent later: it would be refused for good.
    let fact = dora.scribe.edit(&mut page, note("seen last"));
    let request = dora.scribe.edit(&mut page, commands::Tag { tag: "gift".into() });
    for edit in [fact, request] {
        let id = edit.id;
        assert_eq!(told(&mut dora, vec![edit]).await, (Vec::new(), vec![id]));
    }
    drop((max, dora));
    serving.stop().await.unwrap();
}

/// Which of them the server says are held, and which are to wait on the device.
async fn told(peer: &mut Peer, edits: Vec<Edit>) -> (Vec<EditId>, Vec<EditId>) {
    let mut open: Vec<EditId> = edits.iter().map(|edit| edit.id).collect();
    let (mut held, mut kept) = (Vec::new(), Vec::new());
    peer.wire.send(&ClientFrame::Push { edits, turn: 0 }).await.unwrap();
    while !open.is_empty() {
        match peer.wire.next().await.expect("the socket stays open") {
            ServerFrame::RetryLater { edits, words, .. } => {
                assert!(words.contains("A manager has to look"), "{words}");
                kept.extend(edits);
            }
            ServerFrame::Entries { entries, .. } | ServerFrame::Again { entries } => {
                for entry in batch::unpack::<Entry>(&entries).unwrap() {
                    if let Some(own) = entry.verdict.filter(|own| own.verdict.name() == "held") {
                        assert_eq!(own.attempt, 0);
                        held.push(entry.edit);
                    }
                }
            }
            ServerFrame::Fault(fault) => panic!("{fault:?}"),
            _ => {}
        }
        open.retain(|edit| !held.contains(edit) && !kept.contains(edit));
    }
    (held, kept)
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
