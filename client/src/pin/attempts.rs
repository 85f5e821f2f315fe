//! How wrong PINs are counted: from the third on each makes wait, twice as long each time, and after the tenth the
//! person is locked out until somebody lifts that. An attempt counts before it is known whether it is right.
//!
//! Whether a wait is over is read from the clock that cannot be set, as long as the program runs that took the
//! attempt; after that, from the clock of the device. Setting that forward skips waits, and never takes one from the
//! count. Setting it back makes the wait begin anew.

use serde::{Deserialize, Serialize};
use waybill_shared::time::Timestamp;

/// So many wrong ones in a row lock out.
pub const ALLOWED: u32 = 10;

/// The first that makes wait, and how long.
const FIRST: u32 = 3;
const FIRST_MS: u64 = 1000;

/// What the clocks say: that of the device, and how long this run of the program has lasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub wall: Timestamp,
    /// Which run it is.
    pub run: u64,
    pub running_ms: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Since the last right one.
    wrong: u32,
    last: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    Wait { ms: u64 },
    LockedOut,
}

impl Attempts {
    /// What becomes of an attempt now. `&mut`: a clock that was set back is noticed.
    pub fn gate(&mut self, now: Moment) -> Gate {
        if self.wrong >= ALLOWED {
            return Gate::LockedOut;
        }
        let wait = wait_after(self.wrong);
        let Some(last) = self.last else { return Gate::Open };
        let gone = if last.run == now.run {
            now.running_ms.saturating_sub(last.running_ms)
        } else if let Ok(gone) = u64::try_from(now.wall.since(last.wall)) {
            gone
        } else {
            // Otherwise a clock that was wrong once would make wait for as long as it was wrong.
            self.last = Some(now);
            0
        };
        match wait.saturating_sub(gone) {
            0 => Gate::Open,
            ms => Gate::Wait { ms },
        }
    }

    /// An attempt is made.
    pub fn count(&mut self, now: Moment) {
        self.wrong = self.wrong.saturating_add(1);
        self.last = Some(now);
    }

    pub fn forgive(&mut self) {
        *self = Self::default();
    }

    /// How many more may be wrong before it locks out.
    pub fn left(&self) -> u32 {
        ALLOWED.saturating_sub(self.wrong)
    }
}

/// How long the next attempt waits after so many wrong ones.
fn wait_after(wrong: u32) -> u64 {
    match wrong.checked_sub(FIRST) {
        None => 0,
        Some(more) => FIRST_MS.saturating_mul(1 << more.min(ALLOWED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_763_600_000_000;

    fn at(run: u64, running_ms: u64, wall_ms: i64) -> Moment {
        Moment { wall: Timestamp::from_unix_ms(NOON + wall_ms), run, running_ms }
    }

    fn wrong(times: u32, last: Moment) -> Attempts {
        Attempts { wrong: times, last: (times > 0).then_some(last) }
    }

    #[test]
    fn waits_double_from_the_third_on_and_the_tenth_locks_out() {
        let told: Vec<_> = (0..=11).map(|times| wrong(times, at(1, 0, 0)).gate(at(1, 0, 0))).collect();
        let wait = |s: u64| Gate::Wait { ms: s * 1000 };
        let expected = [
            Gate::Open,
            Gate::Open,
            Gate::Open,
            wait(1),
            wait(2),
            wait(4),
            wait(8),
            wait(16),
            wait(32),
            wait(64),
            Gate::LockedOut,
            Gate::LockedOut,
        ];
        assert_eq!(told, expected);
    }

    /// Nine wrong ones: 64 s.
    #[test]
    fn what_the_clocks_say_of_the_wait() {
        let last = at(1, 10_000, 0);
        let table = [
            ("at once", at(1, 10_000, 0), Gate::Wait { ms: 64_000 }),
            ("half of it", at(1, 42_000, 32_000), Gate::Wait { ms: 32_000 }),
            ("all of it", at(1, 74_000, 64_000), Gate::Open),
            ("the clock set forward by a year", at(1, 11_000, 31_536_000_000), Gate::Wait { ms: 63_000 }),
            ("the clock set back by a year", at(1, 74_000, -31_536_000_000), Gate::Open),
            ("started again", at(2, 0, 32_000), Gate::Wait { ms: 32_000 }),
            ("started again after it", at(2, 0, 64_000), Gate::Open),
            ("started again, set forward", at(2, 0, 31_536_000_000), Gate::Open),
            ("started again, set back", at(2, 0, -31_536_000_000), Gate::Wait { ms: 64_000 }),
        ];
        for (what, now, expected) in table {
            assert_eq!(wrong(9, last).gate(now), expected, "{what}");
            assert_eq!(wrong(10, last).gate(now), Gate::LockedOut, "{what}, after the tenth");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_wait_once_and_not_for_a_year() {
        let mut attempts = wrong(9, at(1, 0, 31_536_000_000));
        assert_eq!(attempts.gate(at(2, 5000, 0)), Gate::Wait { ms: 64_000 });
        assert_eq!(attempts.gate(at(2, 15_000, 10_000)), Gate::Wait { ms: 54_000 });
        assert_eq!(attempts.gate(at(2, 69_000, 64_000)), Gate::Open);
    }

    #[test]
    fn clocks_that_are_set_and_programs_that_are_killed_never_give_an_eleventh_try() {
        let mut attempts = Attempts::default();
        let mut tries = 0;
        for round in 0..1000_u64 {
            // Each round the program is killed, started again, and the clock set as suits best.
            let now = at(round, 0, i64::try_from(round).unwrap() * 86_400_000);
            if attempts.gate(now) == Gate::Open {
                attempts.count(now);
                tries += 1;
            }
        }
        assert_eq!((tries, attempts.left()), (ALLOWED, 0));
        attempts.forgive();
        assert_eq!((attempts.gate(at(0, 0, 0)), attempts.left()), (Gate::Open, ALLOWED));
    }
}
