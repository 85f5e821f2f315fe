//! A document of any kind, read into its struct.

use crate::{
    command::Document,
    customer::{Customer, CustomerTerms},
    doc::{Doc, DocError, Spot},
    kind::DocKind,
    location::Location,
    notes::Notes,
    order::Order,
    product::{Product, ProductTerms},
    settings::Settings,
};

macro_rules! views {
    ($($kind:ident { $($room:ident),*; $($map:ident),* })*) => {
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

            /// Brings it up to date after a change that wrote at these spots: as reading it anew would.
            pub fn refresh(&mut self, doc: &Doc, spots: &mut [Spot]) -> Result<(), DocError> {
                match self {
                    $(Self::$kind(read) => spots.iter_mut().try_for_each(|spot| read.refresh(doc, spot)),)*
                    Self::Newer(_) => Ok(()),
                }
            }

            pub const fn kind(&self) -> DocKind {
                match self {
                    $(Self::$kind(_) => DocKind::$kind,)*
                    Self::Newer(kind) => *kind,
                }
            }
        }

        $(impl Document for $kind {
            const KIND: DocKind = DocKind::$kind;
            fn of(view: &View) -> Option<&Self> {
                match view { View::$kind(doc) => Some(doc), _ => None }
            }
        })*

        $(impl $kind {
            fn refresh(&mut self, doc: &Doc, spot: &mut Spot) -> Result<(), DocError> {
                // Every field is a room that is listed here.
                let Self { $($room,)* $($map,)* } = self;
                match spot.room.as_str() {
                    $(stringify!($room) => *$room = spot.read_room(doc)?,)*
                    $(stringify!($map) => $map.extend(spot.read_entry(doc)?),)*
                    other => return Err(DocError::NoMap(other.to_owned())),
                }
                Ok(())
            }
        })*
    };
}

// The rooms of each document: those that are one struct, then those that are maps.
views! {
    Order { head, contact, delivery, wanted, plan, erased; tags, refs, lines, steps, facts, history, attachments }
    Product { fields; barcodes, packs, prices, images, history }
    ProductTerms { fields; history }
    Customer { fields, contact, erased; addresses, facts, history, attachments }
    CustomerTerms { fields; history }
    Location { fields, address; history }
    Notes { about, fields, erased; notes, history }
    Settings { fields, limits; tax_classes, no_customer, history }
}
