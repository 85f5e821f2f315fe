//! What can be asked of the engine, from a panel, a command line, or another program over the local socket.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use waybill_shared::{
    command::Command,
    doc::Hash,
    edit::Override,
    finding::{Finding, Rule, sentences},
    id::{EditId, LocationId, PersonId},
    kind::DocAddr,
    protocol::question::{self, Question},
    rules::roles::Role,
};

use super::{status::SyncStatus, trust::Trust};
use crate::{booked_at::Deed, pin::Pin};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// One user action. Answered when it is on the disk.
    Submit(Submit),
    /// An entry of the needs-attention list once more, as it was or changed.
    Again {
        edit: EditId,
        changed: Option<Vec<(DocAddr, Command)>>,
        overriding: Option<Override>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pins: Vec<(PersonId, Pin)>,
    },
    /// Gives an entry of the needs-attention list up.
    Discard {
        edit: EditId,
    },
    /// Takes a damaged entry off that list, by its number there: its user has read of it.
    Strike {
        damaged: i64,
    },
    SignIn(SignIn),
    /// The token is dropped; everything stays on the device.
    SignOut,
    /// This person works here from now on, if the PIN is theirs.
    Switch {
        person: PersonId,
        pin: Pin,
    },
    /// Nobody works here until somebody gives a PIN.
    Lock,
    /// What the encrypted file opens by, for another program of the same user.
    Key,
    /// A new PIN of who works here, or has just signed in; who just did needs no old one.
    SetPin {
        old: Option<Pin>,
        new: Pin,
    },
    /// An admin of this device lifts the lock-out of somebody else, with the own PIN.
    Unlock {
        admin: PersonId,
        pin: Pin,
        person: PersonId,
    },
    /// Where whoever works here now books such a thing on this device from now on.
    BookAt {
        deed: Deed,
        location: LocationId,
    },
    /// Answered when everything is sent and everything that the server has is here, or it cannot be.
    SyncNow,
    Status,
    /// A photo or paper that a document refers to, to be looked at here. Answered when it is on this device.
    FetchFile {
        doc: DocAddr,
        content: Hash,
        size: i64,
    },
    /// What only the server knows or decides; never kept, and not answered while offline.
    Ask {
        /// The person who works here now, where it is absent.
        person: Option<PersonId>,
        /// As for an entry.
        #[serde(default)]
        pins: Vec<(PersonId, Pin)>,
        question: Question,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submit {
    /// The id that the entry is to have. Whoever hands it over with one may hand it over again when no answer came: it
    /// is entered once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EditId>,
    /// The person who works here now, where it is absent.
    pub person: Option<PersonId>,
    pub commands: Vec<(DocAddr, Command)>,
    pub overriding: Option<Override>,
    /// The PINs of people who are named above and are not who works here now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<(PersonId, Pin)>,
    /// The files of what is attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PathBuf>,
    /// The same where this very program has read or made it.
    #[serde(skip)]
    pub contents: Vec<Arc<[u8]>>,
}

impl Request {
    /// Asked twice it leads to the same as asked once.
    pub fn may_be_repeated(&self) -> bool {
        match self {
            Self::Submit(submit) => submit.id.is_some(),
            Self::SyncNow | Self::Status | Self::Key | Self::FetchFile { .. } => true,
            Self::Lock | Self::BookAt { .. } => true,
            // These say what was wrong when it was done already, or count.
            Self::Again { .. } | Self::Discard { .. } | Self::Strike { .. } => false,
            Self::SignIn(_) | Self::SignOut => false,
            Self::Switch { .. } | Self::SetPin { .. } | Self::Unlock { .. } | Self::Ask { .. } => false,
        }
    }
}

impl Submit {
    /// By who works here now.
    pub fn new(commands: Vec<(DocAddr, Command)>) -> Self {
        Self {
            id: None,
            person: None,
            commands,
            overriding: None,
            pins: Vec::new(),
            files: Vec::new(),
            contents: Vec::new(),
        }
    }
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its address, or those of several on one database with commas between them.
    pub server: String,
    pub name: String,
    /// Or, where there is a new password, the one-time code that an admin gave.
    pub password: String,
    #[serde(default)]
    pub new_password: Option<String>,
    /// What people call this device; kept as it is, or made of the person's name, where it is empty.
    pub device: String,
    /// Which issuers of certificates are believed from now on.
    #[serde(default)]
    pub trust: Trust,
    /// The person's PIN on this device from now on; absent, the one they have stays.
    #[serde(default)]
    pub pin: Option<Pin>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignIn at {}", self.server)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Saved: the edit and what it does in words.
    Entered {
        edit: EditId,
        words: String,
    },
    Done,
    SignedIn {
        person: PersonId,
        display: String,
        roles: Vec<Role>,
        /// A PIN is to be chosen before this person works here: others do too.
        #[serde(default)]
        choose_pin: bool,
    },
    /// The PIN was wrong, or was not looked at: how long the next attempt waits.
    NotLetIn {
        words: String,
        remedy: String,
        wait_ms: u64,
    },
    Status(Box<SyncStatus>),
    /// What the server said.
    Answered(Box<question::Answer>),
    Key(String),
    /// Nothing was saved: this speaks against it.
    Refused {
        findings: Vec<Finding>,
    },
    /// Nothing was done: it did not work, for reasons that are not the request's.
    Failed {
        words: String,
    },
    /// The same, because the server cannot be reached.
    Away {
        words: String,
    },
    /// The server answered, and does not take it.
    Declined {
        words: String,
    },
    /// The server answered, and does not let in who asks.
    TurnedAway {
        words: String,
    },
    /// The same, because the local file did not take or give what it should.
    Unusable {
        words: String,
    },
    /// Whether it was done is not known here.
    Unknown {
        words: String,
    },
    /// Nothing was done: whoever holds the file lets go of it just now. The next one is to be asked, or the file opened.
    Ending,
}

/// The answer as an error where it is one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotDone {
    #[error("{}", sentences(.0).join(" "))]
    Refused(Vec<Finding>),
    #[error("{0}")]
    Failed(String),
    #[error("{0}")]
    Away(String),
    #[error("{0}")]
    Declined(String),
    #[error("{0}")]
    TurnedAway(String),
    #[error("{0}")]
    Unusable(String),
    #[error("{0}")]
    Unknown(String),
}

impl Answer {
    pub fn ok(self) -> Result<Self, NotDone> {
        match self {
            Self::Refused { findings } => Err(NotDone::Refused(findings)),
            Self::Failed { words } => Err(NotDone::Failed(words)),
            Self::Away { words } => Err(NotDone::Away(words)),
            Self::Declined { words } => Err(NotDone::Declined(words)),
            Self::TurnedAway { words } => Err(NotDone::TurnedAway(words)),
            Self::Unusable { words } => Err(NotDone::Unusable(words)),
            Self::Unknown { words } => Err(NotDone::Unknown(words)),
            Self::Ending => Err(NotDone::Declined("Waybill is just ending: try again.".to_owned())),
            Self::NotLetIn { words, remedy, .. } => {
                Err(NotDone::Refused(vec![Finding::new(Rule::NotPermitted, words, remedy)]))
            }
            done => Ok(done),
        }
    }
}
