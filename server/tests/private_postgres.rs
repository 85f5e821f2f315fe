//! The private PostgreSQL: it starts where it can, comes back from every kind of death, and says what is wrong
//! where it cannot.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{
    FREE_PORTS, Serving, am_root, postmaster_pid, program, program_at, program_for_everybody, send_signal,
    start_postgres as start, until,
};
use nix::sys::signal::Signal;
use sqlx::{Connection, PgConnection};
use waybill_server::postgres::{EmbeddedPostgres, LaunchError, Options};

async fn connect(postgres: &EmbeddedPostgres) -> PgConnection {
    let options = postgres.create_database("kept").await.unwrap();
    PgConnection::connect_with(&options).await.unwrap()
}

async fn write_note(postgres: &EmbeddedPostgres, note: &str) {
    let mut connection = connect(postgres).await;
    sqlx::query("create table if not exists note (text text)").execute(&mut connection).await.unwrap();
    sqlx::query("insert into note values ($1)").bind(note).execute(&mut connection).await.unwrap();
}

async fn notes(postgres: &EmbeddedPostgres) -> Vec<String> {
    sqlx::query_scalar("select text from note order by text")
        .fetch_all(&mut connect(postgres).await)
        .await
        .unwrap()
}

async fn setting(connection: &mut PgConnection, name: &str) -> String {
    sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_after_a_stop_and_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = start(dir.path());
    write_note(&postgres, "first").await;
    let pid = postgres.pid();
    postgres.stop();
    assert!(nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.try_into().unwrap()), None).is_err());
    let postgres = start(dir.path());
    assert_eq!(notes(&postgres).await, ["first"]);
}

#[tokio::test]
async fn it_is_durable_reachable_by_no_network_and_takes_further_settings() {
    let dir = tempfile::tempdir().unwrap();
    let settings = vec![("shared_buffers".to_string(), "16MB".to_string())];
    let postgres = EmbeddedPostgres::start(dir.path(), Options { settings, ..Options::default() }).unwrap();
    let mut connection = connect(&postgres).await;
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "16MB"),
    ] {
        assert_eq!(setting(&mut connection, name).await, value, "{name}");
    }
    let url = postgres.url("kept");
    assert!(PgConnection::connect(&url).await.is_ok(), "{url}");
    let home = fs::metadata(dir.path().join("postgres")).unwrap();
    assert_eq!(home.mode() & 0o777, 0o700, "only its own user may enter");
}

#[tokio::test]
async fn killed_postgresql_comes_back_by_itself_with_everything_committed() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = start(dir.path());
    for round in ["one", "two"] {
        write_note(&postgres, round).await;
        let before = postgres.pid();
        send_signal(before, Signal::SIGKILL);
        until("another PostgreSQL runs", || (postgres.pid() != before).then_some(()));
    }
    assert_eq!(notes(&postgres).await, ["one", "two"]);
}

#[tokio::test]
async fn a_killed_server_takes_postgresql_with_it_and_the_next_start_finds_everything() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::on(dir.path());
    let added = common::run_with_input(
        program()
            .args(["user", "add", "anna", "--role", "admin", "--password-stdin", "--data-dir"])
            .arg(dir.path()),
        "correct horse\n",
    );
    assert!(added.status.success(), "beside a running server: {}", common::text(&added.stderr));
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    // At once, while the old PostgreSQL is still on its way out.
    let postgres = start(dir.path());
    let mut connection = PgConnection::connect_with(&postgres.connect_options("waybill")).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("select name from account.person").fetch_all(&mut connection).await.unwrap();
    assert_eq!(names, ["anna"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_server_leaves_no_postgresql_behind() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::on(dir.path());
    let postmaster = postmaster_pid(dir.path()).unwrap();
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    until("PostgreSQL has ended by itself", || (!works_in(postmaster, dir.path())).then_some(()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_postgresql_that_outlived_its_server_is_ended_first() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = start(dir.path());
    let program = fs::read_link(format!("/proc/{}/exe", postgres.pid())).unwrap();
    let owner = fs::metadata(dir.path().join("postgres")).unwrap();
    postgres.stop();
    let mut orphan = Command::new(program);
    orphan.arg("-D").arg(dir.path().join("postgres/pgdata")).arg("-k").arg(dir.path().join("postgres/run"));
    orphan.args(["-c", "listen_addresses="]).current_dir("/");
    let log = dir.path().join("orphan.log");
    orphan.stderr(fs::File::create(&log).unwrap());
    if am_root() {
        orphan.uid(owner.uid()).gid(owner.gid());
    }
    let mut orphan = orphan.spawn().unwrap();
    until("the orphan runs", || works_in(orphan.id(), dir.path()).then_some(()));
    until("it has said so", || postmaster_pid(dir.path()));
    let postgres = start(dir.path());
    assert_ne!(postgres.pid(), orphan.id());
    orphan.wait().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("fast shutdown"), "it was asked to stop in order: {said}");
}

#[test]
fn both_killed_at_once_start_again_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut serving = Serving::on(dir.path());
        let postmaster = postmaster_pid(dir.path()).unwrap();
        serving.child.kill().unwrap();
        // It may be on its way out already, told so by the kernel.
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(postmaster.try_into().unwrap()),
            Signal::SIGKILL,
        );
        serving.child.wait().unwrap();
    }
    let serving = Serving::on(dir.path());
    assert_eq!(serving.get("/readyz").0, 200);
}

#[test]
fn a_pid_file_that_names_some_other_living_process_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path()).stop();
    let home = fs::metadata(dir.path().join("postgres")).unwrap();
    // Of PostgreSQL's own user, whose processes PostgreSQL itself would take for another server.
    let mut other = Command::new("sleep");
    other.arg("1000").stdout(Stdio::null()).stderr(Stdio::null());
    if am_root() {
        other.uid(home.uid()).gid(home.gid());
    }
    let mut other = other.spawn().unwrap();
    let pgdata = dir.path().join("postgres/pgdata");
    let text = format!("{}\n{}\n1\n5432\n/nowhere\n\n  1 1\nready\n", other.id(), pgdata.display());
    fs::write(pgdata.join("postmaster.pid"), text).unwrap();
    start(dir.path()).stop();
    assert_eq!(other.try_wait().unwrap(), None, "the other process was left alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn a_second_server_on_the_same_directory_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::on(dir.path());
    let error = EmbeddedPostgres::start(dir.path(), Options::default()).unwrap_err();
    assert!(matches!(error, LaunchError::InUse { .. }), "{error}");
    let words = error.to_string();
    assert!(words.contains(&format!("process {}", serving.child.id())), "{words}");
    assert!(words.contains("--data-dir"), "{words}");
    assert_eq!(serving.get("/readyz").0, 200, "the first one noticed nothing");
}

#[test]
fn an_interrupted_setup_leaves_nothing_half_made() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = program().args(["serve", "--data-dir"]).arg(dir.path()).args(FREE_PORTS).spawn().unwrap();
    let unfinished = dir.path().join("postgres/pgdata.new");
    let pgdata = dir.path().join("postgres/pgdata");
    until("the setup has begun", || {
        (unfinished.join("PG_VERSION").exists() || pgdata.exists()).then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    fs::create_dir_all(unfinished.join("leftover")).unwrap();
    start(dir.path()).stop();
    assert!(!unfinished.exists());
}

#[test]
fn where_postgresql_is_missing_one_sentence_says_how_to_get_it() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let options = Options { bin_dir: Some(empty.clone()), ..Options::default() };
    let error = EmbeddedPostgres::start(&dir.path().join("data"), options).unwrap_err().to_string();
    assert!(error.contains(waybill_server::postgres::how_to_install()), "{error}");
    assert!(error.contains(&empty.display().to_string()), "{error}");
    let output = program()
        .arg("serve")
        .args(FREE_PORTS)
        .arg("--postgres-bin")
        .arg(&empty)
        .arg("--data-dir")
        .arg(dir.path().join("data"))
        .output()
        .unwrap();
    let said = common::text(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains(waybill_server::postgres::how_to_install()), "{said}");
}

#[test]
fn a_database_of_another_major_version_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    start(dir.path()).stop();
    let version = dir.path().join("postgres/pgdata/PG_VERSION");
    fs::write(&version, "9\n").unwrap();
    let error = EmbeddedPostgres::start(dir.path(), Options::default()).unwrap_err().to_string();
    assert!(error.contains("made by PostgreSQL 9"), "{error}");
}

#[test]
fn a_directory_that_holds_something_else_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let precious = dir.path().join("postgres/pgdata/precious");
    fs::create_dir_all(precious.parent().unwrap()).unwrap();
    fs::write(&precious, "not a database").unwrap();
    let error = EmbeddedPostgres::start(dir.path(), Options::default()).unwrap_err();
    assert!(matches!(error, LaunchError::NotACluster { .. }), "{error}");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "not a database");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_still_works() {
    let dir = tempfile::tempdir().unwrap();
    let long = dir.path().join("a-directory-with-quite-a-long-name".repeat(4));
    fs::create_dir(&long).unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
    let postgres = start(&long);
    write_note(&postgres, "reached").await;
    let url = postgres.url("kept");
    assert!(!url.contains("quite-a-long-name"), "{url}");
    postgres.stop();
    assert_eq!(notes(&start(&long)).await, ["reached"]);
}

#[test]
fn an_ordinary_user_runs_it_as_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    let copy = program_for_everybody(dir.path());
    let mut command = program_at(&copy);
    if am_root() {
        let nobody = nix::unistd::User::from_name("nobody").unwrap().unwrap();
        nix::unistd::chown(&data, Some(nobody.uid), Some(nobody.gid)).unwrap();
        command.uid(nobody.uid.as_raw()).gid(nobody.gid.as_raw());
    }
    let serving = Serving::spawn(command.arg("serve").arg("--data-dir").arg(&data));
    assert_eq!(serving.get("/readyz").0, 200);
    let postmaster = postmaster_pid(&data).unwrap();
    assert_eq!(owner_of(postmaster), owner_of(serving.child.id()));
}

#[test]
fn root_runs_it_as_somebody_else() {
    if !am_root() {
        eprintln!("not root here: nothing to see");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let postgres = start(dir.path());
    assert_ne!(owner_of(postgres.pid()), 0);
    let first = fs::metadata(dir.path().join("postgres")).unwrap().uid();
    postgres.stop();
    let postgres = start(dir.path());
    assert_eq!(owner_of(postgres.pid()), first, "a cluster keeps its owner");
}

#[test]
fn root_is_told_when_that_somebody_cannot_reach_the_directory() {
    if !am_root() {
        eprintln!("not root here: nothing to see");
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let error = EmbeddedPostgres::start(&closed.path().join("data"), Options::default()).unwrap_err();
    assert!(matches!(error, LaunchError::Unreachable { .. }), "{error}");
    let words = error.to_string();
    assert!(words.contains(&closed.path().canonicalize().unwrap().display().to_string()), "{words}");
    assert!(words.contains("/var/lib/waybill"), "{words}");
    start(closed.path()).stop();
    assert_eq!(
        fs::metadata(closed.path()).unwrap().mode() & 0o777,
        0o711,
        "its own directory the server opens"
    );
}

#[test]
fn a_terminals_ctrl_c_reaches_the_server_and_not_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program();
    command.arg("serve").arg("--data-dir").arg(dir.path()).stderr(Stdio::null()).process_group(0);
    let mut serving = Serving::spawn(&mut command);
    let postmaster = postmaster_pid(dir.path()).unwrap();
    let group =
        |pid: u32| nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(pid.try_into().unwrap()))).unwrap();
    assert_ne!(group(postmaster), group(serving.child.id()));
    serving.signal(Signal::SIGINT);
    let ended = until("the server ends", || serving.child.try_wait().unwrap());
    assert!(ended.success());
    assert_eq!(postmaster_pid(dir.path()), None, "PostgreSQL was stopped in order");
}

#[cfg(target_os = "linux")]
fn works_in(pid: u32, data_dir: &Path) -> bool {
    let pgdata = data_dir.join("postgres/pgdata").canonicalize().unwrap();
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == pgdata)
}

#[cfg(target_os = "linux")]
fn owner_of(pid: u32) -> u32 {
    fs::metadata(format!("/proc/{pid}")).unwrap().uid()
}

#[cfg(not(target_os = "linux"))]
fn owner_of(pid: u32) -> u32 {
    let output =
        std::process::Command::new("ps").args(["-o", "uid=", "-p", &pid.to_string()]).output().unwrap();
    common::text(&output.stdout).trim().parse().unwrap()
}
