//! Asking the log for what a batch needs.

use futures_util::future::join;

use super::{
    Submission,
    core::{Core, Wanted},
};
use crate::log::{Log, LogError, Noted};

/// One round. Whoever drives asks `Core::wants` again afterwards.
///
/// What is asked about edits is asked because they are judged next, so this is where they are noted: whatever
/// ends the process while it judges them, the next one knows.
pub async fn gather<L: Log>(
    core: &mut Core,
    log: &L,
    wanted: &Wanted,
    submissions: &[Submission],
) -> Result<(), LogError> {
    let (loaded, noted) = join(log.load(&wanted.docs, &wanted.edits), note(log, wanted, submissions)).await;
    let loaded = loaded?;
    if let Err(error) = noted {
        tracing::warn!(%error, "the edits that are judged now could not be noted");
    }
    let claims = match wanted.claims.as_slice() {
        [] => Vec::new(),
        claims => log.claims(claims).await?,
    };
    let mut exposures = Vec::with_capacity(wanted.customers.len());
    for customer in &wanted.customers {
        exposures.push((*customer, log.exposure(*customer).await?.into_iter().collect()));
    }
    core.take_in(wanted, loaded, claims, exposures);
    Ok(())
}

async fn note<L: Log>(log: &L, wanted: &Wanted, submissions: &[Submission]) -> Result<(), LogError> {
    let all: Vec<Noted> = submissions.iter().filter_map(Submission::noted).collect();
    if wanted.edits.is_empty() || all.is_empty() {
        return Ok(());
    }
    log.in_work(&all).await
}
