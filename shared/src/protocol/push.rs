//! A push that does not read whole, edit by edit: one that is wrong takes no other along, and of what a later version of
//! the program sends this one reads as much as it can.

use ciborium::Value;
use serde::{Deserialize, Deserializer, de};
use serde_path_to_error::{Path, Segment, Track};

use super::{
    ClientFrame,
    codec::{BadFrame, decode, encode},
    limits,
};
use crate::{command::Command, edit::Edit, finding::Finding, id::EditId, kind::DocAddr};

/// A push in which some edits do not read.
#[derive(Debug)]
pub struct Push {
    /// The edits that do, in their order.
    pub known: ClientFrame,
    pub unknown: Vec<Unknown>,
    pub malformed: Vec<Malformed>,
    /// Where one has no id by which it could be answered.
    pub nameless: Option<usize>,
}

/// An edit of a command that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub id: EditId,
    pub attempt: u32,
    pub counter: u64,
    pub docs: Vec<DocAddr>,
    /// The part whose command no version before this one had either, and what it is called. `None`: all are later
    /// versions of commands that are known here.
    pub stranger: Option<(usize, String)>,
}

/// An edit that is of no form, and what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub id: EditId,
    pub attempt: u32,
    pub finding: Finding,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    Push {
        edits: Vec<Value>,
        #[serde(default)]
        turn: u32,
    },
}

/// Which edit it is, what it works on, and by which name each command goes.
#[derive(Deserialize)]
struct Outline {
    counter: u64,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    doc: DocAddr,
    command: Value,
}

impl Push {
    /// For bytes that are no frame of this version. `None`: they are no push at all.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let Frame::Push { edits: sent, turn } = decode(bytes, limits::CLIENT_FRAME).ok()?;
        let (mut edits, mut unknown, mut malformed, mut nameless) =
            (Vec::new(), Vec::new(), Vec::new(), None);
        for (nth, edit) in sent.iter().enumerate() {
            if let Ok(edit) = edit.deserialized::<Edit>() {
                edits.push(edit);
                continue;
            }
            let Some(id) = field(edit, "id").and_then(|id| id.deserialized::<EditId>().ok()) else {
                nameless = nameless.or(Some(nth));
                continue;
            };
            let attempt = field(edit, "attempt").and_then(|attempt| attempt.deserialized().ok()).unwrap_or(0);
            match of_a_later_version(edit, id, attempt) {
                Some(later) if later.docs.len() > limits::PARTS_IN_EDIT => {
                    let (what, remedy) = ("The edit has too many parts.", "Send it as several edits.");
                    malformed.push(Malformed {
                        id,
                        attempt,
                        finding: Finding::malformed("parts", what, remedy),
                    });
                }
                Some(later) => unknown.push(later),
                None => malformed.push(Malformed { id, attempt, finding: speaks_against(edit) }),
            }
        }
        Some(Self { known: ClientFrame::Push { edits, turn }, unknown, malformed, nameless })
    }

    /// How many edits were sent.
    pub fn count(&self) -> usize {
        let known = if let ClientFrame::Push { edits, .. } = &self.known { edits.len() } else { 0 };
        known + self.unknown.len() + self.malformed.len()
    }
}

impl Unknown {
    /// What is said of it to a client that knows no later commands than this version does.
    pub fn malformed(self) -> Result<Malformed, Self> {
        let Some((part, name)) = &self.stranger else { return Err(self) };
        let what = format!("No command is called “{}”.", shortened(name));
        let remedy = "Send a command that PROTOCOL.md names.";
        let finding = Finding::malformed(&format!("parts/{part}/command"), what, remedy);
        Ok(Malformed { id: self.id, attempt: self.attempt, finding })
    }
}

fn field<'a>(edit: &'a Value, name: &str) -> Option<&'a Value> {
    let (_, value) = edit.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name))?;
    Some(value)
}

fn of_a_later_version(edit: &Value, id: EditId, attempt: u32) -> Option<Unknown> {
    let Outline { counter, parts } = edit.deserialized().ok()?;
    let docs = parts.iter().map(|part| part.doc).collect();
    let unknown: Vec<(usize, &str)> = (0..)
        .zip(&parts)
        .filter_map(|(nth, part)| Some((nth, named(&part.command)?)))
        .filter(|(_, name)| !Command::NAMES.contains(name))
        .collect();
    let stranger = unknown.iter().find(|(_, name)| !is_later(name));
    let stranger = stranger.map(|(nth, name)| (*nth, (*name).to_owned()));
    (!unknown.is_empty()).then_some(Unknown { id, attempt, counter, docs, stranger })
}

/// A command is a map with its name as the only key.
fn named(command: &Value) -> Option<&str> {
    match command.as_map().map(Vec::as_slice) {
        Some([(name, _)]) => name.as_text(),
        _ => None,
    }
}

/// A later version of a command that is known here.
fn is_later(name: &str) -> bool {
    let Some((stem, version)) = versioned(name) else { return false };
    let known = Command::NAMES.iter().filter_map(|known| versioned(known));
    known
        .filter(|(known, _)| *known == stem)
        .map(|(_, known)| known)
        .max()
        .is_some_and(|known| version > known)
}

fn versioned(name: &str) -> Option<(&str, u32)> {
    let (stem, version) = name.rsplit_once('/')?;
    Some((stem, version.parse().ok()?))
}

/// Where it is wrong, and how.
fn speaks_against(edit: &Value) -> Finding {
    let field = match edit.deserialized::<Tracked>() {
        Err(ciborium::value::Error::Custom(field)) if !field.is_empty() => field,
        _ => "parts".to_owned(),
    };
    let what = match decode::<Edit>(&encode(edit), limits::CLIENT_FRAME) {
        Err(BadFrame::Malformed(what)) => what,
        _ => "it is of no form".to_owned(),
    };
    let what = format!("The entry does not read at {field}: {}.", shortened(&what));
    Finding::malformed(&field, what, "Send it as PROTOCOL.md says.")
}

/// Reads an edit for nothing but the place at which it does not read: that is all the error says.
struct Tracked;

impl<'de> Deserialize<'de> for Tracked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut track = Track::new();
        let read = Edit::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track));
        read.map(|_| Self).map_err(|_| de::Error::custom(place(&track.path())))
    }
}

/// As findings name a field: `parts/0/command/line`. A command's own name is left out.
fn place(path: &Path) -> String {
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What came from outside is told back in a few words.
fn shortened(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        edit::{EditKind, Part},
        id::{DeviceId, FactId, OrderId, PersonId},
        order::commands::Note,
        time::{Booked, Timestamp},
    };

    fn noted(id: u128) -> Edit {
        let at = Timestamp::from_unix_ms(1_763_600_000_000);
        let command = Note { id: FactId::NIL, text: "rings twice".into() }.into();
        let doc = OrderId::new(Uuid::from_u128(7)).into();
        Edit {
            id: EditId::new(Uuid::from_u128(id)),
            kind: EditKind::Facts,
            person: PersonId::NIL,
            device: DeviceId::NIL,
            counter: 1,
            attempt: 0,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![Part { doc, command, at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    /// The frame with other letters in the second of its edits.
    fn with(from: &str, to: &str) -> Vec<u8> {
        let mut bytes = encode(&ClientFrame::Push { edits: vec![noted(1), noted(2), noted(3)], turn: 4 });
        let found: Vec<usize> =
            (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
        bytes[found[1]..found[1] + to.len()].copy_from_slice(to.as_bytes());
        bytes
    }

    #[test]
    fn an_edit_of_a_later_version_is_told_from_those_beside_it() {
        let bytes = with("order.note/1", "order.note/9");
        assert!(decode::<ClientFrame>(&bytes, limits::CLIENT_FRAME).is_err());
        let push = Push::read(&bytes).expect("a push");
        assert_eq!(push.known, ClientFrame::Push { edits: vec![noted(1), noted(3)], turn: 4 });
        let (docs, stranger) = (noted(2).docs().collect(), None);
        let unknown = Unknown { id: noted(2).id, attempt: 0, counter: 1, docs, stranger };
        assert_eq!(push.unknown, std::slice::from_ref(&unknown));
        assert_eq!(unknown.clone().malformed(), Err(unknown));
        assert_eq!((push.malformed.len(), push.nameless), (0, None));
    }

    #[test]
    fn a_name_that_was_never_known_is_told_from_a_later_version() {
        for (name, later) in [("order.note/9", true), ("order.nota/1", false), ("order.note/0", false)] {
            let push = Push::read(&with("order.note/1", name)).expect("a push");
            let [unknown] = push.unknown.as_slice() else { panic!("{push:?}") };
            let malformed = unknown.clone().malformed();
            assert_eq!(malformed.is_err(), later, "{name}");
            if let Ok(malformed) = malformed {
                assert_eq!(malformed.finding.field.as_deref(), Some("parts/0/command"));
                assert!(malformed.finding.what.contains(name), "{malformed:?}");
            }
        }
    }

    #[test]
    fn what_is_wrong_otherwise_names_the_edit_the_part_and_the_field() {
        for (from, to, field, words) in [
            ("text", "tixt", "parts/0/command", "missing field `text`"),
            ("facts", "focts", "kind", "unknown variant `focts`"),
            ("month", "munth", "booked", "missing field `month`"),
        ] {
            let bytes = with(from, to);
            assert!(decode::<ClientFrame>(&bytes, limits::CLIENT_FRAME).is_err());
            let push = Push::read(&bytes).expect("a push");
            assert_eq!(push.known, ClientFrame::Push { edits: vec![noted(1), noted(3)], turn: 4 });
            let [malformed] = push.malformed.as_slice() else { panic!("{push:?}") };
            assert_eq!((malformed.id, malformed.finding.field.as_deref()), (noted(2).id, Some(field)));
            assert!(malformed.finding.what.contains(words), "{malformed:?}");
        }
        let edits = vec![noted(1), noted(2), noted(3)];
        let mut bytes = encode(&ClientFrame::Push { edits, turn: 4 });
        // Each edit has an id, and its note another.
        let ids: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"bid")).collect();
        assert_eq!(ids.len(), 6);
        bytes[ids[2] + 1] = b'a';
        assert_eq!(Push::read(&bytes).expect("a push").nameless, Some(1));
        for bytes in [vec![0xa1], b"push".to_vec()] {
            assert!(Push::read(&bytes).is_none(), "{bytes:02x?}");
        }
    }
}
