//! The chain of the log, computed again over everything it covers, from where it was trimmed to.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    edit::{Edit, Verdict},
    id::EditId,
    kind::DocAddr,
    protocol::{decode, limits},
};

use super::{CheckError, Checked};
use crate::log::postgres::shape;

/// Positions read at a time.
const PAGE: i64 = 2_000;

type FeedRow = (i64, Vec<u8>, Uuid, i32, String, Option<Vec<u8>>, Option<Vec<u8>>, bool);

pub async fn check(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), CheckError> {
    let (head, head_chain): (i64, Vec<u8>) =
        sqlx::query_as("select pos, chain from sync.head").fetch_one(&mut *conn).await?;
    let head = Cursor { pos: head.unsigned_abs(), chain: shape::hash(&head_chain)? };
    let (begin, begin_chain): (i64, Vec<u8>) =
        sqlx::query_as("select pos, chain from sync.trimmed").fetch_one(&mut *conn).await?;
    let mut at = Cursor { pos: begin.unsigned_abs(), chain: shape::hash(&begin_chain)? };
    loop {
        let feed: Vec<FeedRow> = sqlx::query_as(
            "select f.pos, f.chain, f.edit, f.attempt, f.verdict, f.findings, e.body,
                    r.decision is not distinct from 'reverse'
             from sync.feed f left join sync.edit e on e.id = f.edit left join sync.review r on r.pos = f.pos
             where f.pos > $1 order by f.pos limit $2",
        )
        .bind(shape::position(at.pos))
        .bind(PAGE)
        .fetch_all(&mut *conn)
        .await?;
        let (Some(first), Some(last)) = (feed.first(), feed.last()) else { break };
        let mut changes = changes(conn, first.0, last.0).await?;
        for (pos, chain, edit, attempt, verdict, findings, body, taken_back) in feed {
            checked.positions += 1;
            let verdict = shape::verdict(&verdict, findings.as_deref())?;
            let here = changes.remove(&pos).unwrap_or_default();
            let edit = EditId::new(edit);
            let body = body.and_then(|body| decode::<Edit>(&body, limits::CLIENT_FRAME).ok());
            let stored = Cursor { pos: pos.unsigned_abs(), chain: shape::hash(&chain)? };
            let covered = covered(pos, &verdict, body.as_ref(), here, taken_back, checked);
            if stored.pos != at.pos + 1 {
                checked.wrong(format!("the log has no position {}", at.pos + 1));
            } else if at.next(edit, attempt.unsigned_abs(), &verdict, &covered) != stored {
                checked.wrong(format!("the chain is broken at position {pos}"));
            }
            // From what is stored, so that one break is reported once.
            at = stored;
        }
    }
    if at != head {
        checked.wrong(format!("the log ends at position {}, its head says {}", at.pos, head.pos));
    }
    Ok(())
}

type Changes = BTreeMap<usize, (DocAddr, Hash)>;

/// By position, then by part.
async fn changes(
    conn: &mut PgConnection,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Changes>, CheckError> {
    let rows: Vec<(i64, i16, i16, Uuid, Vec<u8>)> =
        sqlx::query_as("select pos, part, kind, id, hash from sync.change where pos between $1 and $2")
            .bind(first)
            .bind(last)
            .fetch_all(conn)
            .await?;
    let mut changes: BTreeMap<i64, Changes> = BTreeMap::new();
    for (pos, part, kind, id, hash) in rows {
        let change = (shape::addr(kind, id)?, shape::hash(&hash)?);
        changes.entry(pos).or_default().insert(usize::from(part.unsigned_abs()), change);
    }
    Ok(changes)
}

/// Each part's document with its change. On the way: a verdict that stands has the changes that its device
/// made, one that does not has none.
fn covered(
    pos: i64,
    verdict: &Verdict,
    body: Option<&Edit>,
    mut changes: Changes,
    taken_back: bool,
    checked: &mut Checked,
) -> Vec<(DocAddr, Option<Hash>)> {
    if !verdict.stands() {
        if !changes.is_empty() {
            checked.wrong(format!("position {pos} is {}, yet it has changes", verdict.name()));
        }
        return Vec::new();
    }
    let Some(edit) = body else {
        // What the edit said was erased.
        return changes.into_values().map(|(addr, hash)| (addr, Some(hash))).collect();
    };
    let mut covered = Vec::with_capacity(edit.parts.len());
    for (nth, part) in edit.parts.iter().enumerate() {
        let change = changes.remove(&nth);
        let claimed = part.made.as_ref().and_then(|made| made.hash);
        let found = change.map(|(_, hash)| hash);
        if change.is_some_and(|(addr, _)| addr != part.doc) {
            checked.wrong(format!("position {pos}: part {nth} changed another document than it names"));
        }
        if *verdict == Verdict::Accepted && claimed.is_some() && claimed != found {
            checked.wrong(format!("position {pos}: the change of part {nth} is missing or another"));
        }
        covered.push((part.doc, found));
    }
    if taken_back {
        // Behind its own parts, what a manager took back with it.
        covered.extend(changes.into_values().map(|(addr, hash)| (addr, Some(hash))));
    } else if !changes.is_empty() {
        checked.wrong(format!("position {pos} has changes that no part of its edit made"));
    }
    covered
}
