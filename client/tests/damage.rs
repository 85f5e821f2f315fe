//! Bytes of the local file rot: the entry that they belong to is set aside and told of, all others wait on, and what
//! stands twice is taken from where it is whole.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use common::{Device, said};
use rusqlite::Connection;
use tempfile::TempDir;
use waybill_client::{
    engine::{self, Answer, Config, Request, SyncStatus, now},
    store::{Damaged, OpenError, Reader, export_unsent, file},
};

/// A shop with its first entries, all of them waiting.
struct Whole {
    device: Device,
    bytes: Vec<u8>,
    waiting: Vec<String>,
}

/// The same with something else in its bytes.
struct Copy {
    dir: PathBuf,
    _temp: TempDir,
}

/// The same throws at every run.
struct Dice(u64);

/// Where one entry lies in the file: its columns, and what says of what kind they are.
struct Cell {
    head: std::ops::Range<usize>,
    body: std::ops::Range<usize>,
}

impl Dice {
    fn between(&mut self, least: usize, end: usize) -> usize {
        // Knuth's.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let thrown = usize::try_from(self.0 >> 33).expect("31 bits");
        least + thrown % (end - least)
    }

    fn byte(&mut self, among: &std::ops::Range<usize>) -> (usize, u8) {
        (self.between(among.start, among.end), u8::try_from(self.between(1, 256)).expect("a byte"))
    }
}

impl Whole {
    fn new() -> Self {
        let device = Device::shop();
        device.ok("customer create Lund --number C-1");
        let conn = Connection::open(file(&device.dir)).expect("opens");
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoints");
        drop(conn);
        let bytes = fs::read(file(&device.dir)).expect("reads");
        let waiting = words(&device.dir);
        assert!(waiting.len() > 6, "{waiting:?}");
        Self { device, bytes, waiting }
    }

    fn with(&self, change: impl FnOnce(&mut Vec<u8>)) -> Copy {
        let temp = tempfile::tempdir().expect("a directory");
        let dir = temp.path().join("data");
        fs::create_dir(&dir).expect("a directory");
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        fs::write(file(&dir), bytes).expect("writes");
        Copy { dir, _temp: temp }
    }

    fn by(&self, sql: &str) -> Copy {
        let copy = self.with(|_| ());
        Connection::open(file(&copy.dir)).expect("opens").execute_batch(sql).expect(sql);
        copy
    }

    fn pages(&self, name: &str) -> Vec<usize> {
        let conn = Connection::open(file(&self.device.dir)).expect("opens");
        let sql = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'";
        let mut pages = conn.prepare(sql).expect("the statistics");
        let pages = pages.query_map([name], |row| row.get::<_, i64>(0)).expect("pages");
        pages.map(|page| usize::try_from(page.expect("a page") - 1).expect("small") * 4096).collect()
    }

    /// As far as they lie on the leaves of the table.
    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for page in self.pages("edit") {
            let two =
                |at: usize| usize::from(self.bytes[page + at]) << 8 | usize::from(self.bytes[page + at + 1]);
            assert_eq!(self.bytes[page], 13, "a leaf of a table");
            for nth in 0..two(3) {
                let cell = page + two(8 + 2 * nth);
                let (size, after) = varint(&self.bytes, cell);
                let (_, payload) = varint(&self.bytes, after);
                let (head, _) = varint(&self.bytes, payload);
                cells.push(Cell {
                    head: payload..payload + head,
                    body: payload + head..payload + local(size),
                });
            }
        }
        cells
    }
}

impl Copy {
    fn opens(&self) -> Result<SyncStatus, OpenError> {
        let engine = engine::start(Config { dir: self.dir.clone(), online: false, listen: false })?;
        let status = match engine.ask(Request::Status).wait() {
            Answer::Status(status) => *status,
            other => panic!("{other:?}"),
        };
        engine.stop();
        Ok(status)
    }

    fn damaged(&self) -> Vec<Damaged> {
        Reader::open(&self.dir).expect("opens").damaged().expect("reads")
    }

    fn exported(&self) -> (usize, usize) {
        let to = self.dir.join("saved.json");
        let saved = export_unsent(&self.dir, &to, now()).expect("is saved");
        fs::remove_file(to).expect("is there");
        (saved.edits.len(), saved.damaged.len())
    }

    /// Exactly one entry is set aside, and every other one waits as it did.
    fn has_lost_none(&self, whole: &Whole, what: &str) {
        let status = self.opens().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((status.set_aside, status.attention), (1, 1), "{what}: {status:?}");
        assert_eq!(status.trouble, None, "{what}");
        assert!(status.words().contains("1 entry was damaged on this device and is not sent"), "{what}");
        let left = words(&self.dir);
        assert_eq!(left.len(), whole.waiting.len() - 1, "{what}: {left:?}");
        assert!(left.iter().all(|words| whole.waiting.contains(words)), "{what}: {left:?}");
        let damaged = self.damaged();
        assert_eq!(damaged.len(), 1, "{what}");
        assert!(!damaged[0].sent && damaged[0].nth.is_some(), "{what}: {damaged:?}");
        assert_eq!(self.exported(), (left.len(), 1), "{what}");
    }
}

fn words(dir: &Path) -> Vec<String> {
    let waiting = Reader::open(dir).expect("opens").waiting(1000).expect("reads");
    waiting.into_iter().map(|one| one.words).collect()
}

/// SQLite's whole numbers of one to nine bytes, and what is behind.
fn varint(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let mut value = 0;
    for _ in 0..9 {
        let byte = bytes[at];
        at += 1;
        value = value << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    (value, at)
}

/// How much of a record lies on its leaf, where pages have 4,096 bytes.
fn local(size: usize) -> usize {
    let (most, least) = (4096 - 35, (4096 - 12) * 32 / 255 - 23);
    let spread = least + size.saturating_sub(least) % (4096 - 4);
    match size {
        _ if size <= most => size,
        _ if spread <= most => spread,
        _ => least,
    }
}

#[test]
fn whichever_byte_of_an_entry_rots_it_is_set_aside_and_every_other_one_waits_on() {
    let whole = Whole::new();
    let cells = whole.cells();
    assert_eq!(cells.len(), whole.waiting.len());
    let mut dice = Dice(13);
    for cell in &cells {
        for _ in 0..12 {
            let (at, by) = dice.byte(&cell.body);
            let copy = whole.with(|bytes| bytes[at] ^= by);
            copy.has_lost_none(&whole, &format!("byte {at} by {by}"));
        }
    }
}

#[test]
fn whichever_byte_says_of_what_kind_the_columns_are_the_others_wait_on_or_are_saved() {
    let whole = Whole::new();
    let mut dice = Dice(31);
    for cell in &whole.cells() {
        for _ in 0..6 {
            let (at, by) = dice.byte(&cell.head);
            let copy = whole.with(|bytes| bytes[at] ^= by);
            let what = format!("byte {at} by {by}");
            match copy.opens() {
                Ok(status) if status.trouble.is_none() => copy.has_lost_none(&whole, &what),
                Ok(status) => {
                    assert!(status.trouble.is_some_and(|words| words.contains("damaged")), "{what}")
                }
                Err(error) => assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error}"),
            }
            assert_eq!(copy.exported().0, whole.waiting.len() - 1, "{what}: the others are saved");
        }
    }
}

#[test]
fn whichever_byte_of_an_index_rots_every_entry_waits_on() {
    let whole = Whole::new();
    let mut dice = Dice(7);
    for index in ["edit_pending", "edit_part_edit", "edit_part"] {
        for page in whole.pages(index) {
            let two = |at: usize| {
                usize::from(whole.bytes[page + at]) << 8 | usize::from(whole.bytes[page + at + 1])
            };
            for nth in 0..two(3) {
                let cell = page + two(8 + 2 * nth);
                let (size, payload) = varint(&whole.bytes, cell);
                let (head, _) = varint(&whole.bytes, payload);
                if size == head {
                    // 0 and 1 need no byte beside their kind.
                    continue;
                }
                let at = dice.between(payload + head, payload + size);
                let copy = whole.with(|bytes| bytes[at] ^= 4);
                let what = format!("{index}, byte {at}");
                match copy.opens() {
                    Ok(status) => {
                        assert_eq!((status.set_aside, status.trouble), (0, None), "{what}");
                        assert_eq!(words(&copy.dir), whole.waiting, "{what}");
                    }
                    Err(error) => assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error}"),
                }
            }
        }
    }
}

#[test]
fn what_there_is_one_row_of_is_taken_from_where_it_is_whole() {
    let whole = Whole::new();
    let cases = BTreeMap::from([
        ("meta", "UPDATE meta SET body = x'a0'"),
        ("the other of it", "UPDATE spare SET body = x'a0' WHERE what = 'meta'"),
        ("its sum", "UPDATE spare SET sum = sum + 1 WHERE what = 'meta'"),
        ("names", "UPDATE names SET body = randomblob(length(body))"),
        ("account", "UPDATE local SET value = randomblob(length(value)) WHERE key = 'account'"),
    ]);
    for (what, sql) in cases {
        let copy = whole.by(sql);
        let before = Reader::open(&whole.device.dir).expect("opens");
        let rotten = Reader::open(&copy.dir).expect("opens");
        assert_eq!(rotten.names().expect("reads"), before.names().expect("reads"), "{what}");
        assert_eq!(rotten.local().expect("reads"), before.local().expect("reads"), "{what}");
        assert_eq!(rotten.meta().expect("reads"), before.meta().expect("reads"), "{what}");
        drop(rotten);
        let status = copy.opens().unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((status.set_aside, status.trouble), (0, None), "{what}");
        assert_eq!(words(&copy.dir), whole.waiting, "{what}");
        let conn = Connection::open(file(&copy.dir)).expect("opens");
        let same = "SELECT (SELECT body FROM meta) IS (SELECT body FROM spare WHERE what = 'meta') \
            AND (SELECT body FROM names) IS (SELECT body FROM spare WHERE what = 'names') \
            AND (SELECT value FROM local WHERE key = 'account') IS (SELECT body FROM spare WHERE what = 'account')";
        assert!(
            conn.query_row(same, [], |row| row.get::<_, bool>(0)).expect("reads"),
            "{what} is whole again"
        );
    }
}

#[test]
fn both_copies_damaged_say_so_in_words_and_what_was_not_sent_is_saved() {
    let whole = Whole::new();
    let copy = whole.by("UPDATE meta SET body = x'a1'; UPDATE spare SET body = x'a2' WHERE what = 'meta'");
    let words = copy.opens().expect_err("it does not open").to_string();
    assert!(words.contains("The local file is damaged") && words.contains("export-unsent"), "{words}");
    assert!(!words.contains("Semantic") && !words.contains("missing field"), "{words}");
    assert_eq!(copy.exported(), (whole.waiting.len(), 0));
}

#[test]
fn a_damaged_entry_is_listed_until_its_user_has_read_of_it_and_saved_byte_by_byte() {
    let whole = Whole::new();
    // As it was accepted, so that it has no place among what waits.
    let device = &whole.device;
    let conn = Connection::open(file(&device.dir)).expect("opens");
    conn.execute_batch(
        "UPDATE edit SET body = CAST(x'00' || substr(body, 2) AS BLOB) WHERE words LIKE '%Lund%'",
    )
    .expect("rots");
    let body: Vec<u8> =
        conn.query_row("SELECT body FROM edit WHERE words LIKE '%Lund%'", [], |row| row.get(0)).expect("one");
    drop(conn);
    // Before any engine has looked.
    let list = device.ok("attention list");
    assert_eq!(list["damaged"][0]["entry"], "damaged", "{list}");
    assert_eq!(device.ok("status")["status"]["set_aside"], 1);
    // With one.
    device.ok("customer create Orion --number C-2");
    let list = device.ok("attention list");
    let one = &list["damaged"][0];
    assert_eq!(one["entry"], "damaged-1", "{list}");
    assert!(one["words"].as_str().is_some_and(|words| words.contains("Lund")), "{list}");
    assert!(one["documents"][0].as_str().is_some_and(|doc| doc.starts_with("customer")), "{list}");
    let shown = said(&device.run("attention list"));
    assert!(shown.contains("enter it again if it is not") && shown.contains("export-unsent"), "{shown}");
    assert!(said(&device.run("status")).contains("1 entry was damaged on this device and is not sent"));
    assert!(said(&device.run("customer list")).contains("Orion"));
    assert!(!said(&device.run("customer list")).contains("Lund"), "it is not shown as if it waited");

    let to = device.dir.join("saved.json");
    device.ok(&format!("export-unsent {}", to.display()));
    let saved = fs::read_to_string(&to).expect("is saved");
    assert!(saved.contains(&hex(&body)), "its bytes are there as they are");

    device.ok("attention discard damaged-1");
    assert!(device.ok("attention list").get("damaged").is_none());
    assert_eq!(device.ok("status")["status"]["attention"], 0);
    assert_eq!(device.fails("attention discard damaged-1").0, 2);
    let conn = Connection::open(file(&device.dir)).expect("opens");
    let kept: i64 = conn.query_row("SELECT count(*) FROM damaged_edit", [], |row| row.get(0)).expect("reads");
    assert_eq!(kept, 1, "its bytes are kept");
}

#[test]
fn an_accepted_entry_that_rots_is_told_apart_and_counts_as_sent() {
    let whole = Whole::new();
    let copy = whole
        .by("DELETE FROM edit_part; UPDATE edit SET state = 'accepted', sum = 0 WHERE words LIKE '%Lund%'");
    let status = copy.opens().expect("opens");
    assert_eq!((status.set_aside, status.attention), (0, 1), "{status:?}");
    let damaged = copy.damaged();
    assert!(damaged[0].sent && damaged[0].advice().contains("The server had it"), "{damaged:?}");
    assert_eq!(words(&copy.dir).len(), whole.waiting.len() - 1);
}

#[test]
fn in_a_large_file_what_rotted_is_put_right_while_it_is_in_use() {
    let whole = Whole::new();
    let dir = &whole.device.dir;
    common::grow(dir);
    let conn = Connection::open(file(dir)).expect("opens");
    conn.execute_batch("UPDATE document SET shown = x'00'").expect("rots");
    drop(conn);
    assert!(
        Reader::open(dir).expect("opens").settings().is_err_and(|error| error.0.contains("waybill sync"))
    );
    let engine = engine::start(Config { dir: dir.clone(), online: false, listen: false })
        .expect("it is opened at once");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let shown = loop {
        match Reader::open(dir).expect("opens").settings() {
            Ok(settings) => break settings,
            Err(error) => assert!(std::time::Instant::now() < until, "never put right: {error}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(shown.fields.company, "Oakworks");
    engine.stop();
    assert_eq!(words(dir), whole.waiting);
}

#[test]
fn what_is_shown_of_a_document_is_made_again_from_what_is_confirmed_and_what_waits() {
    let whole = Whole::new();
    for column in [
        "shown = substr(shown, 1, 20) || x'ff' || substr(shown, 22)",
        "shown = NULL",
        "scopes = 'x'",
        "heads = x'00'",
    ] {
        let copy = whole.by(&format!("UPDATE document SET {column}"));
        let status = copy.opens().unwrap_or_else(|error| panic!("{column}: {error}"));
        assert_eq!((status.set_aside, status.trouble), (0, None), "{column}");
        let reader = Reader::open(&copy.dir).expect("opens");
        let settings = reader.settings().expect("reads");
        if column.starts_with("shown") {
            assert_eq!(settings.fields.company, "Oakworks", "{column}");
        }
        assert_eq!(words(&copy.dir), whole.waiting, "{column}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
