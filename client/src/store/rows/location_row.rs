//! One shop, warehouse or van as lists show it.

use rusqlite::{Connection, named_params};
use waybill_shared::{
    id::LocationId,
    location::{Location, LocationKind},
};

use super::{blob, id, named};

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

    pub fn write(&self, conn: &Connection, at: i64) -> rusqlite::Result<()> {
        conn.prepare_cached(PUT)?
            .execute(named_params! {
                ":row": at,
                ":id": blob(self.id),
                ":code": self.code,
                ":name": self.name,
                ":kind": self.kind.name(),
                ":closed": self.closed,
                ":pending": self.pending,
            })
            .map(drop)
    }

    pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
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

const PUT: &str = "INSERT OR REPLACE INTO location_row (row, id, code, name, kind, closed, pending) \
    VALUES (:row, :id, :code, :name, :kind, :closed, :pending)";
