//! What was uploaded for edits that never refer to it: given up, or changed so that they attach it no more. It is kept
//! for a while, and never cleaned while an edit is pending, held or refused that may still refer to it.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{PgConnection, PgPool};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use waybill_shared::{
    attachment,
    doc::Hash,
    edit::Edit,
    protocol::{decode, limits},
};

use super::alone_with;
use crate::log::LogError;

/// How long it is kept after the last edit that could have referred to it was settled.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// Looked at in one statement.
const AT_ONCE: i64 = 500;

/// Every hour, as long as the server runs. Several servers may do it at once.
pub fn keep_clean(pool: PgPool, tasks: &TaskTracker, stop: CancellationToken) {
    tasks.spawn(async move {
        loop {
            match clean(&pool, KEPT).await {
                Ok(0) => {}
                Ok(contents) => {
                    tracing::info!(contents, "photos and papers that nothing refers to were cleaned away")
                }
                Err(error) => tracing::warn!(%error, "what nothing refers to was not cleaned away"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    });
}

/// How many contents went.
pub async fn clean(pool: &PgPool, kept: Duration) -> Result<u64, LogError> {
    settle(pool).await?;
    let gone: Vec<Vec<u8>> = sqlx::query_scalar(
        "select content from sync.attachment_claim c where not stands
             and not exists (select from sync.attachment_claim o where o.content = c.content and o.stands is distinct from false)
         group by content having max(since) <= now() - make_interval(secs => $1)",
    )
    .bind(kept.as_secs_f64())
    .fetch_all(pool)
    .await?;
    let mut cleaned = 0;
    for content in gone.into_iter().filter_map(|content| <[u8; 32]>::try_from(content).ok()) {
        cleaned += u64::from(drop_content(pool, Hash(content)).await?);
    }
    Ok(cleaned)
}

/// Finds out of the claims that are open which are settled now. Accepted and given up are final for an edit.
async fn settle(pool: &PgPool) -> Result<(), LogError> {
    let mut after = Uuid::nil();
    loop {
        let settled: Vec<(Uuid, String, Option<Vec<u8>>)> = sqlx::query_as(
            "select distinct on (e.id) e.id, e.verdict, e.body from sync.attachment_claim c
                 join sync.edit e on e.id = c.edit
             where c.stands is null and e.id > $1 and e.verdict in ('accepted', 'rewritten', 'discarded')
             order by e.id limit $2",
        )
        .bind(after)
        .bind(AT_ONCE)
        .fetch_all(pool)
        .await?;
        let Some((last, ..)) = settled.last() else { return Ok(()) };
        after = *last;
        let mut attached: BTreeMap<Uuid, Vec<Vec<u8>>> = BTreeMap::new();
        for (id, verdict, body) in settled {
            let contents = match body.filter(|_| verdict != "discarded") {
                None => Vec::new(),
                Some(body) => {
                    let edit: Edit = decode(&body, limits::CLIENT_FRAME)
                        .map_err(|bad| LogError::Unreadable(format!("an edit: {bad}")))?;
                    attachment::of_edit(&edit).map(|(_, attach)| attach.content.0.to_vec()).collect()
                }
            };
            attached.insert(id, contents);
        }
        for (edit, contents) in attached {
            sqlx::query(
                "update sync.attachment_claim set stands = content = any ($2), since = now()
                 where edit = $1 and stands is null",
            )
            .bind(edit)
            .bind(contents)
            .execute(pool)
            .await?;
        }
    }
}

/// Unless it was offered anew meanwhile.
async fn drop_content(pool: &PgPool, content: Hash) -> Result<bool, LogError> {
    let mut tx = pool.begin().await?;
    alone_with(&mut tx, content).await?;
    if is_claimed(&mut tx, content).await? {
        return Ok(false);
    }
    for sql in [
        "delete from sync.attachment where content = $1",
        "delete from sync.attachment_part where content = $1",
        "delete from sync.attachment_claim where content = $1",
    ] {
        sqlx::query(sql).bind(&content.0[..]).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn is_claimed(conn: &mut PgConnection, content: Hash) -> Result<bool, LogError> {
    let claimed = sqlx::query_scalar(
        "select exists (select from sync.attachment_claim where content = $1 and stands is distinct from false)",
    );
    Ok(claimed.bind(&content.0[..]).fetch_one(conn).await?)
}
