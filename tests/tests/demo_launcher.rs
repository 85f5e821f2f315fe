//! `cargo demo --headless` with real processes, as somebody meets it who has just cloned the repository.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

fn demo() -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    demo.env_remove("WAYBILL_POSTGRES_BIN").stdin(Stdio::null());
    demo
}

/// A running `demo --headless`, and all that it said until it was ready.
struct Demo {
    child: Child,
    said: String,
}

impl Demo {
    fn start(data_dir: &Path) -> Self {
        let mut child = demo()
            .args(["--headless", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut demo = Self { child, said: String::new() };
        while !demo.said.contains("Ctrl-C ends it.") {
            let line = lines.next().unwrap_or_else(|| panic!("the demo ended, having said: {}", demo.said));
            demo.said.push_str(&line.unwrap());
            demo.said.push('\n');
        }
        demo
    }

    fn address(&self) -> SocketAddr {
        let (_, rest) = self.said.split_once("listens on http://").unwrap();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// As Ctrl-C does.
    fn interrupt(&mut self) -> Option<i32> {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), Signal::SIGINT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(0)), Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

fn client(data: &Path, args: &[&str]) -> Output {
    let mut client = demo();
    client.arg("client").arg("--data").arg(data).args(args).env("WAYBILL_PASSWORD", "waybill-demo");
    client.output().unwrap()
}

fn healthy(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn the_demo_starts_shows_itself_can_be_used_ends_and_starts_again_with_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("demo");
    let mut first = Demo::start(&data);
    assert!(first.said.contains("Making the demo company"));
    for person in ["admin", "manager", "sales", "service", "warehouse", "shop", "driver", "analyst"] {
        assert!(first.said.lines().any(|line| line.trim_start().starts_with(person)), "no {person}");
    }
    let months =
        first.said.lines().filter(|line| line.trim_start().starts_with("20") && line.contains("EUR"));
    assert!(months.count() > 10, "{}", first.said);
    assert!(healthy(first.address()));

    // A device that signs in has the same figures as the report, to the cent.
    let device = dir.path().join("device");
    let url = format!("http://{}", first.address());
    let signed_in = client(&device, &["login", &url, "manager"]);
    assert!(signed_in.status.success(), "{}", String::from_utf8_lossy(&signed_in.stderr));
    let revenue = client(&device, &["report", "revenue"]);
    let revenue = String::from_utf8_lossy(&revenue.stdout).into_owned();
    let last = first.said.lines().rfind(|line| line.contains(" EUR ")).unwrap();
    let of_report: Vec<_> = last.split_whitespace().collect();
    let of_device = revenue.lines().find(|line| line.starts_with(of_report[0])).unwrap_or(&revenue);
    let of_device: Vec<_> = of_device.split_whitespace().collect();
    assert_eq!(of_device[..6], of_report[..6], "placed and delivered of {}", of_report[0]);
    assert_eq!(of_device[6], of_report[7], "paid of {}", of_report[0]);

    // Everything in the database agrees, while it runs.
    let check = demo().args(["server", "--data-dir"]).arg(&data).arg("check").output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));

    let was = first.address();
    assert_eq!(first.interrupt(), Some(0));
    assert!(!healthy(was), "the server ended with the demo");

    let second = Demo::start(&data);
    assert!(!second.said.contains("Making the demo company"));
    let revenue_of = |said: &str| {
        said.lines().filter(|line| line.contains(" EUR ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(revenue_of(&second.said), revenue_of(&first.said));
}

#[test]
fn without_postgresql_one_sentence_says_how_to_get_it() {
    let dir = tempfile::tempdir().unwrap();
    let output = demo()
        .args(["--headless", "--data-dir"])
        .arg(dir.path().join("demo"))
        .env("WAYBILL_POSTGRES_BIN", dir.path().join("nothing-here"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("PostgreSQL"), "{said}");
}

#[test]
fn a_directory_with_other_data_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("postgres")).unwrap();
    std::fs::write(dir.path().join("postgres/precious"), "data").unwrap();
    let output = demo().args(["--headless", "--data-dir"]).arg(dir.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("holds data that is not the demo's"));
    assert!(dir.path().join("postgres/precious").exists());
}
