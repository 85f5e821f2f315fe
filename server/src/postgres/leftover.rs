//! PostgreSQL processes that an earlier run left behind: asked to end, waited for, and their files removed, so
//! that a reused process id or an orphan never keeps the next start from working.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cluster::{PidFile, files};
use super::error::LaunchError;

const UNTIL_FORCED: Duration = Duration::from_secs(10);
const UNTIL_GIVEN_UP: Duration = Duration::from_secs(60);

/// Makes sure that no process works in this cluster directory, then removes what such a process left.
pub(super) fn clear(pgdata: &Path) -> Result<(), LaunchError> {
    let recorded = PidFile::read(pgdata);
    let mut living = processes_in(pgdata, recorded.as_ref());
    if let Some(postmaster) = recorded.as_ref().filter(|file| living.contains(&file.pid)) {
        send(postmaster.pid, Signal::SIGINT);
    }
    let began = Instant::now();
    let mut forced = false;
    while !living.is_empty() {
        if began.elapsed() > UNTIL_GIVEN_UP {
            return Err(LaunchError::Leftover { pids: living });
        }
        if began.elapsed() > UNTIL_FORCED && !forced {
            // An immediate stop loses nothing: what was committed is in the write-ahead log.
            living.iter().for_each(|pid| send(*pid, Signal::SIGQUIT));
            forced = true;
        }
        std::thread::sleep(Duration::from_millis(10));
        living = processes_in(pgdata, recorded.as_ref());
    }
    remove_if_there(&pgdata.join("postmaster.pid"))
}

/// Removes socket files that nobody listens on any more.
pub(super) fn clear_sockets(socket_dir: &Path) -> Result<(), LaunchError> {
    // Whichever port it had.
    let there = fs::read_dir(socket_dir).into_iter().flatten().flatten();
    let sockets = there.filter(|entry| entry.file_name().to_string_lossy().starts_with(".s.PGSQL."));
    sockets.map(|entry| entry.path()).try_for_each(|path| remove_if_there(&path))
}

/// Every PostgreSQL process has its cluster directory as working directory, which no reused process id can share
/// by chance and which a zombie no longer has.
#[cfg(target_os = "linux")]
fn processes_in(pgdata: &Path, _recorded: Option<&PidFile>) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let Ok(ours) = fs::metadata(pgdata) else { return Vec::new() };
    let works_here = |pid: &u32| {
        let at = format!("/proc/{pid}");
        let cwd = fs::metadata(format!("{at}/cwd"));
        cwd.is_ok_and(|cwd| cwd.dev() == ours.dev() && cwd.ino() == ours.ino())
            && fs::read_to_string(format!("{at}/comm")).is_ok_and(|name| name.starts_with("postgres"))
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(works_here).collect()
}

/// Without /proc the recorded process is looked at: the server starts PostgreSQL with the directory as argument.
#[cfg(not(target_os = "linux"))]
fn processes_in(pgdata: &Path, recorded: Option<&PidFile>) -> Vec<u32> {
    let Some(recorded) = recorded else { return Vec::new() };
    let listed =
        std::process::Command::new("ps").args(["-o", "args=", "-p", &recorded.pid.to_string()]).output();
    let is_ours = listed
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*pgdata.to_string_lossy()));
    if is_ours { vec![recorded.pid] } else { Vec::new() }
}

fn send(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        // It may just have ended by itself, which is what the signal is for.
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

fn remove_if_there(path: &Path) -> Result<(), LaunchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(files("removing", path, error)),
        _ => Ok(()),
    }
}
