//! Reading documents: whole, as they are or were, and of whom.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
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

/// A document `d` whole: its snapshot `s`, and behind it the raw changes since.
const SAVED: &str = "case when d.version = d.snap_version then s.saved else s.saved || coalesce(
         (select string_agg(c.bytes, '' order by c.pos, c.part) from sync.change c
          where c.id = d.id and c.pos > s.pos and c.kind = d.kind), '') end";

pub async fn stored(conn: &mut PgConnection, docs: &[DocAddr]) -> Result<Vec<StoredDoc>, LogError> {
    type Row = (i16, Uuid, Vec<u8>, i32, i32, i32, Vec<u8>);
    let wanted = Addrs::of(docs);
    // One statement, so that it is one moment: other servers may be writing.
    let sql = format!(
        "select d.kind, d.id, d.heads, d.version, d.snap_version, d.opened, {SAVED}
         from unnest($1::smallint[], $2::uuid[]) as wanted (kind, id)
         join sync.document d using (kind, id) join sync.snapshot s using (kind, id)"
    );
    let rows: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(&wanted.kinds).bind(&wanted.ids).fetch_all(conn).await?;
    let mut found = Vec::with_capacity(rows.len());
    for (kind, id, heads, version, snap_version, opened, saved) in rows {
        found.push(StoredDoc {
            addr: shape::addr(kind, id)?,
            heads: shape::heads(&heads)?,
            version: version.unsigned_abs(),
            snap_version: snap_version.unsigned_abs(),
            opened: opened.unsigned_abs(),
            saved,
        });
    }
    Ok(found)
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
    let sql = format!(
        "select d.kind, d.id, array_to_string(d.scopes, ' '), {SAVED} from (
             select d.*, coalesce(sum(octet_length(s.saved)) over (
                        order by d.kind, d.id rows between unbounded preceding and 1 preceding
                    ), 0) as before
             from (select * from sync.document
                   where (kind, id) > ($1, $2) and scopes && $3 order by kind, id limit $4) d
             join sync.snapshot s using (kind, id)
         ) d join sync.snapshot s using (kind, id) where before < $5 order by d.kind, d.id"
    );
    let rows: Vec<SavedRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(kind)
        .bind(id)
        .bind(&scopes)
        .bind(shape::most(limit))
        .bind(shape::most(PAGE))
        .fetch_all(&mut *tx)
        .await?;
    let docs = whole(rows)?;
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

type SavedRow = (i16, Uuid, String, Vec<u8>);

fn whole(rows: impl IntoIterator<Item = SavedRow>) -> Result<Vec<SavedDoc>, LogError> {
    let doc = |(kind, id, scopes, saved): SavedRow| {
        let scopes = scopes.parse().map_err(shape::unreadable)?;
        Ok(SavedDoc { doc: shape::addr(kind, id)?, scopes, saved })
    };
    rows.into_iter().map(doc).collect()
}

/// As many of these as fit, in their order; the last one may go over.
pub async fn fetch(pool: &PgPool, docs: &[DocAddr], scopes: &Scopes) -> Result<Page, LogError> {
    type Row = (i16, Uuid, String, Vec<u8>, i64);
    let mut tx = one_moment(pool).await?;
    let (at, _) = cursor(&mut tx).await?;
    let wanted = Addrs::of(docs);
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.to_string()).collect();
    // How many fit is found from the sizes alone.
    let sql = format!(
        "with sized as (
             select nth, d.kind, d.id, coalesce(sum(octet_length(s.saved) + case when d.version = d.snap_version
                        then 0 else (select coalesce(sum(octet_length(c.bytes)), 0) from sync.change c
                                     where c.id = d.id and c.pos > s.pos and c.kind = d.kind) end)
                    over (order by nth rows between unbounded preceding and 1 preceding), 0) as before
             from unnest($1::smallint[], $2::uuid[]) with ordinality as wanted (kind, id, nth)
             join sync.document d using (kind, id) join sync.snapshot s using (kind, id)
             where d.scopes && $3
         )
         select d.kind, d.id, array_to_string(d.scopes, ' '), {SAVED}, (select count(*) from sized)
         from sized join sync.document d using (kind, id) join sync.snapshot s using (kind, id)
         where before < $4 order by nth"
    );
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(&wanted.kinds)
        .bind(&wanted.ids)
        .bind(&scopes)
        .bind(shape::most(PAGE))
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    let all = rows.first().map_or(0, |row| row.4);
    let last = usize::try_from(all).is_ok_and(|all| all <= rows.len());
    let docs = whole(rows.into_iter().map(|(kind, id, scopes, saved, _)| (kind, id, scopes, saved)))?;
    Ok(Page { docs, at, last })
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
    .bind(shape::position(pos))
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
