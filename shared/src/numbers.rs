//! The numbers that products and customers are called by, and the codes of places: one number, one product; one number,
//! one customer; one code, one place.

use crate::{
    command::Command,
    document::Says,
    kind::{DocAddr, DocKind},
    view::View,
};

/// What is around a number when two are compared, and is no part of it. PostgreSQL's side says the same
/// (`report.number_key`).
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// A number as it is compared: blanks around it and the case of plain letters make no other one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    pub kind: DocKind,
    pub key: String,
}

impl Number {
    /// `None`: without a number nothing is called by it.
    pub fn new(kind: DocKind, text: &str) -> Option<Self> {
        let key = text.trim_matches(BLANK).to_ascii_lowercase();
        (!key.is_empty()).then_some(Self { kind, key })
    }

    /// What a document is called by.
    pub fn of(view: &View) -> Option<Self> {
        let called = view.says()?.called()?;
        Self::new(view.kind(), called.number)
    }

    /// What a command gives to its document.
    pub fn given_by(command: &Command) -> Option<Self> {
        Self::new(command.of(), command.act().number()?)
    }

    /// Where a command says it, to say another one.
    pub fn given_in(command: &mut Command) -> Option<&mut String> {
        command.act_mut().number_mut()
    }
}

/// What the thing with this number is called: for words about it.
pub fn name(view: &View) -> &str {
    view.says().and_then(Says::called).map_or("", |called| called.name)
}

/// Who has a number, as far as is known, with the name of each.
pub type Holders = std::collections::BTreeMap<DocAddr, String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_typed_and_another_for_another_kind() {
        let of = |text| Number::new(DocKind::Product, text);
        assert_eq!(of(" Oak-1\t"), of("OAK-1"));
        assert_ne!(of("OAK-1"), of("OAK 1"));
        assert_ne!(of("C-1"), Number::new(DocKind::Customer, "C-1"));
        assert_eq!(of(" \n"), None);
    }
}
