//! The bytes of photos and papers: put by the device that attached them, chunk after chunk, kept once however often
//! they are attached, and given to devices that see a document which refers to them now.

pub mod orphans;

use sqlx::{PgConnection, PgPool};
use waybill_shared::{
    attachment,
    doc::Hash,
    edit::Edit,
    erasure::ERASED,
    id::{DeviceId, EditId, Id},
    kind::DocAddr,
    order::commands::Attach,
    protocol::{attachment::Carried, decode, limits},
    scope::Scopes,
    view::View,
};

use crate::log::{Log, LogError};

/// What a device may put: what one of its edits attaches, whatever became of that edit. What is held is kept for its
/// review, bytes and all.
pub async fn claimed(
    pool: &PgPool,
    device: DeviceId,
    edit: EditId,
    content: Hash,
) -> Result<Option<Attach>, LogError> {
    let body: Option<Vec<u8>> =
        sqlx::query_scalar("select body from sync.edit where id = $1 and device = $2 and body is not null")
            .bind(edit.uuid())
            .bind(device.uuid())
            .fetch_optional(pool)
            .await?;
    let Some(body) = body else { return Ok(None) };
    let edit: Edit =
        decode(&body, limits::CLIENT_FRAME).map_err(|bad| LogError::Unreadable(format!("an edit: {bad}")))?;
    // What was erased is attached by nobody.
    let is_it = |attach: &Attach| attach.content == content && attach.name != ERASED;
    let claim = attachment::of_edit(&edit).find(|(_, attach)| is_it(attach));
    Ok(claim
        .map(|(_, attach)| attach.clone())
        .filter(|attach| waybill_shared::act::Act::check(attach).is_empty()))
}

/// Which chunk is wanted next of this device, if any.
pub async fn offered(
    pool: &PgPool,
    device: DeviceId,
    edit: EditId,
    claim: &Attach,
) -> Result<Carried, LogError> {
    let mut tx = pool.begin().await?;
    alone_with(&mut tx, claim.content).await?;
    note(&mut tx, edit, claim.content).await?;
    let carried = match is_whole(&mut tx, claim.content).await? {
        true => Carried::Whole {},
        false => Carried::Next { nth: put_so_far(&mut tx, device, claim.content).await? },
    };
    tx.commit().await?;
    Ok(carried)
}

/// Takes the next chunk; the last one makes it whole, or shows that it is not what was attached. Chunks come in order:
/// another than the one wanted is told which.
pub async fn put(
    pool: &PgPool,
    device: DeviceId,
    edit: EditId,
    claim: &Attach,
    nth: u32,
    bytes: &[u8],
) -> Result<Carried, LogError> {
    let mut tx = pool.begin().await?;
    alone_with(&mut tx, claim.content).await?;
    if nth == 0 {
        note(&mut tx, edit, claim.content).await?;
    }
    if is_whole(&mut tx, claim.content).await? {
        return Ok(Carried::Whole {});
    }
    let wanted = put_so_far(&mut tx, device, claim.content).await?;
    if nth != wanted {
        return Ok(Carried::Next { nth: wanted });
    }
    let last = nth + 1 == attachment::chunks(claim.size);
    if bytes.len() != length(claim.size, nth) {
        return wrong(tx, device, claim.content, "A chunk has another length than it must have.").await;
    }
    sqlx::query("insert into sync.attachment_part (content, device, nth, bytes) values ($1, $2, $3, $4)")
        .bind(&claim.content.0[..])
        .bind(device.uuid())
        .bind(i32::try_from(nth).unwrap_or(i32::MAX))
        .bind(bytes)
        .execute(&mut *tx)
        .await?;
    if !last {
        tx.commit().await?;
        return Ok(Carried::Next { nth: nth + 1 });
    }
    let parts: Vec<Vec<u8>> = sqlx::query_scalar(
        "select bytes from sync.attachment_part where content = $1 and device = $2 order by nth",
    )
    .bind(&claim.content.0[..])
    .bind(device.uuid())
    .fetch_all(&mut *tx)
    .await?;
    let whole = parts.concat();
    if attachment::hash(&whole) != claim.content {
        return wrong(tx, device, claim.content, "The bytes are not those that were attached.").await;
    }
    if attachment::media_type(&whole) != Some(claim.media_type.as_str()) {
        return wrong(tx, device, claim.content, "The bytes are not of the kind that they are said to be.")
            .await;
    }
    sqlx::query("insert into sync.attachment (content, media_type, size) values ($1, $2, $3)")
        .bind(&claim.content.0[..])
        .bind(&claim.media_type)
        .bind(claim.size)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into sync.attachment_chunk (content, nth, bytes)
         select content, nth, bytes from sync.attachment_part where content = $1 and device = $2",
    )
    .bind(&claim.content.0[..])
    .bind(device.uuid())
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from sync.attachment_part where content = $1")
        .bind(&claim.content.0[..])
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Carried::Whole {})
}

/// A chunk of what a document refers to that somebody with these scopes sees at this moment.
pub async fn get<L: Log>(
    log: &L,
    pool: &PgPool,
    scopes: &Scopes,
    doc: DocAddr,
    content: Hash,
    nth: u32,
) -> Result<Carried, LogError> {
    let seen = log.fetch(&[doc], scopes).await?.docs.pop();
    let view = seen.and_then(|saved| {
        let doc = waybill_shared::doc::Doc::load(saved.doc.kind, &saved.saved).ok()?;
        View::read(&doc).ok()
    });
    if view.is_none_or(|view| attachment::of_view(&view, content).is_none()) {
        return Ok(Carried::Missing {});
    }
    let bytes: Option<Vec<u8>> =
        sqlx::query_scalar("select bytes from sync.attachment_chunk where content = $1 and nth = $2")
            .bind(&content.0[..])
            .bind(i64::from(nth))
            .fetch_optional(pool)
            .await?;
    Ok(bytes.map_or(Carried::Missing {}, |bytes| Carried::Chunk { bytes }))
}

/// One after the other for each content, whoever puts or cleans it, until the transaction ends.
async fn alone_with(conn: &mut PgConnection, content: Hash) -> Result<(), LogError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
        .bind(&content.0[..])
        .execute(conn)
        .await?;
    Ok(())
}

/// As long as this edit may refer to it, it is kept.
async fn note(conn: &mut PgConnection, edit: EditId, content: Hash) -> Result<(), LogError> {
    sqlx::query("insert into sync.attachment_claim (content, edit) values ($1, $2) on conflict do nothing")
        .bind(&content.0[..])
        .bind(edit.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

async fn is_whole(conn: &mut PgConnection, content: Hash) -> Result<bool, LogError> {
    let whole = sqlx::query_scalar("select exists (select from sync.attachment where content = $1)");
    Ok(whole.bind(&content.0[..]).fetch_one(conn).await?)
}

async fn put_so_far(conn: &mut PgConnection, device: DeviceId, content: Hash) -> Result<u32, LogError> {
    let count: i64 =
        sqlx::query_scalar("select count(*) from sync.attachment_part where content = $1 and device = $2")
            .bind(&content.0[..])
            .bind(device.uuid())
            .fetch_one(conn)
            .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Nothing of it is kept.
async fn wrong(
    mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
    device: DeviceId,
    content: Hash,
    words: &str,
) -> Result<Carried, LogError> {
    sqlx::query("delete from sync.attachment_part where content = $1 and device = $2")
        .bind(&content.0[..])
        .bind(device.uuid())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Carried::Wrong { words: words.to_owned() })
}

/// How long a chunk is.
fn length(size: i64, nth: u32) -> usize {
    let size = usize::try_from(size).unwrap_or(0);
    let before = limits::ATTACHMENT_CHUNK.saturating_mul(usize::try_from(nth).unwrap_or(usize::MAX));
    size.saturating_sub(before).min(limits::ATTACHMENT_CHUNK)
}
