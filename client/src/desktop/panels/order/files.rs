//! What is attached to an order, as it stands on this device.

use waybill_shared::attachment::{Attachment, size_words};
use waybill_shared::doc::Hash;
use waybill_shared::id::AttachmentId;
use waybill_shared::order::Order;
use waybill_shared::session::store::StoreError;

use crate::desktop::names::Names;
use crate::desktop::widgets::chip::Mood;
use crate::engine::Carrying;
use crate::store::FileHere;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: AttachmentId,
    pub name: String,
    pub media_type: String,
    pub content: Hash,
    pub bytes: i64,
    /// `1.4 MiB`.
    pub size: String,
    pub when: String,
    pub who: String,
    pub state: FileState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    Here,
    /// Only here: it goes up behind the entries.
    Waits,
    Up {
        done: u32,
        of: u32,
    },
    Down {
        done: u32,
        of: u32,
    },
    NotHere,
    /// The server was asked, and does not have it.
    Missing,
    /// Only here, because the server does not take it; or nothing larger than so many bytes.
    NotTaken,
    TooLarge {
        most: u64,
    },
}

/// Newest first; `here` says how a content stands on this device, `most` how large one may be for the server.
pub fn rows(
    order: &Order,
    names: &Names,
    most: u64,
    here: impl Fn(Hash) -> Result<FileHere, StoreError>,
) -> Result<Vec<FileRow>, StoreError> {
    let mut all: Vec<(&AttachmentId, &Attachment)> = order.attachments.iter().collect();
    all.sort_by_key(|(id, attachment)| (std::cmp::Reverse(attachment.at), **id));
    all.into_iter()
        .map(|(id, attachment)| {
            let bytes = u64::try_from(attachment.size).unwrap_or(0);
            Ok(FileRow {
                id: *id,
                name: attachment.name.clone(),
                media_type: attachment.media_type.clone(),
                content: attachment.content,
                bytes: attachment.size,
                size: size_words(bytes),
                when: names.when(attachment.at),
                who: names.person(attachment.person).to_owned(),
                state: FileState::of(here(attachment.content)?, bytes, most),
            })
        })
        .collect()
}

impl FileState {
    fn of(here: FileHere, bytes: u64, most: u64) -> Self {
        match here {
            FileHere { whole: true, waits: false, .. } => Self::Here,
            FileHere { whole: true, .. } if bytes > most => Self::TooLarge { most },
            FileHere { whole: true, stuck: true, .. } => Self::NotTaken,
            FileHere { whole: true, .. } => Self::Waits,
            FileHere { missing: true, .. } => Self::Missing,
            FileHere { .. } => Self::NotHere,
        }
    }

    pub fn is_here(self) -> bool {
        !matches!(self, Self::Down { .. } | Self::NotHere | Self::Missing)
    }

    /// In a few words, for a list.
    pub fn words(self) -> String {
        match self {
            Self::Here => "on this device".into(),
            Self::Waits => "waits to be sent".into(),
            Self::Up { done, of } => format!("being sent, {done} of {of}"),
            Self::Down { done, of } => format!("on its way, {done} of {of}"),
            Self::NotHere => "not on this device yet".into(),
            Self::Missing => "missing".into(),
            Self::NotTaken => "not taken by the server".into(),
            Self::TooLarge { .. } => "too large for the server".into(),
        }
    }

    /// What it means, and what to do, where the few words do not say it.
    pub fn sentence(self) -> Option<String> {
        match self {
            Self::Missing => Some("The device it was attached on has not sent it yet.".into()),
            Self::NotTaken => Some(
                "The server does not take it: it is not what was attached. It stays on this device; save it as a file and \\
                 attach that."
                    .into(),
            ),
            Self::TooLarge { most } => Some(format!(
                "The server takes files up to {}. It stays on this device; save it smaller and attach that, or ask \\
                 whoever runs the server to raise the limit.",
                size_words(most)
            )),
            _ => None,
        }
    }

    pub fn mood(self) -> Mood {
        match self {
            Self::Here | Self::Waits | Self::Up { .. } | Self::Down { .. } | Self::NotHere => Mood::Neutral,
            Self::Missing => Mood::Warn,
            Self::NotTaken | Self::TooLarge { .. } => Mood::Bad,
        }
    }
}

impl FileRow {
    /// How it stands while this is on its way.
    pub fn now(&self, carrying: Option<Carrying>) -> FileState {
        match carrying.filter(|carrying| carrying.content == self.content) {
            Some(Carrying { up: true, done, of, .. }) => FileState::Up { done, of },
            Some(Carrying { up: false, done, of, .. }) => FileState::Down { done, of },
            None => self.state,
        }
    }

    /// `1.4 MiB · Mon 14:03 · Dan Moe`.
    pub fn small(&self) -> String {
        [&self.size, &self.when, &self.who].map(String::as_str).join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_file_stands_is_said_in_the_users_words() {
        const MIB: u64 = 1 << 20;
        let none = FileHere::default();
        let here = FileHere { whole: true, ..none };
        let waits = FileHere { waits: true, ..here };
        for (is, bytes, words, can_be_seen) in [
            (here, MIB, "on this device", true),
            (FileHere { stuck: true, ..here }, MIB, "on this device", true),
            (waits, MIB, "waits to be sent", true),
            (waits, 2 * MIB + 1, "too large for the server", true),
            (FileHere { stuck: true, ..waits }, MIB, "not taken by the server", true),
            (none, MIB, "not on this device yet", false),
            (FileHere { missing: true, ..none }, MIB, "missing", false),
        ] {
            let state = FileState::of(is, bytes, 2 * MIB);
            assert_eq!((state.words().as_str(), state.is_here()), (words, can_be_seen), "{is:?}");
        }
    }

    #[test]
    fn what_is_on_its_way_says_how_far_it_is_and_nothing_else_does() {
        let content = Hash([7; 32]);
        let row = FileRow {
            id: AttachmentId::NIL,
            name: "door.jpg".into(),
            media_type: "image/jpeg".into(),
            content,
            bytes: 300_000,
            size: "292 KiB".into(),
            when: "14:03".into(),
            who: "Dan".into(),
            state: FileState::NotHere,
        };
        let carrying = Carrying { content, up: false, done: 2, of: 5 };
        assert_eq!(row.now(Some(carrying)).words(), "on its way, 2 of 5");
        assert_eq!(row.now(Some(Carrying { up: true, ..carrying })).words(), "being sent, 2 of 5");
        let other = Carrying { content: Hash([8; 32]), ..carrying };
        assert_eq!(row.now(Some(other)).words(), "not on this device yet");
        assert_eq!(row.small(), "292 KiB · 14:03 · Dan");
    }
}
