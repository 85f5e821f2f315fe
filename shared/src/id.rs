//! Typed ids. No bare `Uuid` crosses a function of the domain; one macro makes every id type.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{kind::DocAddr, time::Timestamp};

/// A source of random bytes. Randomness is an argument everywhere in this crate.
pub trait Entropy {
    fn fill(&mut self, bytes: &mut [u8]);
}

/// What every typed id has in common.
pub trait Id: Copy + Eq + Ord + fmt::Debug + From<Uuid> {
    fn uuid(self) -> Uuid;

    /// A fresh UUIDv7: its order is roughly the order of creation.
    fn fresh(now: Timestamp, entropy: &mut dyn Entropy) -> Self {
        let mut random = [0; 10];
        entropy.fill(&mut random);
        Self::from(uuid::Builder::from_unix_timestamp_millis(now.unix_ms(), &random).into_uuid())
    }

    /// The same id wherever it is made from the same name: UUIDv5 below `space`.
    fn derived(space: Uuid, name: &[u8]) -> Self {
        Self::from(Uuid::new_v5(&space, name))
    }
}

/// The text is not an id.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is not an id: give 32 hexadecimal digits, with or without hyphens")]
pub struct BadId(pub String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const NIL: Self = Self(Uuid::nil());
            pub const fn new(uuid: Uuid) -> Self { Self(uuid) }
            pub const fn is_nil(&self) -> bool { self.0.is_nil() }
        }
        impl Id for $name {
            fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0.simple()) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.simple())
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| BadId(text.to_owned()))
            }
        }
    )*};
}

ids! {
    /// The business whose data it is: made once, by the database that holds it, and never another.
    CompanyId
    /// A person who signs in. People are rows of the server, not documents.
    PersonId
    /// One installation with its own local file.
    DeviceId
    /// One user action; survives every rebase.
    EditId
    /// An entry of a document's history or steps: derived from the edit and the part that made it.
    EntryId
    OrderId
    LineId
    /// A fact keeps its id for ever; it is the key it stands under in its document.
    FactId
    PurchaseOrderId
    ProductId
    ProductTermsId
    PackId
    PriceId
    StockId
    CountId
    CustomerId
    CustomerTermsId
    CaseId
    ProblemId
    RoundId
    DrawerId
    InvoiceId
    ShipmentId
    SubscriptionId
    SupplierId
    GiftCardId
    NotesId
    NoteId
    CustomFieldsId
    LocationId
    SettingsId
    PriceListId
    /// A photo, signature or paper, addressed by what refers to it.
    AttachmentId
}

impl EntryId {
    pub fn of(edit: EditId, part: u16) -> Self {
        Self::derived(edit.uuid(), &part.to_be_bytes())
    }
}

impl ProductTermsId {
    pub fn of(product: ProductId) -> Self {
        Self::derived(product.uuid(), b"terms")
    }
}

impl CustomerTermsId {
    pub fn of(customer: CustomerId) -> Self {
        Self::derived(customer.uuid(), b"terms")
    }
}

impl NotesId {
    /// Of an order or a customer.
    pub fn of(about: impl Into<DocAddr>) -> Self {
        Self::derived(about.into().id, b"notes")
    }
}

impl StockId {
    pub fn of(product: ProductId, location: LocationId) -> Self {
        Self::derived(product.uuid(), location.uuid().as_bytes())
    }
}

impl SettingsId {
    /// There is one settings document in a business.
    pub const ONLY: Self = Self::new(Uuid::from_u128(0x7761_7962_696c_6c00_8000_7365_7474_696e));
}
