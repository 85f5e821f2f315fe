//! A device with somebody on it, as a sign-in leaves it, and the program run on it as a shell would.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod guest;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;
use waybill_client::{
    engine::now,
    store::{Local, Store, file},
};
use waybill_shared::{
    chain::Cursor,
    id::{DeviceId, PersonId},
    protocol::frame::{Grant, Names, PersonName},
    rules::roles::Role,
    session::store::{Meta, Write},
};

pub const ANA: PersonId = PersonId::new(Uuid::from_u128(0xa));
pub const BOB: PersonId = PersonId::new(Uuid::from_u128(0xb));

pub struct Device {
    pub dir: PathBuf,
    _temp: TempDir,
}

impl Device {
    /// Ana, an admin, and Bob, a driver, are signed in; the first sync brought nothing.
    pub fn new() -> Self {
        let temp = tempfile::tempdir().expect("a directory");
        let dir = temp.path().join("data");
        let mut store = Store::open(&dir, now()).expect("a fresh file opens");
        enrol(&mut store);
        store.close().expect("closes");
        Self { dir, _temp: temp }
    }

    /// With settings, a shop and two products.
    pub fn shop() -> Self {
        let device = Self::new();
        for line in [
            "settings create Oakworks --zone Europe/Berlin --currency EUR --tax standard=19 --no-customer shop",
            "location create S1 Mainstreet",
            "product create Chair --number OAK-1 --barcode 4006381333931",
            "product set-price OAK-1 119.00",
            "product create Table --number OAK-2",
            "product set-price OAK-2 238.00",
        ] {
            device.ok(line);
        }
        device
    }

    /// Runs one line, words split at spaces.
    pub fn run(&self, line: &str) -> Output {
        self.run_all(&line.split(' ').collect::<Vec<_>>())
    }

    pub fn run_all(&self, words: &[&str]) -> Output {
        program(&self.dir).args(words).output().expect("the program runs")
    }

    /// What a line gives as JSON; it must succeed.
    pub fn ok(&self, line: &str) -> Value {
        let output = self.run(&format!("{line} --json"));
        assert!(output.status.success(), "{line}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The exit code and what is said of a line that must fail.
    pub fn fails(&self, line: &str) -> (i32, Value) {
        let output = self.run(&format!("{line} --json"));
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap_or(-1), json)
    }
}

/// Makes the file too large to be looked through while it is opened.
pub fn grow(dir: &Path) {
    let conn = rusqlite::Connection::open(file(dir)).expect("opens");
    conn.execute("INSERT INTO local VALUES ('padding', zeroblob(17 * 1024 * 1024))", []).expect("grows");
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoints");
}

/// The same, with a page of its documents broken. Gives what the file is now.
pub fn grow_and_damage(dir: &Path) -> Vec<u8> {
    grow(dir);
    let path = file(dir);
    let conn = rusqlite::Connection::open(&path).expect("opens");
    let last =
        "SELECT pageno FROM dbstat WHERE name = 'document' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1";
    let page: i64 = conn.query_row(last, [], |row| row.get(0)).expect("the statistics");
    drop(conn);
    let mut bytes = std::fs::read(&path).expect("reads");
    let page = usize::try_from(page).expect("small");
    bytes[(page - 1) * 4096..page * 4096].fill(0xa5);
    std::fs::write(&path, &bytes).expect("writes");
    bytes
}

pub fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waybill"));
    command.env("WAYBILL_DATA", dir).env_remove("WAYBILL_LOG");
    command
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub fn enrol(store: &mut Store) {
    let people = [(ANA, "Ana", vec![Role::Admin]), (BOB, "Bob", vec![Role::Driver])];
    let names = Names {
        version: 1,
        since: 0,
        people: people
            .iter()
            .map(|(id, name, roles)| PersonName { id: *id, name: (*name).to_owned(), roles: roles.clone() })
            .collect(),
        devices: Vec::new(),
        here: people
            .iter()
            .map(|(person, _, roles)| Grant {
                person: *person,
                roles: roles.clone(),
                locations: Vec::new(),
                unlocked: None,
            })
            .collect(),
        encrypt: false,
    };
    let meta = Meta {
        device: DeviceId::new(Uuid::from_u128(0xd)),
        device_code: "T1".to_owned(),
        device_name: "Till 1".to_owned(),
        cursor: Some(Cursor::START),
        ..Meta::default()
    };
    store.commit(&[Write::Meta(meta.into()), Write::Names(names)]).expect("commits");
    store.set_local(&Local { person: Some(ANA), ..Local::default() }).expect("commits");
}
