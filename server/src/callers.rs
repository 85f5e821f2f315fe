//! Those who have not said yet who they are, by the address they come from: of the places there are for them nobody
//! takes more than a quarter. A shop behind one address connects at once all the same: each of its devices is among
//! them for a moment only, and is not counted any more once it was greeted.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Where there are few places altogether, a quarter would be too little for one device that comes back.
const FEWEST: usize = 16;

#[derive(Debug)]
pub struct Callers {
    most: usize,
    here: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Caller {
    callers: Arc<Callers>,
    from: IpAddr,
}

impl Callers {
    pub fn of(places: usize) -> Arc<Self> {
        Arc::new(Self { most: (places / 4).max(FEWEST), here: Mutex::default() })
    }

    /// `None`: there are too many from this address already.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Caller> {
        let from = network(address);
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let many = here.entry(from).or_insert(0);
        if *many >= self.most {
            return None;
        }
        *many += 1;
        Some(Caller { callers: Arc::clone(self), from })
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let mut here = self.callers.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(many) = here.get_mut(&self.from) {
            *many = many.saturating_sub(1);
            if *many == 0 {
                here.remove(&self.from);
            }
        }
    }
}

/// Whoever has an address of IPv6 has 2^72 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 72 << 72)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_a_quarter_at_most_and_leaves_the_rest_to_others() {
        let callers = Callers::of(400);
        let enter = |address: &str| callers.enter(address.parse().unwrap());
        for (flood, neighbour, same) in [
            ("192.0.2.1", "192.0.2.2", "::ffff:192.0.2.1"),
            ("2001:db8:0:100::1", "2001:db8:0:200::1", "2001:db8:0:1ff::7"),
        ] {
            let mut here: Vec<Caller> = (0..100).map(|_| enter(flood).unwrap()).collect();
            assert!(enter(flood).is_none() && enter(same).is_none());
            assert!(enter(neighbour).is_some());
            // Whoever was greeted or went makes room.
            here.pop();
            assert!(enter(same).is_some());
            drop(here);
        }
        assert!(callers.here.lock().unwrap().is_empty());
    }
}
