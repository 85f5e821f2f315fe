//! A command: what it writes, what speaks against it, and what there is to know of it. Its row, with its name on the
//! wire, stands in the table of its kind.

use uuid::Uuid;

use crate::{
    doc::{DocError, Draft},
    document::Document,
    edit::Context,
    finding::{Finding, Rule},
    id::{FactId, PersonId},
    kind::DocAddr,
    money::{Amount, Currency},
    rules::plausible::Against,
};

/// Why a command did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{}", .0.what)]
    Finding(Box<Finding>),
    /// A defect of ours, never the user's doing.
    #[error(transparent)]
    Doc(#[from] DocError),
}

impl From<Finding> for RunError {
    fn from(finding: Finding) -> Self {
        Self::Finding(Box::new(finding))
    }
}

impl RunError {
    pub fn finding(self) -> Finding {
        match self {
            Self::Finding(finding) => *finding,
            Self::Doc(error) => Finding::new(
                Rule::Defect,
                format!("This could not be carried out: {error}."),
                "It is kept. Report it to your administrator.",
            ),
        }
    }
}

/// What every command can do. `run` reads only the command, its context and its own document. What has no default is
/// for each command to decide.
pub trait Act: 'static {
    type Of: Document;

    /// The form of the arguments, whatever the state.
    fn check(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Writes the change. A finding means that it cannot be done on this document; facts have none.
    fn run(&self, doc: &Self::Of, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError>;

    /// One sentence of what it does. `after`: the document with it, which tells names.
    fn words(&self, after: &Self::Of) -> String;

    /// Whom and what it names beside its own document.
    fn refers(&self) -> Refers;

    /// Takes out what is personal of a customer: names, addresses, and what was written about them. The books keep
    /// amounts, goods, days, numbers, and who of the staff did what.
    fn clean(&mut self);

    /// Of a request that adds something under an id of its own: what stands there, in words, and whether that is what it
    /// says. Nothing is written a second time under an id.
    fn added(&self, _person: PersonId, _doc: &Self::Of) -> Option<Stands> {
        None
    }

    /// A guarded request: the finding when the value it replaces is no longer there.
    fn guard(&self, _doc: &Self::Of) -> Option<Finding> {
        None
    }

    /// The document shows what this request asked for. Where it does not after a merge, the request is
    /// redone on the head, so that a later edit is never silently without effect.
    fn shows(&self, _doc: &Self::Of) -> bool {
        true
    }

    /// What came between has to stand before this request, so that it cannot be merged as it was made: it is
    /// redone on the head, or dropped where the head shows already what it asks for.
    fn overtaken(&self, _base: &Self::Of, _head: &Self::Of) -> bool {
        false
    }

    /// What this command would add stands there already under its id: it is never written a second time.
    fn there(&self, _doc: &Self::Of) -> bool {
        false
    }

    /// A guarded request once more: it now replaces what is there.
    fn renew(&mut self, _doc: &Self::Of) {}

    /// Takes down what its author sees of the document and it does not say yet: what a fact is worth must
    /// not depend on where it is run again.
    fn see(&mut self, _doc: &Self::Of) {}

    /// Gives the ids that a client without documents left out.
    fn complete(&mut self, _fresh: &mut dyn FnMut() -> Uuid) {}

    /// The number or code by which it lets its document be called, where that is nobody else's.
    fn number(&self) -> Option<&str> {
        None
    }

    /// Where it says that, to say another one.
    fn number_mut(&mut self) -> Option<&mut String> {
        None
    }
}

/// What there is to know of what happened, beside what it writes.
pub trait Fact: Act {
    /// The command that takes it back, under this id. `None`: it did nothing that can be.
    fn reversed(&self, id: FactId, reason: &str) -> Option<<Self::Of as Document>::Command>;

    /// The money that changed hands, or what the goods are worth with tax.
    fn worth(&self, after: &Self::Of) -> Option<(Amount, Currency)>;

    /// Where it says of its document what that does not say, in words behind its own: for who decides on it.
    fn says_otherwise(&self, _after: &Self::Of) -> Option<String> {
        None
    }

    /// What stands under its id, in words, and whether that is this one.
    fn stands(&self, person: PersonId, doc: &Self::Of) -> Option<Stands>;

    /// What of it is beyond what is likely. `after`: with it, which tells what its lines were where its author left
    /// that out.
    fn likely(&self, after: &Self::Of, against: &mut Against<'_>);
}

/// What stands under an id: what people call it, and whether it is the same.
pub type Stands = (&'static str, bool);

/// Whom and what a command names beside its own document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refers {
    /// Without which it would be of no use, or which it tells something of.
    pub docs: Vec<Named>,
    /// People of the staff, by the field that names them.
    pub people: Vec<(&'static str, PersonId)>,
}

/// A document, by the field that names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub field: String,
    pub doc: DocAddr,
}

impl Refers {
    pub fn to_none() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn doc(mut self, field: impl Into<String>, doc: Option<impl Into<DocAddr>>) -> Self {
        self.docs.extend(doc.map(|doc| Named { field: field.into(), doc: doc.into() }));
        self
    }

    #[must_use]
    pub fn person(mut self, field: &'static str, person: Option<PersonId>) -> Self {
        self.people.extend(person.map(|person| (field, person)));
        self
    }
}
