//! What a person asks the server while the device is online, and what it answers: who leads lists that are not in any
//! document, and decides on them; whoever keeps no documents reads them. One file per thing.

mod accounts;
mod documents;
mod held;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

pub use accounts::{
    DevicePage, DeviceQuestion, DeviceRow, Enrolled, PersonQuestion, SessionPage, SessionQuestion, SessionRow,
};
pub use documents::{DocumentQuestion, DocumentRead, DocumentsRead};
pub use held::{HeldPage, HeldQuestion};

use crate::review::{Decided, HeldEdit};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Held(HeldQuestion),
    Device(DeviceQuestion),
    Session(SessionQuestion),
    Person(PersonQuestion),
    Document(DocumentQuestion),
}

impl Question {
    pub const NAMES: &'static [&'static str] = &[
        "held.count",
        "held.list",
        "held.show",
        "held.decide",
        "device.list",
        "device.rename",
        "device.revoke",
        "device.restore",
        "device.pace",
        "session.list",
        "session.end",
        "person.reset_code",
        "document.read",
    ];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Held(HeldQuestion::Count {}) => "held.count",
            Self::Held(HeldQuestion::List { .. }) => "held.list",
            Self::Held(HeldQuestion::Show { .. }) => "held.show",
            Self::Held(HeldQuestion::Decide { .. }) => "held.decide",
            Self::Device(DeviceQuestion::List { .. }) => "device.list",
            Self::Device(DeviceQuestion::Rename { .. }) => "device.rename",
            Self::Device(DeviceQuestion::Revoke { .. }) => "device.revoke",
            Self::Device(DeviceQuestion::Restore { .. }) => "device.restore",
            Self::Device(DeviceQuestion::Pace { .. }) => "device.pace",
            Self::Session(SessionQuestion::List { .. }) => "session.list",
            Self::Session(SessionQuestion::End { .. }) => "session.end",
            Self::Person(PersonQuestion::ResetCode { .. }) => "person.reset_code",
            Self::Document(DocumentQuestion::Read { .. }) => "document.read",
        }
    }

    /// Whether something is another way when it was answered.
    pub const fn changes(&self) -> bool {
        match self {
            Self::Held(question) => matches!(question, HeldQuestion::Decide { .. }),
            Self::Device(question) => !matches!(question, DeviceQuestion::List { .. }),
            Self::Session(question) => !matches!(question, SessionQuestion::List { .. }),
            Self::Person(PersonQuestion::ResetCode { .. }) => true,
            Self::Document(DocumentQuestion::Read { .. }) => false,
        }
    }

    /// What speaks against its form.
    pub fn check(&self) -> Option<Finding> {
        match self {
            Self::Document(question) => question.check(),
            Self::Held(_) | Self::Device(_) | Self::Session(_) | Self::Person(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Count(u64),
    Held(HeldPage),
    /// It waits for a decision.
    Waits(Box<HeldEdit>),
    /// What was decided of it; the answer to a decision that counts.
    Decided(Decided),
    /// Somebody else decided before, and that counts.
    Meanwhile(Decided),
    Devices(DevicePage),
    Sessions(SessionPage),
    Documents(DocumentsRead),
    /// On so many devices.
    Ended {
        devices: u64,
    },
    Code {
        code: String,
    },
    Done {},
    /// Nothing was changed: this speaks against it.
    Declined {
        findings: Vec<Finding>,
    },
    /// The server cannot say now. What was to be decided may be asked once more: it counts once.
    Later {
        words: String,
    },
}

impl From<HeldQuestion> for Question {
    fn from(question: HeldQuestion) -> Self {
        Self::Held(question)
    }
}

impl From<DeviceQuestion> for Question {
    fn from(question: DeviceQuestion) -> Self {
        Self::Device(question)
    }
}

impl From<SessionQuestion> for Question {
    fn from(question: SessionQuestion) -> Self {
        Self::Session(question)
    }
}

impl From<PersonQuestion> for Question {
    fn from(question: PersonQuestion) -> Self {
        Self::Person(question)
    }
}

impl From<DocumentQuestion> for Question {
    fn from(question: DocumentQuestion) -> Self {
        Self::Document(question)
    }
}
