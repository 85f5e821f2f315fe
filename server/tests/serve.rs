//! The real program: it serves, tells how it is, and stops in order; its people are managed beside it.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{FREE_PORTS, Serving, TestDatabase, program, run_with_input, send_signal, text, until};
use nix::sys::signal::Signal;
use waybill_server::server::Server;
use waybill_server::settings::{Flags, Settings};

fn user(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    run_with_input(program().arg("user").args(arguments).arg("--data-dir").arg(data_dir), input)
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn the_server_tells_how_it_is_and_stops_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::on(dir.path());
    assert_eq!(serving.get("/healthz").0, 200);
    assert_eq!(serving.get("/readyz"), (200, "ready\n".to_string()));
    assert_eq!(serving.get("/nothing-here").0, 404);
    let (code, figures) = serving.figures();
    assert_eq!(code, 200);
    assert!(figures.contains("waybill_database_connections{state=\"idle\"}"), "{figures}");
    serving.signal(Signal::SIGTERM);
    let status = until("the server ends", || serving.child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    assert!(!dir.path().join("postgres/pgdata/postmaster.pid").exists());
}

#[test]
fn figures_are_for_who_runs_the_server_and_not_on_the_port_of_devices() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path());
    assert_eq!(serving.get("/metrics").0, 404);
    assert_eq!(serving.figures().0, 200);
    assert!(serving.metrics_address.ip().is_loopback());
    // And nothing else is on the other one.
    for path in ["/", "/healthz", waybill_shared::protocol::PATH] {
        assert_eq!(common::get(serving.metrics_address, path).0, 404, "{path}");
    }
}

#[test]
fn a_server_without_its_database_is_not_ready_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path());
    let postmaster = common::postmaster_pid(dir.path()).unwrap();
    send_signal(postmaster, Signal::SIGSTOP);
    // What was connected waits for an answer; whether the server lives does not depend on it.
    assert_eq!(serving.get("/healthz").0, 200);
    send_signal(postmaster, Signal::SIGKILL);
    until("it is ready again", || (serving.get("/readyz").0 == 200 && restarts(&serving) == 1).then_some(()));
}

fn restarts(serving: &Serving) -> u32 {
    let (_, figures) = serving.figures();
    let line = figures.lines().find(|line| line.starts_with("waybill_postgres_restarts_total "));
    line.and_then(|line| line.split(' ').nth(1)).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn several_servers_start_at_once_on_one_database_of_their_own() {
    let database = TestDatabase::without_tables().await;
    let url = database.url.clone();
    let codes = tokio::task::spawn_blocking(move || {
        std::thread::scope(|scope| {
            let start = || Serving::spawn(program().args(["serve", "--database-url", &url])).get("/readyz").0;
            let servers: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
            servers.into_iter().map(|server| server.join().unwrap()).collect::<Vec<_>>()
        })
    });
    assert_eq!(codes.await.unwrap(), [200, 200, 200]);
}

#[tokio::test]
async fn a_server_is_ready_only_with_its_database_and_its_tables() {
    let database = TestDatabase::new().await;
    let url = database.url.clone();
    let given = |name: &str| match name {
        "WAYBILL_DATABASE_URL" => Some(url.clone()),
        "WAYBILL_LISTEN" | "WAYBILL_METRICS_LISTEN" => Some("127.0.0.1:0".to_string()),
        _ => None,
    };
    let server = Server::start(Settings::from_sources(&Flags::default(), &given).unwrap()).await.unwrap();
    let address = server.address();
    let ready = || tokio::task::spawn_blocking(move || common::get(address, "/readyz"));
    assert_eq!(ready().await.unwrap().0, 200);
    let steps = |sql: &'static str| sqlx::query(sql).execute(&database.pool);
    // A newer server added one, and both serve.
    steps("update sync.tables set version = version + 1000").await.unwrap();
    assert_eq!(ready().await.unwrap().0, 200);
    // Then took something away; or they are those of an earlier one.
    for sql in ["update sync.tables set least = version", "update sync.tables set version = 1, least = 1"] {
        steps(sql).await.unwrap();
        let not = (503, "the database's tables are not those of this version\n".to_string());
        assert_eq!(ready().await.unwrap(), not, "{sql}");
    }
    server.app().pool.close().await;
    assert_eq!(ready().await.unwrap(), (503, "the database does not answer\n".to_string()));
    server.drain(std::future::pending()).await.unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_stop_waits_for_what_was_begun_but_not_for_ever() {
    for (finishes, grace) in [(true, "60"), (false, "1")] {
        let database = TestDatabase::new().await;
        let url = database.url.clone();
        let given = |name: &str| match name {
            "WAYBILL_DATABASE_URL" => Some(url.clone()),
            "WAYBILL_LISTEN" | "WAYBILL_METRICS_LISTEN" => Some("127.0.0.1:0".to_string()),
            "WAYBILL_SHUTDOWN_GRACE" => Some(grace.to_string()),
            _ => None,
        };
        let server = Server::start(Settings::from_sources(&Flags::default(), &given).unwrap()).await.unwrap();
        let app = Arc::clone(server.app());
        let (done, mut finished) = tokio::sync::oneshot::channel();
        let tasks = app.tasks.clone();
        tasks.spawn(async move {
            app.draining.cancelled().await;
            if !finishes {
                std::future::pending::<()>().await;
            }
            // What a connection still does between being told and ending; each needs the database anew.
            for _ in 0..20 {
                sqlx::query("select pg_sleep(0.02)").execute(&app.pool).await.unwrap();
            }
            done.send(()).unwrap();
        });
        server.drain(std::future::pending()).await.unwrap();
        assert_eq!(finished.try_recv().is_ok(), finishes);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_waybill_is_left_alone() {
    let database = TestDatabase::new().await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of the future', true, '\\x00', 0)",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let url = database.url.clone();
    let output = tokio::task::spawn_blocking(move || {
        program().arg("serve").args(FREE_PORTS).args(["--database-url", &url]).output().unwrap()
    });
    let output = output.await.unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("made by a newer Waybill"), "{}", said(&output));
}

#[test]
fn an_address_in_use_is_said_before_anything_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let free = "127.0.0.1:0";
    for (listen, metrics, flag) in [(&*taken, free, "--listen"), (free, &*taken, "--metrics-listen")] {
        let output = program()
            .args(["serve", "--listen", listen, "--metrics-listen", metrics, "--data-dir"])
            .arg(dir.path())
            .output()
            .unwrap();
        assert!(!output.status.success());
        let words = format!("cannot listen on {taken}; choose another with {flag}");
        assert!(said(&output).contains(&words), "{}", said(&output));
        assert!(!dir.path().join("postgres").exists());
    }
}

#[test]
fn mistakes_in_the_settings_are_all_in_one_message() {
    let output = program()
        .args(["serve", "--listen", "here"])
        .env("WAYBILL_LOG_FORMAT", "xml")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("2 settings must be put right") && said.contains("xml"), "{said}");
}

#[test]
fn people_are_managed_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    // The first admin is added before the server ever ran; the rest happens beside a running one.
    let added = user(data, &["add", "anna", "--role", "admin", "--display", "Anna Berg"], "correct horse\n");
    assert!(added.status.success(), "{}", said(&added));
    let _serving = Serving::on(data);
    let twice = user(data, &["add", "Anna", "--role", "sales"], "correct horse\n");
    assert!(
        !twice.status.success() && said(&twice).contains("already somebody called Anna"),
        "{}",
        said(&twice)
    );
    let unknown_role = user(data, &["add", "ben", "--role", "king"], "correct horse\n");
    assert!(said(&unknown_role).contains("possible values: admin, manager"), "{}", said(&unknown_role));
    let short = user(data, &["add", "ben", "--role", "sales", "--password-stdin"], "short\n");
    assert!(said(&short).contains("5 characters; take at least 10"), "{}", said(&short));
    let silent = user(data, &["add", "ben", "--role", "sales", "--password-stdin"], "");
    assert!(said(&silent).contains("no password was given"), "{}", said(&silent));

    for arguments in [["revoke", "anna"].as_slice(), &["role", "remove", "anna", "admin"]] {
        let refused = user(data, arguments, "");
        assert!(!refused.status.success());
        assert!(said(&refused).contains("anna is the last admin"), "{}", said(&refused));
    }
    assert!(
        user(data, &["add", "ben", "--role", "sales", "--role", "driver"], "correct horse\n")
            .status
            .success()
    );
    assert!(user(data, &["role", "add", "ben", "admin"], "").status.success());
    assert!(user(data, &["role", "remove", "ben", "driver"], "").status.success());
    assert!(user(data, &["set-password", "ben", "--password-stdin"], "another horse\n").status.success());
    assert!(user(data, &["revoke", "anna"], "").status.success());
    let listed = text(&user(data, &["list"], "").stdout);
    let rows: Vec<&str> = listed.lines().collect();
    assert_eq!(rows.len(), 3, "{listed}");
    assert!(
        rows[1].starts_with("ben ") && rows[1].contains("admin,sales") && rows[1].ends_with("active"),
        "{listed}"
    );
    assert!(rows[2].contains("Anna Berg") && rows[2].contains("withdrawn"), "{listed}");
    let withdrawn = user(data, &["reset-code", "anna"], "");
    assert!(said(&withdrawn).contains("user restore anna"), "{}", said(&withdrawn));
    assert!(user(data, &["restore", "anna"], "").status.success());
    let shop = "01890000000070008000000000000001";
    for arguments in
        [["location", "add", "ben", shop].as_slice(), &["add", "tim", "--role", "shop", "--location", shop]]
    {
        let nowhere = user(data, arguments, "correct horse\n");
        assert!(!nowhere.status.success());
        assert!(said(&nowhere).contains("there is no location “0189"), "{}", said(&nowhere));
    }
    assert!(user(data, &["location", "remove", "ben", shop], "").status.success());
    let listed = text(&user(data, &["list"], "").stdout);
    assert!(!listed.contains("withdrawn") && !listed.contains(shop), "{listed}");
}

#[test]
fn a_connection_that_asks_nothing_is_closed_and_others_notice_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path());
    let mut silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(serving.address).unwrap()).collect();
    silent[0].write_all(b"GET /healthz HTTP/1.1\r\nHost: a").unwrap();
    assert_eq!(serving.get("/healthz").0, 200);
    for stream in &mut silent {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(!text(&answer).contains("200 OK"), "{}", text(&answer));
    }
}

#[test]
fn more_connections_than_there_is_room_for_are_turned_away_with_words() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path());
    // A quarter of the room, which is what there is for one address.
    let silent: Vec<TcpStream> = (0..128).map(|_| TcpStream::connect(serving.address).unwrap()).collect();
    until("a further one is turned away", || (serving.get("/healthz").0 == 503).then_some(()));
    drop(silent);
    until("there is room again", || (serving.get("/healthz").0 == 200).then_some(()));
}
