//! A device's own clock: off by something, and running away slowly.

use waybill_shared::time::Timestamp;

/// When every world begins: a Monday at noon.
pub const MONDAY_NOON: Timestamp = Timestamp::from_unix_ms(1_795_176_000_000);

#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    pub skew_ms: i64,
    /// Milliseconds gained in an hour.
    pub drift: i64,
}

impl Clock {
    /// What this clock shows at a true time.
    pub fn shows(self, now: Timestamp) -> Timestamp {
        let passed = now.since(MONDAY_NOON);
        now.plus_ms(self.skew_ms).plus_ms(passed.saturating_mul(self.drift) / 3_600_000)
    }
}
