//! A connection that only reads, for panels and scripts: typed questions, answered as of the last commit.

mod catalogue;
mod edits;
mod lists;
mod notes;
pub mod orders;
mod own;

use std::path::Path;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rusqlite::Connection;
use waybill_shared::{
    document::Document,
    id::OrderId,
    kind::DocAddr,
    order::Order,
    protocol::frame::Names,
    session::store::{Meta, StoreError},
    settings::Settings,
};

pub use edits::{Attention, BACK_REMEDY, Damaged, Waiting, back_words, entries};
pub use lists::{ELSEWHERE, Found, ListQuery};
pub use notes::NotesHere;
pub use orders::{OrderFilter, OrderList, OrderSort, Sum};
use own::Own;

use super::{
    local::{self, Local},
    open, read, sum,
    words::{DAMAGED_DOCUMENT, told},
};
use crate::engine;

#[derive(Debug)]
pub struct Reader {
    conn: Connection,
    own: Own,
}

impl Reader {
    /// The file must be there and be of this version: `Store::open` sees to both.
    pub fn open(dir: &Path) -> Result<Self, open::OpenError> {
        let path = super::file(dir);
        if !path.exists() {
            let error = "there is no such file yet".to_owned();
            return Err(open::OpenError::Io { path, error });
        }
        if open::look(&path, open::is_small(&path))? < open::known() {
            return Err(open::OpenError::Older(path));
        }
        open::reader(&path)
            .map(|conn| Self { conn, own: Own::default() })
            .map_err(|error| open::OpenError::Io { path, error: error.to_string() })
    }

    /// For questions about documents and lists: whoever works here is shown their own.
    pub(super) fn conn(&self) -> Result<&Connection, StoreError> {
        self.own.see_to(&self.conn)?;
        Ok(&self.conn)
    }

    /// Another number means that something was committed since.
    pub fn revision(&self) -> Result<u64, StoreError> {
        revision(&self.conn)
    }

    /// A list calls something not yet sent though it is, or the other way round.
    pub fn tells_wrongly(&self) -> Result<bool, StoreError> {
        Ok(!super::unsent::wrongly_told(&self.conn)?.is_empty())
    }

    pub fn meta(&self) -> Result<Meta, StoreError> {
        read::meta(&self.conn)
    }

    /// The business's calendar day, by the corrected time.
    pub fn today(&self, zone: Tz) -> Result<NaiveDate, StoreError> {
        Ok(self.meta()?.today(engine::now(), zone))
    }

    /// Bytes of one photo or paper that the server takes at most, as far as this device knows.
    pub fn most_in_a_file(&self) -> Result<u64, StoreError> {
        Ok(self.meta()?.most_in_a_file())
    }

    pub fn names(&self) -> Result<Names, StoreError> {
        read::names(&self.conn)
    }

    pub fn local(&self) -> Result<Local, StoreError> {
        local::read(&self.conn)
    }

    /// The settings of the business, or those that a business begins with.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        read::settings(self.conn()?)
    }

    /// A document as it is shown: with the pending edits in it.
    pub fn document<T: Document>(&self, addr: impl Into<DocAddr>) -> Result<Option<T>, StoreError> {
        let addr = addr.into();
        if addr.kind != T::KIND { Ok(None) } else { read::shown(self.conn()?, addr) }
    }

    /// A document as the server has it: without the pending edits.
    pub fn confirmed<T: Document>(&self, addr: impl Into<DocAddr>) -> Result<Option<T>, StoreError> {
        let addr = addr.into();
        if addr.kind != T::KIND { Ok(None) } else { read::confirmed(self.conn()?, addr) }
    }

    pub fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.document(id)
    }

    /// Calls `each` with every shown document of a kind; stops at its first error.
    pub fn every<T: Document>(&self, mut each: impl FnMut(uuid::Uuid, T)) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT id, coalesce(shown, confirmed), sum IS {} AND shown_sum IS {} FROM document WHERE kind = ?1",
            sum::DOCUMENT,
            sum::SHOWN
        );
        let mut statement = read::prepare(self.conn()?, &sql)?;
        let mut found = statement.query([u8::from(T::KIND)]).map_err(told)?;
        while let Some(row) = found.next().map_err(told)? {
            if !row.get::<_, bool>(2).map_err(told)? {
                return Err(StoreError(DAMAGED_DOCUMENT.to_owned()));
            }
            let id: [u8; 16] = row.get(0).map_err(told)?;
            let saved: Vec<u8> = row.get(1).map_err(told)?;
            let document = waybill_shared::doc::Doc::load(T::KIND, &saved)
                .and_then(|doc| doc.read())
                .map_err(|error| super::words::unreadable("A document", error))?;
            each(uuid::Uuid::from_bytes(id), document);
        }
        Ok(())
    }
}

pub fn revision(conn: &Connection) -> Result<u64, StoreError> {
    read::prepare(conn, "SELECT number FROM revision")?
        .query_row([], |row| row.get::<_, i64>(0))
        .map(i64::cast_unsigned)
        .map_err(told)
}
