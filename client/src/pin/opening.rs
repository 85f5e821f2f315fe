//! A try of a PIN, from the count to the answer: in the engine, and before it where the file is encrypted.

use std::{io, path::Path, time::Instant};

use waybill_shared::{id::PersonId, time::Timestamp};

use super::{ALLOWED, Book, Gate, Moment, Pin};
use crate::store::{
    self, Lock, OpenError,
    key::{self, Key},
};

/// Why somebody was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLetIn {
    pub words: String,
    pub remedy: String,
    /// How long the next try waits.
    pub wait_ms: u64,
}

/// This run of the program, by which waits are measured.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub number: u64,
    pub began: Instant,
}

impl Run {
    pub fn moment(&self, wall: Timestamp) -> Moment {
        let running_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Moment { wall, run: self.number, running_ms }
    }
}

/// One try; it is counted, on the disk, before it is looked at. Gives the key of the file where the PIN seals it.
/// The outer error: the file of the PINs was not written.
pub fn let_in(
    book: &mut Book,
    person: PersonId,
    name: &str,
    pin: &Pin,
    moment: impl Fn() -> Moment,
) -> io::Result<Result<Option<Key>, NotLetIn>> {
    let Some(mut attempts) = book.attempts(person) else {
        return Ok(Err(NotLetIn {
            words: format!("{name} has no PIN on this device."),
            remedy: "Sign in with the password once, online, and choose one.".into(),
            wait_ms: 0,
        }));
    };
    let now = moment();
    let gate = attempts.gate(now);
    if gate == Gate::Open {
        attempts.count(now);
    }
    book.keep(person, attempts.clone())?;
    match gate {
        Gate::Open => {}
        Gate::LockedOut => return Ok(Err(locked_out(name))),
        Gate::Wait { ms } => {
            return Ok(Err(NotLetIn {
                words: format!("After so many wrong PINs the next try is in {} s.", ms.div_ceil(1000)),
                remedy: "Wait, then try again.".into(),
                wait_ms: ms,
            }));
        }
    }
    if let Some(key) = book.look(person, pin) {
        attempts.forgive();
        book.keep(person, attempts)?;
        return Ok(Ok(key));
    }
    if attempts.left() == 0 {
        return Ok(Err(locked_out(name)));
    }
    let remedy = match attempts.left() {
        1 => "One try is left before it is locked.".to_owned(),
        left => format!("{left} tries are left before it is locked."),
    };
    let wait_ms = match attempts.gate(moment()) {
        Gate::Wait { ms } => ms,
        _ => 0,
    };
    Ok(Err(NotLetIn { words: format!("That is not {name}'s PIN."), remedy, wait_ms }))
}

/// Before an encrypted file is opened: by the PIN of somebody whose it is. Nobody else may have the file open.
pub fn open_sealed(
    dir: &Path,
    person: PersonId,
    pin: &Pin,
    run: Run,
    wall: impl Fn() -> Timestamp,
) -> Result<Result<(), NotLetIn>, OpenError> {
    let _lock = Lock::take(dir)?;
    let mut book = Book::open(dir);
    let name = book.name(person).to_owned();
    if !book.seals(person) {
        return Ok(Err(NotLetIn {
            words: format!("{name} cannot open this device's file yet."),
            remedy: "Somebody else who works here opens it; by the next PIN that is then given here, it can."
                .into(),
            wait_ms: 0,
        }));
    }
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull => OpenError::Unread(UNCOUNTED.to_owned()),
        _ => OpenError::Io { path: dir.join(super::FILE), error: error.to_string() },
    };
    let key = match let_in(&mut book, person, &name, pin, || run.moment(wall())).map_err(io)? {
        Ok(Some(key)) => key,
        Ok(None) => return Ok(Ok(())),
        Err(refused) => return Ok(Err(refused)),
    };
    store::convert(dir, book.encrypts(), &key)?;
    if !book.encrypts() {
        // It stands in plain again: what is left of the key is of no use.
        book.seal(person, pin, None).map_err(io)?;
    }
    key::give(dir, key);
    Ok(Ok(()))
}

/// Otherwise whoever fills the disk could try all of them.
const UNCOUNTED: &str = "The disk of this device is full, and tries of a PIN are counted on it. Free some space, then try \
    again.";

fn locked_out(name: &str) -> NotLetIn {
    NotLetIn {
        words: format!("{name} is locked out on this device after {ALLOWED} wrong PINs."),
        remedy: format!(
            "An admin lifts it, here or at the server, or {name} signs in again with the password. What was entered \
             here goes on being sent."
        ),
        wait_ms: 0,
    }
}
