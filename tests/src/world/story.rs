//! What happened, line by line, for people to read. Kept only when somebody will.

use waybill_shared::time::Timestamp;

use super::clock::MONDAY_NOON;

#[derive(Default)]
pub struct Story {
    told: bool,
    lines: Vec<String>,
}

impl Story {
    pub fn told() -> Self {
        Self { told: true, lines: Vec::new() }
    }

    /// `line` is made only when it is kept.
    pub fn note(&mut self, now: Timestamp, who: &str, line: impl FnOnce() -> String) {
        if self.told {
            let passed = now.since(MONDAY_NOON);
            self.lines.push(format!("{:>9.3} s  {who:<8} {}", passed as f64 / 1000.0, line()));
        }
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}
