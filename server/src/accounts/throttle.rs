//! Waits after wrong passwords, per name and per network address: each further one doubles the wait.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Many people may sit behind one address, so an address is given more tries than a name.
const TRIES_OF_AN_ADDRESS: u32 = 8;
const REMEMBERED: Duration = Duration::from_secs(3_600);
const MOST_ENTRIES: usize = 20_000;

#[derive(Debug)]
pub(super) struct Throttle {
    tries: u32,
    longest_wait: Duration,
    failures: Mutex<Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    names: HashMap<String, Entry>,
    addresses: HashMap<IpAddr, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    count: u32,
    last: Instant,
}

/// One password that is being tried, and when the ones before it were.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(super) struct Try {
    name: String,
    address: IpAddr,
    at: Instant,
    before_of_name: Instant,
    before_of_address: Instant,
}

impl Throttle {
    pub fn new(tries: u32, longest_wait: Duration) -> Throttle {
        Throttle { tries, longest_wait, failures: Mutex::default() }
    }

    /// Asks whether a password may be tried now. The try counts as wrong from the start, so that a hundred tries
    /// at the same moment are not a hundred free ones; `right` and `unchecked` take it back.
    pub fn begin(&self, name: &str, address: IpAddr, now: Instant) -> Result<Try, Duration> {
        let address = network(address);
        let mut failures = self.failures();
        let by_name = wait(failures.names.get(name), self.tries, self.longest_wait, now);
        let tries = self.tries.saturating_mul(TRIES_OF_AN_ADDRESS);
        let by_address = wait(failures.addresses.get(&address), tries, self.longest_wait, now);
        let longest = by_name.max(by_address);
        if !longest.is_zero() {
            return Err(longest);
        }
        let before_of_name = count(&mut failures.names, name.to_owned(), now);
        let before_of_address = count(&mut failures.addresses, address, now);
        Ok(Try { name: name.to_owned(), address, at: now, before_of_name, before_of_address })
    }

    /// Whether the password was right did not come out, by no fault of who typed it: as if it was never tried.
    pub fn unchecked(&self, tried: &Try) {
        let mut failures = self.failures();
        take_back(failures.names.get_mut(&tried.name), tried.at, tried.before_of_name);
        take_back(failures.addresses.get_mut(&tried.address), tried.at, tried.before_of_address);
    }

    /// The password was right: the name starts afresh. The address only gets this try back, or one good account
    /// would free an attacker's address for guessing others.
    pub fn right(&self, tried: &Try) {
        let mut failures = self.failures();
        failures.names.remove(&tried.name);
        take_back(failures.addresses.get_mut(&tried.address), tried.at, tried.before_of_address);
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait(entry: Option<&Entry>, tries: u32, longest: Duration, now: Instant) -> Duration {
    let Some(entry) = entry else { return Duration::ZERO };
    let Some(doublings) = entry.count.checked_sub(tries) else { return Duration::ZERO };
    let wait = Duration::from_secs(1).saturating_mul(1 << doublings.min(20)).min(longest);
    (entry.last + wait).saturating_duration_since(now)
}

fn take_back(entry: Option<&mut Entry>, at: Instant, before: Instant) {
    let Some(entry) = entry else { return };
    entry.count = entry.count.saturating_sub(1);
    // Unless another one came after it, its wait goes with it.
    if entry.last == at {
        entry.last = before;
    }
}

/// Gives when the try before this one was.
fn count<K: Clone + Eq + Hash>(entries: &mut HashMap<K, Entry>, key: K, now: Instant) -> Instant {
    if entries.len() >= MOST_ENTRIES {
        entries.retain(|_, entry| now.saturating_duration_since(entry.last) < REMEMBERED);
    }
    if entries.len() >= MOST_ENTRIES {
        // Under a flood of invented names the older half goes: what is being guessed at now stays.
        let mut ages: Vec<Instant> = entries.values().map(|entry| entry.last).collect();
        let middle = ages.len() / 2;
        let (_, median, _) = ages.select_nth_unstable(middle);
        let median = *median;
        entries.retain(|_, entry| entry.last > median);
    }
    let entry = entries.entry(key).or_insert(Entry { count: 0, last: now });
    if now.saturating_duration_since(entry.last) >= REMEMBERED {
        entry.count = 0;
    }
    entry.count = entry.count.saturating_add(1);
    std::mem::replace(&mut entry.last, now)
}

/// One customer of an internet provider has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn throttle() -> Throttle {
        Throttle::new(3, Duration::from_secs(60))
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn waits_begin_after_the_free_tries_and_double_up_to_the_longest() {
        let throttle = throttle();
        let mut now = Instant::now();
        for _ in 0..3 {
            assert!(throttle.begin("anna", HERE, now).is_ok());
        }
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(throttle.begin("anna", HERE, now).map(drop), Err(seconds(expected)));
            now += seconds(expected);
            assert!(throttle.begin("anna", HERE, now).is_ok(), "after {expected} s");
        }
    }

    #[test]
    fn the_right_password_frees_the_name_and_another_name_never_waits_for_it() {
        let throttle = throttle();
        let now = Instant::now();
        let tried = [(); 3].map(|()| throttle.begin("anna", HERE, now).unwrap());
        assert!(throttle.begin("anna", HERE, now).is_err());
        assert!(throttle.begin("ben", HERE, now).is_ok());
        throttle.right(&tried[2]);
        assert!(throttle.begin("anna", HERE, now).is_ok());
    }

    #[test]
    fn a_try_that_was_not_checked_leaves_name_and_address_as_they_were() {
        let throttle = throttle();
        let now = Instant::now();
        for _ in 0..4 * TRIES_OF_AN_ADDRESS {
            let tried = throttle.begin("anna", HERE, now).unwrap();
            throttle.unchecked(&tried);
        }
        for _ in 0..3 {
            let _ = throttle.begin("anna", HERE, now).unwrap();
        }
        // After a wait another one that nobody checked: no new wait begins with it.
        let later = now + seconds(1);
        let tried = throttle.begin("anna", HERE, later).unwrap();
        throttle.unchecked(&tried);
        assert!(throttle.begin("anna", HERE, later).is_ok());
        assert_eq!(throttle.begin("anna", HERE, later).map(drop), Err(seconds(2)), "this one counted");
    }

    #[test]
    fn an_address_that_guesses_at_many_names_waits_and_its_ipv6_neighbours_with_it() {
        let throttle = throttle();
        let now = Instant::now();
        let first: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff".parse().unwrap();
        for number in 0..3 * TRIES_OF_AN_ADDRESS {
            let _ = throttle.begin(&format!("name{number}"), first, now).unwrap();
        }
        assert!(throttle.begin("another", neighbour, now).is_err());
        assert!(throttle.begin("another", HERE, now).is_ok());
    }

    #[test]
    fn a_flood_of_invented_names_keeps_memory_bounded_and_what_is_guessed_at_waiting() {
        let throttle = Throttle::new(1, seconds(3_000));
        let mut now = Instant::now();
        for number in 0..2 * MOST_ENTRIES {
            now += Duration::from_millis(1);
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(u32::try_from(number).unwrap()));
            let _ = throttle.begin(&format!("name{number}"), address, now).unwrap();
        }
        let failures = throttle.failures();
        assert!(failures.names.len() <= MOST_ENTRIES && failures.addresses.len() <= MOST_ENTRIES);
        drop(failures);
        let last = format!("name{}", 2 * MOST_ENTRIES - 1);
        assert!(throttle.begin(&last, HERE, now).is_err(), "the latest name still waits");
    }

    #[test]
    fn after_an_hour_all_is_forgotten() {
        let throttle = throttle();
        let now = Instant::now();
        for _ in 0..3 {
            let _ = throttle.begin("anna", HERE, now).unwrap();
        }
        let later = now + REMEMBERED;
        for _ in 0..3 {
            assert!(throttle.begin("anna", HERE, later).is_ok());
        }
    }
}
