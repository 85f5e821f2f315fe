//! The greeted sockets of each device. An honest one has one, and perhaps some that still hang: whoever comes back is
//! let in at once, and the oldest goes.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;
use waybill_shared::{id::DeviceId, protocol::limits};

#[derive(Debug, Default)]
pub struct Sockets {
    /// The oldest first, by what tells them to go.
    of: Mutex<HashMap<DeviceId, VecDeque<Arc<Notify>>>>,
}

/// A place among them, until it is dropped.
#[derive(Debug)]
pub struct Greeted {
    sockets: Arc<Sockets>,
    device: DeviceId,
    goes: Arc<Notify>,
}

impl Sockets {
    /// One more of this device; `goes` is told when newer ones have its place.
    pub fn greeted(self: &Arc<Self>, device: DeviceId, goes: Arc<Notify>) -> Greeted {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let its = of.entry(device).or_default();
        its.push_back(Arc::clone(&goes));
        if its.len() > limits::SOCKETS
            && let Some(oldest) = its.pop_front()
        {
            metrics::counter!("waybill_sockets_displaced_total").increment(1);
            oldest.notify_one();
        }
        Greeted { sockets: Arc::clone(self), device, goes }
    }
}

impl Drop for Greeted {
    fn drop(&mut self) {
        let mut of = self.sockets.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(its) = of.get_mut(&self.device) {
            its.retain(|other| !Arc::ptr_eq(other, &self.goes));
            if its.is_empty() {
                of.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_oldest_of_a_device_goes_and_what_ended_counts_no_more() {
        let sockets = Arc::new(Sockets::default());
        let enter = |device: u128| sockets.greeted(DeviceId::new(Uuid::from_u128(device)), Arc::default());
        let is_told = |greeted: &Greeted| greeted.goes.notified().now_or_never().is_some();
        let other = enter(2);
        let mut here: VecDeque<Greeted> = (0..limits::SOCKETS).map(|_| enter(1)).collect();
        assert!(!here.iter().any(is_told));
        // One that ended by itself makes room.
        here.pop_back();
        here.push_back(enter(1));
        assert!(!here.iter().any(is_told));
        for _ in 0..3 {
            here.push_back(enter(1));
            assert!(is_told(&here.pop_front().unwrap()));
            assert!(!here.iter().any(is_told));
        }
        assert!(!is_told(&other));
        drop((here, other));
        assert!(sockets.of.lock().unwrap().is_empty());
    }
}
