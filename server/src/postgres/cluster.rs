//! The cluster on disk: its directories, its lock, and its creation, which is whole or has not happened.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Names the socket file of a PostgreSQL that listens on no network. With a port for reports it has that one.
pub(super) const PORT: u16 = 5432;

/// Of any port there may be.
const LONGEST_SOCKET_NAME: &str = ".s.PGSQL.65535";

/// Where the pieces of the cluster are below a data directory.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub data_dir: PathBuf,
    pub home: PathBuf,
    pub pgdata: PathBuf,
    pub lock: PathBuf,
    /// Who may connect, where tools for reports may.
    pub access: PathBuf,
    pub log: PathBuf,
}

impl Layout {
    pub fn below(data_dir: &Path) -> Layout {
        let home = data_dir.join("postgres");
        Layout {
            data_dir: data_dir.to_path_buf(),
            pgdata: home.join("pgdata"),
            lock: home.join("lock"),
            access: home.join("access.conf"),
            log: home.join("postgres.log"),
            home,
        }
    }

    /// What `initdb` fills, and what becomes `pgdata` by one rename once it is whole.
    pub fn unfinished(&self) -> PathBuf {
        self.home.join("pgdata.new")
    }

    /// The major version that made the cluster, or none where there is no cluster.
    pub fn made_by(&self) -> Option<u32> {
        fs::read_to_string(self.pgdata.join("PG_VERSION")).ok()?.trim().parse().ok()
    }
}

/// What PostgreSQL says of itself in `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub pid: u32,
    pub port: u16,
    pub socket_dir: PathBuf,
    pub ready: bool,
}

impl PidFile {
    pub fn read(pgdata: &Path) -> Option<PidFile> {
        PidFile::parse(&fs::read_to_string(pgdata.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<PidFile> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let port = lines.nth(2).and_then(|port| port.trim().parse().ok()).unwrap_or(PORT);
        let socket_dir = lines.next().unwrap_or_default();
        let status = lines.nth(2).unwrap_or_default();
        let ready = status.trim() == "ready";
        Some(PidFile { pid, port, socket_dir: PathBuf::from(socket_dir), ready })
    }
}

/// The socket directory and port of the cluster that another process holds on this data directory.
pub(super) fn socket_of_running(data_dir: &Path) -> Option<(PathBuf, u16)> {
    let layout = Layout::below(&data_dir.canonicalize().ok()?);
    let lock = File::open(&layout.lock).ok()?;
    match lock.try_lock_shared() {
        Err(fs::TryLockError::WouldBlock) => {}
        _ => return None,
    }
    PidFile::read(&layout.pgdata).filter(|file| file.ready).map(|file| (file.socket_dir, file.port))
}

/// The last lines of a log, for a message about what went wrong.
pub(super) fn tail(log: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(log)?.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines.iter().skip(lines.len().saturating_sub(12)).copied().collect::<Vec<_>>().join("\n"))
}

#[cfg(unix)]
pub(super) use on_unix::{prepare, socket_dir, take_lock};

#[cfg(unix)]
mod on_unix {
    use std::fs::{DirBuilder, OpenOptions, TryLockError};
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::time::{Duration, Instant};

    use super::super::SUPERUSER;
    use super::super::binaries::Binaries;
    use super::super::error::LaunchError;
    use super::super::leftover;
    use super::super::process;
    use super::super::run_as::RunAs;
    use super::*;

    /// The longest path that a socket can have on Linux; macOS allows 103.
    const LONGEST_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

    /// Holds the data directory for this process. The lock falls with the process, however it dies.
    pub fn take_lock(layout: &Layout) -> Result<File, LaunchError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&layout.lock)
            .map_err(|source| files("opening", &layout.lock, source))?;
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    let pid = fs::read_to_string(&layout.lock).ok().and_then(|text| text.trim().parse().ok());
                    return Err(LaunchError::InUse { data_dir: layout.data_dir.clone(), pid });
                }
                Err(TryLockError::Error(source)) => return Err(files("locking", &layout.lock, source)),
            }
        }
        file.set_len(0)
            .and_then(|()| (&file).write_all(std::process::id().to_string().as_bytes()))
            .map_err(|source| files("writing", &layout.lock, source))?;
        Ok(file)
    }

    /// Makes the cluster if there is none. `initdb` works beside it, so being interrupted leaves nothing.
    pub fn prepare(layout: &Layout, binaries: &Binaries, run_as: Option<&RunAs>) -> Result<(), LaunchError> {
        if layout.made_by().is_some() {
            return Ok(());
        }
        if layout.pgdata.exists() {
            return Err(LaunchError::NotACluster { pgdata: layout.pgdata.clone() });
        }
        let unfinished = layout.unfinished();
        if unfinished.exists() {
            leftover::clear(&unfinished)?;
            fs::remove_dir_all(&unfinished).map_err(|source| files("removing", &unfinished, source))?;
        }
        let locale = if cfg!(target_os = "macos") { "C" } else { "C.UTF-8" };
        let output = process::command(&binaries.initdb, run_as, nix::sys::signal::Signal::SIGKILL)
            .arg("-D")
            .arg(&unfinished)
            .args([
                "-U",
                SUPERUSER,
                "-E",
                "UTF8",
                "--auth-local=trust",
                "--auth-host=reject",
                "--data-checksums",
            ])
            .arg(format!("--locale={locale}"))
            .output()
            .map_err(|source| files("running", &binaries.initdb, source))?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            return Err(LaunchError::Failed {
                what: "setting up the database (initdb)",
                status: output.status.to_string(),
                said: String::from_utf8_lossy(&said).trim().to_string(),
            });
        }
        fs::rename(&unfinished, &layout.pgdata).map_err(|source| files("renaming", &unfinished, source))?;
        File::open(&layout.home)
            .and_then(|home| home.sync_all())
            .map_err(|source| files("syncing", &layout.home, source))
    }

    /// A directory for the socket: beside the data, or a short one under the system's temporary directory when
    /// the path would be too long for a socket. Its name follows from the data, so a later start finds it again.
    pub fn socket_dir(layout: &Layout, run_as: Option<&RunAs>) -> Result<PathBuf, LaunchError> {
        let beside = layout.home.join("run");
        let longest = beside.join(LONGEST_SOCKET_NAME);
        let dir = if longest.as_os_str().len() <= LONGEST_SOCKET_PATH {
            beside
        } else {
            let home = fs::metadata(&layout.home).map_err(|source| files("reading", &layout.home, source))?;
            std::env::temp_dir().join(format!("waybill-{:x}-{:x}", home.dev(), home.ino()))
        };
        private_dir(&dir, run_as)?;
        Ok(dir)
    }

    /// A directory that only PostgreSQL's user may enter. One that is already there must be that user's, or
    /// somebody else could have put a socket of theirs in it.
    pub(crate) fn private_dir(dir: &Path, run_as: Option<&RunAs>) -> Result<(), LaunchError> {
        match DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => {
                if let Some(run_as) = run_as {
                    run_as.own(dir)?;
                }
                return Ok(());
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(files("creating", dir, source)),
        }
        let metadata = fs::symlink_metadata(dir).map_err(|source| files("reading", dir, source))?;
        let me = nix::unistd::Uid::effective().as_raw();
        let expected = run_as.map_or(me, |run_as| run_as.uid);
        match run_as {
            // Interrupted between creating and giving away.
            Some(run_as) if metadata.uid() == me && metadata.is_dir() => run_as.own(dir)?,
            _ if metadata.uid() == expected && metadata.is_dir() => {}
            _ => {
                let owner = format!("number {}", metadata.uid());
                return Err(LaunchError::Foreign { dir: dir.to_path_buf(), owner });
            }
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
            .map_err(|source| files("closing", dir, source))
    }

    pub(crate) fn files(doing: &'static str, path: &Path, source: io::Error) -> LaunchError {
        LaunchError::Files { doing, path: path.to_path_buf(), source }
    }
}
#[cfg(unix)]
pub(super) use on_unix::{files, private_dir};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_says_where_the_socket_is_and_whether_connections_are_taken() {
        let text = "4711\n/data/pgdata\n1763630000\n5432\n/data/run\n\n  123 0\nready   \n";
        let ready = PidFile { pid: 4711, port: 5432, socket_dir: "/data/run".into(), ready: true };
        assert_eq!(PidFile::parse(text), Some(ready));
        assert_eq!(PidFile::parse(&text.replace("ready", "starting")).map(|file| file.ready), Some(false));
        assert_eq!(PidFile::parse("4711\n").map(|file| file.ready), Some(false));
        assert_eq!(PidFile::parse(""), None);
    }
}
