//! Finding PostgreSQL's programs on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::LaunchError;

/// The oldest version that its makers still mend.
const OLDEST_MAJOR: u32 = 14;

#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub initdb: PathBuf,
    pub postgres: PathBuf,
    pub major: u32,
}

/// The newest PostgreSQL of this machine, or the one that made the cluster that is already there.
pub(super) fn find(bin_dir: Option<&Path>, made_by: Option<(u32, &Path)>) -> Result<Binaries, LaunchError> {
    let places = match bin_dir {
        Some(dir) => vec![dir.to_path_buf()],
        None => usual_places(),
    };
    let mut found: Vec<Binaries> = places.iter().filter_map(|dir| in_dir(dir)).collect();
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    let newest = found
        .first()
        .cloned()
        .ok_or_else(|| LaunchError::MissingBinaries { looked_in: bin_dir.map(Path::to_path_buf) })?;
    if newest.major < OLDEST_MAJOR {
        return Err(LaunchError::TooOld { found: newest.major, needed: OLDEST_MAJOR });
    }
    let Some((made_by, pgdata)) = made_by else { return Ok(newest) };
    found.iter().find(|binaries| binaries.major == made_by).cloned().ok_or_else(|| {
        let mut majors: Vec<u32> = found.iter().map(|binaries| binaries.major).collect();
        majors.dedup();
        LaunchError::OtherMajor { pgdata: pgdata.to_path_buf(), made_by, found: majors }
    })
}

/// One sentence for this system on how PostgreSQL is installed.
pub fn how_to_install() -> &'static str {
    let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    how_to_install_on(std::env::consts::OS, &os_release)
}

fn how_to_install_on(os: &str, os_release: &str) -> &'static str {
    let distribution: String = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .map(|ids| format!(" {} ", ids.trim_matches('"')))
        .collect();
    let is = |id: &str| distribution.contains(&format!(" {id} "));
    match os {
        "macos" => "Install it with `brew install postgresql@17`.",
        "windows" => "Install PostgreSQL and name its database with --database-url or WAYBILL_DATABASE_URL.",
        _ if is("debian") || is("ubuntu") => "Install it with `sudo apt install postgresql`.",
        _ if is("fedora") || is("rhel") => "Install it with `sudo dnf install postgresql-server`.",
        _ if is("arch") => "Install it with `sudo pacman -S postgresql`.",
        _ => {
            "Install it: on Debian or Ubuntu `sudo apt install postgresql`, on Fedora `sudo dnf install \
             postgresql-server`, on Arch `sudo pacman -S postgresql`, on macOS `brew install postgresql@17`."
        }
    }
}

fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for (parent, below) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/lib64/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "bin"),
    ] {
        let children = std::fs::read_dir(parent).into_iter().flatten().flatten();
        places.extend(children.map(|child| child.path().join(below)));
    }
    let versioned = std::fs::read_dir("/usr").into_iter().flatten().flatten();
    places.extend(
        versioned
            .filter(|child| child.file_name().to_string_lossy().starts_with("pgsql"))
            .map(|child| child.path().join("bin")),
    );
    places.extend(
        ["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin"].map(PathBuf::from),
    );
    places
}

fn in_dir(dir: &Path) -> Option<Binaries> {
    // PostgreSQL finds its libraries relative to the program, so links (as in /usr/local/bin) are followed.
    let initdb = dir.join("initdb").canonicalize().ok()?;
    let postgres = dir.join("postgres").canonicalize().ok()?;
    let version = Command::new(&postgres).arg("--version").output().ok()?;
    let major = major_of(&String::from_utf8_lossy(&version.stdout))?;
    Some(Binaries { initdb, postgres, major })
}

/// The major version in the likes of `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_is_told_its_own_way_to_install() {
        for (os, os_release, expected) in [
            ("linux", "PRETTY_NAME=x\nID=debian\n", "sudo apt install postgresql"),
            ("linux", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "sudo apt install postgresql"),
            ("linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install postgresql-server"),
            ("linux", "ID=arch\n", "pacman -S postgresql"),
            ("linux", "ID=nixos\n", "on Fedora"),
            ("macos", "", "brew install"),
            ("windows", "", "WAYBILL_DATABASE_URL"),
        ] {
            let sentence = how_to_install_on(os, os_release);
            assert!(sentence.contains(expected), "{os} {os_release:?}: {sentence}");
        }
    }

    #[test]
    fn the_major_version_is_read_from_what_the_programs_print() {
        for (printed, major) in [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("no version here", None),
        ] {
            assert_eq!(major_of(printed), major, "{printed}");
        }
    }
}
