//! Devices, who is signed in on them, and a way back in for who forgot the password.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, PersonId},
    time::{Timestamp, off_words},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceQuestion {
    /// From the so-manieth on.
    List {
        #[serde(default)]
        from: u32,
    },
    Rename {
        device: DeviceId,
        name: String,
    },
    /// It is shut out with everybody on it: what waits there is held, then it is wiped.
    Revoke {
        device: DeviceId,
    },
    Restore {
        device: DeviceId,
    },
    /// Whether it is slowed down when it hands in more than others may.
    Pace {
        device: DeviceId,
        on: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionQuestion {
    /// From the so-manieth on.
    List {
        #[serde(default)]
        from: u32,
    },
    /// On one device, or on all.
    End {
        person: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<DeviceId>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonQuestion {
    /// A one-time code with which a colleague chooses a new password. An earlier one counts no more.
    ResetCode { person: PersonId },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePage {
    pub devices: Vec<DeviceRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    pub id: DeviceId,
    pub code: String,
    pub name: String,
    /// Who is signed in on it.
    pub people: Vec<Enrolled>,
    /// What the device said of itself at its last contact: its program's version, and entries waiting to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    pub waiting: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Timestamp>,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// It is not slowed down, however much it hands in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpaced: bool,
    /// Milliseconds by which its clock was ahead of the server's at its last contact; where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_off: Option<i64>,
}

impl DeviceRow {
    /// Why its code is so long, where it is: numbers by the clock begin far above those that are counted.
    pub fn code_words(all: &[Self]) -> Option<&'static str> {
        let number = |row: &Self| row.code.strip_prefix('T').and_then(|code| code.parse::<u64>().ok());
        let long = all.iter().filter_map(number).any(|number| number > 100_000);
        long.then_some(
            "Long codes, as T481737, go on by the clock: they were given after the server's database was put back or lost \
             its end, so that no device that is forgotten there had the same.",
        )
    }

    /// `clock 3 days ahead`, where it is off by so much that somebody should look after it.
    pub fn clock_words(&self) -> Option<String> {
        self.clock_off.and_then(off_words).map(|off| format!("clock {off}"))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub person: PersonId,
    /// What is typed at sign-in.
    pub name: String,
    pub display: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPage {
    pub sessions: Vec<SessionRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// One person signed in on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    pub who: Enrolled,
    pub device: DeviceId,
    pub code: String,
    pub device_name: String,
    pub since: Timestamp,
    /// The device's, whoever worked on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Timestamp>,
    pub person_revoked: bool,
    pub device_revoked: bool,
}

impl SessionRow {
    pub const fn state(&self) -> &'static str {
        match (self.person_revoked, self.device_revoked) {
            (false, false) => "active",
            (true, _) => "person withdrawn",
            (false, true) => "device withdrawn",
        }
    }
}
