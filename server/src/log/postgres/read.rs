//! Reading what is known of the log's head, of edits and of devices.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    doc::Hash,
    id::{DeviceId, EditId, Id},
    kind::DocAddr,
    protocol::{decode, limits},
    review::{Decided, Decision},
    time::Timestamp,
};

use super::shape::{self, KnownRow};
use crate::log::{Claim, Head, Held, Known, LogError};

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

pub async fn held(
    conn: &mut PgConnection,
    edit: Option<EditId>,
    after: u64,
    limit: usize,
) -> Result<Vec<Held>, LogError> {
    type Row = (Uuid, i32, Uuid, String, Option<Vec<u8>>, i64, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, attempt, device, verdict, findings, pos, body from sync.edit
         where verdict = 'held' and body is not null and ($1::uuid is null or id = $1) and pos > $2
         order by pos limit $3",
    )
    .bind(edit.map(|id| id.uuid()))
    .bind(shape::number(after))
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

pub async fn count_held(conn: &mut PgConnection, device: Option<DeviceId>) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from sync.edit where ($1::uuid is null or device = $1) and verdict = 'held'",
    )
    .bind(device.map(|device| device.uuid()))
    .fetch_one(conn)
    .await?;
    Ok(count.unsigned_abs())
}

pub async fn decided(conn: &mut PgConnection, edit: EditId) -> Result<Option<Decided>, LogError> {
    let row: Option<(String, Uuid, String, i64)> = sqlx::query_as(
        "select decision, reviewer, reason, (extract(epoch from at) * 1000)::bigint
         from sync.review where edit = $1",
    )
    .bind(edit.uuid())
    .fetch_optional(conn)
    .await?;
    let Some((name, by, reason, at)) = row else { return Ok(None) };
    let decision = Decision::named(&name).ok_or_else(|| shape::unreadable(format!("the decision {name}")))?;
    Ok(Some(Decided { decision, by: by.into(), at: Timestamp::from_unix_ms(at), reason }))
}

pub async fn counter(conn: &mut PgConnection, device: DeviceId) -> Result<u64, sqlx::Error> {
    let counter: Option<i64> =
        sqlx::query_scalar("select counter from sync.device_counter where device = $1")
            .bind(device.uuid())
            .fetch_optional(conn)
            .await?;
    Ok(counter.map_or(0, i64::unsigned_abs))
}
