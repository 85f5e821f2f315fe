//! The clocks of this machine, and that somebody sets one of them while the program runs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use waybill_shared::{
    session::store::{Store as _, Write},
    time::Timestamp,
};

use super::{core::Core, edge, link::Link};

/// What the engine asks for the time.
#[derive(Clone)]
pub struct Clocks {
    /// What the machine's clock shows; anybody may set it.
    pub wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long it has run since some moment; nobody can set it.
    pub steady: Arc<dyn Fn() -> Duration + Send + Sync>,
    /// The steady clock also counts while the machine sleeps.
    pub counts_sleep: bool,
}

/// How often is looked whether the clock was set.
pub const LOOK: Duration = Duration::from_secs(2);
/// What moves by less was not set: clocks are drawn right slowly.
const SET_MS: i64 = 2_000;

impl Clocks {
    pub fn system() -> Self {
        // On Linux the clock of `Instant` stands still in sleep, and this one does not.
        if let Some(began) = uptime() {
            let steady = move || uptime().unwrap_or(began);
            return Self { wall: Arc::new(edge::now), steady: Arc::new(steady), counts_sleep: true };
        }
        let began = Instant::now();
        Self {
            wall: Arc::new(edge::now),
            steady: Arc::new(move || began.elapsed()),
            counts_sleep: cfg!(windows),
        }
    }
}

/// Since the system began, in hundredths of a second, sleep included.
fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall: Timestamp,
    steady: Duration,
}

impl Moment {
    pub fn of(clocks: &Clocks) -> Self {
        Self { wall: (clocks.wall)(), steady: (clocks.steady)() }
    }

    /// By how much the clock was set between an earlier moment and this one; negative: back.
    fn set_since(self, earlier: Self, counts_sleep: bool) -> Option<i64> {
        let passed = self.steady.saturating_sub(earlier.steady).as_millis();
        let by = self.wall.since(earlier.wall).saturating_sub(i64::try_from(passed).unwrap_or(i64::MAX));
        // Where the steady clock stands still in sleep, being ahead of it may be no more than that.
        let slept = by > 0 && !counts_sleep;
        (by.saturating_abs() >= SET_MS && !slept).then_some(by)
    }
}

impl Core {
    pub fn now(&self) -> Timestamp {
        (self.clocks.wall)()
    }

    /// Before anything is done by the clock: if somebody set it, the corrected time goes on as it did.
    pub fn look_at_clock(&mut self) {
        let moment = Moment::of(&self.clocks);
        let before = std::mem::replace(&mut self.looked, moment);
        let Some(by) = moment.set_since(before, self.clocks.counts_sleep) else { return };
        tracing::warn!(by, "this device's clock was set");
        let written = self.store.meta().and_then(|mut meta| {
            meta.clock_was_set(by, moment.wall);
            self.commit(&[Write::Meta(meta.into())])
        });
        match written {
            Ok(()) if self.online && matches!(self.link, Link::Up { .. }) => {
                // The server says anew what time it is, and hears how far this clock is off.
                self.hang_up("This device's clock was set.");
                self.link = Link::Down { retry_at: Some(tokio::time::Instant::now()) };
            }
            Ok(()) => {}
            Err(error) => {
                // Looked at again.
                self.looked = before;
                self.failed(&error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_set_clock_and_what_is_sleep() {
        let at = |wall: i64, steady: u64| Moment {
            wall: Timestamp::from_unix_ms(wall),
            steady: Duration::from_millis(steady),
        };
        let hour = 3_600_000;
        for (what, then, counts_sleep, by) in [
            ("time passed", at(hour, hour as u64), true, None),
            ("drawn right slowly", at(hour + 1_999, hour as u64), true, None),
            ("set ahead", at(3 * hour, hour as u64), true, Some(2 * hour)),
            ("set back", at(-2 * hour, hour as u64), true, Some(-3 * hour)),
            ("slept, uncounted", at(9 * hour, hour as u64), false, None),
            ("set back, sleep uncounted", at(0, hour as u64), false, Some(-hour)),
            ("the end of time", at(i64::MAX, 0), true, Some(i64::MAX)),
        ] {
            assert_eq!(then.set_since(at(0, 0), counts_sleep), by, "{what}");
        }
    }
}
