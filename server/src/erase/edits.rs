//! What is stored of edits, whatever was said of them: on documents that were erased, or naming the customer.

use std::collections::BTreeSet;

use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::{
    attachment,
    doc::Hash,
    edit::Edit,
    erasure::{self, ERASED},
    id::{CustomerId, Id, OrderId},
    kind::DocAddr,
    protocol::{decode, encode, limits},
};

/// Edits read at a time.
const PAGE: i64 = 2_000;

/// How many were cleaned.
pub async fn clean(
    pool: &PgPool,
    customer: CustomerId,
    docs: &BTreeSet<DocAddr>,
) -> Result<u64, sqlx::Error> {
    let (mut after, mut cleaned) = (Uuid::nil(), 0);
    // Photos and papers of theirs, and those that others attached too.
    let (mut theirs, mut others) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let page: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
            "select id, body from sync.edit where id > $1 and body is not null order by id limit $2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(pool)
        .await?;
        let Some((last, _)) = page.last() else {
            drop_contents(pool, theirs.difference(&others)).await?;
            return Ok(cleaned);
        };
        after = *last;
        for (id, body) in page {
            // What does not read is nothing that intake wrote; `check` tells of it.
            let Ok(mut edit) = decode::<Edit>(&body, limits::CLIENT_FRAME) else { continue };
            let of_them =
                erasure::concerns(&edit).any(|addr| docs.contains(&addr) || addr == customer.into());
            let contents = attachment::of_edit(&edit).filter(|(_, attach)| attach.name != ERASED || of_them);
            let contents: Vec<Hash> = contents.map(|(_, attach)| attach.content).collect();
            if of_them {
                theirs.extend(contents);
                erasure::clean(&mut edit);
                put(pool, id, encode(&edit)).await?;
                cleaned += 1;
            } else {
                others.extend(contents);
            }
        }
    }
}

/// The orders that edits would have made for the customer, and that never came to be. What is there under the id that
/// one of them named is somebody else's.
pub async fn orders_for(pool: &PgPool, customer: CustomerId) -> Result<BTreeSet<DocAddr>, sqlx::Error> {
    let (mut after, mut orders) = (Uuid::nil(), BTreeSet::new());
    loop {
        // The id stands in the body as it is.
        let page: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
            "select id, body from sync.edit where id > $1 and position($3 in body) > 0 order by id limit $2",
        )
        .bind(after)
        .bind(PAGE)
        .bind(customer.uuid().as_bytes().as_slice())
        .fetch_all(pool)
        .await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, body) in &page {
            let Ok(edit) = decode::<Edit>(body, limits::CLIENT_FRAME) else { continue };
            orders.extend(erasure::orders_for(&edit, customer).map(|addr| addr.id));
        }
    }
    let ids: Vec<Uuid> = orders.iter().copied().collect();
    let there: Vec<Uuid> = sqlx::query_scalar("select id from sync.document where id = any ($1)")
        .bind(ids)
        .fetch_all(pool)
        .await?;
    there.iter().for_each(|id| _ = orders.remove(id));
    Ok(orders.into_iter().map(|id| OrderId::new(id).into()).collect())
}

/// Nobody gets them any more, and no device hands them in again: a cleaned edit attaches nothing.
async fn drop_contents(pool: &PgPool, contents: impl Iterator<Item = &Hash>) -> Result<(), sqlx::Error> {
    let contents: Vec<Vec<u8>> = contents.map(|content| content.0.to_vec()).collect();
    for sql in [
        "delete from sync.attachment where content = any ($1)",
        "delete from sync.attachment_part where content = any ($1)",
        "delete from sync.attachment_claim where content = any ($1)",
    ] {
        sqlx::query(sql).bind(&contents).execute(pool).await?;
    }
    Ok(())
}

/// Its body, what was said of it, why a manager decided as they did, and its rows while it is held.
async fn put(pool: &PgPool, edit: Uuid, body: Vec<u8>) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query(
        "update sync.edit set body = $2, findings = null, content = null, content_left = null where id = $1",
    )
    .bind(edit)
    .bind(body)
    .execute(&mut *tx)
    .await?;
    for sql in [
        "update sync.feed set findings = null where edit = $1 and findings is not null",
        "update report.held_payments set reference = null where edit_id = $1 and reference is not null",
    ] {
        sqlx::query(sql).bind(edit).execute(&mut *tx).await?;
    }
    for sql in [
        "update sync.review set reason = $2 where edit = $1",
        "update report.held_goods set name = $2 where edit_id = $1 and product_id is null and name <> ''",
    ] {
        sqlx::query(sql).bind(edit).bind(ERASED).execute(&mut *tx).await?;
    }
    tx.commit().await
}
