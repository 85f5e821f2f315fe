//! The file of the PINs on this device, beside the database: it must be readable before that is, and what it counts
//! must be on the disk before a guess is answered. Written whole, to another name first.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use serde::{Deserialize, Serialize};
use waybill_shared::{id::PersonId, protocol::codec, time::Timestamp};

use super::{Attempts, LEAST_ENCRYPTED, Pin, seal::Sealed};
use crate::store::key::Key;

pub const FILE: &str = "waybill.pins";

/// Of argon2id: about a fifth of a second on a till, each time.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

#[derive(Debug, Default)]
pub struct Book {
    path: PathBuf,
    /// The company wants this device's file encrypted.
    encrypts: bool,
    people: BTreeMap<PersonId, Record>,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    encrypts: bool,
    people: Vec<Record>,
}

/// A person's PIN on this device.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    person: PersonId,
    /// For when the names cannot be read yet.
    name: String,
    known_by: KnownBy,
    attempts: Attempts,
    /// The last time that the server lifted a lock-out, as far as that was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lifted: Option<Timestamp>,
}

/// What a right PIN is told by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KnownBy {
    /// As the password hash competition writes it, with its salt and its costs.
    Hash(String),
    /// It opens the key of the file. There is then no hash beside it, which would be tried faster.
    Seal(Sealed),
}

impl Book {
    /// What does not read is as if nobody had a PIN, which lets nobody in: who had one signs in again.
    pub fn open(dir: &Path) -> Self {
        let path = dir.join(FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => ciborium::from_reader::<Kept, _>(bytes.as_slice()).unwrap_or_else(|error| {
                tracing::error!(%error, "the PINs of this device do not read");
                Kept::default()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => {
                tracing::error!(%error, "the PINs of this device cannot be read");
                Kept::default()
            }
        };
        let people = kept.people.into_iter().map(|record| (record.person, record)).collect();
        Self { path, encrypts: kept.encrypts, people }
    }

    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        self.people.keys().copied()
    }

    pub fn has(&self, person: PersonId) -> bool {
        self.people.contains_key(&person)
    }

    pub fn name(&self, person: PersonId) -> &str {
        self.people.get(&person).map_or("Somebody", |record| &record.name)
    }

    /// The company wants the file encrypted.
    pub fn encrypts(&self) -> bool {
        self.encrypts
    }

    pub fn set_encrypts(&mut self, encrypts: bool) -> io::Result<()> {
        if self.encrypts == encrypts {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.encrypts, encrypts);
        self.change(|_| ()).inspect_err(|_| self.encrypts = before)
    }

    /// By this person's PIN the file opens.
    pub fn seals(&self, person: PersonId) -> bool {
        self.people.get(&person).is_some_and(|record| matches!(record.known_by, KnownBy::Seal(_)))
    }

    /// What is to be done before this device's file can be encrypted, as the company wants it.
    pub fn lacks_seal(&self, works: Option<PersonId>) -> Option<String> {
        let lacks = self.encrypts && works.is_some_and(|person| !self.seals(person));
        lacks.then(|| {
            format!(
                "Your company wants what is on this device encrypted, by a PIN of at least {LEAST_ENCRYPTED} characters: \
                 give yours again if it has as many, or choose another."
            )
        })
    }

    /// The file opens by somebody's PIN, and by nothing else.
    pub fn is_sealed(&self) -> bool {
        self.people().any(|person| self.seals(person))
    }

    /// A new PIN, in place of any earlier one and of what was counted; with a key, it opens that.
    pub fn set(&mut self, person: PersonId, name: &str, pin: &Pin, key: Option<&Key>) -> io::Result<()> {
        let known_by = known_by(person, pin, key)?;
        let lifted = self.people.get(&person).and_then(|record| record.lifted);
        let record =
            Record { person, name: name.to_owned(), known_by, attempts: Attempts::default(), lifted };
        self.change(|people| drop(people.insert(person, record)))
    }

    /// The same PIN, from now on known by the key that it opens, or by its hash.
    pub fn seal(&mut self, person: PersonId, pin: &Pin, key: Option<&Key>) -> io::Result<()> {
        let known_by = known_by(person, pin, key)?;
        self.change(|people| {
            if let Some(record) = people.get_mut(&person) {
                record.known_by = known_by;
            }
        })
    }

    /// What was counted of a person's attempts.
    pub fn attempts(&self, person: PersonId) -> Option<Attempts> {
        self.people.get(&person).map(|record| record.attempts.clone())
    }

    pub fn keep(&mut self, person: PersonId, attempts: Attempts) -> io::Result<()> {
        if self.attempts(person).is_none_or(|known| known == attempts) {
            return Ok(());
        }
        self.change(|people| {
            if let Some(record) = people.get_mut(&person) {
                record.attempts = attempts;
            }
        })
    }

    /// `None`: it is wrong. The key where it opens one. Takes its time.
    pub fn look(&self, person: PersonId, pin: &Pin) -> Option<Option<Key>> {
        match &self.people.get(&person)?.known_by {
            KnownBy::Hash(hash) => {
                let right = argon2id().ok()?.verify_password(pin.0.as_bytes(), hash.as_str()).is_ok();
                right.then_some(None)
            }
            KnownBy::Seal(sealed) => sealed.open(person, pin).map(Some),
        }
    }

    /// The server lifted lock-outs at these times. Each counts once, however often it is told.
    pub fn lifted(&mut self, told: &[(PersonId, Timestamp)]) -> io::Result<()> {
        let is_news = |people: &BTreeMap<PersonId, Record>, person, at| {
            people.get(&person).is_some_and(|record: &Record| record.lifted.is_none_or(|known| known < at))
        };
        if !told.iter().any(|(person, at)| is_news(&self.people, *person, *at)) {
            return Ok(());
        }
        self.change(|people| {
            for (person, at) in told {
                if is_news(people, *person, *at)
                    && let Some(record) = people.get_mut(person)
                {
                    record.attempts.forgive();
                    record.lifted = Some(*at);
                }
            }
        })
    }

    /// Whoever is enrolled on this device no more has no PIN here either; but the last by whose PIN the file opens keep
    /// theirs, or nobody could hand over what is in it.
    pub fn retain(&mut self, enrolled: impl Fn(PersonId) -> bool) -> io::Result<()> {
        let is_last = self.is_sealed() && !self.people().any(|person| self.seals(person) && enrolled(person));
        if is_last || self.people().all(&enrolled) {
            return Ok(());
        }
        self.change(|people| people.retain(|person, _| enrolled(*person)))
    }

    /// On the disk before it counts.
    fn change(&mut self, change: impl FnOnce(&mut BTreeMap<PersonId, Record>)) -> io::Result<()> {
        let mut people = self.people.clone();
        change(&mut people);
        let kept = Kept { encrypts: self.encrypts, people: people.values().cloned().collect() };
        write(&self.path, &codec::encode(&kept))?;
        self.people = people;
        Ok(())
    }
}

fn known_by(person: PersonId, pin: &Pin, key: Option<&Key>) -> io::Result<KnownBy> {
    match key {
        Some(key) => Sealed::new(person, pin, key).map(KnownBy::Seal),
        None => hash(pin).map(KnownBy::Hash),
    }
}

fn hash(pin: &Pin) -> io::Result<String> {
    let hashed = argon2id()?.hash_password(pin.0.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| io::Error::other(error.to_string()))
}

fn argon2id() -> io::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None);
    let params = params.map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("pins-new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // Whether a directory can be told to be on the disk depends on the system.
    if let Some(dir) = path.parent() {
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::pin::{Gate, Moment};

    const ANA: PersonId = PersonId::new(Uuid::from_u128(1));
    const BOB: PersonId = PersonId::new(Uuid::from_u128(2));

    fn pin(pin: &str) -> Pin {
        Pin(pin.to_owned())
    }

    fn right(book: &Book, person: PersonId, typed: &str) -> bool {
        book.look(person, &pin(typed)).is_some()
    }

    fn moment(running_ms: u64) -> Moment {
        Moment { wall: Timestamp::from_unix_ms(0), run: 1, running_ms }
    }

    #[test]
    fn a_pin_is_known_again_by_its_hash_alone_and_belongs_to_one_person() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::open(dir.path());
        assert!(!right(&book, ANA, "482915"), "nobody has one yet");
        book.set(ANA, "Ana", &pin("482915"), None).unwrap();
        book.set(BOB, "Bob", &pin("Möwe-7"), None).unwrap();
        let again = Book::open(dir.path());
        let right = |person, typed: &str| right(&again, person, typed);
        assert_eq!((right(ANA, "482915"), right(BOB, "Möwe-7")), (true, true));
        assert_eq!((right(ANA, "Möwe-7"), right(BOB, "482915"), right(ANA, "")), (false, false, false));
        let bytes = fs::read(dir.path().join(FILE)).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"482915"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "nobody else may read it");
        }
    }

    #[test]
    fn what_was_counted_is_in_the_file_and_is_forgiven_once_for_each_word_of_the_server() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::open(dir.path());
        book.set(ANA, "Ana", &pin("482915"), None).unwrap();
        let lock_out = |book: &mut Book| {
            let mut attempts = book.attempts(ANA).unwrap();
            (0..10).for_each(|_| attempts.count(moment(0)));
            book.keep(ANA, attempts).unwrap();
        };
        lock_out(&mut book);
        let mut book = Book::open(dir.path());
        assert_eq!(book.attempts(ANA).unwrap().gate(moment(u64::MAX)), Gate::LockedOut);
        let told = [(ANA, Timestamp::from_unix_ms(5)), (BOB, Timestamp::from_unix_ms(5))];
        book.lifted(&told).unwrap();
        assert_eq!(book.attempts(ANA).unwrap().gate(moment(0)), Gate::Open);
        // The same word again, as with every copy of the names.
        lock_out(&mut book);
        let mut book = Book::open(dir.path());
        book.lifted(&told).unwrap();
        assert_eq!(book.attempts(ANA).unwrap().gate(moment(u64::MAX)), Gate::LockedOut);
        book.set(ANA, "Ana", &pin("another one"), None).unwrap();
        assert_eq!(book.attempts(ANA).unwrap().gate(moment(0)), Gate::Open, "a new PIN begins anew");
        book.retain(|person| person == BOB).unwrap();
        assert!(!Book::open(dir.path()).has(ANA));
    }

    #[test]
    fn a_file_that_does_not_read_lets_nobody_in() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::open(dir.path());
        book.set(ANA, "Ana", &pin("482915"), None).unwrap();
        fs::write(dir.path().join(FILE), b"not what it was").unwrap();
        let book = Book::open(dir.path());
        assert!(!book.has(ANA) && !right(&book, ANA, "482915"));
    }

    #[test]
    fn a_pin_opens_the_key_that_was_sealed_by_it_and_no_hash_stands_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key([9; 32]);
        let mut book = Book::open(dir.path());
        book.set(ANA, "Ana", &pin("48291573"), None).unwrap();
        assert!(!book.is_sealed());
        book.seal(ANA, &pin("48291573"), Some(&key)).unwrap();
        book.set(BOB, "Bob", &pin("harbour lights"), Some(&key)).unwrap();
        let book = Book::open(dir.path());
        assert_eq!(book.look(ANA, &pin("48291573")), Some(Some(key.clone())));
        assert_eq!(book.look(BOB, &pin("harbour lights")), Some(Some(key.clone())));
        assert_eq!(book.look(BOB, &pin("48291573")), None, "each by their own alone");
        let bytes = fs::read(dir.path().join(FILE)).unwrap();
        let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        assert!(!holds(&key.0) && !holds(b"$argon2id$"));
        // Whoever is dismissed keeps no PIN, but the last ones by whom it opens do.
        let mut book = book;
        book.retain(|person| person == BOB).unwrap();
        assert!(!book.has(ANA));
        book.retain(|_| false).unwrap();
        assert!(book.seals(BOB));
    }
}
