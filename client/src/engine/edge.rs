//! The edge where time and randomness come in; everything behind it gets them as arguments.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use waybill_shared::{
    id::{Entropy, Id},
    kind::{DocAddr, DocKind},
    session::enter::fresh_address,
    time::Timestamp,
};

use crate::pin::Run;

/// What this device's own clock shows, right or wrong: for `Meta::now`, which corrects it.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock of the machine")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Entropy for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without randomness no id may be made: two devices would make the same one.
        assert!(getrandom::fill(bytes).is_ok(), "the operating system gives no random bytes");
    }
}

/// The address of a document that is about to be made.
pub fn fresh(kind: DocKind) -> DocAddr {
    fresh_address(kind, now(), &mut System)
}

pub fn fresh_id<T: Id>() -> T {
    T::fresh(now(), &mut System)
}

/// This run of the program, from now on.
pub fn run() -> Run {
    let mut bytes = [0; 8];
    System.fill(&mut bytes);
    Run { number: u64::from_le_bytes(bytes), began: Instant::now() }
}

/// How long to wait before the next attempt to connect: doubling, and somewhere in the upper half, so that
/// a thousand devices do not come back at once.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

const FIRST_MS: u64 = 500;
/// Before another address is tried: the devices of a server that went do not all come to the next one at once.
const OTHER_MS: u64 = 100;
const LAST_MS: u64 = 30_000;

impl Backoff {
    pub fn reset(&mut self) {
        self.attempts = 0;
    }

    pub fn next(&mut self, entropy: &mut dyn Entropy) -> Duration {
        let whole = FIRST_MS.saturating_mul(1 << self.attempts.min(10)).min(LAST_MS);
        self.attempts = self.attempts.saturating_add(1);
        upper_half(whole, entropy)
    }

    /// Before another address of the same is tried.
    pub fn other(entropy: &mut dyn Entropy) -> Duration {
        upper_half(OTHER_MS, entropy)
    }
}

fn upper_half(whole: u64, entropy: &mut dyn Entropy) -> Duration {
    let mut random = [0; 2];
    entropy.fill(&mut random);
    let part = u64::from(u16::from_be_bytes(random)) * (whole / 2) / u64::from(u16::MAX);
    Duration::from_millis(whole / 2 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same(u8);

    impl Entropy for Same {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waiting_doubles_up_to_half_a_minute_and_never_by_a_fixed_beat() {
        let waits = |byte: u8| {
            let mut backoff = Backoff::default();
            (0..9).map(|_| backoff.next(&mut Same(byte)).as_millis()).collect::<Vec<_>>()
        };
        assert_eq!(waits(255), [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
        assert_eq!(waits(0), [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
    }
}
