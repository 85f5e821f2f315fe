//! Intake on the log in memory: what the server says to each kind of edit, and that nothing doubles.

mod till;

use till::{
    Seeded, Till,
    desk::{Desk, now, rules, with_order},
};
use waybill_server::{
    intake::{Core, Settled, Wait, gather},
    log::{Log, memory::Fault},
};
use waybill_shared::{
    doc::Doc,
    edit::{Edit, Verdict},
    finding::Rule,
    kind::DocAddr,
    order::{commands, status},
    quantity::Quantity,
    rules::roles::Role,
};

#[tokio::test]
async fn what_the_device_made_is_what_the_server_keeps() {
    let mut desk = Desk::open().await;
    let (till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    assert_eq!(desk.doc(addr).await.heads(), till.doc(addr).heads());
}

#[tokio::test]
async fn a_retry_doubles_nothing_also_after_a_restart_and_in_the_same_batch() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let payment = till.payment("20");
    let payment = till.edit(addr, payment);
    let again = till.hands_in(&payment);
    let settled = desk.take(&[again.clone(), again.clone()]).await;
    assert_eq!(settled, [Settled::Judged { pos: 2 }, Settled::Again { pos: 2 }]);
    assert_eq!(desk.take(std::slice::from_ref(&again)).await, [Settled::Again { pos: 2 }]);
    desk.restarts().await;
    assert_eq!(desk.take(&[again]).await, [Settled::Again { pos: 2 }]);
    // Also when the device had rebased it meanwhile, because the acknowledgement was lost.
    let mut rebased = payment.clone();
    rebased.attempt = 1;
    assert_eq!(desk.take(&[till.hands_in(&rebased)]).await, [Settled::Again { pos: 2 }]);
    assert_eq!(desk.order(addr).await.facts.len(), 1);
}

/// What was entered on an earlier state has its order made from its changes as it was then.
#[tokio::test]
async fn so_many_edits_are_judged_in_one_batch_as_it_may_cost() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let earlier = till.doc(addr);
    let notes: Vec<Edit> = (0..400)
        .map(|nth| {
            let note = till.note(&format!("{nth}"));
            till.edit(addr, note)
        })
        .collect();
    let handed: Vec<_> = notes.iter().map(|note| till.hands_in(note)).collect();
    desk.take(&handed).await;
    let latest = till.doc(addr);
    let mut affordable = async |made_on: &Doc, anew: bool| {
        let head = desk.log.head().await.unwrap();
        let mut core = Core::new(head, Box::new(Seeded(5)), 100, 1);
        till.rebase(addr, made_on.clone());
        let entered: Vec<_> = (0..256)
            .map(|nth| {
                if anew {
                    till.rebase(addr, made_on.clone());
                }
                let note = till.note(&format!("once more {nth}"));
                let edit = till.edit(addr, note);
                till.hands_in(&edit)
            })
            .collect();
        while !core.wants(&entered).is_empty() {
            let wanted = core.wants(&entered);
            gather(&mut core, &*desk.log, &wanted, &entered).await.unwrap();
        }
        core.affordable(&entered)
    };
    assert_eq!(affordable(&latest, false).await, 256, "on what is there");
    assert_eq!(affordable(&earlier, false).await, 256, "one on the other, the first on what was there");
    let fits = affordable(&earlier, true).await;
    assert!((1..=20).contains(&fits), "{fits}, each on what was there");
}

#[tokio::test]
async fn two_devices_edit_one_order_offline_and_both_edits_survive() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let mut other = Till::new(8, &[Role::Sales]);
    other.rebase(addr, till.doc(addr));
    let note = till.note("Rings twice");
    let here = till.edit(addr, note);
    let note = other.note("Bell is broken");
    let there = other.edit(addr, note);
    assert_eq!(desk.says(&till, &here).await, Verdict::Accepted);
    assert_eq!(desk.says(&other, &there).await, Verdict::Accepted);
    assert_eq!(desk.order(addr).await.facts.len(), 2);
    for change in desk.brought(&here).await {
        other.take(&change);
    }
    assert_eq!(other.doc(addr).heads(), desk.doc(addr).await.heads());
}

#[tokio::test]
async fn two_set_the_same_quantity_and_the_later_is_shown_both_values() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let mut other = Till::new(8, &[Role::Sales]);
    other.rebase(addr, till.doc(addr));
    let line = *desk.order(addr).await.lines.keys().next().unwrap();
    let set = |to| commands::SetQuantity { line, was: Quantity::new(3), now: Quantity::new(to) };
    let first = till.edit(addr, set(5));
    let second = other.edit(addr, set(7));
    assert_eq!(desk.says(&till, &first).await, Verdict::Accepted);
    let verdict = desk.says(&other, &second).await;
    assert_eq!(rules(&verdict), [Rule::ChangedMeanwhile]);
    let conflict = verdict.findings()[0].conflict.as_ref().unwrap();
    assert!(conflict.yours.contains('7') && conflict.theirs.contains('5'), "{conflict:?}");
    assert_eq!(desk.order(addr).await.lines[&line].quantity, Quantity::new(5));
}

#[tokio::test]
async fn a_later_edit_from_a_stale_base_is_never_without_effect() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let mut other = Till::new(8, &[Role::Sales]);
    other.rebase(addr, till.doc(addr));
    let urgent = commands::SetPriority { priority: waybill_shared::order::Priority::Urgent };
    let low = commands::SetPriority { priority: waybill_shared::order::Priority::Low };
    let (first, second) = (till.edit(addr, urgent.clone()), other.edit(addr, low));
    desk.says(&till, &first).await;
    let verdict = desk.says(&other, &second).await;
    assert!(verdict.stands());
    assert_eq!(desk.order(addr).await.plan.priority, waybill_shared::order::Priority::Low);
    // And once more the other way round, whoever's actor wins a merge.
    let third = till.edit(addr, commands::SetPriority { priority: waybill_shared::order::Priority::High });
    assert!(desk.says(&till, &third).await.stands());
    assert_eq!(desk.order(addr).await.plan.priority, waybill_shared::order::Priority::High);
}

#[tokio::test]
async fn a_refused_request_blocks_what_builds_on_it_and_nothing_else() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let other: DocAddr = till.new_order().into();
    let create = till.create(None);
    let create = till.edit(other, create);
    assert_eq!(desk.says(&till, &create).await, Verdict::Accepted);
    till.roles = vec![Role::Warehouse];
    let place = till.edit(addr, commands::Place {});
    let tag = till.edit(addr, commands::Tag { tag: "gift".into() });
    let payment = till.payment("20");
    let payment = till.edit(addr, payment);
    let note = till.note("unrelated");
    let unrelated = till.edit(other, note);
    let all: Vec<_> = [&place, &tag, &payment, &unrelated].map(|edit| till.hands_in(edit)).into();
    desk.take(&all).await;
    let mut verdicts = Vec::new();
    for edit in [&place, &tag, &payment, &unrelated] {
        verdicts.push(desk.log.verdicts(&[edit.id]).await.unwrap()[0].verdict.clone());
    }
    assert_eq!(rules(&verdicts[0])[0], Rule::NotPermitted);
    assert!(matches!(&verdicts[1], Verdict::Blocked { by, .. } if *by == place.id), "{:?}", verdicts[1]);
    // The warehouse may not take payments: nothing is lost, a manager looks at it.
    assert!(matches!(&verdicts[2], Verdict::Held { .. }), "{:?}", verdicts[2]);
    assert_eq!(verdicts[3], Verdict::Accepted);
}

#[tokio::test]
async fn a_payment_on_an_order_whose_placing_was_refused_is_kept() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Shop]);
    let addr: DocAddr = till.new_order().into();
    // By phone an order needs a customer: made it may be, placed not.
    let create = till.create(None);
    let create = till.edit(addr, create);
    let place = till.edit(addr, commands::Place {});
    let payment = till.payment("20");
    let payment = till.edit(addr, payment);
    assert_eq!(desk.says(&till, &create).await, Verdict::Accepted);
    assert_eq!(rules(&desk.says(&till, &place).await), [Rule::NoCustomer]);
    assert_eq!(desk.says(&till, &payment).await, Verdict::Rewritten);
    let order = desk.order(addr).await;
    assert_eq!((order.facts.len(), order.steps.len()), (1, 0));
    // And on an order that was never made at all.
    let never: DocAddr = till.new_order().into();
    let payment = till.payment("5");
    let payment = till.edit(never, payment);
    assert_eq!(desk.says(&till, &payment).await, Verdict::Accepted);
    assert_eq!(status::of(&desk.order(never).await).money, status::MoneyState::Overpaid);
}

#[tokio::test]
async fn a_blocked_edit_goes_through_once_what_it_needs_stands() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Warehouse, Role::Sales]).await;
    till.roles = vec![Role::Warehouse];
    let line = *desk.order(addr).await.lines.keys().next().unwrap();
    let quantity = commands::SetQuantity { line, was: Quantity::new(3), now: Quantity::new(5) };
    let refused = till.edit(addr, quantity);
    let needs = till.edit(addr, commands::Tag { tag: "gift".into() });
    assert!(matches!(desk.says(&till, &refused).await, Verdict::Refused { .. }));
    assert!(matches!(desk.says(&till, &needs).await, Verdict::Blocked { .. }));
    let pos = desk.log.head().await.unwrap().cursor.pos;
    assert_eq!(desk.take(&[till.hands_in(&needs)]).await, [Settled::Again { pos }]);
    // The device runs both again on what is confirmed, now with the right to.
    till.roles = vec![Role::Sales, Role::Warehouse];
    till.rebase(addr, desk.doc(addr).await);
    for old in [&refused, &needs] {
        let mut anew = till.edit(addr, old.parts[0].command.clone());
        (anew.id, anew.attempt) = (old.id, 1);
        // Its id is part of what is written.
        let doc = desk.doc(addr).await;
        let view = waybill_shared::view::View::read(&doc).unwrap();
        let ctx = anew.context(0, anew.parts[0].at);
        let actor = anew.parts[0].made.as_ref().unwrap().actor;
        let (written, made) =
            waybill_shared::make::make(&doc, &view, &anew.parts[0].command, &ctx, actor).unwrap();
        anew.parts[0].made = Some(made);
        assert_eq!(desk.says(&till, &anew).await, Verdict::Accepted);
        till.rebase(addr, written.doc);
    }
}

/// An order of a client that keeps no documents, and what it asks for behind it.
fn script_of_three(till: &mut Till) -> [Edit; 3] {
    let addr: DocAddr = till.new_order().into();
    let create = commands::Create { number: String::new(), ..till.create(None) };
    let (other, own) = (till.new_order(), till.create(None));
    [
        till.bare(vec![(addr, create.into())]),
        till.bare(vec![(addr, commands::Tag { tag: "web".into() }.into())]),
        till.bare(vec![(other.into(), own.into())]),
    ]
}

#[tokio::test]
async fn what_needs_a_number_waits_for_an_admin_and_so_does_what_rests_on_it_and_nothing_else() {
    let mut desk = Desk::open().await;
    let mut script = Till::new(8, &[Role::Sales]);
    desk.log.restore(0, now());
    desk.restarts().await;
    let [create, tag, own] = script_of_three(&mut script);
    let waits = Settled::Waits(Wait::Number);
    let handed = [&create, &tag, &own].map(|edit| script.hands_in(edit));
    assert_eq!(desk.take(&handed).await, [waits.clone(), waits.clone(), Settled::Judged { pos: 1 }]);
    // Nor when they come in frames of their own.
    assert_eq!(desk.take(&[script.hands_in(&tag)]).await, [waits]);

    desk.log.confirm_numbers(7);
    desk.restarts().await;
    let settled = desk.take(&[script.hands_in(&create), script.hands_in(&tag)]).await;
    assert_eq!(settled, [Settled::Judged { pos: 2 }, Settled::Judged { pos: 3 }]);
    assert_eq!(
        (desk.verdict(create.id).await, desk.verdict(tag.id).await),
        (Verdict::Accepted, Verdict::Accepted)
    );
    assert_eq!(desk.order(create.parts[0].doc).await.number(), "S-000008");
}

#[tokio::test]
async fn deps_that_the_server_lost_lead_to_the_head() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let note = till.note("lost with the server's disk");
    let lost = till.edit(addr, note);
    assert_eq!(desk.says(&till, &lost).await, Verdict::Accepted);
    desk.log.lose(1);
    desk.log.look();
    desk.restarts().await;
    let tag = till.edit(addr, commands::Tag { tag: "gift".into() });
    assert_eq!(desk.says(&till, &tag).await, Verdict::Rewritten);
    // The device pushes what it keeps, and has both again.
    assert!(desk.says(&till, &lost).await.stands());
    let order = desk.order(addr).await;
    assert_eq!((order.facts.len(), order.tags.get("gift")), (1, Some(&true)));
}

#[tokio::test]
async fn what_builds_on_a_rewritten_edit_is_redone_in_the_same_batch() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let note = till.note("from the future");
    let mut first = till.edit(addr, note);
    first.parts[0].at = now().plus_ms(10_000_000);
    let tags: Vec<Edit> =
        ["a", "b", "c"].map(|tag| till.edit(addr, commands::Tag { tag: tag.into() })).into();
    let all: Vec<_> = std::iter::once(&first).chain(&tags).map(|edit| till.hands_in(edit)).collect();
    let settled = desk.take(&all).await;
    assert!(settled.iter().all(|settled| matches!(settled, Settled::Judged { .. })), "{settled:?}");
    let order = desk.order(addr).await;
    assert_eq!((order.facts.len(), order.tags.len()), (1, 3));
}

#[tokio::test]
async fn whatever_happens_to_the_commit_nothing_is_lost_and_nothing_doubles() {
    for fault in
        [Fault::Retry, Fault::Unknown { written: true }, Fault::Unknown { written: false }, Fault::DiskFull]
    {
        let mut desk = Desk::open().await;
        let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
        let payment = till.payment("20");
        let payment = till.edit(addr, payment);
        desk.log.fail_next(fault.clone());
        let settled = desk.take(&[till.hands_in(&payment)]).await;
        if fault == Fault::DiskFull {
            assert_eq!(settled, [Settled::Later]);
            assert_eq!(desk.take(&[till.hands_in(&payment)]).await, [Settled::Judged { pos: 2 }]);
        } else {
            assert!(matches!(settled[..], [Settled::Judged { pos: 2 }]), "{fault:?}: {settled:?}");
        }
        assert_eq!(desk.order(addr).await.facts.len(), 1, "{fault:?}");
        assert_eq!(desk.doc(addr).await.heads(), till.doc(addr).heads(), "{fault:?}");
    }
}

#[tokio::test]
async fn one_edit_that_the_database_will_not_have_does_not_take_its_batch_along() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let edits: Vec<Edit> = (0..4)
        .map(|nth| {
            let note = till.note(&format!("Note {nth}"));
            till.edit(addr, note)
        })
        .collect();
    desk.log.rejects(edits[1].id);
    let all: Vec<_> = edits.iter().map(|edit| till.hands_in(edit)).collect();
    desk.take(&all).await;
    let mut verdicts = Vec::new();
    for edit in &edits {
        verdicts.push(desk.log.verdicts(&[edit.id]).await.unwrap()[0].verdict.clone());
    }
    assert!(verdicts[0].stands() && verdicts[2].stands() && verdicts[3].stands(), "{verdicts:?}");
    assert_eq!(rules(&verdicts[1]), [Rule::Defect]);
    assert!(matches!(verdicts[1], Verdict::Held { .. }), "a fact must not be lost");
    assert_eq!(desk.order(addr).await.facts.len(), 3);
}
