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
