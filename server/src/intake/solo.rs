//! The steps of intake one after the other, without threads or waiting: for the simulator and for tests.

use std::sync::Arc;

use waybill_shared::{generation::Budget, id::Entropy, time::Timestamp};

use super::{
    Settled, Submission,
    core::{Core, Prepared, with_its_settings},
    gather::gather,
};
use crate::log::{CommitError, Log, LogError};

/// How often a batch that was not written is tried again at once.
const TRIES: usize = 5;

pub struct Solo<L> {
    core: Core,
    log: Arc<L>,
}

impl<L: Log> Solo<L> {
    pub async fn start(log: Arc<L>, entropy: Box<dyn Entropy + Send>) -> Result<Self, LogError> {
        let head = log.head().await?;
        Ok(Self { core: Core::new(head, entropy, 10_000, 1), log })
    }

    /// How much documents may grow before they are made anew.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.core.allow(budget);
        self
    }

    /// Judges and writes one batch, or several where settings are changed among them.
    pub async fn take(
        &mut self,
        submissions: &[Submission],
        now: Timestamp,
    ) -> Result<Vec<Settled>, LogError> {
        let mut settled = Vec::with_capacity(submissions.len());
        while settled.len() < submissions.len() {
            let rest = &submissions[settled.len()..];
            settled.extend(self.take_batch(&rest[..with_its_settings(rest)], now).await?);
        }
        Ok(settled)
    }

    async fn take_batch(
        &mut self,
        submissions: &[Submission],
        now: Timestamp,
    ) -> Result<Vec<Settled>, LogError> {
        for _ in 0..TRIES {
            loop {
                let wanted = self.core.wants(submissions);
                if wanted.is_empty() {
                    break;
                }
                gather(&mut self.core, &*self.log, &wanted, submissions).await?;
            }
            let Prepared { batch, mut settled } = match self.core.prepare(submissions, now) {
                Ok(prepared) => prepared,
                Err(error) => {
                    self.core.rewind(self.log.head().await?);
                    return Err(LogError::Unreadable(error.to_string()));
                }
            };
            let Some(batch) = batch else { return Ok(settled) };
            match self.log.commit(&batch).await {
                Ok(written) => {
                    self.core.landed(&batch, &written, Vec::new());
                    let by = written.batch.further_than(&batch);
                    settled.iter_mut().for_each(|settled| settled.stands_further(batch.before.pos, by));
                    return Ok(settled);
                }
                Err(CommitError::Unknown(_)) if self.log.has(batch.after.cursor).await? => {
                    return Ok(settled);
                }
                Err(CommitError::DiskFull | CommitError::Outdated) => {
                    self.core.rewind(self.log.head().await?);
                    break;
                }
                Err(CommitError::Rejected(_)) if submissions.len() == 1 => {
                    self.core.rewind(self.log.head().await?);
                    if submissions.iter().any(|submission| !self.core.set_aside(submission.edit_id())) {
                        break;
                    }
                }
                Err(CommitError::Rejected(_)) => {
                    self.core.rewind(self.log.head().await?);
                    let mut settled = Vec::with_capacity(submissions.len());
                    for submission in submissions {
                        let alone = std::slice::from_ref(submission);
                        settled.extend(Box::pin(self.take(alone, now)).await?);
                    }
                    return Ok(settled);
                }
                Err(
                    CommitError::Conflict
                    | CommitError::Collision(_)
                    | CommitError::Retry(_)
                    | CommitError::Unclear(_)
                    | CommitError::Defect(_)
                    | CommitError::Unknown(_),
                ) => {
                    self.core.rewind(self.log.head().await?);
                }
            }
        }
        Ok(vec![Settled::Later; submissions.len()])
    }
}
