//! Reading what is known of the log's head, of edits and of devices.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    content::Content,
    doc::Hash,
    id::{DeviceId, EditId, Id},
    kind::DocAddr,
    protocol::{decode, limits},
    review::Decided,
    time::Timestamp,
};

use super::shape;
use crate::log::{Claim, Head, Held, Known, LogError};

pub async fn cursor(conn: &mut PgConnection) -> Result<(Cursor, u64), LogError> {
    let (pos, chain, numbers): (i64, Vec<u8>, i64) =
        sqlx::query_as("select pos, chain, numbers from sync.head").fetch_one(conn).await?;
    Ok((Cursor { pos: pos.unsigned_abs(), chain: shape::hash(&chain)? }, numbers.unsigned_abs()))
}

/// The log's head as one row, so that it is one moment: of `sync.head cross join sync.epoch`.
pub const HEAD: &str = "sync.head.pos, sync.head.chain, numbers, numbers_wait, number as epoch,
     (extract(epoch from since) * 1000)::bigint as since,
     array(select scope from sync.digest order by scope) as scopes,
     array(select sum from sync.digest order by scope) as sums";

#[derive(sqlx::FromRow)]
pub struct HeadRow {
    pos: i64,
    chain: Vec<u8>,
    numbers: i64,
    numbers_wait: bool,
    epoch: i64,
    since: Option<i64>,
    scopes: Vec<String>,
    sums: Vec<Vec<u8>>,
}

impl HeadRow {
    pub fn read(self) -> Result<Head, LogError> {
        let digest = |(scope, sum): (String, Vec<u8>)| {
            Ok((scope.parse().map_err(shape::unreadable)?, shape::digest(&sum)?))
        };
        let digests: Result<_, LogError> = self.scopes.into_iter().zip(self.sums).map(digest).collect();
        Ok(Head {
            cursor: Cursor { pos: self.pos.unsigned_abs(), chain: shape::hash(&self.chain)? },
            digests: digests?,
            numbers: self.numbers.unsigned_abs(),
            numbers_wait: self.numbers_wait,
            epoch: self.epoch.unsigned_abs(),
            since: self.since.map(Timestamp::from_unix_ms),
        })
    }
}

pub async fn head(conn: &mut PgConnection) -> Result<Head, LogError> {
    let sql = format!("select {HEAD} from sync.head cross join sync.epoch");
    let row: HeadRow = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(conn).await?;
    row.read()
}

pub async fn known(conn: &mut PgConnection, edits: &[EditId]) -> Result<Vec<Known>, LogError> {
    let ids: Vec<Uuid> = edits.iter().map(|id| id.uuid()).collect();
    type Row = (Uuid, i32, Uuid, String, Option<Vec<u8>>, i64, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select id, attempt, device, verdict, findings, pos, case when content_of = attempt then content end,
                content_left
         from sync.edit where id = any ($1)",
    )
    .bind(ids)
    .fetch_all(conn)
    .await?;
    let read = |(id, attempt, device, verdict, told, pos, said, all): Row| {
        let known = shape::known((id, attempt, device, verdict, told, pos))?;
        Ok(Known { content: said.and_then(|said| Content::kept(&said, all.as_deref())), ..known })
    };
    rows.into_iter().map(read).collect()
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
    .bind(shape::position(after))
    .bind(shape::most(limit))
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
    let row: Option<shape::DecidedRow> = sqlx::query_as(
        "select decision, reviewer, reason, (extract(epoch from at) * 1000)::bigint
         from sync.review where edit = $1",
    )
    .bind(edit.uuid())
    .fetch_optional(conn)
    .await?;
    shape::decided(row)
}

pub async fn counter(conn: &mut PgConnection, device: DeviceId) -> Result<u64, sqlx::Error> {
    let counter: Option<i64> =
        sqlx::query_scalar("select counter from sync.device_counter where device = $1")
            .bind(device.uuid())
            .fetch_optional(conn)
            .await?;
    Ok(counter.map_or(0, i64::unsigned_abs))
}
