//! Reading the log's positions: what was said of edits there, and the changes that it led to.

use std::{collections::HashMap, sync::Arc};

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    edit::Edit,
    id::{DeviceId, EditId, Id},
    kind::DocAddr,
    protocol::{decode, frame::DocChange, limits},
    session::server::{FeedEntry, Sees},
};

use super::shape;
use crate::log::{Fed, LogError, PAGE, Stretch};

/// Whether the position `$1` with the hash `$2` is of this log: of `sync.trimmed t`.
pub const HAS: &str = "(t.pos, t.chain) = ($1, $2)
     or (t.pos < $1 and exists (select from sync.feed f where (f.pos, f.chain) = ($1, $2)))";

pub async fn has(conn: &mut PgConnection, cursor: Cursor) -> Result<bool, sqlx::Error> {
    let sql = format!("select {HAS} from sync.trimmed t");
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(shape::position(cursor.pos))
        .bind(cursor.chain.0.as_slice())
        .fetch_one(conn)
        .await
}

pub async fn feed(conn: &mut PgConnection, after: u64, limit: usize) -> Result<Vec<Fed>, LogError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select f.pos, chain, f.edit, attempt, device, verdict, findings, given,
                decision, reviewer, reason, (extract(epoch from at) * 1000)::bigint
         from sync.feed f left join sync.review r on r.pos = f.pos
         where f.pos > greatest($1, (select pos from sync.trimmed)) order by f.pos limit $2",
    )
    .bind(shape::position(after))
    .bind(shape::most(limit))
    .fetch_all(&mut *conn)
    .await?;
    fed(conn, rows).await
}

/// So many positions are looked through at once for what somebody sees.
const LOOKED_THROUGH: u64 = 20_000;

pub async fn stretch(
    conn: &mut PgConnection,
    after: u64,
    upto: u64,
    limit: usize,
    sees: &Sees,
) -> Result<Option<Stretch>, LogError> {
    let end = upto.min(after.saturating_add(LOOKED_THROUGH));
    let rows: Vec<Row> = sqlx::query_as(
        "select f.pos, chain, f.edit, attempt, device, verdict, findings, given,
                decision, reviewer, reason, (extract(epoch from at) * 1000)::bigint
         from sync.feed f left join sync.review r on r.pos = f.pos
         where f.pos in (
                 select pos from sync.change
                 where pos > $1 and pos <= $2
                   and (scopes && string_to_array($3, ' ') or was && string_to_array($3, ' ') or opens = 'erased')
                 union all
                 select pos from sync.feed where pos > $1 and pos <= $2 and device = $4
                 union all
                 select $2
             )
           and $1 >= (select pos from sync.trimmed)
         order by f.pos limit $5",
    )
    .bind(shape::position(after))
    .bind(shape::position(end))
    .bind(sees.scopes.to_string())
    .bind(sees.device.uuid())
    .bind(shape::most(limit))
    .fetch_all(&mut *conn)
    .await?;
    let fed = fed(conn, rows).await?;
    // The last position is there whether or not it is seen: it tells where the stretch ends.
    let Some(upto) = fed.last().map(|last| last.cursor) else { return Ok(None) };
    let entries = fed.into_iter().map(|fed| fed.entry).filter(|entry| sees.sees(entry)).collect();
    Ok(Some(Stretch { entries, upto }))
}

/// A position, its chain, and what was said there.
type Row = (
    i64,
    Vec<u8>,
    Uuid,
    i32,
    Uuid,
    String,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
);

async fn fed(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Fed>, LogError> {
    let (mut chains, mut words) = (HashMap::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (pos, chain, edit, attempt, device, verdict, told, given, decision, by, reason, at) in rows {
        chains.insert(pos.unsigned_abs(), shape::hash(&chain)?);
        words.push((pos, edit, attempt, device, verdict, told, given, decision, by, reason, at));
    }
    let entries = with_changes(conn, words, false).await?.into_iter();
    Ok(entries
        .filter_map(|entry| {
            let cursor = Cursor { pos: entry.pos, chain: *chains.get(&entry.pos)? };
            Some(Fed { cursor, entry })
        })
        .collect())
}

/// What was said of an edit, and by which manager.
type Word = (
    i64,
    Uuid,
    i32,
    Uuid,
    String,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
);

fn read(word: Word, about: Vec<DocAddr>) -> Result<FeedEntry, LogError> {
    let (pos, edit, attempt, device, verdict, told, given, decision, by, reason, at) = word;
    let decided = decision.zip(by).zip(reason.zip(at));
    let decided = decided.map(|((decision, by), (reason, at))| (decision, by, reason, at));
    Ok(FeedEntry {
        pos: pos.unsigned_abs(),
        edit: EditId::new(edit),
        attempt: attempt.unsigned_abs(),
        device: DeviceId::new(device),
        verdict: shape::verdict(&verdict, told.as_deref())?,
        decided: shape::decided(decided)?,
        given: shape::given_back(given.as_deref())?,
        changes: Vec::new(),
        opens: None,
        moved: Vec::new(),
        about,
    })
}

pub async fn verdicts(conn: &mut PgConnection, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
    let ids: Vec<Uuid> = edits.iter().map(|id| id.uuid()).collect();
    // From what is kept of the edits, which outlives the feed.
    let words: Vec<Word> = sqlx::query_as(
        "select e.pos, id, attempt, device, verdict, findings, given,
                decision, reviewer, reason, (extract(epoch from at) * 1000)::bigint
         from sync.edit e left join sync.review r on r.pos = e.pos where id = any ($1) order by e.pos",
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

async fn with_changes(
    conn: &mut PgConnection,
    words: Vec<Word>,
    again: bool,
) -> Result<Vec<Arc<FeedEntry>>, LogError> {
    let mut about = about(conn, &words, again).await?;
    let positions: Vec<i64> = words.iter().map(|word| word.0).collect();
    let mut entries = Vec::with_capacity(words.len());
    for word in words {
        let about = about.remove(&EditId::new(word.1)).unwrap_or_default();
        entries.push(read(word, about)?);
    }
    type Row = (i64, i16, i16, Uuid, i32, String, Option<String>, Vec<u8>, Option<Vec<u8>>, Option<String>);
    // What lies above a page is left for the next one; the first position with changes always goes whole.
    let changes: Vec<Row> = sqlx::query_as(
        "select pos, part, kind, id, generation, array_to_string(scopes, ' '), array_to_string(was, ' '), hash,
                case when opens is not null then '' when total <= $2 or pos = first then bytes end, opens
         from (
             select *, sum(case when opens is not null then 0 else octet_length(bytes) end) over (order by pos) as total,
                    min(pos) over () as first
             from sync.change where pos = any ($1)
         ) c order by pos, part",
    )
    .bind(&positions)
    .bind(shape::most(PAGE))
    .fetch_all(&mut *conn)
    .await?;
    for (pos, part, kind, id, generation, scopes, was, hash, bytes, opens) in changes {
        let Some(bytes) = bytes else {
            entries.retain(|entry| entry.pos < pos.unsigned_abs());
            break;
        };
        let change = DocChange {
            part: part.unsigned_abs(),
            doc: shape::addr(kind, id)?,
            generation: generation.unsigned_abs(),
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
            entry.opens = entry.opens.or(opens.as_deref().map(shape::why));
            entry.changes.push(change);
        }
    }
    Ok(entries.into_iter().map(Arc::new).collect())
}
