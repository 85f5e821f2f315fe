//! What an edit says, however often it is handed in: by this the same edit is told from another under its id.

use sha2::{Digest, Sha256};

use crate::{
    command::Command,
    edit::{Edit, EditKind},
    erasure,
    kind::{DocAddr, DocKind},
    protocol::encode,
};

/// Of what its author did or wants: who, what, on which documents, booked under what (where that counts), on whose word.
/// Not when and where it was made, nor on what: that may be other each time it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    said: Hash,
    /// The same without what is personal, where there is such: so it is known again from a device that took it out, by
    /// a server that has forgotten that somebody was erased.
    left: Option<Hash>,
}

type Hash = [u8; 32];

impl Content {
    pub fn of(edit: &Edit) -> Self {
        let mut left = edit.clone();
        Self { said: hash(edit), left: erasure::clean(&mut left).then(|| hash(&left)) }
    }

    /// It says what that one said, or what is left of it.
    pub fn is_again(&self, known: &Self) -> bool {
        self.said == known.said || Some(self.said) == known.left
    }

    pub const fn said(&self) -> &[u8; 32] {
        &self.said
    }

    /// All of it; what it says comes first.
    pub fn to_bytes(self) -> Vec<u8> {
        [self.said.as_slice(), self.left.as_ref().map_or(&[], |left| left.as_slice())].concat()
    }

    /// `said`: as it was kept first. `all`: with what is left of it, by programs that keep that; of another attempt it
    /// counts for nothing.
    pub fn kept(said: &[u8], all: Option<&[u8]>) -> Option<Self> {
        let said: Hash = said.try_into().ok()?;
        let left = all.and_then(|all| all.strip_prefix(&said)).and_then(|left| left.try_into().ok());
        Some(Self { said, left })
    }
}

fn hash(edit: &Edit) -> Hash {
    let parts: Vec<(DocAddr, &Command)> = edit.parts.iter().map(|part| (part.doc, &part.command)).collect();
    let booked = books(edit).then_some(edit.booked);
    let said = (edit.kind, edit.person, booked, parts, &edit.overriding);
    Sha256::digest(encode(&said)).into()
}

/// A request that is not about an order is in no report of a day: an import of goods that is run again behind midnight says
/// the same.
fn books(edit: &Edit) -> bool {
    edit.kind == EditKind::Facts || edit.parts.iter().any(|part| part.doc.kind == DocKind::Order)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        edit::{EditKind, Override, Part},
        id::{DeviceId, EditId, FactId, OrderId, PersonId, ProductId},
        order::commands::Note,
        time::{Booked, Timestamp},
    };

    fn noted() -> Edit {
        let at = Timestamp::from_unix_ms(1_763_600_000_000);
        let command = Note { id: FactId::new(Uuid::from_u128(5)), text: "rings twice".into() }.into();
        let doc = OrderId::new(Uuid::from_u128(7)).into();
        Edit {
            id: EditId::new(Uuid::from_u128(1)),
            kind: EditKind::Facts,
            person: PersonId::new(Uuid::from_u128(2)),
            device: DeviceId::new(Uuid::from_u128(3)),
            counter: 1,
            attempt: 0,
            booked: Booked::on(at.utc().date_naive()),
            parts: vec![Part { doc, command, at, made: None }],
            after: Vec::new(),
            overriding: None,
        }
    }

    #[test]
    fn it_is_what_was_said_and_by_whom() {
        let said = Content::of(&noted());
        type Twist = fn(&mut Edit);
        let same: [Twist; 5] = [
            |edit| edit.attempt = 4,
            |edit| edit.counter = 9,
            |edit| edit.device = DeviceId::new(Uuid::from_u128(4)),
            |edit| edit.parts[0].at = edit.parts[0].at.plus_ms(1),
            |edit| edit.after = vec![EditId::new(Uuid::from_u128(6))],
        ];
        let other: [Twist; 6] = [
            |edit| edit.kind = EditKind::Requests,
            |edit| edit.person = PersonId::NIL,
            |edit| edit.booked.day = edit.booked.day.succ_opt().unwrap(),
            |edit| edit.parts[0].doc.id = Uuid::from_u128(8),
            |edit| edit.parts[0].command = Note { id: FactId::NIL, text: "rings twice".into() }.into(),
            |edit| edit.overriding = Some(Override { approver: PersonId::NIL, reason: "yes".into() }),
        ];
        for (twists, is_same) in [(&same[..], true), (&other[..], false)] {
            for (nth, twist) in twists.iter().enumerate() {
                let mut edit = noted();
                twist(&mut edit);
                assert_eq!(Content::of(&edit) == said, is_same, "{nth}");
            }
        }
    }

    #[test]
    fn what_is_left_of_it_is_known_again() {
        let whole = Content::of(&noted());
        let mut cleaned = noted();
        assert!(erasure::clean(&mut cleaned));
        let left = Content::of(&cleaned);
        assert!(left.is_again(&whole) && whole.is_again(&whole));
        assert!(!whole.is_again(&left), "but what is left says nothing of what was there");
        for content in [whole, left] {
            let all = content.to_bytes();
            assert_eq!(Content::kept(content.said(), Some(&all)), Some(content));
        }
        let without = Content::kept(whole.said(), Some(&left.to_bytes()));
        assert_eq!(without, Content::kept(whole.said(), None), "what is left of another one is not believed");
        assert_ne!(without, Some(whole));
    }

    #[test]
    fn the_day_counts_where_something_is_booked() {
        let product: DocAddr = ProductId::new(Uuid::from_u128(7)).into();
        let order = noted().parts[0].doc;
        for (kind, doc, counts) in [
            (EditKind::Facts, order, true),
            (EditKind::Facts, product, true),
            (EditKind::Requests, order, true),
            (EditKind::Requests, product, false),
        ] {
            let mut edit = Edit { kind, ..noted() };
            edit.parts[0].doc = doc;
            let mut next = edit.clone();
            next.booked.day = edit.booked.day.succ_opt().unwrap();
            assert_eq!(Content::of(&edit) != Content::of(&next), counts, "{kind:?} on {doc}");
        }
    }

    /// It is kept for as long as edits are: what it was computed to be once it stays.
    #[test]
    fn it_stays_what_it_was() {
        let hex: String = hash(&noted()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "2381c98da26d7bd565bc8ab60e25edc256b15705c7ce4610f48f966ee0876fb8");
    }
}
