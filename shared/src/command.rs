//! A command of whatever kind, and the pure `run`.
//!
//! A name ends in its version. A command is never removed and never changes what it writes: a new way of
//! writing is a new version beside the old one. (One fault was mended in place: setting an address that reads as the one
//! before wrote nothing. Who asked for it so is told *rewritten*.)

use std::any::Any;

use serde::{
    Serialize,
    de::{self, VariantAccess},
};
use uuid::Uuid;

pub use crate::kinds::Command;
use crate::{
    act::{Act, Fact, Refers, RunError, Stands},
    doc::{Actor, ChangeBytes, Doc, Draft, Spot},
    document::Document,
    edit::{Context, EditKind},
    finding::Finding,
    id::{FactId, PersonId},
    money::{Amount, Currency},
    role::Row,
    rules::plausible::Against,
    texts,
    view::View,
};

/// The commands of one kind: `commands!` makes them of its table.
pub trait Commands: Serialize + Sized {
    const ROWS: &'static [Row];

    fn row(&self) -> &'static Row;
    fn act(&self) -> &dyn AnyAct;
    fn act_mut(&mut self) -> &mut dyn AnyAct;
    /// `None`: it is no fact.
    fn fact(&self) -> Option<&dyn AnyFact>;

    /// Reads what stands under a name. `None`: the kind has no such command.
    fn read<'de, A: VariantAccess<'de>>(name: &str, content: A) -> Option<Result<Self, A::Error>>;
}

/// A command that stands in the table of its kind.
pub trait Listed: Act {
    const ROW: &'static Row;
}

/// A command, for those who do the same with all. `doc` is the document as a struct; of another kind it is nothing.
pub trait AnyAct {
    fn any(&self) -> &dyn Any;
    fn check(&self) -> Vec<Finding>;
    /// `None`: the document is of another kind.
    fn run(&self, doc: &dyn Any, ctx: &Context, draft: &mut Draft<'_, '_>) -> Option<Result<(), RunError>>;
    fn words(&self, after: &dyn Any) -> String;
    fn refers(&self) -> Refers;
    fn clean(&mut self);
    fn added(&self, person: PersonId, doc: &dyn Any) -> Option<Stands>;
    fn guard(&self, doc: &dyn Any) -> Option<Finding>;
    fn shows(&self, doc: &dyn Any) -> bool;
    fn overtaken(&self, base: &dyn Any, head: &dyn Any) -> bool;
    fn there(&self, doc: &dyn Any) -> bool;
    fn renew(&mut self, doc: &dyn Any);
    fn see(&mut self, doc: &dyn Any);
    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid);
    fn number(&self) -> Option<&str>;
    fn number_mut(&mut self) -> Option<&mut String>;
}

/// What happened, for those who do the same with all.
pub trait AnyFact {
    fn reversed(&self, id: FactId, reason: &str) -> Option<Command>;
    fn worth(&self, after: &dyn Any) -> Option<(Amount, Currency)>;
    fn says_otherwise(&self, after: &dyn Any) -> Option<String>;
    fn stands(&self, person: PersonId, doc: &dyn Any) -> Option<Stands>;
    fn likely(&self, after: &dyn Any, against: &mut Against<'_>);
}

impl<T: Act> AnyAct for T {
    fn any(&self) -> &dyn Any {
        self
    }
    fn check(&self) -> Vec<Finding> {
        Act::check(self)
    }
    fn run(&self, doc: &dyn Any, ctx: &Context, draft: &mut Draft<'_, '_>) -> Option<Result<(), RunError>> {
        doc.downcast_ref().map(|doc| Act::run(self, doc, ctx, draft))
    }
    fn words(&self, after: &dyn Any) -> String {
        match after.downcast_ref() {
            Some(after) => Act::words(self, after),
            None => Act::words(self, &T::Of::default()),
        }
    }
    fn refers(&self) -> Refers {
        Act::refers(self)
    }
    fn clean(&mut self) {
        Act::clean(self);
    }
    fn added(&self, person: PersonId, doc: &dyn Any) -> Option<Stands> {
        doc.downcast_ref().and_then(|doc| Act::added(self, person, doc))
    }
    fn guard(&self, doc: &dyn Any) -> Option<Finding> {
        doc.downcast_ref().and_then(|doc| Act::guard(self, doc))
    }
    fn shows(&self, doc: &dyn Any) -> bool {
        doc.downcast_ref().is_some_and(|doc| Act::shows(self, doc))
    }
    fn overtaken(&self, base: &dyn Any, head: &dyn Any) -> bool {
        match (base.downcast_ref(), head.downcast_ref()) {
            (Some(base), Some(head)) => Act::overtaken(self, base, head),
            _ => false,
        }
    }
    fn there(&self, doc: &dyn Any) -> bool {
        doc.downcast_ref().is_some_and(|doc| Act::there(self, doc))
    }
    fn renew(&mut self, doc: &dyn Any) {
        if let Some(doc) = doc.downcast_ref() {
            Act::renew(self, doc);
        }
    }
    fn see(&mut self, doc: &dyn Any) {
        if let Some(doc) = doc.downcast_ref() {
            Act::see(self, doc);
        }
    }
    fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        Act::complete(self, fresh);
    }
    fn number(&self) -> Option<&str> {
        Act::number(self)
    }
    fn number_mut(&mut self) -> Option<&mut String> {
        Act::number_mut(self)
    }
}

impl<T: Fact> AnyFact for T
where
    <T::Of as Document>::Command: Into<Command>,
{
    fn reversed(&self, id: FactId, reason: &str) -> Option<Command> {
        Fact::reversed(self, id, reason).map(Into::into)
    }
    fn worth(&self, after: &dyn Any) -> Option<(Amount, Currency)> {
        match after.downcast_ref() {
            Some(after) => Fact::worth(self, after),
            None => Fact::worth(self, &T::Of::default()),
        }
    }
    fn says_otherwise(&self, after: &dyn Any) -> Option<String> {
        after.downcast_ref().and_then(|after| Fact::says_otherwise(self, after))
    }
    fn stands(&self, person: PersonId, doc: &dyn Any) -> Option<Stands> {
        doc.downcast_ref().and_then(|doc| Fact::stands(self, person, doc))
    }
    fn likely(&self, after: &dyn Any, against: &mut Against<'_>) {
        match after.downcast_ref() {
            Some(after) => Fact::likely(self, after, against),
            None => Fact::likely(self, &T::Of::default(), against),
        }
    }
}

/// A command is handed about as itself until it goes into an edit.
impl<T: Act> From<T> for Command
where
    T: Into<<T::Of as Document>::Command>,
    <T::Of as Document>::Command: Into<Command>,
{
    fn from(body: T) -> Self {
        body.into().into()
    }
}

impl Command {
    pub fn name(&self) -> &'static str {
        self.row().command
    }

    /// Facts are never refused for a state; requests are judged on the result.
    pub fn kind(&self) -> EditKind {
        self.row().kind
    }

    /// It makes the thing that its document is about.
    pub fn makes(&self) -> bool {
        self.row().makes
    }

    /// The command itself, if it is this one.
    pub fn get<T: Act>(&self) -> Option<&T> {
        self.act().any().downcast_ref()
    }

    pub fn is<T: Act>(&self) -> bool {
        self.get::<T>().is_some()
    }

    pub fn check(&self) -> Vec<Finding> {
        let mut findings = self.act().check();
        findings.extend(match self.kind() {
            EditKind::Facts => texts::check_fact(self),
            EditKind::Requests => texts::check(self),
        });
        findings
    }

    pub fn guard(&self, view: &View) -> Option<Finding> {
        self.act().guard(view.any())
    }

    pub fn shows(&self, view: &View) -> bool {
        self.act().shows(view.any())
    }

    pub fn overtaken(&self, base: &View, head: &View) -> bool {
        self.act().overtaken(base.any(), head.any())
    }

    pub fn there(&self, view: &View) -> bool {
        self.act().there(view.any())
    }

    /// Makes a guarded request replace what is there now.
    pub fn renew(&mut self, view: &View) {
        self.act_mut().renew(view.any());
    }

    pub fn see(&mut self, view: &View) {
        self.act_mut().see(view.any());
    }

    pub fn complete(&mut self, fresh: &mut dyn FnMut() -> Uuid) {
        self.act_mut().complete(fresh);
    }

    pub fn refers(&self) -> Refers {
        self.act().refers()
    }

    /// What stands under the id that it gives, and whether that is what it says.
    pub fn stands(&self, person: PersonId, before: &View) -> Option<Stands> {
        match self.fact() {
            Some(fact) => fact.stands(person, before.any()),
            None => self.act().added(person, before.any()),
        }
    }

    /// One sentence of what it does.
    pub fn words(&self, after: &View) -> String {
        self.act().words(after.any())
    }
}

/// What running a command gave.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document with the change in it.
    pub doc: Doc,
    pub view: View,
    /// `None` when the command changed nothing.
    pub change: Option<ChangeBytes>,
}

/// What running a command in a document gave.
#[derive(Clone, Debug)]
pub struct Wrote {
    pub view: View,
    /// `None` when the command changed nothing.
    pub change: Option<ChangeBytes>,
    /// Where the change wrote.
    pub spots: Vec<Spot>,
}

/// The central function: pure, the same inputs give the same change, bit for bit. `view` is what was read of
/// `base`.
pub fn run(
    base: &Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    actor: Actor,
) -> Result<Written, RunError> {
    let mut doc = base.clone();
    let Wrote { view, change, .. } = run_in(&mut doc, view, command, ctx, actor)?;
    Ok(Written { doc, view, change })
}

/// The same in the document itself. On an error it is as before.
pub fn run_in(
    doc: &mut Doc,
    view: &View,
    command: &Command,
    ctx: &Context,
    actor: Actor,
) -> Result<Wrote, RunError> {
    if doc.kind() != command.of() {
        return Err(wrong_document().into());
    }
    let before = doc.heads().to_vec();
    let (change, mut spots) = doc.write(actor, ctx.at, |draft| {
        command.act().run(view.any(), ctx, draft).unwrap_or_else(|| Err(wrong_document().into()))
    })?;
    let mut view = view.clone();
    if let Err(error) = view.refresh(doc, &mut spots) {
        doc.go_back(&before);
        return Err(error.into());
    }
    Ok(Wrote { view, change, spots })
}

fn wrong_document() -> Finding {
    Finding::malformed(
        "document",
        "This command does not work on that kind of document.",
        "Send it with the address of a document of its own kind.",
    )
}

/// The error of a name that no kind has.
pub(crate) fn unknown<E: de::Error>(name: &str) -> E {
    E::unknown_variant(name, Command::NAMES)
}

/// The commands of a kind, of its table: the name on the wire, the variant, the kind of edit, what it does in words
/// (“you may not …”), and which role may: always, on own orders, or never.
macro_rules! commands {
    ($(#[$doc:meta])* $commands:ident {
        $($wire:literal $body:ident $kind:ident $does:literal [$($when:ident),*];)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        pub enum $commands { $(#[serde(rename = $wire)] $body(Box<$body>),)* }

        impl $crate::command::Commands for $commands {
            const ROWS: &'static [$crate::role::Row] = &[$(*<$body as $crate::command::Listed>::ROW,)*];

            fn row(&self) -> &'static $crate::role::Row {
                match self { $(Self::$body(_) => <$body as $crate::command::Listed>::ROW,)* }
            }

            fn act(&self) -> &dyn $crate::command::AnyAct {
                match self { $(Self::$body(body) => &**body,)* }
            }

            fn act_mut(&mut self) -> &mut dyn $crate::command::AnyAct {
                match self { $(Self::$body(body) => &mut **body,)* }
            }

            fn fact(&self) -> Option<&dyn $crate::command::AnyFact> {
                match self { $(Self::$body(body) => $crate::command::commands!(@fact $kind body),)* }
            }

            fn read<'de, A: serde::de::VariantAccess<'de>>(
                name: &str,
                content: A,
            ) -> Option<Result<Self, A::Error>> {
                match name {
                    $($wire => Some(content.newtype_variant().map(Self::$body)),)*
                    _ => None,
                }
            }
        }

        $(impl From<$body> for $commands {
            fn from(body: $body) -> Self { Self::$body(Box::new(body)) }
        }

        impl $crate::command::Listed for $body {
            const ROW: &'static $crate::role::Row = {
                use $crate::role::letters::*;
                &$crate::role::Row {
                    command: $wire,
                    kind: $crate::command::commands!(@kind $kind),
                    makes: $crate::command::commands!(@makes $kind),
                    does: $does,
                    when: [$($when),*],
                }
            };
        })*
    };
    (@kind Facts) => { $crate::edit::EditKind::Facts };
    (@kind Requests) => { $crate::edit::EditKind::Requests };
    (@kind Makes) => { $crate::edit::EditKind::Requests };
    (@makes Makes) => { true };
    (@makes Requests) => { false };
    (@makes Facts) => { false };
    (@fact Facts $body:ident) => { Some(&**$body) };
    (@fact Requests $body:ident) => {{ let _ = $body; None }};
    (@fact Makes $body:ident) => {{ let _ = $body; None }};
}

pub(crate) use commands;
