//! What no trying again mends: somebody is told.

use waybill_tests::real::{Company, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// As after somebody was at the tables by hand.
#[test]
fn a_server_whose_statements_the_database_does_not_take_says_so_and_goes_on_once_it_is_mended() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let watching = tim.watches();
    let mut database = company.server.database();
    assert_eq!(company.server.ready().0, 200);
    for (broken, mended, state) in [
        // Found when a batch is written, and when what it needs is read.
        (
            "alter table report.orders rename column number to gone",
            "alter table report.orders rename column gone to number",
            "42703",
        ),
        ("alter table sync.document rename to gone", "alter table sync.gone rename to document", "42P01"),
    ] {
        let before = database.judged();
        database.does(broken);
        tim.does("order create --channel shop --line 2xCHAIR");
        let told = format!("SQLSTATE {state}");
        let words = until("it is not ready", || match company.server.ready() {
            (503, words) => Some(words),
            _ => None,
        });
        assert!(words.contains(&told), "{words}");
        let figure = format!("waybill_sql_defects_total{{sqlstate=\"{state}\"}}");
        assert!(company.server.figures().contains(&figure), "{}", company.server.figures());
        let log = company.server.log();
        let alarm = |line: &&str| line.contains("ERROR") && line.contains(state);
        let lines: Vec<&str> = log.lines().filter(alarm).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("CHAIR")), "{lines:?}");

        database.does(mended);
        until("the order is judged", || (database.judged() > before).then_some(()));
        until("it is ready again", || (company.server.ready().0 == 200).then_some(()));
    }
    drop(watching);
    company.settles(&[&tim, &company.office]);
}

/// As two orders were once: nothing entered on them waited, and the list called them not yet sent for ever.
#[test]
fn what_a_list_wrongly_calls_not_yet_sent_is_found_and_mended_by_status_and_by_the_engine() {
    let company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    let [sent, waits] = ["HS", "HS"].map(|_| tim.orders("--channel shop"));
    tim.syncs();
    tim.does(&format!("order note {waits} \"rings twice\""));
    let told = |number: &str| tim.marked(number);
    assert_eq!((told(&sent), told(&waits)), (false, true));
    assert!(tim.does("status")["status"]["mended"].is_null(), "nothing is wrong");
    for by_engine in [false, true] {
        tim.marks(&sent, true);
        tim.marks(&waits, false);
        let watching = by_engine.then(|| tim.watches());
        let status = tim.does("status");
        assert_eq!(status["status"]["mended"], 2, "{status}");
        assert!(status["words"].as_str().is_some_and(|words| words.contains("put right")), "{status}");
        drop(watching);
        assert!(!told(&sent), "{sent} is sent");
        if !by_engine {
            assert!(told(&waits), "{waits} waits");
        }
        let again = tim.does("status");
        assert!(again["status"]["mended"].is_null(), "told once: {again}");
        tim.does(&format!("order note {waits} \"and again\""));
    }
    company.settles(&[&tim, &company.office]);
}
