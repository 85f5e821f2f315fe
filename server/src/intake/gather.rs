//! Asking the log for what a batch needs.

use std::collections::HashMap;

use futures_util::future::join;
use waybill_shared::{
    id::CustomerId,
    numbers::{Holders, Number},
};

use super::{
    Submission,
    core::{Core, Wanted},
    world::Exposure,
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
    let mut exposures: HashMap<CustomerId, Exposure> =
        wanted.customers.iter().map(|customer| (*customer, Exposure::default())).collect();
    if !exposures.is_empty() {
        for (customer, order, owed) in log.exposures(&wanted.customers).await? {
            exposures.entry(customer).or_default().insert(order, owed);
        }
    }
    let mut held = Vec::with_capacity(wanted.devices.len());
    for device in &wanted.devices {
        held.push((*device, log.count_held(Some(*device)).await?));
    }
    let mut holders: HashMap<Number, Holders> =
        wanted.numbers.iter().map(|number| (number.clone(), Holders::default())).collect();
    if !holders.is_empty() {
        for (number, addr, name) in log.holders(&wanted.numbers).await? {
            holders.entry(number).or_default().insert(addr, name);
        }
    }
    core.take_in(wanted, loaded, claims, exposures, held, holders);
    Ok(())
}

async fn note<L: Log>(log: &L, wanted: &Wanted, submissions: &[Submission]) -> Result<(), LogError> {
    let all: Vec<Noted> = submissions.iter().filter_map(Submission::noted).collect();
    if wanted.edits.is_empty() || all.is_empty() {
        return Ok(());
    }
    log.in_work(&all).await
}
