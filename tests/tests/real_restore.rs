//! A restore that is cut off between the data and what was erased since: nobody sees what it has put back until it was
//! done again.

use waybill_server::log::postgres::LOCK;
use waybill_tests::real::{Cluster, Company, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// Every table is gone, as on a new machine.
const NEW_MACHINE: &str = "drop schema account, sync, report cascade; drop table _sqlx_migrations";

const QUINTESSA: &str = "select count(*) from report.customers where name = 'Quintessa Mumm'";

#[test]
fn a_restore_that_is_killed_before_the_erasures_serves_nobody_until_it_is_done_again() {
    let cluster = Cluster::start();
    let mut company = Company::opens_at(cluster.serves(DEMO), DEMO);
    company.office.does("customer create \"Quintessa Mumm\" --number C-9");
    company.office.syncs();
    let kept = tempfile::tempdir().unwrap();
    let [backup, list] = ["old.backup", "erasures"].map(|name| kept.path().join(name));
    company.server.does(&format!("backup --to {}", backup.display()));
    company.server.does(&format!("erase C-9 --list {} --yes", list.display()));
    assert!(company.server.stop().success());
    let mut database = company.server.database();
    let secret = "select encode(secret, 'hex') from account.proof";
    let before = database.ask(secret);
    database.does(NEW_MACHINE);
    company.server.does("numbers show");

    // Whoever writes to the log holds this lock, and what is erased is written to the log: there it stands still.
    database.does(&format!("select pg_advisory_lock({LOCK})"));
    let restore = format!("restore --from {} --erasures {}", backup.display(), list.display());
    let mut cut_off = company.server.begins(&restore);
    let waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
    until("the data is in and the erasures wait", || (database.number(waits) > 0).then_some(()));
    assert_eq!(database.number(QUINTESSA), 1, "what was erased is there again");
    let meanwhile = company.server.fails(&restore);
    assert!(meanwhile.contains("another restore works on this database"), "{meanwhile}");
    cut_off.kill().unwrap();
    cut_off.wait().unwrap();
    database.does(&format!("select pg_advisory_unlock({LOCK})"));
    let waited = "select count(*) from pg_stat_activity where datname = current_database() \
                  and application_name = 'waybill-server'";
    until("PostgreSQL has noticed", || (database.number(waited) == 0).then_some(()));

    // Nothing works on it, and everything says how to go on.
    for line in ["user list", "check", "demo-data", "serve --listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0"]
    {
        let refused = company.server.fails(line);
        assert!(refused.contains("is not finished") && refused.contains(&restore), "{line}: {refused}");
    }
    let again = kept.path().join("again.backup");
    let refused = company.server.fails(&format!("backup --to {}", again.display()));
    assert!(refused.contains("is not finished") && !again.exists(), "{refused}");
    let without = company.server.fails(&format!("restore --from {}", backup.display()));
    assert!(without.contains("had the list of erasures") && without.contains("--erasures"), "{without}");
    let empty = kept.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let other =
        company.server.fails(&format!("restore --from {} --erasures {}", backup.display(), empty.display()));
    assert!(
        other.contains("had another list of erasures") && other.contains(&*list.to_string_lossy()),
        "{other}"
    );
    assert_eq!(database.number(QUINTESSA), 1, "nothing was changed");

    let said = company.server.does(&restore);
    assert!(said.contains("Erased again: the personal data of 1 customers"), "{said}");
    assert!(said.contains("all agree"), "{said}");
    assert_eq!(database.number(QUINTESSA), 0);
    assert!(before.is_some() && database.ask(secret) == before, "the server knows its own word again");
    let whole = company.server.fails(&restore);
    assert!(whole.contains("holds data already"), "{whole}");
    company.server.restart();
    company.office.syncs();
    company.server.is_sound();
    assert_eq!(company.office.does("customer show C-9")["customer"]["name"], "(erased)");

    // An erasure that was cut off, as long ago as it may be, is told of whenever the server starts.
    assert!(company.server.stop().success());
    database.does("update sync.erasure set done = false");
    company.server.restart();
    until("the log says so", || company.server.log().contains("goes on with it").then_some(()));
}
