//! `cargo demo --headless` for whoever starts it. PostgreSQL refuses root, so root and an ordinary user walk
//! different ways. Tests that run as root walk both, others their own.
#![cfg(unix)]

mod launcher;

use std::{
    fs,
    net::TcpStream,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use launcher::{Demo, demo_at, healthy, output};
use nix::{
    sys::signal::Signal,
    unistd::{Uid, User, chown},
};
use tempfile::TempDir;

/// Somebody with a home of their own, and a copy of the program that they may run, wherever it was built.
struct Person {
    dir: TempDir,
    user: Option<User>,
}

impl Person {
    /// `None`: who runs the tests.
    fn new(user: Option<User>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let person = Self { dir, user };
        // By another process: one that is started by a test beside this one would hold it open for writing.
        let copied =
            Command::new("cp").arg(env!("CARGO_BIN_EXE_demo")).arg(person.program()).status().unwrap();
        assert!(copied.success());
        fs::create_dir(person.home()).unwrap();
        for path in [person.dir.path(), &person.program(), &person.home()] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        if let Some(user) = &person.user {
            chown(&person.home(), Some(user.uid), Some(user.gid)).unwrap();
        }
        person
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn program(&self) -> PathBuf {
        self.dir.path().join("demo")
    }

    fn uid(&self) -> Uid {
        self.user.as_ref().map_or_else(Uid::effective, |user| user.uid)
    }

    /// With nothing said of where the data is kept.
    fn demo(&self) -> Command {
        let mut demo = demo_at(&self.program());
        demo.current_dir(self.home()).env("HOME", self.home()).env("TMPDIR", self.home());
        demo.env("USER", "somebody");
        if let Some(user) = &self.user {
            demo.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        demo
    }

    fn data_dir(&self) -> PathBuf {
        self.home().join("waybill-demo-somebody")
    }

    fn walks_through_the_demo(&self) {
        let mut demo = Demo::start(&mut self.demo());
        demo.has_told_everything();
        // It goes on after it said that, for as long as nobody ends it.
        assert!(healthy(demo.address()));
        assert_eq!(demo.child.try_wait().unwrap(), None);
        let pid_file = self.data_dir().join("postgres/pgdata/postmaster.pid");
        let owner = owner_of(&pid_file);
        assert_ne!(owner, Uid::from_raw(0), "PostgreSQL does not run as root");
        if !self.uid().is_root() {
            assert_eq!(owner, self.uid());
        }
        assert!(cfg!(not(target_os = "linux")) || processes_at(&self.home()).len() > 2);

        let address = demo.address();
        assert_eq!(demo.ends_by(Signal::SIGTERM), Some(0));
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
        assert!(!pid_file.exists(), "PostgreSQL was stopped in order");
        assert_eq!(processes_at(&self.home()), Vec::<String>::new(), "nothing is left running");
    }

    fn is_told_how_to_get_postgresql(&self) {
        let output = output(self.demo().arg("--headless").env("WAYBILL_POSTGRES_BIN", self.home()));
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(waybill_server::postgres::how_to_install()), "{said}");
    }
}

fn owner_of(path: &Path) -> Uid {
    use std::os::unix::fs::MetadataExt;
    Uid::from_raw(fs::metadata(path).unwrap().uid())
}

/// The command lines of what runs in or below a directory or names it; on systems that tell.
fn processes_at(dir: &Path) -> Vec<String> {
    let of_process = |entry: fs::DirEntry| {
        let cwd = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        let line = String::from_utf8_lossy(&fs::read(entry.path().join("cmdline")).ok()?).replace('\0', " ");
        let is_here = cwd.starts_with(dir) || line.contains(&*dir.to_string_lossy());
        is_here.then_some(line)
    };
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(of_process).collect()
}

#[test]
fn who_runs_the_tests_can_run_the_demo() {
    Person::new(None).walks_through_the_demo();
}

#[test]
fn an_ordinary_user_can_run_the_demo_where_the_tests_run_as_root() {
    if Uid::effective().is_root() {
        let nobody = User::from_name("nobody").unwrap().expect("every system has a user nobody");
        Person::new(Some(nobody)).walks_through_the_demo();
    }
}

#[test]
fn everybody_is_told_how_to_get_postgresql_where_it_is_missing() {
    Person::new(None).is_told_how_to_get_postgresql();
    if Uid::effective().is_root() {
        let nobody = User::from_name("nobody").unwrap().expect("every system has a user nobody");
        Person::new(Some(nobody)).is_told_how_to_get_postgresql();
    }
}
