//! A kind of document: all that is true of it and needs no file, network or clock. Each kind says it in its own folder;
//! `kinds.rs` lists them.

use std::any::Any;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    command::Commands,
    doc::{Doc, DocError, Spot},
    erasure::Erased,
    finding::Finding,
    generation::Archived,
    id::PersonId,
    kind::{DocAddr, DocKind},
    rules::Judged,
    scope::Scopes,
    time::Timestamp,
};

/// What is said of a kind. Nothing here has a default: whoever adds a kind decides.
pub trait Document: Says + Default + Clone + PartialEq + Serialize + DeserializeOwned {
    const KIND: DocKind;

    /// What people call one: “This order does not exist here.”
    const THING: &'static str;

    /// The maps of the empty document, one list a schema version. Order and names are for ever: they are hashed.
    const SKELETON: &'static [&'static [&'static str]];

    /// Whoever is newly shown one is shown what it says then, and nothing of what it said before.
    const HIDES_ITS_PAST: bool;

    /// It tells of a customer, and is erased with them.
    const TELLS_OF_CUSTOMERS: bool;

    type Command: Commands;

    /// What speaks against a command by the rules of this kind.
    /// `before`: what is judged is not in it. `after`: the merged result.
    fn judge(command: &Self::Command, before: &Self, after: &Self, judged: &Judged<'_>) -> Vec<Finding>;

    /// The command was sent to a document that it does not belong to, where its id follows from something else.
    fn misplaced(command: &Self::Command, addr: DocAddr) -> Option<Finding>;
}

/// What is said of one document, of whatever kind it is.
pub trait Says: Any {
    /// Somebody made it. `None`: it stands beside something else and is made by nobody.
    fn exists(&self) -> Option<bool>;

    /// How a list of entries names it, as `order T1-12` or `C-1 Ida Berg`. Empty: by nothing.
    fn title(&self) -> String;

    /// The number or code that is nobody else's, and the name of the thing that has it. `None`: it has none.
    fn called(&self) -> Option<Called<'_>>;

    /// Who may see it.
    fn scopes(&self) -> Scopes;

    /// This person's own, for who may work on those alone. `doing`: the command that they would run.
    fn is_own(&self, person: PersonId, doing: &dyn Any) -> bool;

    /// A customer's personal data is gone from it, and none comes back.
    fn erased(&self) -> Option<Erased>;

    /// Takes what is personal of a customer out.
    fn clean(&mut self, at: Timestamp);

    /// What nothing is computed from, above what is kept for people to read: notes, and changes of fields.
    fn old(&self, kept: usize) -> Vec<Archived>;

    /// Brings it up to date after a change that wrote at this spot: as reading it anew would. `rooms!` writes it.
    fn refresh(&mut self, doc: &Doc, spot: &mut Spot) -> Result<(), DocError>;
}

/// What one document of its kind is called, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'a> {
    /// As people say it: `number` or `code`.
    pub field: &'static str,
    pub number: &'a str,
    pub name: &'a str,
}

/// `12 Oak chair`; without a number the name alone.
pub fn titled(number: &str, name: &str) -> String {
    if number.is_empty() { name.to_owned() } else { format!("{number} {name}") }
}

/// The rooms of a document: those that are one struct, then those that are maps. Every field of it is one.
macro_rules! rooms {
    ($($room:ident),*; $($map:ident),*) => {
        fn refresh(
            &mut self,
            doc: &$crate::doc::Doc,
            spot: &mut $crate::doc::Spot,
        ) -> Result<(), $crate::doc::DocError> {
            let Self { $($room,)* $($map,)* } = self;
            match spot.room.as_str() {
                $(stringify!($room) => *$room = spot.read_room(doc)?,)*
                $(stringify!($map) => $map.extend(spot.read_entry(doc)?),)*
                other => return Err($crate::doc::DocError::NoMap(other.to_owned())),
            }
            Ok(())
        }
    };
}

pub(crate) use rooms;
