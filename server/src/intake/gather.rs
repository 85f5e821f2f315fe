//! Asking the log for what a batch needs.

use super::core::{Core, Wanted};
use crate::log::{Log, LogError};

/// One round. Whoever drives asks `Core::wants` again afterwards.
pub async fn gather<L: Log>(core: &mut Core, log: &L, wanted: &Wanted) -> Result<(), LogError> {
    let loaded = log.load(&wanted.docs, &wanted.edits).await?;
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
