//! The kinds of document and the address of one. Codes are for ever: they stand in files and frames. A kind that a later
//! version adds is kept under its code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{
    CustomerId, CustomerTermsId, Id, LocationId, NotesId, OrderId, ProductId, ProductTermsId, SettingsId,
};

macro_rules! kinds {
    ($($kind:ident = $code:literal $name:literal)*) => {
        /// What a document is about. Every kind of the design has its code, also those not yet written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "u8", into = "u8")]
        pub enum DocKind {
            $($kind,)*
            /// Of a later version: not read here, but kept and passed on.
            Newer(u8),
        }

        impl DocKind {
            /// Those that this version knows.
            pub const ALL: &'static [DocKind] = &[$(DocKind::$kind),*];
            pub const fn name(self) -> &'static str {
                match self {
                    $(DocKind::$kind => $name,)*
                    DocKind::Newer(_) => "newer",
                }
            }
        }
        impl From<u8> for DocKind {
            fn from(code: u8) -> Self {
                match code {
                    $($code => DocKind::$kind,)*
                    code => DocKind::Newer(code),
                }
            }
        }
        impl From<DocKind> for u8 {
            fn from(kind: DocKind) -> u8 {
                match kind {
                    $(DocKind::$kind => $code,)*
                    DocKind::Newer(code) => code,
                }
            }
        }
        impl FromStr for DocKind {
            type Err = String;
            fn from_str(name: &str) -> Result<Self, String> {
                match name {
                    $($name => Ok(DocKind::$kind),)*
                    _ => Err(format!("“{name}” is not a kind of document")),
                }
            }
        }
    };
}

kinds! {
    Order = 1 "order"
    PurchaseOrder = 2 "purchase_order"
    Product = 3 "product"
    ProductTerms = 4 "product_terms"
    Stock = 5 "stock"
    Count = 6 "count"
    Customer = 7 "customer"
    CustomerTerms = 8 "customer_terms"
    Case = 9 "case"
    Problem = 10 "problem"
    Round = 11 "round"
    Drawer = 12 "drawer"
    Invoice = 13 "invoice"
    Shipment = 14 "shipment"
    Subscription = 15 "subscription"
    Supplier = 16 "supplier"
    GiftCard = 17 "gift_card"
    Notes = 18 "notes"
    CustomFields = 19 "custom_fields"
    Location = 20 "location"
    Settings = 21 "settings"
    PriceList = 22 "price_list"
}

impl fmt::Display for DocKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which document: its kind and its id, through all of its generations. On the wire an array of the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(DocKind, Uuid)", into = "(DocKind, Uuid)")]
pub struct DocAddr {
    pub kind: DocKind,
    pub id: Uuid,
}

impl DocAddr {
    pub const fn new(kind: DocKind, id: Uuid) -> Self {
        Self { kind, id }
    }
}

impl From<(DocKind, Uuid)> for DocAddr {
    fn from((kind, id): (DocKind, Uuid)) -> Self {
        Self { kind, id }
    }
}

impl From<DocAddr> for (DocKind, Uuid) {
    fn from(addr: DocAddr) -> Self {
        (addr.kind, addr.id)
    }
}

impl fmt::Display for DocAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id.simple())
    }
}

impl fmt::Debug for DocAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! addresses {
    ($($id:ident $kind:ident)*) => {$(
        impl From<$id> for DocAddr {
            fn from(id: $id) -> Self { DocAddr::new(DocKind::$kind, id.uuid()) }
        }
    )*};
}

addresses! {
    OrderId Order
    ProductId Product
    ProductTermsId ProductTerms
    CustomerId Customer
    CustomerTermsId CustomerTerms
    LocationId Location
    SettingsId Settings
    NotesId Notes
}
