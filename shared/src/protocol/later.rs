//! What a later version of the program sends, as far as this one reads it.

use ciborium::Value;
use serde::Deserialize;

use super::{ClientFrame, codec::decode, limits};
use crate::{command::Command, edit::Edit, id::EditId, kind::DocAddr};

/// A push in which some edits are of commands that this version does not know.
#[derive(Debug)]
pub struct Push {
    /// The edits that it knows, in their order.
    pub known: ClientFrame,
    pub unknown: Vec<Unknown>,
}

/// An edit of a command that this version does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    pub id: EditId,
    pub counter: u64,
    pub docs: Vec<DocAddr>,
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
    id: EditId,
    counter: u64,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    doc: DocAddr,
    command: Value,
}

impl Push {
    /// For bytes that are no frame of this version. `None`: of no other either, because something is wrong besides
    /// the names of commands.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let Frame::Push { edits: sent, turn } = decode(bytes, limits::CLIENT_FRAME).ok()?;
        let (mut edits, mut unknown) = (Vec::new(), Vec::new());
        for edit in sent {
            match edit.deserialized::<Edit>() {
                Ok(edit) => edits.push(edit),
                Err(_) => unknown.push(of_a_later_version(&edit)?),
            }
        }
        Some(Self { known: ClientFrame::Push { edits, turn }, unknown })
    }
}

fn of_a_later_version(edit: &Value) -> Option<Unknown> {
    let Outline { id, counter, parts } = edit.deserialized().ok()?;
    let docs = parts.iter().map(|part| part.doc).collect();
    parts.iter().any(|part| is_unknown(&part.command)).then_some(Unknown { id, counter, docs })
}

/// A command is a map with its name as the only key.
fn is_unknown(command: &Value) -> bool {
    match command.as_map().map(Vec::as_slice) {
        Some([(name, _)]) => name.as_text().is_some_and(|name| !Command::NAMES.contains(&name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        edit::{EditKind, Part},
        id::{DeviceId, FactId, OrderId, PersonId},
        order::commands::Note,
        protocol::encode,
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
        let push = Push::read(&bytes).expect("a push of a later version");
        assert_eq!(push.known, ClientFrame::Push { edits: vec![noted(1), noted(3)], turn: 4 });
        assert_eq!(push.unknown, [Unknown { id: noted(2).id, counter: 1, docs: noted(2).docs().collect() }]);
    }

    #[test]
    fn what_is_wrong_otherwise_is_of_no_version() {
        for bytes in [with("text", "tixt"), with("facts", "focts"), vec![0xa1], b"push".to_vec()] {
            assert!(decode::<ClientFrame>(&bytes, limits::CLIENT_FRAME).is_err());
            assert!(Push::read(&bytes).is_none(), "{bytes:02x?}");
        }
    }
}
