//! The key of an encrypted file, sealed under somebody's PIN.

use std::io;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use waybill_shared::id::{Id, PersonId};

use super::Pin;
use crate::store::key::Key;

/// Of argon2id: about a second each time, because whoever takes the device may try for as long as they like.
const MEMORY_KIB: u32 = 256 * 1024;
const PASSES: u32 = 4;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    salt: [u8; 16],
    memory_kib: u32,
    passes: u32,
    nonce: [u8; 12],
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

impl Sealed {
    pub fn new(person: PersonId, pin: &Pin, key: &Key) -> io::Result<Self> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut nonce)).map_err(io::Error::other)?;
        let mut sealed = key.0.to_vec();
        wrapping(pin, &salt, MEMORY_KIB, PASSES)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), whose(person), &mut sealed)
            .map_err(|_| io::Error::other("the key could not be sealed"))?;
        Ok(Self { salt, memory_kib: MEMORY_KIB, passes: PASSES, nonce, sealed })
    }

    /// `None`: it is another PIN, or another person's.
    pub fn open(&self, person: PersonId, pin: &Pin) -> Option<Key> {
        let wrapping = wrapping(pin, &self.salt, self.memory_kib, self.passes).ok()?;
        let mut bytes = self.sealed.clone();
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let opened = wrapping.open_in_place(nonce, whose(person), &mut bytes).ok()?;
        <[u8; 32]>::try_from(&*opened).ok().map(Key)
    }
}

fn wrapping(pin: &Pin, salt: &[u8], memory_kib: u32, passes: u32) -> io::Result<LessSafeKey> {
    let params =
        Params::new(memory_kib, passes, 1, Some(32)).map_err(|error| io::Error::other(error.to_string()))?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.0.as_bytes(), salt, &mut key)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let key =
        UnboundKey::new(&CHACHA20_POLY1305, &key).map_err(|_| io::Error::other("a key of another length"))?;
    Ok(LessSafeKey::new(key))
}

fn whose(person: PersonId) -> Aad<[u8; 16]> {
    Aad::from(person.uuid().into_bytes())
}
