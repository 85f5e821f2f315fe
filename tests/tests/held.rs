//! What is held, and what a manager makes of it: on the log in memory and in PostgreSQL.

mod till;

use std::sync::Arc;

use till::{TestDatabase, Till, desk::Desk};
use waybill_server::{
    check::{check, rebuild_reports},
    held,
    intake::{Settled, Submission},
    log::{Log, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    doc::Doc,
    edit::{Edit, Verdict},
    finding::{Finding, Rule},
    id::{CustomerId, PersonId},
    kind::DocAddr,
    order::{
        Shown, commands,
        status::{self, MoneyState},
    },
    review::{Decision, Review},
    rules::roles::Role,
    session::who::Withdrawn,
};

const MANAGER: PersonId = PersonId::new(uuid::Uuid::from_u128(0xb055));

async fn decides<L: Log>(
    desk: &mut Desk<L>,
    edit: &Edit,
    decision: Decision,
    reason: &str,
    role: Role,
) -> Settled {
    let review =
        Review { edit: edit.id, attempt: edit.attempt, decision, reviewer: MANAGER, reason: reason.into() };
    match held::reviewed(&*desk.log, review, [role].into()).await.unwrap() {
        Some(submission) => desk.take(&[submission]).await.remove(0),
        None => Settled::Again { pos: 0 },
    }
}

fn declined(settled: &Settled) -> Vec<Rule> {
    match settled {
        Settled::Declined { findings } => findings.iter().map(|Finding { rule, .. }| *rule).collect(),
        other => panic!("{other:?}"),
    }
}

fn withdrawn(edit: &Edit) -> Submission {
    Submission::Withdrawn { edit: Arc::new(edit.clone()), why: Withdrawn::Person }
}

/// A driver's till and the order of somebody else: what it does there is held.
async fn held_payment<L: Log>(desk: &mut Desk<L>, story: u64) -> (Till, DocAddr, Edit) {
    let mut office = Till::new(story * 10, &[Role::Sales]);
    let addr: DocAddr = office.new_order().into();
    let create = office.create(None);
    let create = office.edit(addr, create);
    assert_eq!(desk.says_to(office.hands_in(&create)).await, Verdict::Accepted);
    let mut driver = Till::new(story * 10 + 1, &[Role::Driver]);
    driver.rebase(addr, office.doc(addr));
    let payment = driver.payment("20");
    let payment = driver.edit(addr, payment);
    assert!(matches!(desk.says_to(driver.hands_in(&payment)).await, Verdict::Held { .. }));
    (driver, addr, payment)
}

async fn the_whole_story<L: Log>(mut desk: Desk<L>) {
    // Accepted: it counts, under its author's name, and the driver's device is told at a new position.
    let (driver, addr, payment) = held_payment(&mut desk, 1).await;
    assert_eq!(
        declined(&decides(&mut desk, &payment, Decision::Accept, "", Role::Sales).await),
        [Rule::NotPermitted]
    );
    let listed = held::page(&*desk.log, 0, 10).await.unwrap().entries;
    assert_eq!((listed.len(), listed[0].person, listed[0].device), (1, driver.person, driver.device));
    assert!(listed[0].does[0].words.starts_with("Took € 20.00"), "{listed:?}");
    assert_eq!(desk.log.count_held(Some(driver.device)).await.unwrap(), 1);
    assert!(matches!(
        decides(&mut desk, &payment, Decision::Accept, "He told us", Role::Manager).await,
        Settled::Judged { pos: 3 }
    ));
    assert_eq!(desk.verdict(payment.id).await, Verdict::Rewritten);
    let facts = desk.order(addr).await.facts;
    assert_eq!(facts.values().map(|fact| fact.person).collect::<Vec<_>>(), [driver.person]);
    // Final: neither another word nor the device's own retry changes it.
    let again = decides(&mut desk, &payment, Decision::Discard, "no", Role::Manager).await;
    assert!(matches!(again, Settled::Again { .. }), "{again:?}");
    assert_eq!(desk.says_to(driver.hands_in(&payment)).await, Verdict::Rewritten);
    assert_eq!(desk.order(addr).await.facts.len(), 1);

    // Taken back: both facts stand, the second is the manager's, and the money is not there.
    let (_, addr, payment) = held_payment(&mut desk, 2).await;
    assert_eq!(
        declined(&decides(&mut desk, &payment, Decision::Reverse, " ", Role::Admin).await),
        [Rule::Malformed]
    );
    decides(&mut desk, &payment, Decision::Reverse, "The card bounced", Role::Admin).await;
    let order = desk.order(addr).await;
    assert_eq!(order.facts.len(), 2);
    assert_eq!(order.facts.values().filter(|fact| fact.person == MANAGER).count(), 1);
    assert_eq!(status::of(&order).money, MoneyState::Refunded);

    // Discarded: nothing of it is anywhere, and it stays so.
    let (driver, addr, payment) = held_payment(&mut desk, 3).await;
    decides(&mut desk, &payment, Decision::Discard, "It was a trial", Role::Manager).await;
    let discarded = desk.verdict(payment.id).await;
    let Verdict::Discarded { by: Some(told) } = &discarded else { panic!("{discarded:?}") };
    assert_eq!((told.by, told.reason.as_str()), (MANAGER, "It was a trial"));
    assert_eq!(desk.says_to(driver.hands_in(&payment)).await, discarded);
    assert!(desk.order(addr).await.facts.is_empty());
    assert!(held::page(&*desk.log, 0, 10).await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_manager_accepts_takes_back_and_discards_what_is_held() {
    the_whole_story(Desk::on(Arc::new(MemoryLog::new())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_in_postgresql_and_everything_agrees_afterwards() {
    let database = TestDatabase::new().await;
    the_whole_story(Desk::on(Arc::new(PostgresLog::new(database.pool.clone()))).await).await;
    assert_eq!(check(&database.pool).await.unwrap().wrong, Vec::<String>::new());
    assert_eq!(rebuild_reports(&database.pool).await.unwrap().mended, []);
    let decided: Vec<(String, uuid::Uuid, String)> =
        sqlx::query_as("select decision, reviewer, reason from sync.review order by pos")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    let told = |decision: &str, reason: &str| (decision.to_owned(), MANAGER.into(), reason.to_owned());
    assert_eq!(
        decided,
        [
            told("accept", "He told us"),
            told("reverse", "The card bounced"),
            told("discard", "It was a trial")
        ]
    );
    // A stranger's sale and hand-over: money and goods stand apart, in no figure, until a manager decides.
    let log = Arc::new(PostgresLog::new(database.pool.clone()));
    let mut desk = Desk::on(Arc::clone(&log)).await;
    let (_, addr, payment) = held_payment(&mut desk, 4).await;
    let number =
        async |sql: &'static str| -> i64 { sqlx::query_scalar(sql).fetch_one(&database.pool).await.unwrap() };
    let money = "select coalesce(sum(amount), 0)::bigint from report.held_money_by_day";
    let paid = "select coalesce(sum(gross), 0)::bigint from report.revenue where measure = 'paid'";
    assert_eq!((number(money).await, number(paid).await), (20, 20));
    let mut driver = Till::new(49, &[Role::Driver]);
    let mut office = Till::new(48, &[Role::Sales]);
    office.rebase(addr, log_doc(&log, addr).await);
    driver.rebase(addr, office.doc(addr));
    let line = *desk.order(addr).await.lines.keys().next().unwrap();
    let over = commands::HandOver {
        id: driver.fresh(),
        lines: [(line, waybill_shared::quantity::Quantity::new(2))].into(),
        shown: Shown::in_order(&desk.order(addr).await, std::iter::once(line)),
        received_by: None,
        signature: None,
    };
    let over = driver.edit(addr, over);
    assert!(matches!(desk.says_to(driver.hands_in(&over)).await, Verdict::Held { .. }));
    assert_eq!(
        number("select sum(gross)::bigint from report.held_goods where what = 'handed_over'").await,
        40
    );
    assert_eq!(check(&database.pool).await.unwrap().wrong, Vec::<String>::new());
    sqlx::query("update report.held_goods set quantity = 7").execute(&database.pool).await.unwrap();
    sqlx::query("delete from report.held_payments").execute(&database.pool).await.unwrap();
    assert_eq!(check(&database.pool).await.unwrap().wrong.len(), 2);
    assert_eq!(rebuild_reports(&database.pool).await.unwrap().mended.len(), 2);
    assert_eq!(
        (number(money).await, number("select sum(quantity)::bigint from report.held_goods").await),
        (20, 2)
    );
    decides(&mut desk, &payment, Decision::Accept, "", Role::Manager).await;
    decides(&mut desk, &over, Decision::Discard, "He made it up", Role::Manager).await;
    assert_eq!((number(money).await, number(paid).await), (0, 40));
    assert_eq!(number("select count(*) from report.held_goods").await, 0);
    assert_eq!(check(&database.pool).await.unwrap().wrong, Vec::<String>::new());
    sqlx::query(
        "delete from sync.review where pos = (select min(pos) from sync.review) and decision = 'accept'",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let wrong = check(&database.pool).await.unwrap().wrong;
    assert!(wrong.len() == 1 && wrong[0].contains("without a manager's word"), "{wrong:?}");
}

async fn log_doc(log: &PostgresLog, addr: DocAddr) -> Doc {
    let loaded = log.load(&[addr], &[]).await.unwrap();
    Doc::load(addr.kind, &loaded.docs[0].saved).unwrap()
}

/// Two processes write to one log: a decision beside a running server, and an edit that it prepared before.
#[tokio::test]
async fn a_decision_beside_a_running_server_makes_it_judge_again() {
    let log = Arc::new(MemoryLog::new());
    let mut server = Desk::on(Arc::clone(&log)).await;
    let (mut driver, addr, payment) = held_payment(&mut server, 1).await;
    let mut beside = Desk::on(log).await;
    decides(&mut beside, &payment, Decision::Accept, "", Role::Manager).await;
    let note = driver.note("Paid at the door");
    let note = driver.edit(addr, note);
    // Not the driver's own order: held too, and not lost.
    assert!(matches!(server.says_to(driver.hands_in(&note)).await, Verdict::Held { .. }));
    decides(&mut server, &note, Decision::Accept, "", Role::Manager).await;
    assert_eq!(server.order(addr).await.facts.len(), 2);
}

#[tokio::test]
async fn everything_of_somebody_withdrawn_is_kept_and_a_request_is_judged_by_the_manager_who_wants_it() {
    let mut desk = Desk::on(Arc::new(MemoryLog::new())).await;
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(Some(CustomerId::new(uuid::Uuid::from_u128(5))));
    let create = till.edit(addr, create);
    let place = till.edit(addr, commands::Place {});
    let note = till.note("Ring twice");
    let note = till.edit(addr, note);
    for edit in [&create, &place, &note] {
        assert!(matches!(desk.says_to(withdrawn(edit)).await, Verdict::Held { .. }));
    }
    assert!(desk.order(addr).await.head.is_none(), "nothing of it is in a document");
    // A second time, also through the usual door: the same answer.
    assert!(matches!(desk.says_to(till.hands_in(&create)).await, Verdict::Held { .. }));
    // The placing alone cannot be: there is no order yet.
    let early = decides(&mut desk, &place, Decision::Accept, "", Role::Manager).await;
    assert!(!declined(&early).is_empty());
    for edit in [&create, &place] {
        let settled = decides(&mut desk, edit, Decision::Accept, "", Role::Manager).await;
        assert!(matches!(settled, Settled::Judged { .. }), "{settled:?}");
    }
    decides(&mut desk, &note, Decision::Discard, "Not needed", Role::Manager).await;
    let order = desk.order(addr).await;
    assert!(order.head.is_some() && order.facts.is_empty() && order.steps.len() == 1, "{order:?}");
    // What nobody can take back is not taken back.
    let tag = till.edit(addr, commands::Tag { tag: "gift".into() });
    desk.says_to(withdrawn(&tag)).await;
    assert_eq!(
        declined(&decides(&mut desk, &tag, Decision::Reverse, "wrong", Role::Manager).await),
        [Rule::WrongStep]
    );
    // Nobody's word makes a form right.
    let mut bad = till.edit(addr, commands::Tag { tag: "gift".into() });
    bad.parts.clear();
    assert!(matches!(desk.says_to(withdrawn(&bad)).await, Verdict::Refused { .. }));
}
