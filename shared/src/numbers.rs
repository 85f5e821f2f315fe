//! The numbers that products and customers are called by, and the codes of places: one number, one product; one number,
//! one customer; one code, one place.

use crate::{
    command::Command,
    customer,
    kind::{DocAddr, DocKind},
    location, product,
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

    /// What a product, customer or place is called by.
    pub fn of(view: &View) -> Option<Self> {
        match view {
            View::Product(product) if product.exists() => Self::new(DocKind::Product, &product.fields.number),
            View::Customer(customer) if customer.exists() => {
                Self::new(DocKind::Customer, &customer.fields.number)
            }
            View::Location(location) if location.exists() => {
                Self::new(DocKind::Location, &location.fields.code)
            }
            _ => None,
        }
    }

    /// What a command gives to a product, customer or place.
    pub fn given_by(command: &Command) -> Option<Self> {
        match command {
            Command::ProductCreate(create) => Self::new(DocKind::Product, &create.number),
            Command::CustomerCreate(create) => Self::new(DocKind::Customer, &create.number),
            Command::LocationCreate(create) => Self::new(DocKind::Location, &create.code),
            Command::LocationSetField(set) => match &set.field {
                location::Field::Code(text) => Self::new(DocKind::Location, text),
                _ => None,
            },
            Command::ProductSetField(set) => match &set.field {
                product::Field::Number(text) => Self::new(DocKind::Product, text),
                _ => None,
            },
            Command::CustomerSetField(set) => match &set.field {
                customer::Field::Number(text) => Self::new(DocKind::Customer, text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Where a command says it, to say another one.
    pub fn given_in(command: &mut Command) -> Option<&mut String> {
        match command {
            Command::ProductCreate(create) => Some(&mut create.number),
            Command::CustomerCreate(create) => Some(&mut create.number),
            Command::LocationCreate(create) => Some(&mut create.code),
            Command::LocationSetField(set) => match &mut set.field {
                location::Field::Code(text) => Some(text),
                _ => None,
            },
            Command::ProductSetField(set) => match &mut set.field {
                product::Field::Number(text) => Some(text),
                _ => None,
            },
            Command::CustomerSetField(set) => match &mut set.field {
                customer::Field::Number(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What the thing with this number is called: for words about it.
pub fn name(view: &View) -> &str {
    match view {
        View::Product(product) => &product.fields.name,
        View::Customer(customer) => &customer.fields.name,
        View::Location(location) => &location.fields.name,
        _ => "",
    }
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
