//! A shop, a warehouse or a van.

use std::{any::Any, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{
    act::{Act, Refers, RunError},
    command::commands,
    doc::{DocError, Draft},
    document::{Called, Document, Says, rooms},
    edit::Context,
    erasure::Erased,
    field::Setting,
    finding::{Finding, check_name},
    generation::{Archived, entries},
    history::Entry,
    id::{EntryId, PersonId},
    kind::{DocAddr, DocKind},
    open::open_enum,
    order::Address,
    rules::Judged,
    scope::{Scope, Scopes},
    texts,
    time::Timestamp,
};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    pub fields: Fields,
    pub address: Address,
    pub history: BTreeMap<EntryId, Entry>,
}

impl Location {
    pub fn exists(&self) -> bool {
        !self.fields.name.is_empty()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub code: String,
    pub name: String,
    pub kind: LocationKind,
    pub closed: bool,
}

open_enum! {
    #[derive(Default)]
    pub enum LocationKind {
        #[default]
        Shop = "shop" "shop",
        Warehouse = "warehouse" "warehouse",
        Van = "van" "van",
        Office = "office" "office",
    }
}

impl Document for Location {
    const KIND: DocKind = DocKind::Location;
    const THING: &'static str = "place";
    const SKELETON: &'static [&'static [&'static str]] = &[&["fields", "address", "history"]];
    const HIDES_ITS_PAST: bool = false;
    const TELLS_OF_CUSTOMERS: bool = false;

    type Command = LocationCommand;

    /// Nothing beyond what holds for all kinds.
    fn judge(_: &LocationCommand, _: &Self, _: &Self, _: &Judged<'_>) -> Vec<Finding> {
        Vec::new()
    }

    fn misplaced(_: &LocationCommand, _: DocAddr) -> Option<Finding> {
        None
    }
}

impl Says for Location {
    rooms!(fields, address; history);

    fn exists(&self) -> Option<bool> {
        Some(Location::exists(self))
    }

    fn title(&self) -> String {
        self.fields.name.clone()
    }

    fn called(&self) -> Option<Called<'_>> {
        let Fields { code, name, .. } = &self.fields;
        Location::exists(self).then_some(Called { field: "code", number: code, name })
    }

    fn scopes(&self) -> Scopes {
        Scope::Everyone.into()
    }

    fn is_own(&self, _: PersonId, _: &dyn Any) -> bool {
        false
    }

    fn erased(&self) -> Option<Erased> {
        None
    }

    /// Of the business's own.
    fn clean(&mut self, _: Timestamp) {}

    fn old(&self, kept: usize) -> Vec<Archived> {
        entries(&self.history, kept)
    }
}

#[rustfmt::skip]
commands! {
    /// What is done with a shop, a warehouse or a van.
    LocationCommand {
        //                                                                       admin  sales  wareh. driver
        //                                                                          manager service shop analyst
        "location.create/1"    Create   Makes    "make a shop, warehouse or van"       [A, A, N, N, N, N, N, N];
        "location.set_field/1" SetField Requests "change a shop, warehouse or van"     [A, A, N, N, N, N, N, N];
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Create {
    pub code: String,
    pub name: String,
    pub kind: LocationKind,
    #[serde(default)]
    pub address: Address,
}

impl Act for Create {
    type Of = Location;

    fn check(&self) -> Vec<Finding> {
        let mut findings = check_name("place", &self.name);
        findings.extend(check_code(&self.code));
        findings
    }

    fn run(&self, location: &Location, _: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        if location.exists() {
            return Ok(());
        }
        draft.set(&["fields", "code"], &self.code)?;
        draft.set(&["fields", "name"], &self.name)?;
        draft.set(&["fields", "kind"], &self.kind)?;
        Ok(write_address(&self.address, draft)?)
    }

    fn words(&self, _: &Location) -> String {
        "Created the location".to_owned()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn number(&self) -> Option<&str> {
        Some(&self.code)
    }

    fn number_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.code)
    }

    fn there(&self, location: &Location) -> bool {
        location.exists()
    }
}

/// One field of a location and its new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Code(String),
    Name(String),
    Kind(LocationKind),
    Address(Address),
    Closed(bool),
}

impl Field {
    pub(crate) fn changed(&self) -> String {
        match self {
            Self::Code(_) => "Changed the location's code",
            Self::Name(_) => "Changed the location's name",
            Self::Kind(_) => "Changed the location's kind",
            Self::Address(_) => "Changed the location's address",
            Self::Closed(true) => "Closed the location",
            Self::Closed(false) => "Opened the location again",
        }
        .to_owned()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetField {
    pub field: Field,
}

impl SetField {
    fn setting<'a>(&'a self, location: &'a Location) -> Setting<'a> {
        let fields = &location.fields;
        match &self.field {
            Field::Code(text) => Setting::text("code", ["fields", "code"], &fields.code, text),
            Field::Name(text) => Setting::text("name", ["fields", "name"], &fields.name, text),
            Field::Kind(kind) => {
                Setting::one("kind", ["fields", "kind"], &fields.kind, kind, |kind| kind.words().into_owned())
            }
            Field::Address(now) => {
                let was = &location.address;
                let write = |draft: &mut Draft<'_, '_>| write_address(now, draft);
                Setting::of("address", was.to_string(), now.to_string(), was == now, write)
            }
            Field::Closed(closed) => {
                let words = |closed: &bool| if *closed { "closed" } else { "open" }.to_owned();
                Setting::one("state", ["fields", "closed"], &fields.closed, closed, words)
            }
        }
    }
}

impl Act for SetField {
    type Of = Location;

    fn check(&self) -> Vec<Finding> {
        match &self.field {
            Field::Name(name) => check_name("place", name),
            Field::Code(code) => check_code(code).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn run(&self, location: &Location, ctx: &Context, draft: &mut Draft<'_, '_>) -> Result<(), RunError> {
        self.setting(location).write(ctx, draft)
    }

    fn words(&self, _: &Location) -> String {
        self.field.changed()
    }

    fn refers(&self) -> Refers {
        Refers::to_none()
    }

    /// Nothing of a person.
    fn clean(&mut self) {}

    fn number(&self) -> Option<&str> {
        match &self.field {
            Field::Code(text) => Some(text),
            _ => None,
        }
    }

    fn number_mut(&mut self) -> Option<&mut String> {
        match &mut self.field {
            Field::Code(text) => Some(text),
            _ => None,
        }
    }

    fn shows(&self, location: &Location) -> bool {
        self.setting(location).stands()
    }
}

/// By its code a place is named wherever somebody works at it.
fn check_code(code: &str) -> Option<Finding> {
    let remedy = "Give it a short one, as HS.";
    texts::looks_empty(code).then(|| Finding::malformed("code", "The place has no code.", remedy))
}

fn write_address(address: &Address, draft: &mut Draft<'_, '_>) -> Result<(), DocError> {
    draft.set(&["address", "name"], &address.name)?;
    draft.set(&["address", "street"], &address.street)?;
    draft.set(&["address", "postcode"], &address.postcode)?;
    draft.set(&["address", "city"], &address.city)?;
    draft.set(&["address", "country"], &address.country)?;
    draft.set(&["address", "note"], &address.note)
}
