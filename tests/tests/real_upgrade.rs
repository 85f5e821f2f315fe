//! A server is brought up to date while the other works on: on tables that were only added to both take entries, and what
//! was taken away from under an older one leaves its devices waiting, and nothing lost.

use waybill_server::log::postgres::LOCK;
use waybill_tests::real::{Clerk, Cluster, Company, Database, until};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

/// As a newer server does at its start: it adds, and says from which version on servers work on that.
const ADDS: &str = "
    alter table sync.edit add column colour text not null default 'red';
    alter table report.orders add column colour text;
    create table report.colours (colour text primary key);
    insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'colours', true, '', 0);
    update sync.tables set version = 9999";

/// And a later one, by whose tables no earlier server may go: after what is being written.
fn takes_away() -> String {
    format!("select pg_advisory_xact_lock({LOCK}); update sync.tables set least = version")
}

fn goes_up(database: &mut Database, clerks: &mut [Clerk], entries: u64) {
    let goal = database.judged() + entries;
    until("entries come up", || {
        clerks.iter_mut().for_each(|clerk| assert!(clerk.enters()));
        (database.judged() >= goal).then_some(())
    });
}

#[test]
fn servers_of_two_versions_take_entries_beside_each_other_until_the_tables_are_the_newer_ones_alone() {
    let cluster = Cluster::start();
    let mut company = Company::opens_at(cluster.serves(DEMO), DEMO);
    let second = cluster.serves(DEMO);
    let (anna, ben) = (company.hires("anna", "sales"), company.hires_at(&second, "ben", "sales"));
    let devices = [&anna, &ben, &company.office];
    devices.iter().for_each(|device| device.syncs());
    let (order, _) = Clerk::at(&anna).opens();
    devices.iter().for_each(|device| device.syncs());
    let watching = [anna.watches(), ben.watches()];
    let mut clerks = [Clerk::on(&anna, order), Clerk::on(&ben, order)];
    let mut database = company.server.database();
    goes_up(&mut database, &mut clerks, 10);

    // The tables are added to under their hands; one that dies comes back on them.
    database.does(ADDS);
    goes_up(&mut database, &mut clerks, 20);
    company.server.kill_9();
    company.server.restart();
    goes_up(&mut database, &mut clerks, 20);
    for server in [&company.server, &second] {
        assert_eq!(server.ready().0, 200);
        server.is_sound();
    }

    // From here on they may not write: what is entered stays on the devices.
    database.does(&takes_away());
    let judged = database.judged();
    for clerk in &mut clerks {
        assert!(clerk.enters() && clerk.enters());
    }
    until("the servers see it", || {
        (company.server.ready().0 == 503 && second.ready().0 == 503).then_some(())
    });
    until("entries are turned away for later", || {
        second.log().contains("the tables are a newer Waybill's").then_some(())
    });
    assert_eq!(database.judged(), judged);
    assert!(anna.entries("pending") + ben.entries("pending") >= 4);
    let words = second.fails("check");
    assert!(words.contains("the database was made by a newer Waybill"), "{words}");

    // Brought up to date, they know the tables.
    database.does("update sync.tables set least = 19");
    until("everything has come up", || {
        devices.iter().all(|device| device.entries("pending") == 0).then_some(())
    });
    let entered: Vec<_> = clerks.into_iter().flat_map(Clerk::goes).collect();
    drop(watching);
    company.settles(&devices);
    database.has_accepted(&entered);
    second.is_sound();
}
