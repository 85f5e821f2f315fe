//! What a device's file goes through: the program killed, the disk full, a newer version, damage, a second
//! program.

#![cfg(unix)]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use common::{Device, grow, grow_and_damage, said};
use serde_json::Value;
use waybill_client::{
    engine::{self, Answer, Config, Remote, Request, now},
    store::{OpenError, Reader, Store, file},
};

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !so() {
        assert!(Instant::now() < deadline, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_was_answered_as_saved_is_there_after_every_kill() {
    let till = Device::shop();
    let mut saved = 0;
    for round in 0..6 {
        let mut running = common::program(&till.dir)
            .args(["watch", "--seconds", "60"])
            .stdout(Stdio::null())
            .spawn()
            .expect("runs");
        until("a running program", || Remote::connect(&till.dir).is_some());
        for _ in 0..=round {
            // Goes to the program that runs: the file is not free.
            assert!(matches!(Store::open(&till.dir, now()), Err(OpenError::InUse(_))));
            till.ok("order create --line OAK-1");
            saved += 1;
        }
        running.kill().expect("is killed");
        running.wait().expect("has ended");
        let list = till.ok("order list");
        assert_eq!(list["count"], saved, "after kill {round}");
        assert_eq!(till.ok("status")["status"]["waiting"], 6 + saved, "each with its place in the outbox");
    }
    let numbers = till.ok("order list --sort number --limit 1");
    assert_eq!(numbers["orders"][0]["number"], format!("T1-{saved}"), "no number twice, none left out");
}

/// The program with files limited to so many kilobytes, as a disk that is nearly full.
fn on_a_full_disk(till: &Device, kilobytes: u64, line: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_waybill");
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec {program} {line} --json");
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("WAYBILL_DATA", &till.dir)
        .output()
        .expect("the shell runs");
    (output.status.code().unwrap_or(-1), said(&output))
}

#[test]
fn a_full_disk_shows_nothing_as_done_and_harms_nothing() {
    let till = Device::shop();
    let before = till.ok("order list")["count"].clone();
    let size = fs::metadata(file(&till.dir)).expect("is there").len() / 1024;
    let mut refused = 0;
    for kilobytes in [1, 8, 16, 24, 32, size / 2] {
        let (code, words) = on_a_full_disk(&till, kilobytes, "order create --line OAK-1 --line OAK-2");
        if code == 0 {
            continue;
        }
        refused += 1;
        assert_eq!(code, 3, "{words}");
        assert!(words.contains("\"file\""), "{words}");
    }
    assert!(refused >= 3, "the limits were not felt");
    let saved = 6 - refused;
    let after = till.ok("order list");
    assert_eq!(after["count"], before.as_i64().unwrap_or(0) + saved, "only what was told as done is there");
    till.ok("order create --line OAK-1");
    let found = till.ok("order list chair");
    assert_eq!(found["count"], saved + 1, "search and list agree");
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_not_touched() {
    let till = Device::shop();
    till.ok("order create --line OAK-1");
    let path = file(&till.dir);
    {
        let newer = rusqlite::Connection::open(&path).expect("opens");
        newer.pragma_update(None, "user_version", 99).expect("writes");
        newer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoints");
    }
    let before = fs::read(&path).expect("reads");
    for line in ["order list", "order create", "sync", "settings show"] {
        let (code, json) = till.fails(line);
        assert_eq!(code, 3, "{line}");
        let words = json["error"]["words"].as_str().unwrap_or_default();
        assert!(words.contains("newer version") && words.contains("export-unsent"), "{line}: {words}");
    }
    assert!(matches!(Store::open(&till.dir, now()), Err(OpenError::Newer { version: 99, .. })));

    let saved = till.dir.join("unsent.json");
    let told = till.ok(&format!("export-unsent {}", saved.display()));
    assert_eq!((&told["entries"], &told["unreadable"]), (&7.into(), &0.into()));
    assert_eq!(fs::read(&path).expect("reads"), before, "not one byte of it changed");

    // Nothing is overwritten by an export either.
    let (code, told) = till.fails(&format!("export-unsent {}", saved.display()));
    let words = format!("{} exists already: give another name.", saved.display());
    assert_eq!((code, told["error"]["words"].as_str()), (3, Some(words.as_str())));
    let exported: Value = serde_json::from_slice(&fs::read(&saved).expect("reads")).expect("is JSON");
    assert_eq!(exported["format"], "waybill-unsent/1");
    assert_eq!(exported["device"]["device_code"], "T1");
    let words: Vec<&str> =
        exported["edits"].as_array().into_iter().flatten().filter_map(|e| e["words"].as_str()).collect();
    assert!(words.contains(&"Created · order T1-1"), "{words:?}");
}

#[test]
fn a_damaged_file_is_refused_and_what_reads_of_the_outbox_is_saved() {
    let till = Device::shop();
    for _ in 0..40 {
        till.ok("order create --line OAK-1");
    }
    let path = file(&till.dir);
    let mut bytes = fs::read(&path).expect("reads");
    // The documents are what most of the file is made of: one page of them is enough.
    let (page, of_outbox) = (pages_of(&path, "document")[3], pages_of(&path, "edit")[2]);
    bytes[(page - 1) * 4096..page * 4096].fill(0xa5);
    fs::write(&path, &bytes).expect("writes");

    for line in ["order list", "order create"] {
        let (code, json) = till.fails(line);
        assert_eq!(code, 3, "{line}: {json}");
        assert!(json["error"]["words"].as_str().is_some_and(|words| words.contains("damaged")), "{json}");
    }
    assert_eq!(fs::read(&path).expect("reads"), bytes, "it is left as it is");
    let told = till.ok(&format!("export-unsent {}", till.dir.join("unsent.cbor").display()));
    assert_eq!(told["entries"], 46);

    // A page of the outbox itself gone: what is on the others is saved, and what is not is said.
    bytes[(of_outbox - 1) * 4096..of_outbox * 4096].fill(0xa5);
    fs::write(&path, &bytes).expect("writes");
    let told = till.ok(&format!("export-unsent {}", till.dir.join("rest.json").display()));
    let (entries, unreadable) = (told["entries"].as_i64(), told["unreadable"].as_i64());
    assert_eq!(entries.zip(unreadable).map(|(a, b)| a + b), Some(46), "{told}");
    assert!(unreadable > Some(0) && entries > Some(20), "{told}");

    fs::write(&path, b"not a database at all, only some words").expect("writes");
    let (code, json) = till.fails("order list");
    assert_eq!(code, 3, "{json}");
    assert_eq!(fs::read(&path).expect("reads").len(), 38);
}

#[test]
fn a_large_damaged_file_is_given_up_as_soon_as_the_damage_is_found_and_left_as_it_is() {
    let till = Device::shop();
    for _ in 0..20 {
        till.ok("order create --line OAK-1");
    }
    let bytes = grow_and_damage(&till.dir);
    let engine = engine::start(Config { dir: till.dir.clone(), online: false, listen: true })
        .expect("opening does not wait until all of it was looked through");
    until("the damage is found", || engine.status().damaged.is_some());
    let words = engine.status().damaged.expect("the words");
    assert!(words.contains("is damaged") && words.contains("export-unsent"), "{words}");
    assert_eq!(engine.status().words(), words);
    // Nothing is taken any more, and whoever asks is told why.
    match engine.ask(Request::SignOut).wait() {
        Answer::Failed { words: told } => assert_eq!(told, words),
        other => panic!("{other:?}"),
    }
    // It is free for other programs, and they refuse it at once: they look first.
    let (code, told) = till.fails("order create --line OAK-1");
    assert_eq!((code, told["error"]["words"].as_str()), (3, Some(words.as_str())));
    engine.stop();
    assert!(fs::read(file(&till.dir)).expect("reads") == bytes, "not a byte of it was written");
    let told = till.ok(&format!("export-unsent {}", till.dir.join("unsent.json").display()));
    assert_eq!(told["entries"], 26);
}

#[test]
fn a_large_file_without_damage_stays_in_use() {
    let till = Device::shop();
    grow(&till.dir);
    let engine =
        engine::start(Config { dir: till.dir.clone(), online: false, listen: true }).expect("starts");
    for _ in 0..10 {
        till.ok("order create --line OAK-1");
    }
    assert_eq!(engine.status().damaged, None);
    engine.stop();
    till.ok("order create --line OAK-1");
    assert_eq!(till.ok("order list")["count"], 11);
}

/// The leaf pages of a table.
fn pages_of(path: &std::path::Path, table: &str) -> Vec<usize> {
    let conn = rusqlite::Connection::open(path).expect("opens");
    let mut found = conn
        .prepare("SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path")
        .expect("the statistics");
    let pages = found.query_map([table], |row| row.get::<_, i64>(0)).expect("reads");
    pages.map(|page| usize::try_from(page.expect("reads")).expect("small")).collect()
}

#[test]
fn nobody_else_on_the_machine_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let temp = tempfile::tempdir().expect("a directory");
    // A directory that was there before, open to all.
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).expect("settable");
    let store = Store::open(temp.path(), now()).expect("opens");
    for name in ["waybill.db", "waybill.db-wal"] {
        let mode = fs::metadata(temp.path().join(name)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    store.close().expect("closes");
}

#[test]
fn a_very_first_start_that_was_cut_off_is_begun_again() {
    let till = Device::new();
    fs::write(file(&till.dir), b"").expect("writes");
    fs::write(till.dir.join("waybill.lock"), b"").expect("writes");
    till.ok("status");
    Store::open(&till.dir, now()).expect("opens").close().expect("closes");
}

#[test]
fn a_file_that_lost_all_its_bytes_is_damaged_and_no_new_one_takes_its_place() {
    let till = Device::shop();
    till.ok("order create --line OAK-1");
    fs::write(file(&till.dir), b"").expect("writes");
    let error = Store::open(&till.dir, now()).expect_err("it held something");
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(fs::metadata(file(&till.dir)).expect("is there").len(), 0, "it is left as it is");
}

#[test]
fn a_second_program_is_refused_in_words_and_a_command_goes_to_the_first() {
    let till = Device::shop();
    let config = Config { dir: till.dir.clone(), online: false, listen: true };
    let engine = engine::start(config.clone()).expect("starts");
    match engine::start(config) {
        Err(error @ OpenError::InUse(_)) => assert!(error.to_string().contains("already running"), "{error}"),
        other => panic!("{:?}", other.map(|_| "a second engine")),
    }
    until("the door", || Remote::connect(&till.dir).is_some());
    let reader = Reader::open(&till.dir).expect("opens");
    let before = reader.revision().expect("reads");
    till.ok("order create --line OAK-1");
    assert!(reader.revision().expect("reads") > before, "panels know that there is something new");
    assert_eq!(engine.revision(), reader.revision().expect("reads"));
    assert_eq!(reader.orders_numbered("T1-1").expect("reads").len(), 1);
    engine.stop();
    till.ok("order create --line OAK-1");
}
