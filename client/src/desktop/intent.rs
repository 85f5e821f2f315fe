//! What a panel asks for. Panels decide nothing: the window carries these out.

use std::path::PathBuf;
use std::sync::Arc;

use waybill_shared::command::Command;
use waybill_shared::doc::Hash;
use waybill_shared::id::{CustomerId, DeviceId, EditId, LocationId, OrderId, PersonId, ProductId};
use waybill_shared::kind::DocAddr;
use waybill_shared::{customer, location, product};

use super::drafts::{OrderDraft, SaleDraft};
use super::online::Want;
use super::place::Place;
use super::remembered::LockAfter;
use super::theme::ThemeChoice;
use crate::booked_at::Deed;
use crate::pin::Pin;

#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    Go(Place),
    Open(Thing),
    Do(Wish),
    /// Makes a document under a fresh id and opens it.
    Make(Box<Making>),
    Redo(EditId),
    OpenHeld(EditId),
    OpenDevice(DeviceId),
    /// What only the server knows or does.
    Online(Want),
    PutCodeAway,
    /// An entry that was not accepted, with other commands in its place.
    Change(EditId, Vec<(DocAddr, Command)>),
    Discard(EditId),
    /// Entries of which there is nothing to decide.
    DiscardAll(Vec<EditId>),
    /// A damaged entry was read of.
    Strike(i64),
    SignIn(SignIn),
    SignOut,
    /// Leaves the sign-in without signing in.
    GoBack,
    /// Somebody signs in who is not on this device yet, or forgot the PIN.
    SignInHere,
    Switch(PersonId, Pin),
    Lock,
    LockAfter(LockAfter),
    /// An admin lets somebody try again.
    Unlock {
        admin: PersonId,
        pin: Pin,
        person: PersonId,
    },
    ChoosePin,
    SetPin {
        old: Option<Pin>,
        new: Pin,
    },
    LeavePin,
    /// These files are put to a document.
    Attach {
        addr: DocAddr,
        paths: Vec<PathBuf>,
    },
    /// What is attached goes into a file of this device.
    SaveFile {
        file: FileOf,
        name: String,
        to: PathBuf,
    },
    /// Asks where it is booked.
    AskPlace(Deed),
    /// It is booked there: this once, or from now on.
    BookAt {
        deed: Deed,
        location: LocationId,
        keep: bool,
    },
    Theme(ThemeChoice),
    Copy(String),
    ExportUnsent,
}

/// What is attached to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOf {
    pub doc: DocAddr,
    pub content: Hash,
    pub bytes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Order(OrderId),
    Customer(CustomerId),
    Product(ProductId),
    Location(LocationId),
}

/// One user action on documents that exist; ids that the commands leave open are filled in later.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    pub parts: Vec<(DocAddr, Command)>,
    /// What the notice says when it is done: `Changed the quantity to 3`.
    pub said: String,
    pub undo: Option<Box<Wish>>,
    /// The bytes of what it attaches.
    pub contents: Vec<Arc<[u8]>>,
}

/// One user action that makes a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Making {
    Order(OrderDraft),
    Sale(SaleDraft),
    Customer(customer::Create),
    Location(location::Create),
    Product { create: product::Create, price: Option<product::SetPrice> },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignIn {
    pub server: String,
    pub name: String,
    pub password: String,
    /// A one-time code from an admin goes with a new password, in place of the password.
    pub with_code: bool,
    pub code: String,
    pub device: String,
    /// The file of the company's own certificate authority, where the field for it is open.
    pub authority: Option<String>,
}

impl Wish {
    pub fn new(addr: DocAddr, command: impl Into<Command>, said: impl Into<String>) -> Self {
        Self { parts: vec![(addr, command.into())], said: said.into(), undo: None, contents: Vec::new() }
    }

    pub fn all(parts: Vec<(DocAddr, Command)>, said: impl Into<String>) -> Self {
        Self { parts, said: said.into(), undo: None, contents: Vec::new() }
    }

    /// The commands that take it back.
    #[must_use]
    pub fn undo(mut self, parts: Vec<(DocAddr, Command)>, said: impl Into<String>) -> Self {
        self.undo = Some(Box::new(Self::all(parts, said)));
        self
    }
}

impl From<Want> for Intent {
    fn from(want: Want) -> Self {
        Self::Online(want)
    }
}

impl From<Wish> for Intent {
    fn from(wish: Wish) -> Self {
        Self::Do(wish)
    }
}
