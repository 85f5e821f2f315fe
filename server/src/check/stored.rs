//! Documents as the database has them: heads, snapshot, and every change.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    doc::{Doc, DocError, Hash},
    kind::{DocAddr, DocKind},
};

use super::CheckError;
use crate::log::postgres::shape;

/// Documents read at a time.
const PAGE: i64 = 500;

#[derive(Debug)]
pub struct Stored {
    pub addr: DocAddr,
    pub scopes: String,
    pub heads: Vec<Hash>,
    pub version: i32,
    /// The position it was taken at, and the document as it was then.
    pub snapshot: Option<(i64, Vec<u8>)>,
    /// In the order of the log.
    pub changes: Vec<StoredChange>,
    /// No later generation of it is there.
    pub newest: bool,
}

#[derive(Debug)]
pub struct StoredChange {
    pub pos: i64,
    pub hash: Hash,
    pub bytes: Vec<u8>,
}

impl Stored {
    /// From nothing, change by change, each of which must be what its hash says.
    pub fn replayed(&self) -> Result<Doc, DocError> {
        let mut doc = Doc::new(self.addr.kind);
        for change in &self.changes {
            if doc.apply(&change.bytes)? != change.hash {
                let what = format!("the one at position {} is not what its hash says", change.pos);
                return Err(DocError::BadChange(what));
            }
        }
        Ok(doc)
    }

    /// The snapshot with what came after it.
    pub fn current(&self) -> Option<Result<Doc, DocError>> {
        let (pos, saved) = self.snapshot.as_ref()?;
        let load = || {
            let mut doc = Doc::load(self.addr.kind, saved)?;
            for change in self.changes.iter().filter(|change| change.pos > *pos) {
                doc.apply(&change.bytes)?;
            }
            Ok(doc)
        };
        Some(load())
    }
}

/// The documents of a kind after `after`, by id; an empty page is the end.
pub async fn page(
    conn: &mut PgConnection,
    kind: DocKind,
    after: Option<DocAddr>,
) -> Result<Vec<Stored>, CheckError> {
    type Row = (Uuid, i32, String, Vec<u8>, i32, Option<i64>, Option<Vec<u8>>, bool);
    let (id, generation) = after.map_or((Uuid::nil(), -1), |addr| (addr.id, shape::generation(&addr)));
    let rows: Vec<Row> = sqlx::query_as(
        "select d.id, d.generation, array_to_string(d.scopes, ' '), d.heads, d.version, s.pos, s.saved,
                not exists (select from sync.document newer where newer.kind = d.kind and newer.id = d.id
                                                              and newer.generation > d.generation)
         from sync.document d left join sync.snapshot s using (kind, id, generation)
         where d.kind = $1 and (d.id, d.generation) > ($2, $3)
         order by d.id, d.generation limit $4",
    )
    .bind(i16::from(u8::from(kind)))
    .bind(id)
    .bind(generation)
    .bind(PAGE)
    .fetch_all(&mut *conn)
    .await?;
    let mut page = Vec::with_capacity(rows.len());
    for (id, generation, scopes, heads, version, pos, saved, newest) in rows {
        page.push(Stored {
            addr: DocAddr { kind, id, generation: generation.unsigned_abs() },
            scopes,
            heads: shape::heads(&heads)?,
            version,
            snapshot: pos.zip(saved),
            changes: Vec::new(),
            newest,
        });
    }
    add_changes(conn, kind, &mut page).await?;
    Ok(page)
}

async fn add_changes(conn: &mut PgConnection, kind: DocKind, page: &mut [Stored]) -> Result<(), CheckError> {
    let ids: Vec<Uuid> = page.iter().map(|stored| stored.addr.id).collect();
    type Row = (Uuid, i32, i64, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, generation, pos, hash, bytes from sync.change
         where id = any($1) and kind = $2 order by pos, part",
    )
    .bind(ids)
    .bind(i16::from(u8::from(kind)))
    .fetch_all(conn)
    .await?;
    let mut by_document: BTreeMap<(Uuid, i32), Vec<StoredChange>> = BTreeMap::new();
    for (id, generation, pos, hash, bytes) in rows {
        let change = StoredChange { pos, hash: shape::hash(&hash)?, bytes };
        by_document.entry((id, generation)).or_default().push(change);
    }
    for stored in page {
        let key = (stored.addr.id, shape::generation(&stored.addr));
        stored.changes = by_document.remove(&key).unwrap_or_default();
    }
    Ok(())
}
