//! Bringing a prepared batch into the log, whatever happens on the way.

use std::{sync::Arc, time::Duration};

use crate::log::{Batch, Collision, CommitError, Log, Written};

/// How long a database that does not answer is waited for before devices are told to come again.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long one commit may take before it is looked up instead.
const SILENCE: Duration = Duration::from_secs(30);

const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How it ended.
#[derive(Clone, Debug)]
pub enum Landing {
    Written(Written),
    /// The log stood elsewhere: to be prepared again.
    Conflict,
    /// Others changed what it rests on: to be prepared again.
    Collision(Box<Collision>),
    /// Nothing was written, and it cannot be now.
    Later(&'static str),
    /// The database will not have something in it: it said so, or it said the same for as long as it was asked.
    Rejected(String),
}

pub async fn land<L: Log>(log: &L, batch: &Arc<Batch>) -> Landing {
    let mut pause = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    // What the database said every time.
    let mut always: Option<String> = None;
    for nth in 0_u64.. {
        let commit = tokio::time::timeout(SILENCE, log.commit(batch));
        let done = commit.await.unwrap_or_else(|_| Err(CommitError::Unknown("no answer in time".to_owned())));
        let said = match done {
            Ok(written) => return Landing::Written(written),
            Err(CommitError::Conflict) => return Landing::Conflict,
            Err(CommitError::Collision(met)) => return Landing::Collision(met),
            Err(CommitError::DiskFull) => return Landing::Later("the disk is full"),
            Err(CommitError::Outdated) => {
                return Landing::Later("the tables are a newer Waybill's; bring this server up to date");
            }
            Err(CommitError::Rejected(words)) => return Landing::Rejected(words),
            Err(CommitError::Retry(words)) => {
                tracing::warn!(%words, "a batch was not written; trying again");
                None
            }
            Err(CommitError::Unclear(words)) => {
                tracing::warn!(%words, "the database refused a batch; trying again");
                Some(words)
            }
            // Told by the log; no edit is to blame, and somebody may be mending it.
            Err(CommitError::Defect(_)) => None,
            Err(CommitError::Unknown(words)) => {
                tracing::warn!(%words, "whether a batch was written is not known; looking it up");
                // While the lost commit is still under way, or was behind what others wrote, this finds nothing; the
                // next attempt then waits for the lock, and finds the log moved on by its own edits.
                if let Ok(true) = log.has(batch.after.cursor).await {
                    return Landing::Written(Written { batch: Arc::clone(batch), others: None });
                }
                None
            }
        };
        always = if nth == 0 { said } else { always.filter(|words| said.as_ref() == Some(words)) };
        if waited >= PATIENCE {
            break;
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    always.map_or(Landing::Later("the database does not answer"), Landing::Rejected)
}
