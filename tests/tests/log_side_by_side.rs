//! Several servers on one log, each with what it remembers of it: what both prepare at once comes out as if one had done
//! it after the other. Held against the log in memory and the one in PostgreSQL.

mod till;

use std::{cell::Cell, sync::Arc};

use till::{NOON, PLACE, Seeded, TestDatabase, Till, credit_limit};
use waybill_server::{
    check,
    intake::{Core, Prepared, Settled, Submission, gather},
    log::{CommitError, Log, MOST_BESIDE, memory::MemoryLog, postgres::PostgresLog},
};
use waybill_shared::{
    command::Command,
    doc::Doc,
    edit::{Edit, Verdict},
    id::CustomerId,
    kind::DocAddr,
    order::{Order, commands},
    rules::roles::Role,
    time::Timestamp,
};

macro_rules! promises {
    ($($promise:ident)+) => {
        mod memory {
            use super::*;
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(Arc::new(MemoryLog::new())).await;
            })+
        }

        mod postgres {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let database = TestDatabase::new().await;
                super::$promise(Arc::new(PostgresLog::new(database.pool.clone()))).await;
                let checked = check::check(&database.pool).await.unwrap();
                assert!(checked.wrong.is_empty(), "{checked}");
            })+
        }
    };
}

promises! {
    what_shares_nothing_is_written_behind_the_other_as_it_was_prepared
    what_was_prepared_ahead_stands_behind_the_others_too
    two_edits_of_one_order_are_both_there
    a_document_is_read_whole_while_the_other_writes_in_it
    what_was_prepared_on_what_others_changed_is_prepared_again
    whoever_writes_between_meeting_and_doing_it_again_is_met_too
    together_they_lend_a_customer_no_more_than_one_would
    a_device_that_goes_to_the_other_server_is_answered_as_here
    no_number_is_given_twice
    who_is_far_behind_begins_anew_without_reading_it_all
}

const AT: Timestamp = NOON.plus_ms(60_000);

/// One server's intake, a step at a time.
struct Server<L> {
    core: Core,
    log: Arc<L>,
}

impl<L: Log> Server<L> {
    async fn start(log: &Arc<L>, seed: u64) -> Self {
        let head = log.head().await.unwrap();
        Self { core: Core::new(head, Box::new(Seeded(seed)), 1_000, 1), log: Arc::clone(log) }
    }

    async fn prepares(&mut self, submissions: &[Submission]) -> Prepared {
        loop {
            let wanted = self.core.wants(submissions);
            if wanted.is_empty() {
                return self.core.prepare(submissions, AT).unwrap();
            }
            gather(&mut self.core, &*self.log, &wanted, submissions).await.unwrap();
        }
    }

    /// What it was settled as, and what stands of those prepared on it; `None`: others had changed what it looked into.
    async fn writes(
        &mut self,
        prepared: Prepared,
        ahead: Vec<Prepared>,
    ) -> Option<(Vec<Settled>, Vec<Option<Prepared>>)> {
        let Prepared { batch, mut settled } = prepared;
        let Some(batch) = batch else { return Some((settled, ahead.into_iter().map(Some).collect())) };
        match self.log.commit(&batch).await {
            Ok(written) => {
                let ahead = self.core.landed(&batch, &written, ahead);
                let by = written.batch.further_than(&batch);
                settled.iter_mut().for_each(|settled| settled.stands_further(batch.before.pos, by));
                Some((settled, ahead))
            }
            Err(CommitError::Collision(met)) => {
                let ahead = ahead.into_iter().filter_map(|ahead| ahead.batch).collect::<Vec<_>>();
                let all = [&batch].into_iter().chain(&ahead).map(|batch| &**batch);
                self.core.collided(all, *met);
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    async fn takes(&mut self, submission: Submission) -> Settled {
        let submissions = [submission];
        loop {
            let prepared = self.prepares(&submissions).await;
            if let Some((mut settled, _)) = self.writes(prepared, Vec::new()).await {
                return settled.remove(0);
            }
        }
    }
}

async fn two<L: Log>(log: &Arc<L>) -> (Server<L>, Server<L>, Till, Till) {
    let tills = [7, 8].map(|nth| Till::new(nth, &[Role::Manager]));
    let [left, right] = tills;
    (Server::start(log, 1).await, Server::start(log, 2).await, left, right)
}

fn order(till: &mut Till, customer: Option<CustomerId>) -> (DocAddr, Edit) {
    let addr = till.new_order().into();
    let create = till.create(customer);
    (addr, till.edit(addr, create))
}

async fn verdict(log: &impl Log, edit: &Edit) -> Verdict {
    log.verdicts(&[edit.id]).await.unwrap().remove(0).verdict.clone()
}

async fn stored(log: &impl Log, addr: DocAddr) -> Order {
    let stored = log.load(&[addr], &[]).await.unwrap().docs.remove(0);
    Doc::load(addr.kind, &stored.saved).unwrap().read().unwrap()
}

async fn what_shares_nothing_is_written_behind_the_other_as_it_was_prepared(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (_, hers) = order(&mut ana, None);
    let (his_order, his) = order(&mut ben, None);
    let prepared = left.prepares(&[ana.hands_in(&hers)]).await;
    assert_eq!(right.takes(ben.hands_in(&his)).await, Settled::Judged { pos: 1 });
    let (settled, _) = left.writes(prepared, Vec::new()).await.expect("nothing is shared");
    assert_eq!(settled, [Settled::Judged { pos: 2 }]);

    let fed = log.feed(0, 10).await.unwrap();
    assert_eq!(fed.iter().map(|fed| fed.entry.edit).collect::<Vec<_>>(), [his.id, hers.id]);
    assert_eq!(fed[1].entry.changes[0].hash, hers.parts[0].made.as_ref().unwrap().hash.unwrap());
    let head = log.head().await.unwrap();
    assert_eq!(head.cursor, fed[1].cursor);
    // Both go on from there, also with what the other wrote.
    let note = ana.note("Rings twice");
    ana.rebase(his_order, ben.doc(his_order));
    let note = ana.edit(his_order, note);
    assert_eq!(left.takes(ana.hands_in(&note)).await, Settled::Judged { pos: 3 });
    assert_eq!(right.takes(ben.hands_in(&his)).await, Settled::Again { pos: 1 });
    assert_eq!(left.takes(ana.hands_in(&hers)).await, Settled::Again { pos: 2 });
    assert_eq!(verdict(&*log, &note).await, Verdict::Accepted);
}

async fn what_was_prepared_ahead_stands_behind_the_others_too(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (addr, first) = order(&mut ana, None);
    let note = ana.note("Rings twice");
    let second = ana.edit(addr, note);
    let (_, his) = order(&mut ben, None);
    let one = left.prepares(&[ana.hands_in(&first)]).await;
    let two = left.prepares(&[ana.hands_in(&second), ana.hands_in(&first)]).await;
    right.takes(ben.hands_in(&his)).await;
    let (settled, ahead) = left.writes(one, vec![two]).await.expect("nothing is shared");
    assert_eq!(settled, [Settled::Judged { pos: 2 }]);
    let two = ahead.into_iter().next().flatten().expect("it holds");
    let (settled, _) = left.writes(two, Vec::new()).await.expect("nothing came between");
    assert_eq!(settled, [Settled::Judged { pos: 3 }, Settled::Again { pos: 2 }]);
    assert_eq!(verdict(&*log, &second).await, Verdict::Accepted);
}

async fn two_edits_of_one_order_are_both_there(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (addr, create) = order(&mut ana, None);
    left.takes(ana.hands_in(&create)).await;
    ben.rebase(addr, ana.doc(addr));
    let (note, other) = (ana.note("Rings twice"), ben.note("Dog in the yard"));
    let (hers, his) = (ana.edit(addr, note), ben.edit(addr, other));
    let prepared = left.prepares(&[ana.hands_in(&hers)]).await;
    right.takes(ben.hands_in(&his)).await;
    assert!(left.writes(prepared, Vec::new()).await.is_none(), "it would be written over");
    assert_eq!(left.takes(ana.hands_in(&hers)).await, Settled::Judged { pos: 3 });
    for edit in [&hers, &his] {
        assert_eq!(verdict(&*log, edit).await, Verdict::Accepted);
    }
    assert_eq!(stored(&*log, addr).await.facts.len(), 2);
}

async fn a_document_is_read_whole_while_the_other_writes_in_it(log: Arc<impl Log>) {
    let (mut left, _, mut ana, _) = two(&log).await;
    let (addr, create) = order(&mut ana, None);
    left.takes(ana.hands_in(&create)).await;
    let written = Cell::new(false);
    let writes = async {
        for nth in 0..100 {
            let note = ana.note(&format!("Rings {nth} times"));
            let note = ana.edit(addr, note);
            left.takes(ana.hands_in(&note)).await;
        }
        written.set(true);
    };
    let reads = async {
        while !written.get() {
            let read = log.load(&[addr], &[]).await.unwrap().docs.remove(0);
            assert_eq!(Doc::load(addr.kind, &read.saved).unwrap().heads(), read.heads);
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(writes, reads);
    assert_eq!(stored(&*log, addr).await.facts.len(), 100);
}

async fn what_was_prepared_on_what_others_changed_is_prepared_again(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (addr, create) = order(&mut ana, None);
    left.takes(ana.hands_in(&create)).await;
    ben.rebase(addr, ana.doc(addr));
    let (_, apart) = order(&mut ana, None);
    let (note, other) = (ana.note("Rings twice"), ben.note("Dog in the yard"));
    let (hers, his) = (ana.edit(addr, note), ben.edit(addr, other));
    let one = left.prepares(&[ana.hands_in(&apart)]).await;
    let two = left.prepares(&[ana.hands_in(&hers)]).await;
    right.takes(ben.hands_in(&his)).await;
    let (_, ahead) = left.writes(one, vec![two]).await.expect("an order apart");
    assert!(ahead.iter().all(Option::is_none), "it looked into what he changed");
    left.takes(ana.hands_in(&hers)).await;
    assert_eq!(stored(&*log, addr).await.facts.len(), 2);
    assert_eq!(verdict(&*log, &hers).await, Verdict::Accepted);
}

async fn whoever_writes_between_meeting_and_doing_it_again_is_met_too(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (mut third, mut cem) = (Server::start(&log, 3).await, Till::new(9, &[Role::Manager]));
    let (addr, create) = order(&mut ana, None);
    left.takes(ana.hands_in(&create)).await;
    let doc = ana.doc(addr);
    let [hers, his, last] = [&mut ana, &mut ben, &mut cem].map(|till| {
        till.rebase(addr, doc.clone());
        let note = till.note("Rings twice");
        till.edit(addr, note)
    });
    let prepared = left.prepares(&[ana.hands_in(&hers)]).await;
    assert_eq!(right.takes(ben.hands_in(&his)).await, Settled::Judged { pos: 2 });
    assert!(left.writes(prepared, Vec::new()).await.is_none(), "his is met");
    let prepared = left.prepares(&[ana.hands_in(&hers)]).await;
    assert_eq!(third.takes(cem.hands_in(&last)).await, Settled::Judged { pos: 3 });
    assert!(left.writes(prepared, Vec::new()).await.is_none(), "the third is met too");
    assert_eq!(left.takes(ana.hands_in(&hers)).await, Settled::Judged { pos: 4 });
    assert_eq!(stored(&*log, addr).await.facts.len(), 3);
}

async fn together_they_lend_a_customer_no_more_than_one_would(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let customer: CustomerId = ana.fresh();
    let (terms, limit) = credit_limit(customer, "100");
    let limit = ana.edit(terms, limit);
    left.takes(ana.hands_in(&limit)).await;
    let mut placing = Vec::new();
    for till in [&mut ana, &mut ben] {
        let (addr, create) = order(till, Some(customer));
        left.takes(till.hands_in(&create)).await;
        placing.push(till.edit(addr, commands::Place {}));
    }
    // Each of 60.00, which is within the limit alone.
    let prepared = left.prepares(&[ana.hands_in(&placing[0])]).await;
    right.takes(ben.hands_in(&placing[1])).await;
    assert!(left.writes(prepared, Vec::new()).await.is_none(), "what he owes has changed");
    left.takes(ana.hands_in(&placing[0])).await;
    assert_eq!(verdict(&*log, &placing[1]).await, Verdict::Accepted);
    assert!(matches!(verdict(&*log, &placing[0]).await, Verdict::Refused { .. }));
}

async fn a_device_that_goes_to_the_other_server_is_answered_as_here(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, _) = two(&log).await;
    let (addr, create) = order(&mut ana, None);
    let note = ana.note("Rings twice");
    let note = ana.edit(addr, note);
    // The answer is lost, and it says all again there, while this one still has something of it.
    let prepared = left.prepares(&[ana.hands_in(&create)]).await;
    right.takes(ana.hands_in(&create)).await;
    right.takes(ana.hands_in(&note)).await;
    assert!(left.writes(prepared, Vec::new()).await.is_none());
    for edit in [&create, &note] {
        assert!(matches!(left.takes(ana.hands_in(edit)).await, Settled::Again { .. }));
        assert_eq!(verdict(&*log, edit).await, Verdict::Accepted);
    }
    assert_eq!(log.head().await.unwrap().cursor.pos, 2);
}

async fn no_number_is_given_twice(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let bare = |till: &mut Till| {
        let addr: DocAddr = till.new_order().into();
        let create = commands::Create { number: String::new(), location: PLACE, ..till.create(None) };
        let edit = till.bare(vec![(addr, Command::from(create))]);
        (addr, edit)
    };
    let ((hers, one), (his, two)) = (bare(&mut ana), bare(&mut ben));
    let prepared = left.prepares(&[ana.hands_in(&one)]).await;
    right.takes(ben.hands_in(&two)).await;
    assert!(left.writes(prepared, Vec::new()).await.is_none(), "its number is given by now");
    left.takes(ana.hands_in(&one)).await;
    let mut numbers = Vec::new();
    for addr in [his, hers] {
        numbers.push(stored(&*log, addr).await.head.unwrap().number);
    }
    assert_eq!(numbers, ["S-000001", "S-000002"]);
}

async fn who_is_far_behind_begins_anew_without_reading_it_all(log: Arc<impl Log>) {
    let (mut left, mut right, mut ana, mut ben) = two(&log).await;
    let (_, hers) = order(&mut ana, None);
    let prepared = left.prepares(&[ana.hands_in(&hers)]).await;
    let addr: DocAddr = ben.new_order().into();
    let many = |_| {
        let nothing = ben.bare(vec![(addr, commands::Tag { tag: String::new() }.into())]);
        ben.hands_in(&nothing)
    };
    let many: Vec<Submission> = (0..=MOST_BESIDE).map(many).collect();
    let refused = right.prepares(&many).await;
    right.writes(refused, Vec::new()).await.expect("nobody else writes");
    let said = log.commit(&prepared.batch.expect("an order")).await;
    assert!(matches!(said, Err(CommitError::Conflict)), "{said:?}");
}
