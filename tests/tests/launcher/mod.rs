//! `cargo demo --headless` as a process, and what a person sees of it.
#![allow(dead_code, reason = "every test file uses its own part of this")]

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
use waybill_tests::real::until;

pub fn demo() -> Command {
    demo_at(Path::new(env!("CARGO_BIN_EXE_demo")))
}

pub fn demo_at(program: &Path) -> Command {
    let mut demo = Command::new(program);
    demo.env_remove("WAYBILL_POSTGRES_BIN").stdin(Stdio::null());
    demo
}

/// What a demo says that ends by itself, as one that cannot start. One that goes on is ended, and fails the test.
pub fn output(command: &mut Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut demo = Demo { child, said: String::new() };
    let status = until("the demo ends by itself", || demo.child.try_wait().unwrap());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    demo.child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    demo.child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status, stdout, stderr }
}

/// A running `demo --headless`, and all that it said until it was ready.
pub struct Demo {
    pub child: Child,
    pub said: String,
}

impl Demo {
    pub fn on(data_dir: &Path) -> Self {
        Self::start(demo().arg("--data-dir").arg(data_dir))
    }

    pub fn start(command: &mut Command) -> Self {
        command.args(["--headless", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut demo = Self { child, said: String::new() };
        while !demo.said.contains("Ctrl-C ends it.") {
            let line = lines.next().unwrap_or_else(|| panic!("the demo ended, having said: {}", demo.said));
            demo.said.push_str(&line.unwrap());
            demo.said.push('\n');
        }
        demo
    }

    pub fn address(&self) -> SocketAddr {
        let (_, rest) = self.said.split_once("listens on http://").unwrap();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Where it listens, who may sign in, and a first report.
    pub fn has_told_everything(&self) {
        assert!(self.address().ip().is_loopback());
        for person in ["admin", "manager", "sales", "service", "warehouse", "shop", "driver", "analyst"] {
            assert!(self.said.lines().any(|line| line.trim_start().starts_with(person)), "no {person}");
        }
        assert!(revenue_of(&self.said).len() > 10, "{}", self.said);
    }

    /// As Ctrl-C or a supervisor does it; the exit code.
    pub fn ends_by(&mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap_or(i32::MAX)), Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// The lines of the revenue report.
pub fn revenue_of(said: &str) -> Vec<String> {
    let is_figure = |line: &&str| line.trim_start().starts_with("20") && line.contains(" EUR ");
    said.lines().filter(is_figure).map(str::to_owned).collect()
}

pub fn healthy(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}
