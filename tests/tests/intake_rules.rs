//! Intake on the log in memory: who is believed, what is well formed, and the rules that look at more than one order.

mod till;

use std::sync::Arc;

use till::{
    Till, chairs, credit_limit,
    desk::{Desk, now, rules, with_order},
};
use waybill_server::{
    intake::{Handed, Settled, Submission},
    log::Log,
};
use waybill_shared::{
    command::Command,
    customer::{self, Customer},
    edit::{Edit, Override, Verdict},
    finding::{Finding, Rule},
    id::{CustomerId, PersonId},
    kind::DocAddr,
    order::commands,
    rules::roles::Role,
    time::Booked,
};

#[tokio::test]
async fn an_id_that_is_used_is_not_made_again_and_a_retry_is_harmless() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Sales]);
    let addr: DocAddr = till.new_order().into();
    let create = till.create(None);
    let made = till.edit(addr, create);
    assert_eq!(desk.says(&till, &made).await, Verdict::Accepted);
    let before = desk.order(addr).await;
    // From another device: without having seen the first, having seen it, and as a client without documents.
    let mut other = Till::new(8, &[Role::Sales]);
    let command = other.create(None);
    let blind = other.edit(addr, command.clone());
    other.rebase(addr, till.doc(addr));
    let seeing = other.edit(addr, command.clone());
    let bare = other.bare(vec![(addr, command.into())]);
    for edit in [blind, seeing, bare] {
        let verdict = desk.says(&other, &edit).await;
        assert_eq!(rules(&verdict), [Rule::Malformed], "{verdict:?}");
        let finding = &verdict.findings()[0];
        assert_eq!(finding.field.as_deref(), Some("document"));
        assert!(finding.what.contains("already used") && finding.remedy.contains("Make a new order"));
    }
    assert_eq!(desk.order(addr).await, before);
    // The first one once more: as it was, and as its device sends it after it had to build its documents anew.
    let mut rebuilt = made.clone();
    rebuilt.attempt = 1;
    rebuilt.parts[0].made.as_mut().unwrap().hash = None;
    for again in [&made, &rebuilt] {
        assert_eq!(desk.take(&[till.hands_in(again)]).await, [Settled::Again { pos: 1 }]);
        assert_eq!(desk.log.verdicts(&[made.id]).await.unwrap()[0].verdict, Verdict::Accepted);
    }
}

#[tokio::test]
async fn a_clock_years_off_is_set_right_and_the_past_is_left_alone() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let year = 365 * 24 * 3_600_000_i64;
    for (shift, verdict, at) in [
        (60_000, Verdict::Accepted, now().plus_ms(60_000)),
        (3 * year, Verdict::Rewritten, now()),
        (-year / 2, Verdict::Accepted, now().plus_ms(-year / 2)),
    ] {
        let note = till.note("When was it?");
        let mut edit = till.bare(vec![(addr, note.clone().into())]);
        edit.parts[0].at = now().plus_ms(shift);
        edit.booked = Booked::on(edit.parts[0].at.day(chrono_tz::UTC));
        let doc = desk.doc(addr).await;
        let view = waybill_shared::view::View::read(&doc).unwrap();
        let ctx = edit.context(0, edit.parts[0].at);
        let mut actor = Till::new(shift as u64, &[]);
        let actor = waybill_shared::doc::Actor(
            actor.fresh::<PersonId>().to_string().as_bytes()[..16].try_into().unwrap(),
        );
        let (_, made) = waybill_shared::make::make(&doc, &view, &edit.parts[0].command, &ctx, actor).unwrap();
        edit.parts[0].made = Some(made);
        assert_eq!(desk.says(&till, &edit).await, verdict, "{shift}");
        let fact = desk.order(addr).await.facts[&note.id].clone();
        assert_eq!((fact.at, fact.day), (at, at.day(chrono_tz::UTC)), "{shift}");
    }
}

#[tokio::test]
async fn an_edit_of_several_parts_is_taken_whole_or_not_at_all() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Sales]);
    let (addr, customer): (DocAddr, CustomerId) = (till.new_order().into(), till.fresh());
    let make_customer = customer::Create {
        number: "C1".into(),
        name: "Acme".into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    };
    let create = till.create(Some(customer));
    let whole = till.edit_of(vec![(customer.into(), make_customer.into()), (addr, create.clone().into())]);
    assert_eq!(desk.says(&till, &whole).await, Verdict::Accepted);
    assert_eq!(desk.brought(&whole).await.len(), 2);
    // The second part is not for sales to do: the first does not happen either.
    let (other, limit) = credit_limit(customer, "50");
    let tag: Command = commands::Tag { tag: "gift".into() }.into();
    let half = till.edit_of(vec![(addr, tag), (other, limit)]);
    assert_eq!(rules(&desk.says(&till, &half).await), [Rule::NotPermitted]);
    assert!(desk.order(addr).await.tags.is_empty());
    let customer: Customer = desk.doc(customer.into()).await.read().unwrap();
    assert!(customer.exists());
}

#[tokio::test]
async fn credit_is_counted_over_all_orders_of_a_customer_and_a_manager_may_let_one_pass() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Manager]);
    let customer: CustomerId = till.fresh();
    let (terms, limit) = credit_limit(customer, "130");
    let limit = till.edit(terms, limit);
    assert_eq!(desk.says(&till, &limit).await, Verdict::Accepted);
    // Three orders of 60 placed in one batch: two fit.
    let mut places = Vec::new();
    for _ in 0..3 {
        let addr: DocAddr = till.new_order().into();
        let create = till.create(Some(customer));
        let create = till.edit(addr, create);
        assert_eq!(desk.says(&till, &create).await, Verdict::Accepted);
        places.push(till.edit(addr, commands::Place {}));
    }
    let all: Vec<_> = places.iter().map(|edit| till.hands_in(edit)).collect();
    desk.take(&all).await;
    let mut stands = Vec::new();
    for place in &places {
        stands.push(desk.log.verdicts(&[place.id]).await.unwrap()[0].verdict.clone());
    }
    assert_eq!(stands[..2], [Verdict::Accepted, Verdict::Accepted]);
    assert_eq!(rules(&stands[2]), [Rule::OverCredit]);
    // With a manager's word it passes; without one enrolled here it does not.
    let mut word = places[2].clone();
    word.attempt = 1;
    word.overriding = Some(Override { approver: till.person, reason: "Good for it".into() });
    assert_eq!(rules(&desk.says(&till, &word).await), [Rule::OverCredit]);
    word.attempt = 2;
    let handed = Handed {
        edit: Arc::new(word),
        roles: Some([Role::Sales].into()),
        approver: [Role::Manager].into(),
        looked_up: Default::default(),
    };
    assert!(desk.says_to(Submission::Edit(handed)).await.stands());
}

#[tokio::test]
async fn credit_is_not_passed_by_one_edit_of_several_parts() {
    enum Before {
        Nothing,
        Limit(&'static str),
    }
    // Each order is of 60.
    let limit = |limit| Before::Limit(limit);
    let place = || Command::from(commands::Place {});
    let cancel = || Command::from(commands::Cancel { reason: "no longer wanted".into() });
    /// Its name, the limit before, the limit that the edit sets, orders placed before, the parts, whether it passes.
    type Story = (&'static str, Before, Option<&'static str>, usize, Vec<(usize, Command)>, bool);
    let table: Vec<Story> = vec![
        ("two that fit", limit("120"), None, 0, vec![(0, place()), (1, place())], true),
        ("the second is too much", limit("119"), None, 0, vec![(0, place()), (1, place())], false),
        ("either way round", limit("119"), None, 0, vec![(1, place()), (0, place())], false),
        ("one that makes room first", limit("100"), None, 1, vec![(0, cancel()), (1, place())], true),
        ("no room before it is made", limit("100"), None, 1, vec![(1, place()), (0, cancel())], false),
        ("a limit set in the same edit", Before::Nothing, Some("59"), 0, vec![(0, place())], false),
        ("a higher one in the same edit", limit("10"), Some("60"), 0, vec![(0, place())], true),
        ("what is owed counts for it", Before::Nothing, Some("119"), 1, vec![(1, place())], false),
    ];
    for (story, before, sets, placed, parts, passes) in table {
        let mut desk = Desk::open().await;
        let mut till = Till::new(7, &[Role::Manager]);
        let customer: CustomerId = till.fresh();
        if let Before::Limit(limit) = before {
            let (terms, limit) = credit_limit(customer, limit);
            let limit = till.edit(terms, limit);
            assert_eq!(desk.says(&till, &limit).await, Verdict::Accepted);
        }
        let mut orders: Vec<DocAddr> = Vec::new();
        for nth in 0..2 {
            let addr: DocAddr = till.new_order().into();
            let create = till.create(Some(customer));
            let create = till.edit(addr, create);
            assert_eq!(desk.says(&till, &create).await, Verdict::Accepted);
            if nth < placed {
                let place = till.edit(addr, commands::Place {});
                assert_eq!(desk.says(&till, &place).await, Verdict::Accepted);
            }
            orders.push(addr);
        }
        let set = sets.map(|limit| credit_limit(customer, limit));
        let all = set.into_iter().chain(parts.into_iter().map(|(nth, command)| (orders[nth], command)));
        let edit = till.edit_of(all.collect());
        let verdict = desk.says(&till, &edit).await;
        let expected = if passes { vec![] } else { vec![Rule::OverCredit] };
        assert_eq!((rules(&verdict), verdict.stands()), (expected, passes), "{story}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_client_without_documents_gets_its_change_and_its_number_from_the_server() {
    let mut desk = Desk::open().await;
    let mut till = Till::new(7, &[Role::Sales]);
    for number in ["S-000001", "S-000002"] {
        let addr: DocAddr = till.new_order().into();
        let mut create = till.create(None);
        create.number = String::new();
        create.lines.insert(waybill_shared::id::LineId::NIL, chairs(2));
        let edit = till.bare(vec![(addr, create.into())]);
        assert_eq!(desk.says(&till, &edit).await, Verdict::Accepted);
        let order = desk.order(addr).await;
        assert_eq!((order.number(), order.lines.len()), (number, 2));
        assert!(order.lines.keys().all(|line| !line.is_nil()));
        desk.restarts().await;
    }
}

#[tokio::test]
async fn who_is_not_enrolled_on_the_device_is_not_believed() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let stranger = |edit: &Edit| {
        Submission::Edit(Handed {
            edit: Arc::new(edit.clone()),
            roles: None,
            approver: Arc::default(),
            looked_up: Default::default(),
        })
    };
    let tag = till.edit(addr, commands::Tag { tag: "gift".into() });
    assert!(matches!(desk.says_to(stranger(&tag)).await, Verdict::Refused { .. }));
    let payment = till.payment("20");
    let payment = till.edit(addr, payment);
    assert!(matches!(desk.says_to(stranger(&payment)).await, Verdict::Held { .. }));
    assert!(desk.order(addr).await.facts.is_empty());
    // An id of another device's edit: nothing is written.
    let mut copied = tag.clone();
    copied.device = Till::new(8, &[]).device;
    assert_eq!(desk.take(&[stranger(&copied)]).await, [in_use(&copied, "Send it under a fresh id.")]);
}

/// How far back it may be booked was another thing when it was entered, as while an import ran; but its device alone says
/// when that was.
#[tokio::test]
async fn what_was_booked_long_ago_waits_for_a_manager_after_a_restore() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let mut of_old = |text: &str| {
        let tag = commands::Tag { tag: text.into() };
        let mut edit = till.bare(vec![(addr, tag.into())]);
        edit.booked = Booked::on(edit.booked.day - chrono::Days::new(4_000));
        till.hands_in(&edit)
    };
    let (before, sent_again) = (of_old("not allowed any more"), of_old("was allowed"));
    let mut after = of_old("entered since");
    if let Submission::Edit(handed) = &mut after {
        Arc::make_mut(&mut handed.edit).parts[0].at = now();
    }
    let verdict = desk.says_to(before).await;
    assert_eq!(rules(&verdict), [Rule::OutsideLimits], "{verdict:?}");
    desk.log.restore(0, now());
    desk.restarts().await;
    for (of_old, kept) in [(sent_again, "held"), (after, "refused")] {
        let verdict = desk.says_to(of_old).await;
        assert_eq!((verdict.name(), &rules(&verdict)[..]), (kept, &[Rule::OutsideLimits][..]), "{verdict:?}");
    }
}

/// It happened: whoever entered it cannot make less of it before the manager has looked.
#[tokio::test]
async fn what_is_held_stays_on_the_managers_list_whatever_its_author_sends_after_it() {
    let mut desk = Desk::open().await;
    let (_, addr) = with_order(&mut desk, &[Role::Sales]).await;
    let mut driver = Till::new(31, &[Role::Driver]);
    let paid = driver.payment("500");
    let held = driver.bare(vec![(addr, paid.into())]);
    assert_eq!(desk.says(&driver, &held).await.name(), "held");
    let commands: [Command; 2] = [driver.note("nothing happened").into(), driver.payment("0.01").into()];
    for (attempt, command) in (1..).zip(commands) {
        let mut less = Edit { attempt, ..held.clone() };
        less.parts[0].command = command;
        let settled = desk.take(&[driver.hands_in(&less)]).await.remove(0);
        let Settled::Unwritten { verdict, .. } = settled else { panic!("{settled:?}") };
        assert_eq!(rules(&verdict), [Rule::IdInUse]);
    }
    let again = Edit { attempt: 3, ..held.clone() };
    let settled = desk.take(&[driver.hands_in(&again)]).await.remove(0);
    assert!(matches!(settled, Settled::Judged { .. }), "the same is judged once more: {settled:?}");
    assert_eq!(desk.verdict(held.id).await.name(), "held");
}

/// Under an id that is in use nothing else is taken, and nothing else is said to be taken.
#[tokio::test]
async fn the_same_id_with_other_content_is_in_use() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let (first, other) = (till.note("rings twice"), till.note("rings never"));
    let accepted = till.bare(vec![(addr, first.into())]);
    assert_eq!(desk.says(&till, &accepted).await, Verdict::Accepted);
    let refused = till.bare(vec![(addr, commands::Tag { tag: String::new() }.into())]);
    assert!(matches!(desk.says(&till, &refused).await, Verdict::Refused { .. }));
    let open = till.create(None);
    let open = commands::Create { number: String::new(), ..open };
    let doc: DocAddr = till.new_order().into();
    let numbered = till.bare(vec![(doc, open.into())]);
    assert_eq!(desk.says(&till, &numbered).await, Verdict::Accepted);
    let (fresh, next) = ("Send it under a fresh id.", "Send it as the next attempt, or under a fresh id.");
    type Twist = Box<dyn Fn(&mut Edit)>;
    let noted: Command = other.into();
    let with = |command: Command| -> Twist { Box::new(move |edit| edit.parts[0].command = command.clone()) };
    let (tag, number) = (commands::Tag { tag: "gift".into() }, till.create(None));
    let mut table: Vec<(&str, &Edit, Twist, Option<&str>)> = vec![
        ("the same again", &accepted, Box::new(|_| {}), None),
        ("at another time", &accepted, Box::new(|edit| edit.parts[0].at = edit.parts[0].at.plus_ms(1)), None),
        ("as a later attempt", &accepted, Box::new(|edit| edit.attempt = 3), None),
        ("with a manager's word", &accepted, Box::new(vouch), None),
        ("other words", &accepted, with(noted.clone()), Some(fresh)),
        ("on another day", &accepted, Box::new(|edit| edit.booked.day = DAY), Some(fresh)),
        ("of another person", &accepted, Box::new(|edit| edit.person = PersonId::NIL), Some(fresh)),
        ("on another document", &accepted, Box::new(move |edit| edit.parts[0].doc = doc), Some(fresh)),
        ("what was refused", &refused, Box::new(|_| {}), None),
        ("another under what was refused", &refused, with(tag.into()), Some(next)),
        ("one that got its number here", &numbered, Box::new(|_| {}), None),
        ("the same with a number of its own", &numbered, with(number.into()), Some(fresh)),
    ];
    let later: Twist = Box::new(move |edit| {
        edit.attempt = 1;
        edit.parts[0].command = noted.clone();
    });
    table.push(("other words as a later attempt", &accepted, later, Some(fresh)));
    for restarted in [false, true] {
        let before = desk.log.head().await.unwrap();
        for (what, edit, twist, told) in &table {
            let mut edit = (*edit).clone();
            twist(&mut edit);
            let said = desk.take(&[till.hands_in(&edit)]).await;
            match told {
                Some(remedy) => assert_eq!(said, [in_use(&edit, remedy)], "{what}"),
                None => assert!(matches!(said[..], [Settled::Again { .. }]), "{what}: {said:?}"),
            }
        }
        assert_eq!(desk.log.head().await.unwrap(), before, "nothing was written");
        if !restarted {
            desk.restarts().await;
        }
    }
    // What was refused goes on as another attempt, with what it says now; both at once in one batch are told apart.
    let mut mended = refused.clone();
    mended.attempt = 1;
    mended.parts[0].command = commands::Tag { tag: "gift".into() }.into();
    let mut twin = mended.clone();
    twin.parts[0].command = commands::Tag { tag: "loan".into() }.into();
    let said = desk.take(&[till.hands_in(&mended), till.hands_in(&twin)]).await;
    assert!(matches!(said[0], Settled::Judged { .. }), "{said:?}");
    assert_eq!(said[1], in_use(&twin, fresh));
}

/// An import that is run again from another machine, by the same person.
#[tokio::test]
async fn the_same_entry_from_another_device_gets_the_first_verdict() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let note = till.note("imported");
    let first = till.bare(vec![(addr, note.into())]);
    assert_eq!(desk.says(&till, &first).await, Verdict::Accepted);
    let mut other = Till::new(8, &[Role::Admin]);
    other.person = till.person;
    let again = Edit { device: other.device, counter: 700, ..first.clone() };
    assert_eq!(desk.take(&[other.hands_in(&again)]).await, [Settled::Again { pos: 2 }]);
    let mut differs = again.clone();
    differs.booked.day = DAY;
    assert_eq!(desk.take(&[other.hands_in(&differs)]).await, [in_use(&differs, "Send it under a fresh id.")]);
    // Who does not speak for its author there learns nothing of it.
    let stranger = Handed {
        edit: Arc::new(again.clone()),
        roles: None,
        approver: Arc::default(),
        looked_up: Default::default(),
    };
    let said = desk.take(&[Submission::Edit(stranger)]).await;
    assert_eq!(said, [in_use(&again, "Send it under a fresh id.")]);
    // Giving up what is another device's gives nothing up.
    let discard = Submission::Discard { edit: first.id, device: other.device };
    let given_up = Settled::Unwritten { attempt: 0, verdict: Verdict::GIVEN_UP };
    assert_eq!(desk.take(&[discard]).await, [given_up]);
    assert_eq!(desk.verdict(first.id).await, Verdict::Accepted);
}

/// Sent again on a word that came when the entry stood already.
fn vouch(edit: &mut Edit) {
    edit.attempt = 1;
    edit.overriding = Some(Override { approver: edit.person, reason: "it is so".into() });
}

const DAY: chrono::NaiveDate = chrono::NaiveDate::MIN;

fn in_use(edit: &Edit, remedy: &str) -> Settled {
    let what = "The id of this entry is in use for another one. That one stays as it is.";
    let findings = vec![Finding::new(Rule::IdInUse, what, remedy).field("id")];
    Settled::Unwritten { attempt: edit.attempt, verdict: Verdict::Refused { findings } }
}

#[tokio::test]
async fn an_edit_that_is_not_well_formed_is_refused_whatever_it_says() {
    let mut desk = Desk::open().await;
    let (mut till, addr) = with_order(&mut desk, &[Role::Admin]).await;
    let note = till.note("fine");
    let good = till.edit(addr, note);
    type Spoil = fn(&mut Edit);
    let table: [(&str, Spoil); 6] = [
        ("no parts", |edit| edit.parts.clear()),
        ("too many parts", |edit| edit.parts = vec![edit.parts[0].clone(); 65]),
        ("a request among facts", |edit| edit.kind = waybill_shared::edit::EditKind::Requests),
        ("another kind of document", |edit| edit.parts[0].doc.kind = waybill_shared::kind::DocKind::Product),
        ("no document", |edit| edit.parts[0].doc.id = uuid::Uuid::nil()),
        ("deps without end", |edit| {
            edit.parts[0].made.as_mut().unwrap().deps = vec![waybill_shared::doc::Hash([1; 32]); 65];
        }),
    ];
    for (name, spoil) in table {
        let mut bad = good.clone();
        bad.id = till.fresh();
        spoil(&mut bad);
        let verdict = desk.says(&till, &bad).await;
        let rule = rules(&verdict).first().copied();
        assert!(matches!(verdict, Verdict::Refused { .. }), "{name}: {verdict:?}");
        assert!(matches!(rule, Some(Rule::Malformed | Rule::Unsupported)), "{name}: {rule:?}");
    }
    assert_eq!(desk.says(&till, &good).await, Verdict::Accepted);
}
