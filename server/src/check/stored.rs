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
    pub generation: u32,
    pub version: i32,
    /// The position it was taken at, and the document as it was then.
    pub snapshot: Option<(i64, Vec<u8>)>,
    /// Of its generation, in the order of the log.
    pub changes: Vec<StoredChange>,
    /// Of all generations.
    pub count: usize,
    /// Where a change of an earlier generation is whole that should be blank.
    pub kept: Option<i64>,
}

#[derive(Debug)]
pub struct StoredChange {
    pub pos: i64,
    pub hash: Hash,
    pub bytes: Vec<u8>,
    /// The document whole, made anew.
    pub opens: bool,
}

impl Stored {
    /// From nothing, change by change, each of which must be what its hash says.
    pub fn replayed(&self) -> Result<Doc, DocError> {
        let mut doc = Doc::new(self.addr.kind);
        for change in &self.changes {
            if change.opens {
                doc = Doc::load(self.addr.kind, &change.bytes)?;
            }
            let hash =
                if change.opens { doc.heads().first().copied() } else { Some(doc.apply(&change.bytes)?) };
            if hash != Some(change.hash) {
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
    type Row = (Uuid, i32, String, Vec<u8>, i32, Option<i64>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select d.id, d.generation, array_to_string(d.scopes, ' '), d.heads, d.version, s.pos, s.saved
         from sync.document d left join sync.snapshot s using (kind, id)
         where d.kind = $1 and d.id > $2 order by d.id limit $3",
    )
    .bind(i16::from(u8::from(kind)))
    .bind(after.map_or(Uuid::nil(), |addr| addr.id))
    .bind(PAGE)
    .fetch_all(&mut *conn)
    .await?;
    let mut page = Vec::with_capacity(rows.len());
    for (id, generation, scopes, heads, version, pos, saved) in rows {
        page.push(Stored {
            addr: DocAddr::new(kind, id),
            scopes,
            heads: shape::heads(&heads)?,
            generation: generation.unsigned_abs(),
            version,
            snapshot: pos.zip(saved),
            changes: Vec::new(),
            count: 0,
            kept: None,
        });
    }
    add_changes(conn, kind, &mut page).await?;
    Ok(page)
}

async fn add_changes(conn: &mut PgConnection, kind: DocKind, page: &mut [Stored]) -> Result<(), CheckError> {
    let ids: Vec<Uuid> = page.iter().map(|stored| stored.addr.id).collect();
    type Row = (Uuid, i32, i64, Vec<u8>, Vec<u8>, bool);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, generation, pos, hash, bytes, opens is not null from sync.change
         where id = any($1) and kind = $2 order by pos, part",
    )
    .bind(ids)
    .bind(i16::from(u8::from(kind)))
    .fetch_all(conn)
    .await?;
    let mut by_document: BTreeMap<Uuid, &mut Stored> =
        page.iter_mut().map(|stored| (stored.addr.id, stored)).collect();
    for (id, generation, pos, hash, bytes, opens) in rows {
        let Some(stored) = by_document.get_mut(&id) else { continue };
        stored.count += 1;
        if generation.unsigned_abs() == stored.generation {
            stored.changes.push(StoredChange { pos, hash: shape::hash(&hash)?, bytes, opens });
        } else if !bytes.is_empty() {
            stored.kept = Some(pos);
        }
    }
    Ok(())
}
