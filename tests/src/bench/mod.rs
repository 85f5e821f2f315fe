//! Benchmarks: each prints its figures, and beside them what the machine itself can do in the same run.

mod beside;
pub mod crowd;
pub mod edit;
pub mod fanout;
pub mod first_sync;
mod goods;
pub mod grown;
pub mod intake;
mod life;
mod machine;
pub mod nodes;
mod proxy;
pub mod reconnect;
pub mod storm;

use std::time::Duration;

use serde_json::json;
use waybill_shared::time::Timestamp;

pub struct Report {
    bench: &'static str,
    json: bool,
    small: bool,
}

impl Report {
    /// `small`: everything a hundred times smaller, to see that it runs.
    pub fn new(bench: &'static str, json: bool, small: bool) -> Self {
        Self { bench, json, small }
    }

    fn size(&self, whole: usize) -> usize {
        if self.small { whole / 100 } else { whole }
    }

    pub fn figure(&self, figure: &str, value: f64, unit: &str) {
        let rounded = if value < 100.0 { (value * 100.0).round() / 100.0 } else { value.round() };
        if self.json {
            println!("{}", json!({"bench": self.bench, "figure": figure, "value": rounded, "unit": unit}));
        } else {
            println!("{:<10} {figure:<44} {rounded:>12} {unit}", self.bench);
        }
    }

    /// The middle and the slowest hundredth of many durations, in milliseconds.
    fn latencies(&self, figure: &str, mut all: Vec<Duration>) {
        all.sort_unstable();
        for (name, share) in [("p50", 0.50), ("p99", 0.99)] {
            let at = ((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1));
            let value = all.get(at).copied().unwrap_or_default();
            self.figure(&format!("{figure} {name}"), value.as_secs_f64() * 1000.0, "ms");
        }
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_ms(chrono::Utc::now().timestamp_millis())
}
