//! kill -9 of server, PostgreSQL and client in the middle of work: what was said to be saved is there afterwards,
//! once, and everybody holds the same.

use waybill_shared::id::EditId;
use waybill_tests::real::{Clerk, Company, Database, Wire, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

#[test]
fn the_server_dies_again_and_again_while_entries_come_up() {
    let mut company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let watching = tim.watches();
    let mut clerk = Clerk::at(&tim);
    for further in [1, 2, 5, 13, 40] {
        let mut database = company.server.database();
        let goal = database.judged() + further;
        until("entries come up", || {
            assert!(clerk.enters());
            (database.judged() >= goal).then_some(())
        });
        company.server.kill_9();
        company.server.restart();
    }
    let entered = clerk.goes();
    drop(watching);
    company.settles(&[&tim, &company.office]);
    all_there_once(&mut company.server.database(), &entered);
}

#[test]
fn an_acknowledgement_that_is_lost_doubles_nothing_also_after_a_rebase() {
    let mut company = Company::opens(DEMO);
    let wire = Wire::to(company.server.address());
    let (anna, ben) = (company.hires_over(&wire, "anna", "sales"), company.hires("ben", "sales"));
    let order = anna.orders("--customer Orion --channel phone --line 3xCHAIR");
    let mut payments = 0;
    // What is lost: the answer to what she entered, or to what was made again after a refusal. The server goes on,
    // or dies before anybody hears of what it committed.
    for (round, (lost, dies)) in [(1, false), (2, false), (1, true), (2, true)].into_iter().enumerate() {
        anna.syncs();
        ben.syncs();
        ben.does(&format!("order set-quantity {order} 1 {}", 10 + round));
        ben.syncs();
        // The first is refused. The tag built on it is made again without it: a new change under a new hash.
        anna.does(&format!("order set-quantity {order} 1 {}", 20 + round));
        for nth in 0..4 {
            anna.does(&format!("order tag {order} round{round}-{nth}"));
            anna.does(&format!("order take-payment {order} 1.00"));
            payments += 1;
        }
        let mut database = company.server.database();
        let refused = "select count(*) from sync.edit where verdict = 'refused'";
        let made_again = "select count(*) from sync.edit where verdict = 'accepted' and attempt > 0";
        let judged = if lost == 1 { refused } else { made_again };
        let goal = database.number(judged) + 1;
        wire.loses_answers_from_push(lost);
        let syncing = anna.begins("sync");
        until("the server has judged them", || (database.number(judged) >= goal).then_some(()));
        if dies {
            company.server.kill_9();
        }
        wire.is_mended();
        assert_eq!(syncing.ends(), Some(4));
        assert!(anna.entries("pending") > 0, "nothing was lost");
        if dies {
            company.server.restart();
        }
        anna.syncs();
        anna.does(&format!("attention discard {}", anna.complaint()["edit"].as_str().unwrap()));
    }
    company.settles(&[&anna, &ben, &company.office]);
    let seen = ben.order(&order);
    assert_eq!(seen["tags"].as_array().unwrap().len(), 16);
    assert_eq!(seen["order"]["total"], "648.70", "13 chairs, as Ben said last");
    let mut database = company.server.database();
    let taken = database.ask("select round(sum(amount), 2) from report.payments");
    assert_eq!(taken, Some(format!("{payments}.00")));
}

#[test]
fn postgres_dies_alone_while_entries_come_up() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let watching = tim.watches();
    let mut clerk = Clerk::at(&tim);
    for further in [1, 4, 17, 40] {
        let mut database = company.server.database();
        let goal = database.judged() + further;
        until("entries come up", || {
            assert!(clerk.enters());
            (database.judged() >= goal).then_some(())
        });
        company.server.postgres_kill_9();
    }
    assert!(clerk.enters(), "people go on working");
    let entered = clerk.goes();
    until("everything has come up", || (tim.entries("pending") == 0).then_some(()));
    drop(watching);
    company.settles(&[&tim, &company.office]);
    all_there_once(&mut company.server.database(), &entered);
}

#[test]
fn a_device_dies_again_and_again_while_it_takes_entries_and_sends_them() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let mut entered = Vec::new();
    for lives in [1, 2, 3, 8, 21, 55] {
        let watching = tim.watches();
        let mut clerk = Clerk::at(&tim);
        for _ in 0..lives {
            assert!(clerk.enters());
        }
        // It dies with an entry on its way in: said to be saved or not, it is whole or not there.
        let dying = std::thread::spawn(move || {
            while clerk.enters() {}
            clerk.goes()
        });
        watching.kill_9();
        entered.extend(dying.join().unwrap());
    }
    company.settles(&[&tim, &company.office]);
    all_there_once(&mut company.server.database(), &entered);
}

#[test]
fn commands_that_are_killed_on_their_way_leave_whole_entries_or_none() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    for _ in 0..8 {
        let before = tim.does("order list")["count"].clone();
        let entering = tim.begins("order create --channel shop --line 2xCHAIR");
        // At any moment: just begun, or when it has taken the file.
        if before.as_u64().is_some_and(|count| count % 2 == 1) {
            until("the file is taken", || tim.path().join("waybill.db-wal").exists().then_some(()));
        }
        entering.kill_9();
        tim.orders("--channel shop --line 2xCHAIR");
    }
    for order in tim.numbers() {
        assert_eq!(tim.order(&order)["order"]["total"], "99.80");
    }
    company.settles(&[&tim, &company.office]);
}

#[test]
fn a_server_that_is_asked_to_stop_answers_what_it_took_and_leaves_nothing_hanging() {
    let mut company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let mut entered = Vec::new();
    for further in [1, 30] {
        entered.extend(Clerk::at(&tim).enters_times(200));
        let mut database = company.server.database();
        let goal = database.judged() + further;
        let syncing = tim.begins("sync");
        until("entries come up", || (database.judged() >= goal).then_some(()));
        let judged = {
            assert!(company.server.stop().success());
            syncing.ends();
            tim.entries("accepted") + tim.entries("rewritten")
        };
        assert!(!company.server.log().contains("cutting it off"), "{}", company.server.log());
        company.server.restart();
        let stored = company.server.database().number(
            "select count(*) from sync.edit e join account.device d on d.id = e.device
             join account.enrolment n on n.device = d.id join account.person p on p.id = n.person
             where p.name = 'tim' and e.verdict in ('accepted', 'rewritten')",
        );
        assert_eq!(stored, judged as u64, "what was judged was also told before the server went");
    }
    company.settles(&[&tim, &company.office]);
    all_there_once(&mut company.server.database(), &entered);
}

/// Every entry of the clerk stands, and every order, line, placing and payment of his is in the report once.
fn all_there_once(database: &mut Database, entered: &[EditId]) {
    database.has_accepted(entered);
    let orders = database.number("select count(*) from report.orders");
    let payments = database.number("select count(*) from report.payments");
    let whole = database.number("select count(*) from sync.edit e join account.device d on d.id = e.device
        join account.enrolment n on n.device = d.id join account.person p on p.id = n.person where p.name = 'tim'");
    let added = database.number("select count(*) from report.order_lines") - orders;
    let placed = database.number("select count(*) from report.orders where agreed_status = 'placed'");
    assert_eq!(
        orders + added + placed + payments,
        whole,
        "each entry made one order, line, placing or payment"
    );
    let taken = database.ask("select round(coalesce(sum(amount), 0), 2) from report.payments");
    assert_eq!(taken, Some(format!("{payments}0.00")));
}
