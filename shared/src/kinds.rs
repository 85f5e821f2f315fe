//! The kinds of document that this version knows, one line a kind. Everything about one stands in its own folder.

use std::{any::Any, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{EnumAccess, Visitor},
};

use crate::{
    command::{AnyAct, AnyFact, Commands, unknown},
    customer::{Customer, CustomerTerms, commands::CustomerCommand, terms::CustomerTermsCommand},
    doc::{Actor, Doc, DocError},
    document::{Document, Says},
    finding::Finding,
    kind::{DocAddr, DocKind},
    location::{Location, LocationCommand},
    notes::{Notes, commands::NotesCommand},
    order::{Order, commands::OrderCommand},
    product::{Product, ProductTerms, commands::ProductCommand, terms::ProductTermsCommand},
    role::Row,
    rules::Judged,
    settings::{Settings, commands::SettingsCommand},
};

macro_rules! kinds {
    ($($kind:ident $commands:ident)*) => {
        /// A command as it travels: a map with its name as the only key.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Command { $($kind($commands),)* }

        $(impl From<$commands> for Command {
            fn from(command: $commands) -> Self { Self::$kind(command) }
        })*

        impl Command {
            /// The rows of all commands.
            pub const ROWS: &'static [&'static [Row]] = &[$(<$commands as Commands>::ROWS),*];

            /// Their names.
            pub const NAMES: &'static [&'static str] =
                &names::<{ 0 $(+ <$commands as Commands>::ROWS.len())* }>(Self::ROWS);

            pub fn row(&self) -> &'static Row {
                match self { $(Self::$kind(command) => command.row(),)* }
            }

            pub fn act(&self) -> &dyn AnyAct {
                match self { $(Self::$kind(command) => command.act(),)* }
            }

            pub fn act_mut(&mut self) -> &mut dyn AnyAct {
                match self { $(Self::$kind(command) => command.act_mut(),)* }
            }

            /// What happened. `None`: it is asked for.
            pub fn fact(&self) -> Option<&dyn AnyFact> {
                match self { $(Self::$kind(command) => command.fact(),)* }
            }

            /// The kind of document it works on.
            pub const fn of(&self) -> DocKind {
                match self { $(Self::$kind(_) => DocKind::$kind,)* }
            }

            /// What speaks against it by the rules of its kind.
            pub fn judge(&self, before: &View, after: &View, judged: &Judged<'_>) -> Vec<Finding> {
                match (self, before, after) {
                    $((Self::$kind(command), View::$kind(before), View::$kind(after)) => {
                        $kind::judge(command, before, after, judged)
                    })*
                    _ => Vec::new(),
                }
            }

            /// Sent to a document that it does not belong to.
            pub fn misplaced(&self, addr: DocAddr) -> Option<Finding> {
                match self { $(Self::$kind(command) => $kind::misplaced(command, addr),)* }
            }
        }

        impl Serialize for Command {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$kind(command) => command.serialize(serializer),)* }
            }
        }

        impl<'de> Deserialize<'de> for Command {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Named;
                impl<'de> Visitor<'de> for Named {
                    type Value = Command;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a command under its name")
                    }
                    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Command, A::Error> {
                        let (name, content) = data.variant::<String>()?;
                        $(if has(<$commands as Commands>::ROWS, &name) {
                            let read = <$commands as Commands>::read(&name, content);
                            return read.unwrap_or_else(|| Err(unknown(&name))).map(Command::$kind);
                        })*
                        Err(unknown(&name))
                    }
                }
                deserializer.deserialize_enum("Command", Command::NAMES, Named)
            }
        }

        /// A document of any kind, read into its struct.
        #[derive(Clone, Debug, PartialEq)]
        pub enum View {
            $($kind(Box<$kind>),)*
            /// Of a kind that this version does not read: it is kept as it is.
            Newer(DocKind),
        }

        impl View {
            pub fn read(doc: &Doc) -> Result<Self, DocError> {
                match doc.kind() {
                    $(DocKind::$kind => Ok(Self::$kind(Box::new(doc.read()?))),)*
                    other => Ok(Self::Newer(other)),
                }
            }

            pub const fn kind(&self) -> DocKind {
                match self {
                    $(Self::$kind(_) => DocKind::$kind,)*
                    Self::Newer(kind) => *kind,
                }
            }

            /// `None`: this version cannot read it.
            pub fn says(&self) -> Option<&dyn Says> {
                match self {
                    $(Self::$kind(doc) => Some(&**doc),)*
                    Self::Newer(_) => None,
                }
            }

            pub fn says_mut(&mut self) -> Option<&mut dyn Says> {
                match self {
                    $(Self::$kind(doc) => Some(&mut **doc),)*
                    Self::Newer(_) => None,
                }
            }

            /// The struct, whichever it is.
            pub fn any(&self) -> &dyn Any {
                match self {
                    $(Self::$kind(doc) => &**doc,)*
                    Self::Newer(kind) => kind,
                }
            }

            /// A document that says what this one says, with nothing before.
            pub fn anew(&self, doc: &Doc, actor: Actor) -> Result<Doc, DocError> {
                match self {
                    $(Self::$kind(said) => doc.anew_as(said, actor),)*
                    Self::Newer(kind) => Err(DocError::NoMap(kind.to_string())),
                }
            }
        }

        impl DocKind {
            /// Those that this version reads and writes.
            pub const READ: &'static [DocKind] = &[$(DocKind::$kind),*];

            /// The maps of its empty document. A kind of a later version has none here.
            pub const fn skeleton(self) -> &'static [&'static [&'static str]] {
                match self {
                    $(Self::$kind => <$kind as Document>::SKELETON,)*
                    _ => &[],
                }
            }

            /// Whoever is newly shown one is shown what it says then, and nothing of what it said before.
            pub const fn hides_its_past(self) -> bool {
                match self {
                    $(Self::$kind => <$kind as Document>::HIDES_ITS_PAST,)*
                    _ => false,
                }
            }

            /// It tells of a customer, and is erased with them.
            pub const fn tells_of_customers(self) -> bool {
                match self {
                    $(Self::$kind => <$kind as Document>::TELLS_OF_CUSTOMERS,)*
                    _ => false,
                }
            }

            /// What people call one. `None`: this version has no word for it.
            pub const fn thing(self) -> Option<&'static str> {
                match self {
                    $(Self::$kind => Some(<$kind as Document>::THING),)*
                    _ => None,
                }
            }
        }

        // Each is what it says it is.
        const _: () = { $(assert!(matches!(<$kind as Document>::KIND, DocKind::$kind));)* };
    };
}

kinds! {
    Order OrderCommand
    Product ProductCommand
    ProductTerms ProductTermsCommand
    Customer CustomerCommand
    CustomerTerms CustomerTermsCommand
    Location LocationCommand
    Notes NotesCommand
    Settings SettingsCommand
}

fn has(rows: &[Row], name: &str) -> bool {
    rows.iter().any(|row| row.command == name)
}

const fn names<const N: usize>(tables: &[&[Row]]) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut table, mut at) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            names[at] = tables[table][row].command;
            (row, at) = (row + 1, at + 1);
        }
        table += 1;
    }
    names
}
