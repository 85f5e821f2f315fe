//! Passwords: argon2id, checked a few at a time so that a flood of sign-ins cannot starve the machine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// How many sign-ins may wait for a free place before further ones are turned away.
const LONGEST_QUEUE: usize = 64;

/// What an unknown name is checked against: the same work as for a known one, and never a match.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

#[derive(Debug)]
pub(super) struct Checker {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Too many sign-ins wait already.
#[derive(Debug)]
pub(super) struct Full;

impl Checker {
    pub fn new(at_once: usize) -> Checker {
        Checker { places: Arc::new(Semaphore::new(at_once)), waiting: AtomicUsize::new(0) }
    }

    /// Whether the password belongs to the stored hash; with no hash (an unknown name) the same work is done.
    pub async fn matches(&self, password: String, stored: Option<String>) -> Result<bool, Full> {
        let _queued = Queued::enter(&self.waiting)?;
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
    pub async fn hash(&self, password: String) -> Result<Option<String>, Full> {
        let _queued = Queued::enter(&self.waiting)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Full)?;
        let hashed = tokio::task::spawn_blocking(move || {
            let _place = place;
            hash(&password).ok()
        });
        Ok(hashed.await.unwrap_or(None))
    }
}

/// A place in the queue, given back however the wait ends: also when the client goes away meanwhile.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Result<Queued<'a>, Full> {
        let queued = Queued(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= LONGEST_QUEUE { Err(Full) } else { Ok(queued) }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The text that is stored for a password.
pub(super) fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_an_unknown_name_never_does() {
        let checker = Checker::new(1);
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(checker.matches("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!checker.matches("correct horsf".into(), Some(stored)).await.unwrap());
        assert!(!checker.matches("nobody has this password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_and_the_places_come_back() {
        let checker = Arc::new(Checker::new(1));
        let held = Arc::clone(&checker.places).acquire_owned().await.unwrap();
        let mut queue = tokio::task::JoinSet::new();
        for _ in 0..LONGEST_QUEUE {
            let checker = Arc::clone(&checker);
            queue.spawn(async move { checker.matches("x".into(), None).await.is_ok() });
        }
        while checker.waiting.load(Ordering::Relaxed) < LONGEST_QUEUE {
            tokio::task::yield_now().await;
        }
        assert!(checker.matches("x".into(), None).await.is_err(), "the queue is full");
        queue.abort_all();
        while queue.join_next().await.is_some() {}
        drop(held);
        assert!(
            checker.matches("x".into(), None).await.is_ok(),
            "places of clients that went away are free again"
        );
    }
}
