//! Reading documents: whole, as they are or were, and of whom.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    doc::Doc,
    kind::DocAddr,
    protocol::frame::{DocHeads, SavedDoc},
    scope::{Scope, Scopes},
    session::server::ScopesNow,
};

use super::{
    read::cursor,
    shape::{self, Addrs},
};
use crate::log::{LogError, PAGE, Page, StoredDoc};

pub async fn stored(conn: &mut PgConnection, docs: &[DocAddr]) -> Result<Vec<StoredDoc>, LogError> {
    type Row = (i16, Uuid, Vec<u8>, i32, i32, i32, Vec<u8>, i64);
    let wanted = Addrs::of(docs);
    let rows: Vec<Row> = sqlx::query_as(
        "select d.kind, d.id, d.heads, d.version, d.snap_version, d.opened, s.saved, s.pos
         from unnest($1::smallint[], $2::uuid[]) as wanted (kind, id)
         join sync.document d using (kind, id) join sync.snapshot s using (kind, id)",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    let mut after = Vec::new();
    for (kind, id, heads, version, snap_version, opened, saved, pos) in rows {
        let addr = shape::addr(kind, id)?;
        if version != snap_version {
            after.push((addr, pos));
        }
        found.push(StoredDoc {
            addr,
            heads: shape::heads(&heads)?,
            version: version.unsigned_abs(),
            snap_version: snap_version.unsigned_abs(),
            opened: opened.unsigned_abs(),
            saved,
        });
    }
    let mut changes = changes_after(conn, &after).await?;
    for doc in &mut found {
        doc.saved.append(changes.get_mut(&doc.addr).unwrap_or(&mut Vec::new()));
    }
    Ok(found)
}

/// The raw changes of each document after a position, one behind the other.
async fn changes_after(
    conn: &mut PgConnection,
    docs: &[(DocAddr, i64)],
) -> Result<HashMap<DocAddr, Vec<u8>>, LogError> {
    let mut joined: HashMap<DocAddr, Vec<u8>> = HashMap::new();
    if docs.is_empty() {
        return Ok(joined);
    }
    let wanted = Addrs::of(docs.iter().map(|(addr, _)| addr));
    let from: Vec<i64> = docs.iter().map(|(_, pos)| *pos).collect();
    let rows: Vec<(i16, Uuid, Vec<u8>)> = sqlx::query_as(
        "select c.kind, c.id, c.bytes
         from unnest($1::smallint[], $2::uuid[], $3::bigint[]) as wanted (kind, id, after)
         join sync.change c on c.id = wanted.id and c.pos > wanted.after and c.kind = wanted.kind
         order by c.pos, c.part",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(from)
    .fetch_all(conn)
    .await?;
    for (kind, id, bytes) in rows {
        joined.entry(shape::addr(kind, id)?).or_default().extend_from_slice(&bytes);
    }
    Ok(joined)
}

pub async fn scopes(conn: &mut PgConnection, docs: &[DocAddr]) -> Result<ScopesNow, LogError> {
    let wanted = Addrs::of(docs);
    let rows: Vec<(i16, Uuid, String)> = sqlx::query_as(
        "select d.kind, d.id, array_to_string(d.scopes, ' ')
         from unnest($1::smallint[], $2::uuid[]) as wanted (kind, id) join sync.document d using (kind, id)",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .fetch_all(conn)
    .await?;
    let mut now = ScopesNow::new();
    for (kind, id, scopes) in rows {
        now.insert(shape::addr(kind, id)?, scopes.parse().map_err(shape::unreadable)?);
    }
    Ok(now)
}

pub async fn documents(
    pool: &PgPool,
    after: Option<DocAddr>,
    limit: usize,
    scopes: &Scopes,
) -> Result<Page, LogError> {
    let mut tx = one_moment(pool).await?;
    let (at, _) = cursor(&mut tx).await?;
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.to_string()).collect();
    let (kind, id) = after.map_or((0, Uuid::nil()), |addr| (shape::kind(&addr), addr.id));
    // How many fit is found from the sizes alone; the last one may go over.
    let rows: Vec<SavedRow> = sqlx::query_as(
        "select kind, id, array_to_string(scopes, ' '), saved, pos, more from (
             select d.kind, d.id, d.scopes, s.saved, s.pos, d.version <> d.snap_version as more,
                    coalesce(sum(octet_length(s.saved)) over (
                        order by d.kind, d.id rows between unbounded preceding and 1 preceding
                    ), 0) as before
             from (select * from sync.document
                   where (kind, id) > ($1, $2) and scopes && $3 order by kind, id limit $4) d
             join sync.snapshot s using (kind, id)
         ) page where before < $5 order by kind, id",
    )
    .bind(kind)
    .bind(id)
    .bind(&scopes)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
    .fetch_all(&mut *tx)
    .await?;
    let docs = whole(&mut tx, rows).await?;
    let last = match docs.last() {
        None => true,
        Some(last) => {
            let more: bool = sqlx::query_scalar(
                "select exists (select from sync.document where (kind, id) > ($1, $2) and scopes && $3)",
            )
            .bind(shape::kind(&last.doc))
            .bind(last.doc.id)
            .bind(&scopes)
            .fetch_one(&mut *tx)
            .await?;
            !more
        }
    };
    tx.commit().await?;
    Ok(Page { docs, at, last })
}

type SavedRow = (i16, Uuid, String, Vec<u8>, i64, bool);

async fn whole(conn: &mut PgConnection, rows: Vec<SavedRow>) -> Result<Vec<SavedDoc>, LogError> {
    let mut docs = Vec::with_capacity(rows.len());
    let mut after = Vec::new();
    for (kind, id, scopes, saved, pos, more) in rows {
        let doc = shape::addr(kind, id)?;
        if more {
            after.push((doc, pos));
        }
        docs.push(SavedDoc { doc, scopes: scopes.parse().map_err(shape::unreadable)?, saved });
    }
    let mut changes = changes_after(conn, &after).await?;
    for doc in &mut docs {
        doc.saved.append(changes.get_mut(&doc.doc).unwrap_or(&mut Vec::new()));
    }
    Ok(docs)
}

pub async fn fetch(pool: &PgPool, docs: &[DocAddr], scopes: &Scopes) -> Result<Page, LogError> {
    let mut tx = one_moment(pool).await?;
    let (at, _) = cursor(&mut tx).await?;
    let wanted = Addrs::of(docs);
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.to_string()).collect();
    let rows: Vec<SavedRow> = sqlx::query_as(
        "select d.kind, d.id, array_to_string(d.scopes, ' '), s.saved, s.pos, d.version <> d.snap_version
         from unnest($1::smallint[], $2::uuid[]) as wanted (kind, id)
         join sync.document d using (kind, id) join sync.snapshot s using (kind, id)
         where d.scopes && $3",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&scopes)
    .fetch_all(&mut *tx)
    .await?;
    let docs = whole(&mut tx, rows).await?;
    tx.commit().await?;
    Ok(Page { docs, at, last: true })
}

/// What was made anew since is left out: as it was then is not there any more. It comes where it was made anew.
pub async fn as_of(pool: &PgPool, docs: &[DocAddr], pos: u64) -> Result<Vec<SavedDoc>, LogError> {
    let wanted = Addrs::of(docs);
    let rows: Vec<(i16, Uuid, String, Vec<u8>, bool)> = sqlx::query_as(
        "select c.kind, c.id, array_to_string(c.scopes, ' '), c.bytes, c.opens is not null
         from unnest($1::smallint[], $2::uuid[]) as wanted (kind, id)
         join sync.change c on c.id = wanted.id and c.pos <= $3 and c.kind = wanted.kind
         where c.bytes <> '' order by c.pos, c.part",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(shape::number(pos))
    .fetch_all(pool)
    .await?;
    let mut whole: HashMap<DocAddr, SavedDoc> = HashMap::new();
    for (kind, id, scopes, bytes, opens) in rows {
        let doc = shape::addr(kind, id)?;
        let saved = whole.entry(doc).or_insert_with(|| SavedDoc {
            doc,
            scopes: Scopes::NONE,
            saved: if opens { Vec::new() } else { Doc::new(doc.kind).save() },
        });
        saved.scopes = scopes.parse().map_err(shape::unreadable)?;
        saved.saved.extend_from_slice(&bytes);
    }
    Ok(docs.iter().filter_map(|addr| whole.remove(addr)).collect())
}

pub async fn heads(pool: &PgPool, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
    let mut tx = one_moment(pool).await?;
    let (at, _) = cursor(&mut tx).await?;
    let rows: Vec<(i16, Uuid, Vec<u8>)> = sqlx::query_as(
        "select kind, id, heads from sync.document where scopes @> array[$1] order by kind, id",
    )
    .bind(scope.to_string())
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut heads = Vec::with_capacity(rows.len());
    for (kind, id, joined) in rows {
        heads.push(DocHeads { doc: shape::addr(kind, id)?, heads: shape::heads(&joined)? });
    }
    Ok((heads, at))
}

/// All its statements see the database at the same moment.
async fn one_moment(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with("begin isolation level repeatable read read only").await
}
