//! Why a command was not carried out, as a number for scripts.

use std::{fmt, io, path::PathBuf};

use waybill_shared::{
    exit::Exit,
    finding::{Finding, Rule, sentences},
};

use crate::{postgres::LaunchError, settings::Mistakes};

/// The database could not be opened: nothing was done.
#[derive(Debug)]
pub struct NotOpened(pub anyhow::Error);

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.0))
    }
}

impl std::error::Error for NotOpened {}

/// It broke off behind its first write: what is done, and what is not, is to be looked at.
#[derive(Debug)]
pub struct Begun(pub anyhow::Error);

impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.0))
    }
}

impl std::error::Error for Begun {}

/// All reasons, from the outermost on. Many say in their own sentence what led to them: that is not said again.
pub fn words(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(cause.trim_end_matches('.')) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

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
        let not_allowed = findings.iter().all(|finding| finding.rule == Rule::NotPermitted);
        Self { words: sentences(findings).join(" "), not_allowed }
    }
}

pub fn exit(error: &anyhow::Error) -> Exit {
    if let Some(NotOpened(inner)) = error.downcast_ref::<NotOpened>() {
        return opening(inner);
    }
    if error.is::<Begun>() {
        return Exit::Unknown;
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

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the list cannot be read: {0}")]
    struct Tells(#[source] io::Error);

    fn gone() -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, "no such file")
    }

    #[test]
    fn a_reason_is_said_once_however_many_pass_it_on() {
        let told = anyhow::Error::new(Tells(gone()));
        assert_eq!(words(&told), "the list cannot be read: no such file");
        let told = anyhow::Error::new(gone()).context("the list cannot be read");
        assert_eq!(words(&told), "the list cannot be read: no such file");
        let told = anyhow::Error::new(Begun(anyhow::Error::new(Tells(gone()))));
        assert_eq!(words(&told), "the list cannot be read: no such file");
    }

    #[test]
    fn each_way_to_fail_has_its_code() {
        let sql = |error: sqlx::Error| anyhow::Error::new(error);
        let finding = |rule| Declined::new(&[Finding::new(rule, "It is so.", "Do this.")]);
        let table: [(anyhow::Error, Exit); 11] = [
            (anyhow!("nothing to be done"), Exit::Failed),
            (Usage.into(), Exit::Usage),
            (NothingThere("here".into()).into(), Exit::Unusable),
            (finding(Rule::WrongStep).into(), Exit::Failed),
            (finding(Rule::NotPermitted).into(), Exit::NotAllowed),
            (sql(sqlx::Error::PoolTimedOut), Exit::NotReachable),
            (sql(sqlx::Error::PoolClosed), Exit::Unknown),
            (NotOpened(sql(sqlx::Error::PoolTimedOut)).into(), Exit::NotReachable),
            (NotOpened(anyhow!("no such directory")).into(), Exit::Unusable),
            // What would be a plain no, or not reachable, is neither any more behind the first write.
            (Begun(anyhow!("it broke off")).into(), Exit::Unknown),
            (Begun(sql(sqlx::Error::PoolTimedOut)).into(), Exit::Unknown),
        ];
        for (error, expected) in table {
            assert_eq!(exit(&error), expected, "{error:?}");
        }
        let inner: anyhow::Result<()> = Err(sql(sqlx::Error::PoolTimedOut)).context("while it was said");
        assert_eq!(exit(&inner.expect_err("it is one")), Exit::NotReachable);
    }
}
