//! Reading the log's positions: what was said of edits there, and the changes that it led to.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
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
        "select chain, f.pos, f.edit, attempt, device, verdict, findings, given, decision, reviewer, reason, at
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
        "select chain, f.pos, f.edit, attempt, device, verdict, findings, given, decision, reviewer, reason, at
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

/// What was said of an edit, and by which manager.
#[derive(sqlx::FromRow)]
struct Word {
    pos: i64,
    edit: Uuid,
    attempt: i32,
    device: Uuid,
    verdict: String,
    findings: Option<Vec<u8>>,
    given: Option<Vec<u8>>,
    decision: Option<String>,
    reviewer: Option<Uuid>,
    reason: Option<String>,
    at: Option<DateTime<Utc>>,
}

/// The same at its position in the log.
#[derive(sqlx::FromRow)]
struct Row {
    chain: Vec<u8>,
    #[sqlx(flatten)]
    word: Word,
}

impl Word {
    fn read(self, about: Vec<DocAddr>) -> Result<FeedEntry, LogError> {
        let decided = self.decision.zip(self.reviewer).zip(self.reason.zip(self.at));
        let decided =
            decided.map(|((decision, by), (reason, at))| (decision, by, reason, at.timestamp_millis()));
        Ok(FeedEntry {
            pos: self.pos.unsigned_abs(),
            edit: EditId::new(self.edit),
            attempt: self.attempt.unsigned_abs(),
            device: DeviceId::new(self.device),
            verdict: shape::verdict(&self.verdict, self.findings.as_deref())?,
            decided: shape::decided(decided)?,
            given: shape::given_back(self.given.as_deref())?,
            changes: Vec::new(),
            opens: None,
            moved: Vec::new(),
            about,
        })
    }
}

async fn fed(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Fed>, LogError> {
    let (mut chains, mut words) = (HashMap::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for Row { chain, word } in rows {
        chains.insert(word.pos.unsigned_abs(), shape::hash(&chain)?);
        words.push(word);
    }
    let entries = with_changes(conn, words, false).await?.into_iter();
    Ok(entries
        .filter_map(|entry| {
            let cursor = Cursor { pos: entry.pos, chain: *chains.get(&entry.pos)? };
            Some(Fed { cursor, entry })
        })
        .collect())
}

pub async fn verdicts(conn: &mut PgConnection, edits: &[EditId]) -> Result<Vec<Arc<FeedEntry>>, LogError> {
    let ids: Vec<Uuid> = edits.iter().map(|id| id.uuid()).collect();
    // From what is kept of the edits, which outlives the feed.
    let words: Vec<Word> = sqlx::query_as(
        "select e.pos, id as edit, attempt, device, verdict, findings, given, decision, reviewer, reason, at
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
    let edits: Vec<Uuid> =
        words.iter().filter(|word| all || word.findings.is_some()).map(|word| word.edit).collect();
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
    let positions: Vec<i64> = words.iter().map(|word| word.pos).collect();
    let mut entries = Vec::with_capacity(words.len());
    for word in words {
        let about = about.remove(&EditId::new(word.edit)).unwrap_or_default();
        entries.push(word.read(about)?);
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
