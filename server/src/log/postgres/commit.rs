//! Writing one batch: under the database-wide lock, where the batch was prepared or behind what others wrote since.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, PgConnection, Row, error::DatabaseError, postgres::PgDatabaseError};
use uuid::Uuid;
use waybill_migrations::LAST;
use waybill_shared::{attachment, chain::Cursor, content::Content, id::Id};

use super::{
    MOVED, alarm, beside, generations,
    shape::{self, Addrs},
};
use crate::{
    joint::Joint,
    log::{Batch, CommitError, DocUpdate, Written},
    reports,
};

/// Whoever writes to the log of this database holds this advisory lock.
pub const LOCK: i64 = 0x7761_7962_696c_6c01;

pub async fn write(conn: &mut PgConnection, batch: &Arc<Batch>) -> Result<Written, CommitError> {
    let stands = locked(conn).await.map_err(nothing_written)?;
    let written = match stands {
        Some(Stands { least, .. }) if least > LAST => Err(CommitError::Outdated),
        Some(Stands { epoch, .. }) if epoch != batch.after.epoch => Err(CommitError::Conflict),
        Some(Stands { cursor, .. }) if cursor == batch.before => {
            Ok(Written { batch: Arc::clone(batch), others: None })
        }
        Some(Stands { cursor, .. }) => beside::behind(conn, batch, cursor.pos).await,
        None => Err(CommitError::Conflict),
    };
    let written = match written {
        Ok(written) => written,
        Err(stays @ (CommitError::Conflict | CommitError::Collision(_) | CommitError::Outdated)) => {
            conn.execute("rollback").await.map_err(nothing_written)?;
            return Err(stays);
        }
        Err(error) => return Err(error),
    };
    rows(conn, &written.batch).await.map_err(nothing_written)?;
    match conn.execute("commit").await {
        Ok(_) => Ok(written),
        // A database that answers has decided.
        Err(error @ sqlx::Error::Database(_)) => Err(nothing_written(error)),
        Err(error) => Err(CommitError::Unknown(error.to_string())),
    }
}

/// Where the log stands, in which epoch, and what a server must know to write to its tables.
struct Stands {
    cursor: Cursor,
    epoch: u64,
    least: i64,
}

/// Takes the lock, and tells how the log stands then. `None`: that is to be looked at.
async fn locked(conn: &mut PgConnection) -> Result<Option<Stands>, sqlx::Error> {
    // Three statements, one round trip: what the last one sees is what the last holder of the lock left.
    let sql = format!(
        "begin; select pg_advisory_xact_lock({LOCK});
         select pos, chain, number, least, coalesce(place <> sync.place(), false) as moved
         from sync.head, sync.epoch, sync.tables"
    );
    let rows = conn.fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    let Some(head) = rows.last() else { return Ok(None) };
    let (pos, chain): (i64, Vec<u8>) = (head.try_get("pos")?, head.try_get("chain")?);
    let (epoch, moved): (i64, bool) = (head.try_get("number")?, head.try_get("moved")?);
    let chain = shape::hash(&chain).ok().filter(|_| !moved);
    let least = head.try_get("least")?;
    Ok(chain.map(|chain| Stands {
        cursor: Cursor { pos: pos.unsigned_abs(), chain },
        epoch: epoch.unsigned_abs(),
        least,
    }))
}

async fn rows(conn: &mut PgConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    // All of them, whether or not there is anything for each: so it is one statement, planned once.
    let mut joint = Joint::default();
    edits(&mut joint, batch)?;
    feed(&mut joint, batch)?;
    changes(&mut joint, batch)?;
    claims(&mut joint, batch)?;
    reviews(&mut joint, batch)?;
    attached(&mut joint, batch);
    documents(&mut joint, &batch.docs)?;
    snapshots(&mut joint, batch)?;
    head(&mut joint, batch)?;
    reports::held::write(conn, batch, &mut joint).await?;
    reports::write(conn, &batch.rows, joint).await?;
    discarded(conn, batch).await?;
    generations::open(conn, batch).await
}

fn edits(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let judged: Vec<_> =
        batch.entries.iter().filter_map(|entry| Some((entry, entry.judged.as_ref()?))).collect();
    let (mut ids, mut attempts, mut devices, mut people) = (vec![], vec![], vec![], vec![]);
    let (mut counters, mut verdicts, mut told, mut positions, mut bodies) =
        (vec![], vec![], vec![], vec![], vec![]);
    let (mut contents, mut left, mut given) = (vec![], vec![], vec![]);
    for (entry, judged) in &judged {
        ids.push(entry.edit.uuid());
        attempts.push(shape::small(entry.attempt)?);
        devices.push(entry.device.uuid());
        people.push(judged.edit.person.uuid());
        counters.push(shape::number(judged.edit.counter)?);
        verdicts.push(entry.verdict.name());
        told.push(shape::told(&entry.verdict));
        positions.push(shape::number(entry.cursor.pos)?);
        bodies.push(judged.body.as_slice());
        contents.push(judged.content.as_ref().map(|content| content.said().as_slice()));
        left.push(judged.content.map(Content::to_bytes));
        given.push(shape::given(&judged.given));
    }
    joint.add(
        "insert into sync.edit (id, attempt, device, person, counter, verdict, findings, pos, body, content, given,
                                content_left, content_of, received)
         select distinct on (id) *, attempt, to_timestamp($13::bigint / 1000.0)
         from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bytea[],
                     $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[])
              as new (id, attempt, device, person, counter, verdict, findings, pos, body, content, given,
                      content_left)
         order by id, pos desc
         on conflict (id) do update set attempt = excluded.attempt, counter = excluded.counter,
             person = excluded.person, verdict = excluded.verdict, findings = excluded.findings,
             pos = excluded.pos, body = excluded.body, content = excluded.content, given = excluded.given,
             content_left = excluded.content_left, content_of = excluded.content_of, received = excluded.received",
    )
    .bind(ids)
    .bind(attempts)
    .bind(devices)
    .bind(people)
    .bind(counters)
    .bind(verdicts)
    .bind(told)
    .bind(positions)
    .bind(bodies)
    .bind(contents)
    .bind(given)
    .bind(left)
    .bind(batch.at.ms());
    Ok(())
}

/// Verdicts on edits that are stored already, or that were never seen.
async fn discarded(conn: &mut PgConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    for entry in batch.entries.iter().filter(|entry| entry.judged.is_none()) {
        sqlx::query(
            "insert into sync.edit (id, attempt, device, counter, verdict, findings, pos, received)
             values ($1, $2, $3, 0, $4, $5, $6, to_timestamp($7::bigint / 1000.0))
             on conflict (id) do update set verdict = excluded.verdict, findings = excluded.findings,
                 pos = excluded.pos",
        )
        .bind(entry.edit.uuid())
        .bind(shape::small(entry.attempt)?)
        .bind(entry.device.uuid())
        .bind(entry.verdict.name())
        .bind(shape::told(&entry.verdict))
        .bind(shape::number(entry.cursor.pos)?)
        .bind(batch.at.ms())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

fn feed(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let (mut positions, mut chains, mut edits, mut attempts) = (vec![], vec![], vec![], vec![]);
    let (mut devices, mut verdicts, mut told, mut given) = (vec![], vec![], vec![], vec![]);
    for entry in &batch.entries {
        positions.push(shape::number(entry.cursor.pos)?);
        chains.push(entry.cursor.chain.0.as_slice());
        edits.push(entry.edit.uuid());
        attempts.push(shape::small(entry.attempt)?);
        devices.push(entry.device.uuid());
        verdicts.push(entry.verdict.name());
        told.push(shape::told(&entry.verdict));
        given.push(shape::given(entry.given()));
    }
    joint
        .add(
            "insert into sync.feed (pos, chain, edit, attempt, device, verdict, findings, given)
         select * from unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::integer[], $5::uuid[], $6::text[],
                              $7::bytea[], $8::bytea[])",
        )
        .bind(positions)
        .bind(chains)
        .bind(edits)
        .bind(attempts)
        .bind(devices)
        .bind(verdicts)
        .bind(told)
        .bind(given);
    Ok(())
}

fn changes(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let mut addrs = Addrs::default();
    let (mut positions, mut parts, mut scopes, mut was) = (vec![], vec![], vec![], vec![]);
    let (mut generations, mut opens, mut hashes, mut bytes) = (vec![], vec![], vec![], vec![]);
    for entry in &batch.entries {
        for change in &entry.changes {
            positions.push(shape::number(entry.cursor.pos)?);
            parts.push(shape::tiny(change.part)?);
            addrs.push(&change.doc);
            scopes.push(change.scopes.to_string());
            let moved = entry.moved.iter().find(|(addr, _)| *addr == change.doc);
            was.push(moved.map(|(_, was)| was.to_string()));
            generations.push(shape::small(change.generation)?);
            opens.push(entry.opens.as_ref().map(|leaves| leaves.why().name()));
            hashes.push(change.hash.0.as_slice());
            bytes.push(change.bytes.as_slice());
        }
    }
    joint
        .add(
            "insert into sync.change (pos, part, kind, id, generation, scopes, was, hash, bytes, opens)
         select pos, part, kind, id, generation, string_to_array(scopes, ' '), string_to_array(was, ' '), hash,
                bytes, opens
         from unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::uuid[], $5::integer[], $6::text[],
                     $7::text[], $8::bytea[], $9::bytea[], $10::text[])
              as new (pos, part, kind, id, generation, scopes, was, hash, bytes, opens)",
        )
        .bind(positions)
        .bind(parts)
        .bind(addrs.kinds)
        .bind(addrs.ids)
        .bind(generations)
        .bind(scopes)
        .bind(was)
        .bind(hashes)
        .bind(bytes)
        .bind(opens);
    Ok(())
}

fn claims(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let (mut ids, mut hashes, mut edits): (Vec<Uuid>, Vec<&[u8]>, Vec<Uuid>) = (vec![], vec![], vec![]);
    let mut positions = vec![];
    for entry in &batch.entries {
        for (doc, hash) in &entry.claims {
            positions.push(shape::number(entry.cursor.pos)?);
            ids.push(doc.id);
            hashes.push(hash.0.as_slice());
            edits.push(entry.edit.uuid());
        }
    }
    joint
        .add(
            "insert into sync.claimed (id, hash, edit)
         select distinct on (id, hash) id, hash, edit
         from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::bigint[]) as new (id, hash, edit, pos)
         order by id, hash, pos desc
         on conflict (id, hash) do update set edit = excluded.edit",
        )
        .bind(ids)
        .bind(hashes)
        .bind(edits)
        .bind(positions);
    Ok(())
}

fn reviews(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let reviewed = batch.entries.iter().filter_map(|entry| Some((entry, entry.review.as_ref()?)));
    let (mut ids, mut positions, mut decisions) = (vec![], vec![], vec![]);
    let (mut reviewers, mut reasons) = (vec![], vec![]);
    for (entry, review) in reviewed {
        ids.push(entry.edit.uuid());
        positions.push(shape::number(entry.cursor.pos)?);
        decisions.push(review.decision.name());
        reviewers.push(review.reviewer.uuid());
        reasons.push(review.reason.as_str());
    }
    if ids.is_empty() {
        return Ok(());
    }
    joint
        .add(
            "insert into sync.review (edit, pos, decision, reviewer, reason, at)
             select *, to_timestamp($6::bigint / 1000.0)
             from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[])",
        )
        .bind(ids)
        .bind(positions)
        .bind(decisions)
        .bind(reviewers)
        .bind(reasons)
        .bind(batch.at.ms());
    Ok(())
}

/// What entries attach that stand is not cleaned away, whoever uploads it, or did before.
fn attached(joint: &mut Joint, batch: &Batch) {
    let standing = batch.entries.iter().filter(|entry| entry.verdict.stands());
    let attached = standing.filter_map(|entry| entry.judged.as_ref()).flat_map(|judged| {
        attachment::of_edit(&judged.edit).map(|(_, attach)| (judged.edit.id, attach.content))
    });
    let (edits, contents): (Vec<Uuid>, Vec<Vec<u8>>) =
        attached.map(|(edit, content)| (edit.uuid(), content.0.to_vec())).unzip();
    if edits.is_empty() {
        return;
    }
    joint
        .add(
            "insert into sync.attachment_claim (content, edit, stands)
             select distinct content, edit, true from unnest($1::bytea[], $2::uuid[]) as new (content, edit)
             on conflict (content, edit) do update set stands = true, since = null",
        )
        .bind(contents)
        .bind(edits);
}

fn documents(joint: &mut Joint, docs: &[DocUpdate]) -> Result<(), sqlx::Error> {
    let each = |column: fn(&DocUpdate) -> u32| {
        docs.iter().map(|doc| shape::small(column(doc))).collect::<Result<_, _>>()
    };
    let addrs = Addrs::of(docs.iter().map(|doc| &doc.addr));
    let scopes: Vec<String> = docs.iter().map(|doc| doc.scopes.to_string()).collect();
    let heads: Vec<Vec<u8>> = docs.iter().map(|doc| shape::joined(&doc.heads)).collect();
    let versions: Vec<i32> = each(|doc| doc.version)?;
    let snapped: Vec<i32> = each(|doc| doc.snap_version)?;
    let generations: Vec<i32> = each(|doc| doc.generation)?;
    let opened: Vec<i32> = each(|doc| doc.opened)?;
    joint
        .add(
            "insert into sync.document (kind, id, generation, scopes, heads, version, snap_version, opened)
         select kind, id, generation, string_to_array(scopes, ' '), heads, version, snap_version, opened
         from unnest($1::smallint[], $2::uuid[], $3::integer[], $4::text[], $5::bytea[], $6::integer[],
                     $7::integer[], $8::integer[])
              as new (kind, id, generation, scopes, heads, version, snap_version, opened)
         on conflict (kind, id) do update set generation = excluded.generation, scopes = excluded.scopes,
             heads = excluded.heads, version = excluded.version, snap_version = excluded.snap_version,
             opened = excluded.opened",
        )
        .bind(addrs.kinds)
        .bind(addrs.ids)
        .bind(generations)
        .bind(scopes)
        .bind(heads)
        .bind(versions)
        .bind(snapped)
        .bind(opened);
    Ok(())
}

fn snapshots(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let taken: Vec<(&DocUpdate, &[u8])> =
        batch.docs.iter().filter_map(|doc| Some((doc, doc.snapshot.as_deref()?))).collect();
    let addrs = Addrs::of(taken.iter().map(|(doc, _)| &doc.addr));
    let saved: Vec<&[u8]> = taken.iter().map(|(_, saved)| *saved).collect();
    joint
        .add(
            "insert into sync.snapshot (kind, id, pos, saved)
         select kind, id, $3, saved
         from unnest($1::smallint[], $2::uuid[], $4::bytea[]) as new (kind, id, saved)
         on conflict (kind, id) do update set pos = excluded.pos, saved = excluded.saved",
        )
        .bind(addrs.kinds)
        .bind(addrs.ids)
        // With all changes of this batch in it.
        .bind(shape::number(batch.after.cursor.pos)?)
        .bind(saved);
    Ok(())
}

/// The digests, the counters, the head row, and the word to those who wait.
fn head(joint: &mut Joint, batch: &Batch) -> Result<(), sqlx::Error> {
    let after = &batch.after;
    let moved = || after.digests.iter().filter(|(scope, _)| batch.moved.contains_key(*scope));
    let scopes: Vec<String> = moved().map(|(scope, _)| scope.to_string()).collect();
    let sums: Vec<Vec<u8>> = moved().map(|(_, sum)| sum.0.to_be_bytes().to_vec()).collect();
    joint
        .add(
            "insert into sync.digest (scope, sum) select * from unnest($1::text[], $2::bytea[])
             on conflict (scope) do update set sum = excluded.sum",
        )
        .bind(scopes)
        .bind(sums);
    let devices: Vec<Uuid> = batch.counters.keys().map(|device| device.uuid()).collect();
    let counters = batch.counters.values().map(|counter| shape::number(*counter));
    let counters: Vec<i64> = counters.collect::<Result<_, _>>()?;
    joint
        .add(
            "insert into sync.device_counter (device, counter) select * from unnest($1::uuid[], $2::bigint[])
             on conflict (device) do update set counter = greatest(device_counter.counter, excluded.counter)",
        )
        .bind(devices)
        .bind(counters);
    joint
        .add(
            "update sync.head set pos = $1, chain = $2, numbers = greatest(numbers, $3)
             from (select pg_notify($4, $1::bigint::text)) as woken",
        )
        .bind(shape::number(after.cursor.pos)?)
        .bind(after.cursor.chain.0.as_slice())
        .bind(shape::number(after.numbers)?)
        .bind(MOVED);
    Ok(())
}

pub fn nothing_written(error: sqlx::Error) -> CommitError {
    if let Some(state) = alarm::defect(&error) {
        return CommitError::Defect(state);
    }
    let database = match &error {
        sqlx::Error::Database(database) => database,
        // A value that has no place in its column: the batch holds it however often it is tried.
        sqlx::Error::Encode(_) => return CommitError::Rejected(error.to_string()),
        _ => return CommitError::Retry(error.to_string()),
    };
    let words = describe(database.as_ref());
    let code = database.code().unwrap_or_default();
    let of = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    if code == "53100" {
        CommitError::DiskFull
    } else if of(&DATA) {
        CommitError::Rejected(words)
    } else if of(&NOBODYS) {
        CommitError::Retry(words)
    } else {
        CommitError::Unclear(words)
    }
}

/// Something in the batch itself: two rows under one key, values that do not fit, broken constraints, limits of
/// the program.
const DATA: [&str; 4] = ["21", "22", "23", "54"];

/// No edit is to blame: the connection, a database that is read-only for now, statements and databases that are
/// not there any more, a right to sign in, a serialization failure, resources, locks, a shutdown, the system
/// around it, snapshots, its configuration, a defect of its own.
const NOBODYS: [&str; 13] = ["08", "25", "26", "28", "3D", "40", "53", "55", "57", "58", "72", "F0", "XX"];

/// Without the detail, which quotes values.
fn describe(error: &dyn DatabaseError) -> String {
    let code = error.code().unwrap_or_default();
    let table = error.try_downcast_ref::<PgDatabaseError>().and_then(|error| error.table()).unwrap_or("");
    format!("{code} {table} {}", error.message())
}
