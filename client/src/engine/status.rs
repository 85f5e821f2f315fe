//! Where the device stands towards the server: what the sync chip and `waybill status` tell.

use serde::{Deserialize, Serialize};
use waybill_shared::{doc::Hash, id::PersonId, time::Timestamp};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Nobody is signed in, or the server no longer takes the token.
    SignedOut,
    /// No connection, and none is being made at this moment.
    #[default]
    Offline,
    Connecting,
    /// Connected; what happened meanwhile is still arriving.
    CatchingUp,
    /// Connected, and everything the server has is here.
    Live,
    /// The company removed its data from this device.
    Wiped,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatus {
    pub link: LinkState,
    /// Entries on this device that the server has not judged yet, and since when the oldest waits.
    pub waiting: u32,
    pub waiting_since: Option<Timestamp>,
    /// Of the entries that are going up now: how many are through, of how many.
    pub sending: Option<Sending>,
    /// The photo or paper that is on its way just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrying: Option<Carrying>,
    /// Entries that need their user.
    pub attention: u32,
    /// Of these, entries that were damaged on this device before the server had them: they are not sent.
    #[serde(default, skip_serializing_if = "none")]
    pub set_aside: u32,
    pub last_contact: Option<Timestamp>,
    pub server: Option<String>,
    pub person: Option<PersonId>,
    /// Nobody works here now; whoever wants to gives a PIN.
    #[serde(default)]
    pub locked: bool,
    /// Every document has been here once: before that, lists are incomplete.
    pub complete: bool,
    /// The file could not be written, or the server said what is wrong. One sentence.
    pub trouble: Option<String>,
    /// Why there is no connection, when that is known.
    pub reason: Option<String>,
    /// That the company removed its data from this device, and what to do; until somebody signs in on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wiped: Option<String>,
    /// So many things in the lists stood as not yet sent, or as sent, and it was not so; they were put right just now.
    #[serde(default, skip_serializing_if = "is_none")]
    pub mended: u32,
    /// The local file was found to be damaged, so that nothing is written to it any more: what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
    /// How far this device's clock is off: `3 days ahead`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Counts up with every commit.
    pub revision: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn none(count: &u32) -> bool {
    *count == 0
}

/// How many of its pieces are through, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carrying {
    pub content: Hash,
    /// To the server; otherwise to this device.
    pub up: bool,
    pub done: u32,
    pub of: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    pub done: u32,
    pub of: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
fn is_none(number: &u32) -> bool {
    *number == 0
}

impl SyncStatus {
    /// That the clock is wrong, and what Waybill makes of it.
    pub fn clock_words(&self) -> Option<String> {
        let off = self.clock.as_ref()?;
        Some(format!("This device's clock is {off}; Waybill uses the server's time"))
    }

    /// One sentence, and what was put right.
    pub fn words(&self) -> String {
        let words = self.stands();
        match self.mended {
            0 => words,
            1 => format!("{words} In the lists 1 thing was wrongly called not yet sent, or sent: put right."),
            n => {
                format!(
                    "{words} In the lists {n} things were wrongly called not yet sent, or sent: put right."
                )
            }
        }
    }

    fn stands(&self) -> String {
        let waiting = match self.waiting {
            0 => String::new(),
            1 => ", 1 entry waits".to_owned(),
            n => format!(", {n} entries wait"),
        };
        if let Some(words) = self.damaged.as_ref().or(self.wiped.as_ref()) {
            return words.clone();
        }
        let link = match (&self.trouble, self.link, self.sending) {
            (Some(words), _, _) => words.trim_end_matches('.').to_owned(),
            (None, LinkState::SignedOut | LinkState::Wiped, _) => format!("Signed out{waiting}"),
            (None, LinkState::Offline, _) => format!("Offline{waiting}"),
            (None, LinkState::Connecting, _) => format!("Connecting{waiting}"),
            (None, _, Some(sending)) => format!("Sending {} of {}", sending.done, sending.of),
            (None, LinkState::CatchingUp, None) => format!("Catching up{waiting}"),
            (None, LinkState::Live, None) => format!("Live{waiting}"),
        };
        let link = if self.locked { format!("Locked. {link}") } else { link };
        let link = match self.set_aside {
            0 => link,
            1 => format!("{link}. 1 entry was damaged on this device and is not sent"),
            n => format!("{link}. {n} entries were damaged on this device and are not sent"),
        };
        let clock = self.clock_words().map(|words| format!(" {words}.")).unwrap_or_default();
        match self.attention {
            0 => format!("{link}.{clock}"),
            1 => format!("{link}. 1 needs your attention.{clock}"),
            n => format!("{link}. {n} need your attention.{clock}"),
        }
    }
}
