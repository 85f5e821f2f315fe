//! Passwords: argon2id, checked a few at a time so that a flood of sign-ins cannot starve the machine.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::throttle::Place;

/// How many sign-ins may wait before further ones are turned away; of one network or device; and of all networks, so that
/// there is room for devices that are known.
const LONGEST_QUEUE: usize = 64;
const LONGEST_OF_ONE: usize = 16;
const LONGEST_OF_NETWORKS: usize = 48;

/// What an unknown name is checked against: the same work as for a known one, and never a match.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

#[derive(Debug)]
pub(super) struct Checker {
    places: Arc<Semaphore>,
    waiting: Mutex<HashMap<Place, usize>>,
}

/// Too many sign-ins wait already.
#[derive(Debug)]
pub(super) struct Full;

impl Checker {
    pub fn new(at_once: usize) -> Checker {
        Checker { places: Arc::new(Semaphore::new(at_once)), waiting: Mutex::default() }
    }

    /// Whether the password belongs to the stored hash; with no hash (an unknown name) the same work is done.
    pub async fn matches(&self, password: String, stored: Option<String>, from: Place) -> Result<bool, Full> {
        let _queued = Queued::enter(&self.waiting, from)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Full)?;
        let checked = tokio::task::spawn_blocking(move || {
            let _place = place;
            let known = stored.is_some();
            let Some(hash) = stored.or_else(|| NOBODY.clone()) else { return false };
            let matches = Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
            known && matches
        });
        Ok(checked.await.unwrap_or(false))
    }

    /// The text to be stored for a new password, made in the same places.
    pub async fn hash(&self, password: String, from: Place) -> Result<Option<String>, Full> {
        let _queued = Queued::enter(&self.waiting, from)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Full)?;
        let hashed = tokio::task::spawn_blocking(move || {
            let _place = place;
            hash(&password).ok()
        });
        Ok(hashed.await.unwrap_or(None))
    }
}

/// A place in the queue, given back however the wait ends: also when the client goes away meanwhile.
struct Queued<'a>(&'a Mutex<HashMap<Place, usize>>, Place);

impl<'a> Queued<'a> {
    fn enter(queue: &'a Mutex<HashMap<Place, usize>>, from: Place) -> Result<Queued<'a>, Full> {
        let mut waiting = queue.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = waiting.values().sum();
        let of_networks: usize =
            waiting.iter().filter(|(place, _)| !place.is_known()).map(|(_, many)| many).sum();
        let own = waiting.get(&from).copied().unwrap_or(0);
        let full = own >= LONGEST_OF_ONE
            || all >= LONGEST_QUEUE
            || !from.is_known() && of_networks >= LONGEST_OF_NETWORKS;
        if full {
            return Err(Full);
        }
        waiting.insert(from, own + 1);
        Ok(Queued(queue, from))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.get_mut(&self.1) {
            Some(many) if *many > 1 => *many -= 1,
            _ => {
                waiting.remove(&self.1);
            }
        }
    }
}

/// The text that is stored for a password.
pub(super) fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use waybill_shared::id::DeviceId;

    fn network(number: u32) -> Place {
        Place::at(IpAddr::V4(Ipv4Addr::from_bits(number << 8)))
    }

    #[tokio::test]
    async fn only_the_right_password_matches_and_an_unknown_name_never_does() {
        let checker = Checker::new(1);
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(checker.matches("correct horse".into(), Some(stored.clone()), network(1)).await.unwrap());
        assert!(!checker.matches("correct horsf".into(), Some(stored), network(1)).await.unwrap());
        assert!(!checker.matches("nobody has this password".into(), None, network(1)).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_leaves_room_for_others_and_the_places_come_back() {
        let checker = Arc::new(Checker::new(1));
        let held = Arc::clone(&checker.places).acquire_owned().await.unwrap();
        let mut queue = tokio::task::JoinSet::new();
        let mut fills = async |from: Place, many: usize| {
            let before: usize = checker.waiting.lock().unwrap().values().sum();
            for _ in 0..many {
                let checker = Arc::clone(&checker);
                queue.spawn(async move { checker.matches("x".into(), None, from).await.is_ok() });
            }
            while checker.waiting.lock().unwrap().values().sum::<usize>() < before + many {
                tokio::task::yield_now().await;
            }
        };
        let full = async |from: Place| checker.matches("x".into(), None, from).await.is_err();
        fills(network(1), LONGEST_OF_ONE).await;
        assert!(full(network(1)).await, "one network takes no more of it");
        fills(network(2), LONGEST_OF_ONE).await;
        fills(network(3), LONGEST_OF_ONE).await;
        assert!(full(network(4)).await, "nor do all together");
        let till = Place::Device(DeviceId::new(uuid::Uuid::from_u128(1)));
        fills(till, LONGEST_OF_ONE).await;
        let van = Place::Device(DeviceId::new(uuid::Uuid::from_u128(2)));
        assert!(full(van).await, "now it is full");
        queue.abort_all();
        while queue.join_next().await.is_some() {}
        drop(held);
        assert!(!full(network(4)).await, "places of clients that went away are free again");
        assert!(checker.waiting.lock().unwrap().is_empty());
    }
}
