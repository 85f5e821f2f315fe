//! Waits after wrong passwords. They count for a person and the place from which it is tried together, so that nobody
//! shuts out another: neither the person elsewhere, nor others behind the same address, nor a device that is known.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use waybill_shared::id::DeviceId;

/// Wrong ones of one network, whomever they are for, in so many times the tries of a person there: from then on a person
/// has one free try from it. Many may sit behind one address, and each still has that.
const TRIES_OF_A_NETWORK: u32 = 8;
/// Wrong ones for one person from all networks together, in so many times the tries of one place: from then on strangers
/// wait for each other. Who has a device that is known, or an admin's code, does not wait for strangers.
const TRIES_OF_STRANGERS: u32 = 20;
const REMEMBERED: Duration = Duration::from_secs(3_600);
const MOST_ENTRIES: usize = 20_000;

/// From where somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// One that showed a token of its own: on which network it is does not matter.
    Device(DeviceId),
    /// Any other, by the network of its address.
    Network(IpAddr),
}

impl Place {
    /// Of an address: whoever has one has its neighbours too, a few hundred of IPv4 and 2^72 of IPv6.
    pub fn at(address: IpAddr) -> Place {
        Place::Network(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 72 << 72)),
        })
    }

    pub fn is_known(self) -> bool {
        matches!(self, Place::Device(_))
    }
}

#[derive(Debug)]
pub(super) struct Throttle {
    tries: u32,
    longest_wait: Duration,
    failures: Mutex<Failures>,
}

/// A name, a place, and whether it is tried by an admin's code: whoever guesses at passwords does not shut out a code.
type Pair = (String, Place, bool);

#[derive(Debug, Default)]
struct Failures {
    pairs: HashMap<Pair, Entry>,
    networks: HashMap<Place, Entry>,
    /// By strangers, for each name.
    names: HashMap<String, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    count: u32,
    last: Instant,
}

/// Why a password is not tried now, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// After wrong ones from there.
    Here(Duration),
    /// After wrong ones for this name from many networks.
    ForStrangers(Duration),
}

/// One password that is being tried, and when the ones before it were.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(super) struct Try {
    pair: Pair,
    at: Instant,
    before_of_pair: Instant,
    /// Of the network and of the name, where it counts for them.
    before_of_strangers: Option<(Instant, Instant)>,
}

impl Throttle {
    pub fn new(tries: u32, longest_wait: Duration) -> Throttle {
        Throttle { tries, longest_wait, failures: Mutex::default() }
    }

    /// Asks whether a password or code may be tried now. The try counts as wrong from the start, so that a hundred tries
    /// at the same moment are not a hundred free ones; `right` and `unchecked` take it back.
    pub fn begin(&self, name: &str, place: Place, by_code: bool, now: Instant) -> Result<Try, Waits> {
        let mut failures = self.failures();
        let strange = !place.is_known() && !by_code;
        let of_network = self.tries.saturating_mul(TRIES_OF_A_NETWORK);
        let guesses = |entry: &Entry| entry.count >= of_network && entry.is_recent(now);
        let tries = if failures.networks.get(&place).is_some_and(guesses) { 1 } else { self.tries };
        let pair = (name.to_owned(), place, by_code);
        let here = wait(failures.pairs.get(&pair), tries, self.longest_wait, now);
        if !here.is_zero() {
            return Err(Waits::Here(here));
        }
        if strange {
            let of_strangers = self.tries.saturating_mul(TRIES_OF_STRANGERS);
            let wait = wait(failures.names.get(name), of_strangers, self.longest_wait, now);
            if !wait.is_zero() {
                return Err(Waits::ForStrangers(wait));
            }
        }
        let before_of_pair = count(&mut failures.pairs, pair.clone(), now);
        let before_of_strangers = strange.then(|| {
            let of_network = count(&mut failures.networks, place, now);
            (of_network, count(&mut failures.names, name.to_owned(), now))
        });
        Ok(Try { pair, at: now, before_of_pair, before_of_strangers })
    }

    /// Whether the password was right did not come out, by no fault of who typed it: as if it was never tried.
    pub fn unchecked(&self, tried: &Try) {
        let mut failures = self.failures();
        take_back(failures.pairs.get_mut(&tried.pair), tried.at, tried.before_of_pair);
        failures.take_back_of_strangers(tried);
    }

    /// The password was right: the person starts afresh there. Network and strangers only get this try back, or one good
    /// account would free an attacker for guessing at others.
    pub fn right(&self, tried: &Try) {
        let mut failures = self.failures();
        failures.pairs.remove(&tried.pair);
        failures.take_back_of_strangers(tried);
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures {
    fn take_back_of_strangers(&mut self, tried: &Try) {
        if let Some((of_network, of_name)) = tried.before_of_strangers {
            let (name, place, _) = &tried.pair;
            take_back(self.networks.get_mut(place), tried.at, of_network);
            take_back(self.names.get_mut(name), tried.at, of_name);
        }
    }
}

impl Entry {
    fn is_recent(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) < REMEMBERED
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
        entries.retain(|_, entry| entry.is_recent(now));
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
    if !entry.is_recent(now) {
        entry.count = 0;
    }
    entry.count = entry.count.saturating_add(1);
    std::mem::replace(&mut entry.last, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle() -> Throttle {
        Throttle::new(3, Duration::from_secs(60))
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn place(address: &str) -> Place {
        Place::at(address.parse().unwrap())
    }

    fn network(number: u32) -> Place {
        Place::at(IpAddr::V4(Ipv4Addr::from_bits(number << 8)))
    }

    fn here() -> Place {
        place("192.0.2.1")
    }

    /// By password.
    fn tries(throttle: &Throttle, name: &str, place: Place, now: Instant) -> Result<Try, Waits> {
        throttle.begin(name, place, false, now)
    }

    #[test]
    fn waits_begin_after_the_free_tries_and_double_up_to_the_longest() {
        let throttle = throttle();
        let mut now = Instant::now();
        for _ in 0..3 {
            assert!(tries(&throttle, "anna", here(), now).is_ok());
        }
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            let told = tries(&throttle, "anna", here(), now).map(drop);
            assert_eq!(told, Err(Waits::Here(seconds(expected))));
            now += seconds(expected);
            assert!(tries(&throttle, "anna", here(), now).is_ok(), "after {expected} s");
        }
    }

    #[test]
    fn whoever_guesses_at_a_person_shuts_out_nobody_else_and_not_them_elsewhere() {
        let throttle = throttle();
        let now = Instant::now();
        while tries(&throttle, "anna", here(), now).is_ok() {}
        let till = Place::Device(DeviceId::new(uuid::Uuid::from_u128(1)));
        for (who, name, place) in [
            ("anna somewhere else", "anna", place("198.51.100.7")),
            ("anna on her device, wherever it is", "anna", till),
            ("a colleague behind the same address", "ben", here()),
        ] {
            assert!(tries(&throttle, name, place, now).is_ok(), "{who}");
        }
        assert!(throttle.begin("anna", here(), true, now).is_ok(), "anna here, by an admin's code");
        let neighbour = tries(&throttle, "anna", place("192.0.2.200"), now);
        assert!(neighbour.is_err(), "its neighbour is the same network");
    }

    #[test]
    fn the_right_password_frees_the_person_there() {
        let throttle = throttle();
        let now = Instant::now();
        let tried = [(); 3].map(|()| tries(&throttle, "anna", here(), now).unwrap());
        assert!(tries(&throttle, "anna", here(), now).is_err());
        throttle.right(&tried[2]);
        assert!(tries(&throttle, "anna", here(), now).is_ok());
    }

    #[test]
    fn a_try_that_was_not_checked_leaves_everything_as_it_was() {
        let throttle = throttle();
        let now = Instant::now();
        for _ in 0..4 * TRIES_OF_STRANGERS {
            let tried = tries(&throttle, "anna", here(), now).unwrap();
            throttle.unchecked(&tried);
        }
        for _ in 0..3 {
            let _ = tries(&throttle, "anna", here(), now).unwrap();
        }
        // After a wait another one that nobody checked: no new wait begins with it.
        let later = now + seconds(1);
        let tried = tries(&throttle, "anna", here(), later).unwrap();
        throttle.unchecked(&tried);
        assert!(tries(&throttle, "anna", here(), later).is_ok());
        let told = tries(&throttle, "anna", here(), later).map(drop);
        assert_eq!(told, Err(Waits::Here(seconds(2))), "this one counted");
    }

    #[test]
    fn in_a_network_that_guesses_at_many_each_person_still_has_a_try() {
        let throttle = throttle();
        let now = Instant::now();
        let (first, neighbour) = (place("2001:db8::1"), place("2001:db8:0:ff::1"));
        assert_eq!(first, neighbour, "one customer's network");
        for number in 0..3 * TRIES_OF_A_NETWORK {
            let _ = tries(&throttle, &format!("name{number}"), first, now).unwrap();
        }
        let honest = tries(&throttle, "another", neighbour, now).expect("nobody is shut out by others");
        assert!(tries(&throttle, "another", neighbour, now).is_err(), "the second one waits");
        throttle.right(&honest);
        assert!(tries(&throttle, "another", neighbour, now).is_ok(), "who knows the password goes on");
        let elsewhere = [(); 3].map(|()| tries(&throttle, "another", here(), now));
        assert!(elsewhere.iter().all(Result::is_ok), "{elsewhere:?}");
    }

    #[test]
    fn a_person_guessed_at_from_everywhere_is_guessed_no_faster_and_goes_on_on_a_known_device() {
        let throttle = throttle();
        let now = Instant::now();
        let free = 3 * TRIES_OF_STRANGERS;
        let got_through =
            (0..10 * free).filter(|number| tries(&throttle, "anna", network(*number), now).is_ok()).count();
        assert_eq!(got_through, free as usize, "all networks together");
        let fresh = network(1_000_000);
        let told = tries(&throttle, "anna", fresh, now).map(drop);
        assert_eq!(told, Err(Waits::ForStrangers(seconds(1))));
        let till = Place::Device(DeviceId::new(uuid::Uuid::from_u128(1)));
        let tried = [(); 3].map(|()| tries(&throttle, "anna", till, now));
        assert!(tried.iter().all(Result::is_ok), "on a device that is known");
        assert!(tries(&throttle, "anna", till, now).is_err(), "and no further than any other");
        assert!(throttle.begin("anna", fresh, true, now).is_ok(), "by an admin's code");
        assert!(tries(&throttle, "ben", fresh, now).is_ok(), "somebody else");
    }

    #[test]
    fn a_flood_of_invented_names_keeps_memory_bounded_and_what_is_guessed_at_waiting() {
        let throttle = Throttle::new(1, seconds(3_000));
        let mut now = Instant::now();
        for number in 0..2 * u32::try_from(MOST_ENTRIES).unwrap() {
            now += Duration::from_millis(1);
            let _ = tries(&throttle, &format!("name{number}"), network(number), now).unwrap();
        }
        let failures = throttle.failures();
        let sizes = [failures.pairs.len(), failures.networks.len(), failures.names.len()];
        assert!(sizes.iter().all(|size| *size <= MOST_ENTRIES), "{sizes:?}");
        drop(failures);
        let last = 2 * u32::try_from(MOST_ENTRIES).unwrap() - 1;
        let told = tries(&throttle, &format!("name{last}"), network(last), now);
        assert!(told.is_err(), "the latest name still waits");
    }

    #[test]
    fn after_an_hour_all_is_forgotten() {
        let throttle = throttle();
        let now = Instant::now();
        for _ in 0..3 {
            let _ = tries(&throttle, "anna", here(), now).unwrap();
        }
        let later = now + REMEMBERED;
        for _ in 0..3 {
            assert!(tries(&throttle, "anna", here(), later).is_ok());
        }
    }
}
