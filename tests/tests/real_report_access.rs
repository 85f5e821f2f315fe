//! A tool for reports comes in by the line that one command prints, and reads the reports and nothing else.

use std::net::TcpListener;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use waybill_tests::real::{Device, Server};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

fn text<'a>(told: &'a Value, of: &str) -> &'a str {
    told[of].as_str().unwrap_or_else(|| panic!("no {of} in {told}"))
}

/// The parts of a line as psql takes it.
fn parts(psql: &str) -> PgConnectOptions {
    let line = psql.strip_prefix("psql \"").and_then(|line| line.strip_suffix('"')).expect("a line for psql");
    line.split(' ').filter_map(|part| part.split_once('=')).fold(
        PgConnectOptions::new_without_pgpass(),
        |options, (name, value)| match name {
            "host" if value.starts_with('/') => options.socket(value),
            "host" => options.host(value),
            "port" => options.port(value.parse().unwrap()),
            "dbname" => options.database(value),
            "user" => options.username(value),
            other => panic!("{other} in {psql}"),
        },
    )
}

async fn may(conn: &mut PgConnection, sql: &str) -> bool {
    conn.execute(AssertSqlSafe(sql.to_owned())).await.is_ok()
}

#[test]
fn a_tool_for_reports_comes_in_by_the_printed_line_and_reads_nothing_else() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start(DEMO);
    server.add_person("ana", "admin");
    let ana = Device::signed_in(DEMO, &server.url(), "ana");
    ana.does("location create HS \"Harbour shop\"");
    ana.syncs();

    // Without a port it says how to have one, and how to come in without.
    let told: Value = serde_json::from_str(&server.does("report-access --json")).unwrap();
    assert_eq!(told["host"], Value::Null, "{told}");
    assert!(server.does("report-access").contains("--report-port"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

    server.stop();
    server.restart_flagged(String::leak(format!("--report-port {free}")));
    let told: Value = serde_json::from_str(&server.does("report-access --json")).unwrap();
    assert_eq!(told["password"], Value::Null, "it is shown once");
    let told: Value = serde_json::from_str(&server.does("report-access --new-password --json")).unwrap();
    let password = text(&told, "password");
    assert!(text(&told, "jdbc").contains(&format!("127.0.0.1:{free}/waybill")), "{told}");
    let reader = parts(text(&told, "psql")).password(password);
    runtime.block_on(async {
        let mut conn = PgConnection::connect_with(&reader).await.expect("the printed line connects");
        let places: i64 =
            sqlx::query_scalar("select count(*) from report.locations").fetch_one(&mut conn).await.unwrap();
        assert_eq!(places, 1);
        assert!(may(&mut conn, "select * from locations").await, "the schema need not be named");
        for sql in [
            "select * from sync.edit",
            "select * from account.person",
            "delete from report.locations",
            "create table report.mine (n int)",
            "create table public.mine (n int)",
            "create temporary table mine (n int)",
            "set role waybill",
            "copy (select 1) to program 'true'",
            "select pg_read_file('postgresql.conf')",
            "set default_transaction_read_only = off; delete from report.locations",
        ] {
            assert!(!may(&mut conn, sql).await, "{sql}");
        }
        for other in [
            reader.clone().password("another"),
            reader.clone().username("waybill"),
            reader.clone().database("postgres"),
            parts(text(&told, "psql")),
        ] {
            assert!(PgConnection::connect_with(&other).await.is_err(), "{other:?}");
        }
    });
    // All goes on as before, also beside it.
    ana.does("location create ST Station");
    ana.syncs();
    server.is_sound();
}
