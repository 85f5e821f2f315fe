//! Why the private PostgreSQL could not be started, in words that name the remedy.

use std::io;
use std::path::PathBuf;

use super::binaries::how_to_install;

#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("PostgreSQL's programs (initdb and postgres) were not found{}. {}", in_dir(.looked_in), how_to_install())]
    MissingBinaries { looked_in: Option<PathBuf> },

    #[error(
        "the database in {} was made by PostgreSQL {made_by}, and this machine has only {}; install PostgreSQL \
         {made_by} beside it, or dump and reload the database", .pgdata.display(), numbers(.found)
    )]
    OtherMajor { pgdata: PathBuf, made_by: u32, found: Vec<u32> },

    #[error("PostgreSQL {found} is too old; Waybill needs {needed} or newer. {}", how_to_install())]
    TooOld { found: u32, needed: u32 },

    #[error(
        "another Waybill server{} is using {}; stop it, or give this one its own directory with --data-dir",
        process(.pid), .data_dir.display()
    )]
    InUse { data_dir: PathBuf, pid: Option<u32> },

    #[error(
        "PostgreSQL does not run as root, so it runs as the user {user}, who may not enter {}; give a data directory \
         that this user can reach, for example --data-dir /var/lib/waybill", .closed.display()
    )]
    Unreachable { user: String, closed: PathBuf },

    #[error(
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody; add one"
    )]
    NoUser,

    #[error(
        "{} belongs to the user {owner}; run the server as that user or as root, or give another --data-dir",
        .dir.display()
    )]
    Foreign { dir: PathBuf, owner: String },

    #[error(
        "{} is there but holds no PostgreSQL database; move it away, and restore it from a backup if it ever held one",
        .pgdata.display()
    )]
    NotACluster { pgdata: PathBuf },

    #[error("{what} failed ({status}); it said:\n{said}")]
    Failed { what: &'static str, status: String, said: String },

    #[error(
        "PostgreSQL processes of an earlier run ({}) do not end; end them by hand and start again",
        numbers(.pids)
    )]
    Leftover { pids: Vec<u32> },

    #[error("{doing} {}: {source}", .path.display())]
    Files { doing: &'static str, path: PathBuf, source: io::Error },

    #[error("the server's thread for PostgreSQL ended before PostgreSQL was ready")]
    SupervisorEnded,

    #[error(
        "Waybill starts a private PostgreSQL only on Linux and macOS; install PostgreSQL and name its database with \
         --database-url or WAYBILL_DATABASE_URL"
    )]
    NotOnThisSystem,
}

fn in_dir(looked_in: &Option<PathBuf>) -> String {
    looked_in.as_ref().map(|dir| format!(" in {}", dir.display())).unwrap_or_default()
}

fn process(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

fn numbers(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
