//! One shop, warehouse or van as lists show it.

use rusqlite::Connection;
use uuid::Uuid;
use waybill_shared::{
    id::LocationId,
    location::{Location, LocationKind},
};

use super::{
    columns::{id, named},
    list::{Beside, Column, Listed, Search},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationRow {
    pub id: LocationId,
    pub code: String,
    pub name: String,
    pub kind: LocationKind,
    pub closed: bool,
    pub pending: bool,
}

impl LocationRow {
    pub fn of(id: LocationId, location: &Location, pending: bool) -> Self {
        let fields = &location.fields;
        Self {
            id,
            code: fields.code.clone(),
            name: fields.name.clone(),
            kind: fields.kind,
            closed: fields.closed,
            pending,
        }
    }
}

impl Listed for LocationRow {
    type Of = Location;

    const TABLE: &'static str = "location_row";
    const COLUMNS: &'static [Column<Self>] = &[
        ("code", |row| row.code.clone().into()),
        ("name", |row| row.name.clone().into()),
        ("kind", |row| row.kind.name().to_owned().into()),
        ("closed", |row| row.closed.into()),
    ];
    const NUMBERED: Option<&'static str> = Some("code");
    const SEARCH: Option<Search<Location>> = None;
    const BESIDE: &'static [Beside<Self>] = &[];

    fn of(id: Uuid, location: &Location, pending: bool) -> Self {
        Self::of(id.into(), location, pending)
    }

    fn read(_: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row, "id")?,
            code: row.get("code")?,
            name: row.get("name")?,
            kind: named(row, "kind", LocationKind::of)?,
            closed: row.get("closed")?,
            pending: row.get("pending")?,
        })
    }
}
