//! How much is held of each device, so that no more is than a manager can look through.

use std::collections::{BTreeMap, HashMap};

use waybill_shared::{edit::Verdict, id::DeviceId};

/// Devices of which it stays in memory.
const REMEMBERED: usize = 20_000;

/// Of the devices that were asked about: what is held, and with what the batches under way hold.
#[derive(Debug)]
pub struct Held {
    most: u64,
    of: HashMap<DeviceId, u64>,
}

/// What one batch, or a share of it, changes.
#[derive(Debug, Default)]
pub struct HeldNow(BTreeMap<DeviceId, i64>);

impl Default for Held {
    /// Without end.
    fn default() -> Self {
        Self { most: u64::MAX, of: HashMap::new() }
    }
}

impl Held {
    /// Of each device at most so many.
    pub fn at_most(most: u64) -> Self {
        Self { most, of: HashMap::new() }
    }

    /// Whether the log has to be asked.
    pub fn is_open(&self, device: DeviceId) -> bool {
        self.most < u64::MAX && !self.of.contains_key(&device)
    }

    pub fn take_in(&mut self, held: Vec<(DeviceId, u64)>) {
        self.of.extend(held);
    }

    /// Others wrote to the log, or what was thought to be written was not.
    pub fn forget(&mut self) {
        self.of.clear();
    }

    /// So many more of its edits may be too many.
    pub fn is_near(&self, device: DeviceId, more: usize) -> bool {
        self.of.get(&device).is_some_and(|held| held.saturating_add(more as u64) > self.most)
    }

    pub fn is_full(&self, device: DeviceId, now: &HeldNow) -> bool {
        let by = now.0.get(&device).copied().unwrap_or_default();
        self.of.get(&device).is_some_and(|held| held.saturating_add_signed(by) >= self.most)
    }

    /// After a batch.
    pub fn passed(&mut self, now: HeldNow) {
        for (device, by) in now.0 {
            if let Some(held) = self.of.get_mut(&device) {
                *held = held.saturating_add_signed(by);
            }
        }
        if self.of.len() > REMEMBERED {
            self.of.clear();
        }
    }
}

impl HeldNow {
    /// An edit of the device that was told one thing is told another.
    pub fn note(&mut self, device: DeviceId, was: Option<&Verdict>, is: &Verdict) {
        let by = i64::from(is_held(is)) - i64::from(was.is_some_and(is_held));
        if by != 0 {
            *self.0.entry(device).or_default() += by;
        }
    }
}

pub fn is_held(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Held { .. })
}
