//! Why a command was not carried out, as a number for scripts.

use std::{fmt, io, path::PathBuf};

use waybill_shared::{
    exit::Exit,
    finding::{Finding, Rule},
};

use crate::{postgres::LaunchError, settings::Mistakes};

/// The database could not be opened: nothing was done.
#[derive(Debug)]
pub struct NotOpened(pub anyhow::Error);

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for NotOpened {}

/// What was typed cannot be meant; it was said already.
#[derive(Debug, thiserror::Error)]
#[error("see `waybill-server --help`")]
pub struct Usage;

/// Most commands make no database where a name was mistyped.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no Waybill in {}: give its directory with --data-dir; a new one is made by serve, user add, demo-data and \
     restore",
    .0.display()
)]
pub struct NothingThere(pub PathBuf);

/// What speaks against it.
#[derive(Debug, thiserror::Error)]
#[error("nothing was changed. {words}")]
pub struct Declined {
    words: String,
    not_allowed: bool,
}

impl Declined {
    pub fn new(findings: &[Finding]) -> Self {
        let words: Vec<String> = findings.iter().map(|f| format!("{} {}", f.what, f.remedy)).collect();
        let not_allowed = findings.iter().all(|finding| finding.rule == Rule::NotPermitted);
        Self { words: words.join(" "), not_allowed }
    }
}

pub fn exit(error: &anyhow::Error) -> Exit {
    if let Some(NotOpened(inner)) = error.downcast_ref::<NotOpened>() {
        return opening(inner);
    }
    for cause in error.chain() {
        if cause.is::<Mistakes>() || cause.is::<Usage>() {
            return Exit::Usage;
        }
        if cause.is::<NothingThere>() || cause.is::<LaunchError>() {
            return Exit::Unusable;
        }
        if cause.downcast_ref::<Declined>().is_some_and(|declined| declined.not_allowed) {
            return Exit::NotAllowed;
        }
        if cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        {
            return Exit::NotAllowed;
        }
        match cause.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::Database(error)) if may_not(error.code().as_deref()) => {
                return Exit::NotAllowed;
            }
            Some(sqlx::Error::PoolTimedOut) => return Exit::NotReachable,
            // It went away while something was being done.
            Some(
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed,
            ) => return Exit::Unknown,
            _ => {}
        }
    }
    Exit::Failed
}

fn opening(error: &anyhow::Error) -> Exit {
    match error.chain().find_map(|cause| cause.downcast_ref::<sqlx::Error>()) {
        Some(sqlx::Error::Database(error)) if may_not(error.code().as_deref()) => Exit::NotAllowed,
        Some(_) => Exit::NotReachable,
        None => Exit::Unusable,
    }
}

/// SQLSTATEs of who may not sign in, or may not do it.
fn may_not(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("28") || code == "42501")
}
