//! As whom PostgreSQL runs: it refuses root, so a server started by root gives it another user, who must be able
//! to reach its directories.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::{Gid, Uid, User};

use super::error::LaunchError;

#[derive(Clone, Debug)]
pub(super) struct RunAs {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// The user to become, or none when the server is an ordinary user itself. A cluster that is already there keeps
/// its owner, whoever has been added to the machine since.
pub(super) fn choose(home: &Path) -> Result<Option<RunAs>, LaunchError> {
    let me = Uid::effective();
    let owner = fs::metadata(home).ok().map(|metadata| metadata.uid());
    if !me.is_root() {
        return match owner {
            Some(owner) if owner != me.as_raw() => {
                Err(LaunchError::Foreign { dir: home.to_path_buf(), owner: name_of(owner) })
            }
            _ => Ok(None),
        };
    }
    let of_the_cluster = owner
        .filter(|owner| *owner != 0)
        .and_then(|owner| User::from_uid(Uid::from_raw(owner)).ok().flatten());
    let user = of_the_cluster.or_else(|| user_named("postgres")).or_else(|| user_named("nobody"));
    let user = user.ok_or(LaunchError::NoUser)?;
    Ok(Some(RunAs { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
}

impl RunAs {
    /// Opens the data directory itself to this user; a closed directory above it is somebody else's to open.
    pub fn let_in(&self, data_dir: &Path) -> Result<(), LaunchError> {
        for dir in data_dir.ancestors() {
            let metadata = fs::metadata(dir).map_err(|source| LaunchError::Files {
                doing: "reading",
                path: dir.to_path_buf(),
                source,
            })?;
            if self.may_enter(&metadata) {
                continue;
            }
            if dir != data_dir {
                return Err(LaunchError::Unreachable { user: self.name.clone(), closed: dir.to_path_buf() });
            }
            let opened = fs::Permissions::from_mode(metadata.mode() | 0o011);
            fs::set_permissions(dir, opened).map_err(|source| LaunchError::Files {
                doing: "opening",
                path: dir.to_path_buf(),
                source,
            })?;
        }
        Ok(())
    }

    pub fn own(&self, path: &Path) -> Result<(), LaunchError> {
        nix::unistd::chown(path, Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid))).map_err(
            |errno| LaunchError::Files {
                doing: "giving PostgreSQL",
                path: path.to_path_buf(),
                source: errno.into(),
            },
        )
    }

    fn may_enter(&self, metadata: &fs::Metadata) -> bool {
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & bit != 0
    }
}

fn user_named(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}

fn name_of(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| format!("number {uid}"), |user| user.name)
}
