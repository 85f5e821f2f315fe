//! How fast one device, or one person on several, may hand entries in. Whoever floods is read more slowly and heard
//! of by an admin; nothing is refused for it, and nobody else waits.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use crate::settings::Limits;

/// Those who have handed nothing in for long are forgotten from so many on.
const REMEMBERED: usize = 20_000;

/// A socket is never left unread for longer, or it would seem dead.
const LONGEST: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Pace {
    each: Duration,
    /// What may come at once, as the time that it takes at this pace.
    ahead: Duration,
    /// Until when each is at work with what it handed in, at this pace.
    busy: Mutex<HashMap<Uuid, Instant>>,
}

impl Pace {
    pub fn new(limits: &Limits) -> Self {
        let each = Duration::from_secs(1) / limits.edits_per_second.max(1);
        Self { each, ahead: each.saturating_mul(limits.edits_at_once), busy: Mutex::default() }
    }

    /// How long nothing more is to be read from who just handed in so many.
    pub fn wait(&self, who: Uuid, edits: usize, now: Instant) -> Duration {
        let edits = u32::try_from(edits).unwrap_or(u32::MAX);
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.len() >= REMEMBERED {
            busy.retain(|_, until| *until > now);
        }
        let until = busy.entry(who).or_insert(now);
        *until = (*until).max(now) + self.each.saturating_mul(edits);
        let wait = until.duration_since(now).saturating_sub(self.ahead);
        if wait > LONGEST {
            // What was waited for is not waited for again.
            *until = now + self.ahead + LONGEST;
        }
        wait.min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_come_at_once_and_the_rest_at_its_pace_without_anybody_else_waiting() {
        let pace =
            Pace { each: Duration::from_millis(100), ahead: Duration::from_secs(2), busy: Mutex::default() };
        let (flood, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let start = Instant::now();
        for (after_ms, who, edits, wait_ms) in [
            (0, flood, 20, 0),
            (0, flood, 1, 100),
            (100, flood, 5, 500),
            (100, other, 20, 0),
            // A quiet while makes good.
            (10_000, flood, 20, 0),
            (10_000, flood, 10_000, 20_000),
            (30_000, flood, 1, 100),
        ] {
            let wait = pace.wait(who, edits, start + Duration::from_millis(after_ms));
            assert_eq!(wait, Duration::from_millis(wait_ms), "{edits} after {after_ms} ms");
        }
    }
}
