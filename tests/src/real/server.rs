//! A server process with its private PostgreSQL in a directory of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::{NamedTempFile, TempDir};

use super::{Database, Encrypted, tls::look, until, words::split};

pub struct Server {
    program: PathBuf,
    child: Option<Child>,
    address: SocketAddr,
    metrics_address: SocketAddr,
    dir: TempDir,
    /// What it says on standard error; not where its disk may be full.
    said: NamedTempFile,
    /// A PostgreSQL of somebody else's.
    database_url: Option<String>,
    encrypted: Option<Encrypted>,
    /// Flags beside those it needs, at every start.
    flags: &'static str,
}

impl Server {
    /// `program` is the one that is server or client by its first argument.
    pub fn start(program: &str) -> Server {
        Self::start_with(program, tempfile::tempdir().unwrap(), None, None)
    }

    /// With these flags, as `--limits-connections 5`.
    pub fn start_flagged(program: &str, flags: &'static str) -> Server {
        let mut server = Self::fresh(program, tempfile::tempdir().unwrap(), None, None);
        server.flags = flags;
        server.restart();
        server
    }

    /// On this PostgreSQL, not on one of its own.
    pub fn start_on(program: &str, database_url: &str) -> Server {
        Self::start_with(program, tempfile::tempdir().unwrap(), Some(database_url.to_owned()), None)
    }

    /// With its data below this directory.
    pub fn start_below(program: &str, dir: &Path) -> Server {
        Self::start_with(program, tempfile::tempdir_in(dir).unwrap(), None, None)
    }

    /// Devices connect to it with TLS.
    pub fn start_encrypted(program: &str, encrypted: Encrypted) -> Server {
        Self::start_with(program, tempfile::tempdir().unwrap(), None, Some(encrypted))
    }

    fn start_with(
        program: &str,
        dir: TempDir,
        database_url: Option<String>,
        encrypted: Option<Encrypted>,
    ) -> Server {
        let mut server = Self::fresh(program, dir, database_url, encrypted);
        server.restart();
        server
    }

    fn fresh(
        program: &str,
        dir: TempDir,
        database_url: Option<String>,
        encrypted: Option<Encrypted>,
    ) -> Server {
        Server {
            program: program.into(),
            child: None,
            address: "127.0.0.1:0".parse().unwrap(),
            metrics_address: "127.0.0.1:0".parse().unwrap(),
            dir,
            said: NamedTempFile::new().unwrap(),
            database_url,
            encrypted,
            flags: "",
        }
    }

    /// After its end, on the same address and with these flags.
    pub fn restart_flagged(&mut self, flags: &'static str) {
        self.flags = flags;
        self.restart();
    }

    /// After its end, on the same address.
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "the server still runs");
        let log = File::options().append(true).open(self.said.path()).unwrap();
        let mut command = self.command("serve");
        command.args(["--listen", &self.address.to_string(), "--metrics-listen", "127.0.0.1:0"]);
        command.args(split(self.flags));
        if let Some(Encrypted { cert, key }) = &self.encrypted {
            command.arg("--tls-cert").arg(cert).arg("--tls-key").arg(key);
        }
        command.stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = |before: &str, after: &str| -> SocketAddr {
            let line = lines.next().map_or_else(String::new, Result::unwrap);
            let address = line.strip_prefix(before).and_then(|line| line.strip_suffix(after));
            let Some(address) = address else {
                panic!("the server said {line:?} instead of {before}\n{}", self.log());
            };
            address.parse().unwrap()
        };
        let address = said(&format!("Waybill listens on {}", self.scheme()), "");
        let metrics_address = said("Its figures are at http://", "/metrics");
        (self.address, self.metrics_address) = (address, metrics_address);
        self.child = Some(child);
    }

    /// What `/readyz` says.
    pub fn ready(&self) -> (u16, String) {
        match self.encrypted {
            Some(_) => parts(&look(self.address, &request("/readyz")).answer),
            None => get(self.address, "/readyz"),
        }
    }

    /// What `/metrics` says.
    pub fn figures(&self) -> String {
        get(self.metrics_address, "/metrics").1
    }

    /// The next start is at this address, as when a name comes to point elsewhere.
    pub fn moves_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// Its data as it is on the disk, once it has stopped.
    pub fn backup(&self) -> TempDir {
        let kept = tempfile::tempdir().unwrap();
        copy(&self.dir.path().join("postgres"), kept.path());
        kept
    }

    /// Its data as they were then.
    pub fn is_put_back(&self, backup: &TempDir) {
        std::fs::remove_dir_all(self.dir.path().join("postgres")).unwrap();
        copy(&backup.path().join("postgres"), self.dir.path());
    }

    /// While it is stopped: its data are gone, and a backup is put back; gives what was said.
    pub fn is_restored_from(&self, backup: &Path) -> String {
        std::fs::remove_dir_all(self.dir.path().join("postgres")).unwrap();
        self.does(&format!("restore --from {}", backup.display()))
    }

    /// The same after every restart.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("{}{}", self.scheme(), self.address)
    }

    fn scheme(&self) -> &'static str {
        if self.encrypted.is_some() { "https://" } else { "http://" }
    }

    /// The certificate that it shows to new connections.
    pub fn shows(&self) -> Vec<u8> {
        look(self.address, &request("/healthz")).certificate
    }

    /// SIGHUP: it is to look at its certificate.
    pub fn hangs_up(&self) {
        let pid = self.child.as_ref().expect("the server runs").id();
        kill(Pid::from_raw(pid.try_into().unwrap()), Signal::SIGHUP).unwrap();
    }

    pub fn kill_9(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// PostgreSQL alone, with all its processes' parent; the server is to start it again.
    pub fn postgres_kill_9(&self) {
        let pid = self.postmaster().expect("PostgreSQL runs");
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }

    /// Asks the server to stop, and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        until("the server stops", || child.try_wait().unwrap())
    }

    pub fn add_person(&self, name: &str, role: &str) {
        let mut command = self.command(&format!("user add {name} --role {role} --password-stdin"));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", super::device::PASSWORD).unwrap();
        assert!(child.wait().unwrap().success(), "{name} was not added");
    }

    /// A command of `waybill-server` beside the running one.
    pub fn does(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.command(line).output().unwrap();
        let said = String::from_utf8_lossy(&stdout).into_owned();
        assert!(status.success(), "waybill-server {line}: {said}{}", String::from_utf8_lossy(&stderr));
        said
    }

    /// A command that is begun and not waited for.
    pub fn begins(&self, line: &str) -> Child {
        self.command(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A command that must not succeed; gives what it said on standard error.
    pub fn fails(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.command(line).output().unwrap();
        assert!(!status.success(), "waybill-server {line}: {}", String::from_utf8_lossy(&stdout));
        String::from_utf8_lossy(&stderr).into_owned()
    }

    /// Documents, changes, log, reports and verdicts agree with each other.
    pub fn is_sound(&self) {
        self.does("check");
    }

    /// Waits until PostgreSQL answers.
    pub fn database(&self) -> Database {
        until("PostgreSQL answers", || match &self.database_url {
            Some(url) => Database::at(url),
            None => Database::open(self.data_dir()),
        })
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.said.path()).unwrap_or_default()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = super::device::program(&self.program, "server");
        command.args(split(line)).arg("--data-dir").arg(self.data_dir());
        if let Some(url) = &self.database_url {
            command.env("WAYBILL_DATABASE_URL", url);
        }
        command
    }

    fn postmaster(&self) -> Option<i32> {
        let file = self.data_dir().join("postgres/pgdata/postmaster.pid");
        std::fs::read_to_string(file).ok()?.lines().next()?.parse().ok()
    }
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request(path).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    parts(&answer)
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

/// Status and body.
fn parts(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// With owners and rights, which PostgreSQL looks at.
fn copy(from: &Path, into: &Path) {
    assert!(Command::new("cp").arg("-a").args([from, into]).status().unwrap().success(), "it was not copied");
}

impl Drop for Server {
    /// In order, so that nothing is left of PostgreSQL when its directory goes.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            let asked = kill(Pid::from_raw(child.id().try_into().unwrap_or(i32::MAX)), Signal::SIGTERM);
            if asked.is_err() {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }
}
