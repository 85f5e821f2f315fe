//! What this program keeps for itself: where the server is, what opens it, who works here now.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use waybill_shared::{id::PersonId, protocol::frame::Grant, session::store::StoreError};

use super::spare;
use crate::booked_at::Chosen;

/// One row of CBOR, so that it is read and written whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Local {
    pub account: Option<Account>,
    /// Who works here now: edits are made as theirs.
    pub person: Option<PersonId>,
    /// Who has a PIN on this device. Its hash is in a file of its own: where that is gone, they sign in again.
    pub pinned: BTreeSet<PersonId>,
    /// Where each person here books when nobody says.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<PersonId, Chosen>,
}

impl Local {
    /// Several people work on this device, or one who chose a PIN: nothing is shown to nobody, and nobody enters
    /// anything as somebody else.
    pub fn is_guarded(&self, here: &[Grant]) -> bool {
        here.len() > 1 || !self.pinned.is_empty()
    }

    /// Nobody works here now, and whoever wants to gives a PIN or a password.
    pub fn is_locked(&self, here: &[Grant]) -> bool {
        self.person.is_none() && self.is_guarded(here)
    }
}

/// Given by the server at sign-in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// As it was given at sign-in: one address or several.
    pub server: String,
    /// The name that was signed in with; absent where an earlier version did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kept after its end: it shows that the next sign-in comes from this device.
    #[serde(with = "token")]
    pub token: Vec<u8>,
    /// Its user signed out, or the server no longer takes it.
    #[serde(default)]
    pub ended: bool,
    /// The certificates of the company's own authority, as PEM; the public ones are believed where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account at {}", self.server)
    }
}

mod token {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        hex::encode(bytes).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

pub fn read(conn: &Connection) -> Result<Local, StoreError> {
    // What does not read is as if nobody had signed in: signing in again puts it right.
    Ok(spare::read_if_whole(conn, spare::LOCAL)?.unwrap_or_default())
}

pub fn write(conn: &Connection, local: &Local) -> rusqlite::Result<()> {
    spare::write(conn, spare::LOCAL, local)
}
