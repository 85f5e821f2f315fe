//! A device: a data directory, and the command line on it.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use waybill_client::{
    engine::{Remote, now},
    store::Store,
};
use waybill_shared::{scope::Scopes, session::store::Meta};

use super::{until, words::split};

pub const PASSWORD: &str = "a long and quiet road";

pub struct Device {
    program: PathBuf,
    dir: TempDir,
}

/// What a command that was not carried out said, with its exit code.
#[derive(Debug)]
pub struct NotDone {
    pub code: i32,
    pub said: Value,
}

/// A command that runs beside the test; killed when dropped.
pub struct Running(Child);

impl Device {
    pub fn new(program: &str) -> Device {
        Device { program: program.into(), dir: tempfile::tempdir().unwrap() }
    }

    /// Its data lies below this directory.
    pub fn below(program: &str, dir: &Path) -> Device {
        Device { program: program.into(), dir: tempfile::tempdir_in(dir).unwrap() }
    }

    pub fn signed_in(program: &str, url: &str, person: &str) -> Device {
        let device = Device::new(program);
        device.sign_in(url, person);
        device
    }

    pub fn sign_in(&self, url: &str, person: &str) {
        self.does(&format!("login {url} {person}"));
    }

    /// Types a command; gives what it printed as JSON.
    pub fn does(&self, line: &str) -> Value {
        self.tries(line).unwrap_or_else(|not_done| panic!("waybill {line}: {not_done:?}"))
    }

    pub fn tries(&self, line: &str) -> Result<Value, NotDone> {
        Self::outcome(self.command(line).output().unwrap())
    }

    /// The same, with something to read on standard input.
    pub fn tries_with(&self, line: &str, input: &str) -> Result<Value, NotDone> {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that refuses its arguments ends without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Self::outcome(child.wait_with_output().unwrap())
    }

    fn outcome(output: Output) -> Result<Value, NotDone> {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = serde_json::from_str(&text)
            .unwrap_or_else(|_| Value::String(format!("{text}{}", String::from_utf8_lossy(&output.stderr))));
        match output.status.code() {
            Some(0) => Ok(said),
            code => Err(NotDone { code: code.unwrap_or(-1), said }),
        }
    }

    /// The same without waiting for its end.
    pub fn begins(&self, line: &str) -> Running {
        let mut command = self.command(line);
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Starts an engine that stays connected, and waits until commands go to it.
    pub fn watches(&self) -> Running {
        let running = self.begins("watch");
        until("the engine listens", || Remote::connect(self.path()));
        running
    }

    /// The same on a disk that the test can fill.
    #[cfg(target_os = "linux")]
    pub fn watches_on_a_small_disk(&self) -> Running {
        let command = self.command("watch");
        let mut shell = Command::new("bash");
        // A write beyond the limit is then an error and does not end the program.
        shell.args(["-c", r#"trap '' XFSZ; exec "$@""#, "bash"]);
        shell.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let running = Running(shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        until("the engine listens", || Remote::connect(self.path()));
        running
    }

    pub fn syncs(&self) {
        let status = self.does("sync");
        assert_eq!(status["status"]["waiting"], 0, "{status}");
        assert_eq!(status["status"]["trouble"], Value::Null, "{status}");
    }

    /// Makes an order and gives its number.
    pub fn orders(&self, options: &str) -> String {
        let made = self.does(&format!("order create {options}"));
        made["order"]["number"].as_str().unwrap_or_else(|| panic!("no number in {made}")).to_owned()
    }

    pub fn order(&self, number: &str) -> Value {
        self.does(&format!("order show {number}"))
    }

    /// The numbers of all orders.
    pub fn numbers(&self) -> Vec<String> {
        let list = self.does("order list --limit 100000 --sort number --ascending");
        let all = list["orders"].as_array().expect("a list of orders");
        all.iter().map(|order| order["number"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub fn attention(&self) -> Vec<Value> {
        self.does("attention list")["entries"].as_array().expect("a list of entries").clone()
    }

    /// The one entry that needs attention.
    pub fn complaint(&self) -> Value {
        let mut all = self.attention();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Its files copied as they are now, as by a backup or onto another computer.
    pub fn copied(&self) -> Device {
        let copy = Device { program: self.program.clone(), dir: tempfile::tempdir().unwrap() };
        for entry in fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    /// What the people on it may see together, as far as it knows.
    pub fn scopes(&self) -> Scopes {
        let body: Vec<u8> = self.file().query_row("SELECT body FROM meta", [], |row| row.get(0)).unwrap();
        let meta: Meta = ciborium::from_reader(body.as_slice()).expect("what the device knows of itself");
        meta.scopes
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The confirmed documents, by kind and id, with scopes and heads.
    pub fn heads(&self) -> BTreeMap<String, (String, String)> {
        let file = self.file();
        let mut query = file
            .prepare(
                "SELECT kind || ':' || lower(hex(id)), scopes, lower(hex(heads))
                 FROM document WHERE on_server",
            )
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// How many entries of this device are in a state.
    pub fn entries(&self, state: &str) -> usize {
        let counted = "SELECT count(*) FROM edit WHERE state = ?1";
        self.file().query_row(counted, [state], |row| row.get::<_, i64>(0)).unwrap() as usize
    }

    /// Whether the list of orders calls this one not yet sent.
    pub fn marked(&self, number: &str) -> bool {
        let marked = "SELECT pending FROM order_row WHERE number = ?1";
        self.file().query_row(marked, [number], |row| row.get(0)).unwrap()
    }

    /// Makes the list say so, whatever is so.
    pub fn marks(&self, number: &str, pending: bool) {
        let file = Connection::open(waybill_client::store::file(self.path())).unwrap();
        let mark = "UPDATE order_row SET pending = ?2 WHERE number = ?1";
        assert_eq!(file.execute(mark, rusqlite::params![number, pending]).unwrap(), 1);
    }

    /// Its data is of this server from now on, as it knows it.
    pub fn moves_to(&self, url: &str) {
        let mut store = Store::open(self.path(), now()).unwrap();
        let mut local = store.local().unwrap();
        url.clone_into(&mut local.account.as_mut().expect("signed in").server);
        store.set_local(&local).unwrap();
        store.close().unwrap();
    }

    fn file(&self) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Connection::open_with_flags(waybill_client::store::file(self.path()), flags).unwrap()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = program(&self.program, "client");
        command
            .args(split(line))
            .arg("--json")
            .arg("--data")
            .arg(self.path())
            .env("WAYBILL_PASSWORD", PASSWORD);
        command.stdin(Stdio::null());
        command
    }
}

impl Running {
    pub fn kill_9(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// From now on it cannot write, or can again.
    #[cfg(target_os = "linux")]
    pub fn disk_is_full(&self, full: bool) {
        let limit = if full { "1" } else { "unlimited" };
        let pid = self.0.id().to_string();
        let fsize = format!("--fsize={limit}:unlimited");
        let set = Command::new("prlimit").args(["--pid", &pid, &fsize]).status();
        assert!(set.unwrap().success(), "the limit was not set");
    }

    /// Waits until it ends by itself.
    pub fn ends(mut self) -> Option<i32> {
        until("the command ends", || self.0.try_wait().unwrap()).code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Without what the tester's own environment says to Waybill.
pub fn program(path: &Path, role: &str) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WAYBILL_") {
            command.env_remove(name);
        }
    }
    command.arg(role);
    command
}
