//! A document of any kind, read into its struct.

use crate::{
    command::Document,
    customer::{Customer, CustomerTerms},
    doc::{Doc, DocError},
    kind::DocKind,
    location::Location,
    order::Order,
    product::{Product, ProductTerms},
    settings::Settings,
};

macro_rules! views {
    ($($kind:ident)*) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum View { $($kind(Box<$kind>),)* }

        impl View {
            pub fn read(doc: &Doc) -> Result<Self, DocError> {
                match doc.kind() {
                    $(DocKind::$kind => Ok(Self::$kind(Box::new(doc.read()?))),)*
                    other => Err(DocError::NoMap(format!("{other}: this version does not read it"))),
                }
            }

            pub const fn kind(&self) -> DocKind {
                match self { $(Self::$kind(_) => DocKind::$kind,)* }
            }
        }

        $(impl Document for $kind {
            const KIND: DocKind = DocKind::$kind;
            fn of(view: &View) -> Option<&Self> {
                match view { View::$kind(doc) => Some(doc), _ => None }
            }
        })*
    };
}

views! { Order Product ProductTerms Customer CustomerTerms Location Settings }
