//! Reading the log.

use std::{collections::HashMap, sync::Arc};

use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    doc::{Doc, Hash},
    edit::Edit,
    id::{DeviceId, EditId, Id},
    kind::DocAddr,
    protocol::{
        decode,
        frame::{DocChange, DocHeads, SavedDoc},
        limits,
    },
    scope::{Scope, Scopes},
    session::server::{FeedEntry, ScopesNow},
    time::Timestamp,
};

use super::shape::{self, Addrs, KnownRow};
use crate::log::{Claim, Fed, Head, Held, Known, LogError, PAGE, Page, StoredDoc};

pub async fn cursor(conn: &mut PgConnection) -> Result<(Cursor, u64), LogError> {
    let (pos, chain, numbers): (i64, Vec<u8>, i64) =
        sqlx::query_as("select pos, chain, numbers from sync.head").fetch_one(conn).await?;
    Ok((Cursor { pos: pos.unsigned_abs(), chain: shape::hash(&chain)? }, numbers.unsigned_abs()))
}

pub async fn head(conn: &mut PgConnection) -> Result<Head, LogError> {
    // One statement, so that it is one moment.
    type Row = (i64, Vec<u8>, i64, bool, i64, Option<i64>, Option<String>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select pos, chain, numbers, numbers_wait, number, (extract(epoch from since) * 1000)::bigint, scope, sum
             from sync.head cross join sync.epoch left join sync.digest on true",
    )
    .fetch_all(conn)
    .await?;
    let mut head = Head {
        cursor: Cursor::START,
        digests: Default::default(),
        numbers: 0,
        numbers_wait: false,
        epoch: 0,
        since: None,
    };
    for (pos, chain, numbers, wait, epoch, since, scope, sum) in rows {
        (head.epoch, head.since) = (epoch.unsigned_abs(), since.map(Timestamp::from_unix_ms));
        head.numbers_wait = wait;
        head.cursor = Cursor { pos: pos.unsigned_abs(), chain: shape::hash(&chain)? };
        head.numbers = numbers.unsigned_abs();
        if let (Some(scope), Some(sum)) = (scope, sum) {
            head.digests.insert(scope.parse().map_err(shape::unreadable)?, shape::digest(&sum)?);
        }
    }
    Ok(head)
}

pub async fn stored(conn: &mut PgConnection, docs: &[DocAddr]) -> Result<Vec<StoredDoc>, LogError> {
    type Row = (i16, Uuid, i32, Vec<u8>, i32, i32, Vec<u8>, i64);
    let wanted = Addrs::of(docs);
    let rows: Vec<Row> = sqlx::query_as(
        "select d.kind, d.id, d.generation, d.heads, d.version, d.snap_version, s.saved, s.pos
         from unnest($1::smallint[], $2::uuid[], $3::integer[]) as wanted (kind, id, generation)
         join sync.document d using (kind, id, generation)
         join sync.snapshot s using (kind, id, generation)",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&wanted.generations)
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    let mut after = Vec::new();
    for (kind, id, generation, heads, version, snap_version, saved, pos) in rows {
        let addr = shape::addr(kind, id, generation)?;
        if version != snap_version {
            after.push((addr, pos));
        }
        found.push(StoredDoc {
            addr,
            heads: shape::heads(&heads)?,
            version: version.unsigned_abs(),
            snap_version: snap_version.unsigned_abs(),
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
    let rows: Vec<(i16, Uuid, i32, Vec<u8>)> = sqlx::query_as(
        "select c.kind, c.id, c.generation, c.bytes
         from unnest($1::smallint[], $2::uuid[], $3::integer[], $4::bigint[])
              as wanted (kind, id, generation, after)
         join sync.change c on c.id = wanted.id and c.pos > wanted.after
              and c.kind = wanted.kind and c.generation = wanted.generation
         order by c.pos, c.part",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&wanted.generations)
    .bind(from)
    .fetch_all(conn)
    .await?;
    for (kind, id, generation, bytes) in rows {
        joined.entry(shape::addr(kind, id, generation)?).or_default().extend_from_slice(&bytes);
    }
    Ok(joined)
}

pub async fn known(conn: &mut PgConnection, edits: &[EditId]) -> Result<Vec<Known>, LogError> {
    let ids: Vec<Uuid> = edits.iter().map(|id| id.uuid()).collect();
    let rows: Vec<KnownRow> = sqlx::query_as(
        "select id, attempt, device, verdict, findings, pos from sync.edit where id = any ($1)",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(shape::known).collect()
}

pub async fn claims(conn: &mut PgConnection, hashes: &[(DocAddr, Hash)]) -> Result<Vec<Claim>, LogError> {
    let ids: Vec<Uuid> = hashes.iter().map(|(addr, _)| addr.id).collect();
    let bytes: Vec<&[u8]> = hashes.iter().map(|(_, hash)| hash.0.as_slice()).collect();
    type Row = (Uuid, Vec<u8>, Uuid, i32, Uuid, String, Option<Vec<u8>>, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "select c.id, c.hash, e.id, e.attempt, e.device, e.verdict, e.findings, e.pos
         from unnest($1::uuid[], $2::bytea[]) as wanted (id, hash)
         join sync.claimed c using (id, hash) join sync.edit e on e.id = c.edit",
    )
    .bind(ids)
    .bind(bytes)
    .fetch_all(conn)
    .await?;
    let mut claims = Vec::with_capacity(rows.len());
    for (id, hash, edit, attempt, device, verdict, told, pos) in rows {
        let hash = shape::hash(&hash)?;
        let by = shape::known((edit, attempt, device, verdict, told, pos))?;
        let docs = hashes.iter().filter(|(addr, asked)| addr.id == id && *asked == hash);
        claims.extend(docs.map(|(doc, _)| Claim { doc: *doc, hash, by: by.clone() }));
    }
    Ok(claims)
}

pub async fn has(conn: &mut PgConnection, cursor: Cursor) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select (t.pos, t.chain) = ($1, $2)
             or (t.pos < $1 and exists (select from sync.feed f where (f.pos, f.chain) = ($1, $2)))
         from sync.trimmed t",
    )
    .bind(shape::number(cursor.pos))
    .bind(cursor.chain.0.as_slice())
    .fetch_one(conn)
    .await
}

pub async fn feed(conn: &mut PgConnection, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
    type Row = (i64, Vec<u8>, Uuid, i32, Uuid, String, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select pos, chain, edit, attempt, device, verdict, findings from sync.feed
         where pos > greatest($1, (select pos from sync.trimmed)) order by pos limit $2",
    )
    .bind(shape::number(after))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    let (mut chains, mut words) = (HashMap::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (pos, chain, edit, attempt, device, verdict, findings) in rows {
        chains.insert(pos.unsigned_abs(), shape::hash(&chain)?);
        words.push((pos, edit, attempt, device, verdict, findings));
    }
    let entries = with_changes(conn, words, false).await?.into_iter();
    Ok(entries
        .filter_map(|entry| {
            let cursor = Cursor { pos: entry.pos, chain: *chains.get(&entry.pos)? };
            Some(Fed { cursor, entry })
        })
        .collect())
}

type Word = (i64, Uuid, i32, Uuid, String, Option<Vec<u8>>);

pub async fn verdicts(conn: &mut PgConnection, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
    let ids: Vec<Uuid> = edits.iter().map(|id| id.uuid()).collect();
    // From what is kept of the edits, which outlives the feed.
    let words: Vec<Word> = sqlx::query_as(
        "select pos, id, attempt, device, verdict, findings from sync.edit where id = any ($1) order by pos",
    )
    .bind(ids)
    .fetch_all(&mut *conn)
    .await?;
    with_changes(conn, words, true).await
}

/// What the edits are about, where that is to be known: of those whose verdict has findings, or of all.
async fn about(
    conn: &mut PgConnection,
    words: &[Word],
    all: bool,
) -> Result<HashMap<EditId, Vec<DocAddr>>, LogError> {
    let edits: Vec<Uuid> = words.iter().filter(|word| all || word.5.is_some()).map(|word| word.1).collect();
    let mut about = HashMap::new();
    if edits.is_empty() {
        return Ok(about);
    }
    let bodies: Vec<(Uuid, Vec<u8>)> =
        sqlx::query_as("select id, body from sync.edit where id = any ($1) and body is not null")
            .bind(edits)
            .fetch_all(conn)
            .await?;
    for (id, body) in bodies {
        let edit: Edit =
            decode(&body, limits::CLIENT_FRAME).map_err(|bad| shape::unreadable(bad.to_string()))?;
        about.insert(EditId::new(id), edit.docs().collect());
    }
    Ok(about)
}

pub async fn scopes(conn: &mut PgConnection, docs: &[DocAddr]) -> Result<ScopesNow, LogError> {
    let wanted = Addrs::of(docs);
    let rows: Vec<(i16, Uuid, i32, String)> = sqlx::query_as(
        "select d.kind, d.id, d.generation, array_to_string(d.scopes, ' ')
         from unnest($1::smallint[], $2::uuid[], $3::integer[]) as wanted (kind, id, generation)
         join sync.document d using (kind, id, generation)",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&wanted.generations)
    .fetch_all(conn)
    .await?;
    let mut now = ScopesNow::new();
    for (kind, id, generation, scopes) in rows {
        now.insert(shape::addr(kind, id, generation)?, scopes.parse().map_err(shape::unreadable)?);
    }
    Ok(now)
}

async fn with_changes(
    conn: &mut PgConnection,
    words: Vec<Word>,
    again: bool,
) -> Result<Vec<Arc<FeedEntry>>, LogError> {
    let mut about = about(conn, &words, again).await?;
    let positions: Vec<i64> = words.iter().map(|word| word.0).collect();
    let mut entries = Vec::with_capacity(words.len());
    for (pos, edit, attempt, device, name, told) in words {
        entries.push(FeedEntry {
            pos: pos.unsigned_abs(),
            edit: EditId::new(edit),
            attempt: attempt.unsigned_abs(),
            device: DeviceId::new(device),
            verdict: shape::verdict(&name, told.as_deref())?,
            changes: Vec::new(),
            moved: Vec::new(),
            about: about.remove(&EditId::new(edit)).unwrap_or_default(),
        });
    }
    type Row = (i64, i16, i16, Uuid, i32, String, Option<String>, Vec<u8>, Option<Vec<u8>>);
    // What lies above a page is left for the next one; the first position with changes always goes whole.
    let changes: Vec<Row> = sqlx::query_as(
        "select pos, part, kind, id, generation, array_to_string(scopes, ' '), array_to_string(was, ' '), hash,
                case when total <= $2 or pos = first then bytes end
         from (
             select *, sum(octet_length(bytes)) over (order by pos) as total, min(pos) over () as first
             from sync.change where pos = any ($1)
         ) c order by pos, part",
    )
    .bind(&positions)
    .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
    .fetch_all(&mut *conn)
    .await?;
    for (pos, part, kind, id, generation, scopes, was, hash, bytes) in changes {
        let Some(bytes) = bytes else {
            entries.retain(|entry| entry.pos < pos.unsigned_abs());
            break;
        };
        let change = DocChange {
            part: part.unsigned_abs(),
            doc: shape::addr(kind, id, generation)?,
            scopes: scopes.parse().map_err(shape::unreadable)?,
            hash: shape::hash(&hash)?,
            bytes,
        };
        let pos = pos.unsigned_abs();
        if let Ok(at) = entries.binary_search_by_key(&pos, |entry| entry.pos) {
            let entry = &mut entries[at];
            if let Some(was) = was
                && entry.moved.iter().all(|(addr, _)| *addr != change.doc)
            {
                entry.moved.push((change.doc, was.parse().map_err(shape::unreadable)?));
            }
            entry.changes.push(change);
        }
    }
    Ok(entries.into_iter().map(Arc::new).collect())
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
    let (kind, id, generation) =
        after.map_or((0, Uuid::nil(), -1), |addr| (shape::kind(&addr), addr.id, shape::generation(&addr)));
    // How many fit is found from the sizes alone; the last one may go over.
    let rows: Vec<SavedRow> = sqlx::query_as(
        "select kind, id, generation, array_to_string(scopes, ' '), saved, pos, more from (
             select d.kind, d.id, d.generation, d.scopes, s.saved, s.pos, d.version <> d.snap_version as more,
                    coalesce(sum(octet_length(s.saved)) over (
                        order by d.kind, d.id, d.generation rows between unbounded preceding and 1 preceding
                    ), 0) as before
             from (select * from sync.document
                   where (kind, id, generation) > ($1, $2, $3) and scopes && $4
                   order by kind, id, generation limit $5) d
             join sync.snapshot s using (kind, id, generation)
         ) page where before < $6 order by kind, id, generation",
    )
    .bind(kind)
    .bind(id)
    .bind(generation)
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
                "select exists (select from sync.document
                 where (kind, id, generation) > ($1, $2, $3) and scopes && $4)",
            )
            .bind(shape::kind(&last.doc))
            .bind(last.doc.id)
            .bind(shape::generation(&last.doc))
            .bind(&scopes)
            .fetch_one(&mut *tx)
            .await?;
            !more
        }
    };
    tx.commit().await?;
    Ok(Page { docs, at, last })
}

type SavedRow = (i16, Uuid, i32, String, Vec<u8>, i64, bool);

async fn whole(conn: &mut PgConnection, rows: Vec<SavedRow>) -> Result<Vec<SavedDoc>, LogError> {
    let mut docs = Vec::with_capacity(rows.len());
    let mut after = Vec::new();
    for (kind, id, generation, scopes, saved, pos, more) in rows {
        let doc = shape::addr(kind, id, generation)?;
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
        "select d.kind, d.id, d.generation, array_to_string(d.scopes, ' '), s.saved, s.pos,
                d.version <> d.snap_version
         from unnest($1::smallint[], $2::uuid[], $3::integer[]) as wanted (kind, id, generation)
         join sync.document d using (kind, id, generation)
         join sync.snapshot s using (kind, id, generation)
         where d.scopes && $4",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&wanted.generations)
    .bind(&scopes)
    .fetch_all(&mut *tx)
    .await?;
    let docs = whole(&mut tx, rows).await?;
    tx.commit().await?;
    Ok(Page { docs, at, last: true })
}

pub async fn as_of(pool: &PgPool, docs: &[DocAddr], pos: u64) -> Result<Vec<SavedDoc>, LogError> {
    let wanted = Addrs::of(docs);
    let rows: Vec<(i16, Uuid, i32, String, Vec<u8>)> = sqlx::query_as(
        "select c.kind, c.id, c.generation, array_to_string(c.scopes, ' '), c.bytes
         from unnest($1::smallint[], $2::uuid[], $3::integer[]) as wanted (kind, id, generation)
         join sync.change c on c.id = wanted.id and c.pos <= $4
              and c.kind = wanted.kind and c.generation = wanted.generation
         order by c.pos, c.part",
    )
    .bind(&wanted.kinds)
    .bind(&wanted.ids)
    .bind(&wanted.generations)
    .bind(shape::number(pos))
    .fetch_all(pool)
    .await?;
    let mut whole: HashMap<DocAddr, SavedDoc> = HashMap::new();
    for (kind, id, generation, scopes, bytes) in rows {
        let doc = shape::addr(kind, id, generation)?;
        let saved = whole.entry(doc).or_insert_with(|| SavedDoc {
            doc,
            scopes: Scopes::NONE,
            saved: Doc::new(doc.kind).save(),
        });
        saved.scopes = scopes.parse().map_err(shape::unreadable)?;
        saved.saved.extend_from_slice(&bytes);
    }
    Ok(docs.iter().filter_map(|addr| whole.remove(addr)).collect())
}

pub async fn heads(pool: &PgPool, scope: Scope) -> Result<(Vec<DocHeads>, Cursor), LogError> {
    let mut tx = one_moment(pool).await?;
    let (at, _) = cursor(&mut tx).await?;
    let rows: Vec<(i16, Uuid, i32, Vec<u8>)> = sqlx::query_as(
        "select kind, id, generation, heads from sync.document where scopes @> array[$1]
         order by kind, id, generation",
    )
    .bind(scope.to_string())
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut heads = Vec::with_capacity(rows.len());
    for (kind, id, generation, joined) in rows {
        heads.push(DocHeads { doc: shape::addr(kind, id, generation)?, heads: shape::heads(&joined)? });
    }
    Ok((heads, at))
}

pub async fn held(
    conn: &mut PgConnection,
    edit: Option<EditId>,
    limit: usize,
) -> Result<Vec<Held>, LogError> {
    type Row = (Uuid, i32, Uuid, String, Option<Vec<u8>>, i64, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, attempt, device, verdict, findings, pos, body from sync.edit
         where verdict = 'held' and body is not null and ($1::uuid is null or id = $1)
         order by pos limit $2",
    )
    .bind(edit.map(|id| id.uuid()))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    let mut held = Vec::with_capacity(rows.len());
    for (id, attempt, device, verdict, told, pos, body) in rows {
        let known = shape::known((id, attempt, device, verdict, told, pos))?;
        let edit = decode(&body, limits::CLIENT_FRAME).map_err(|bad| shape::unreadable(bad.to_string()))?;
        held.push(Held { known, edit: Arc::new(edit) });
    }
    Ok(held)
}

pub async fn count_held(conn: &mut PgConnection, device: DeviceId) -> Result<u64, sqlx::Error> {
    let count: i64 =
        sqlx::query_scalar("select count(*) from sync.edit where device = $1 and verdict = 'held'")
            .bind(device.uuid())
            .fetch_one(conn)
            .await?;
    Ok(count.unsigned_abs())
}

pub async fn counter(conn: &mut PgConnection, device: DeviceId) -> Result<u64, sqlx::Error> {
    let counter: Option<i64> =
        sqlx::query_scalar("select counter from sync.device_counter where device = $1")
            .bind(device.uuid())
            .fetch_optional(conn)
            .await?;
    Ok(counter.map_or(0, i64::unsigned_abs))
}

/// All its statements see the database at the same moment.
async fn one_moment(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with("begin isolation level repeatable read read only").await
}
