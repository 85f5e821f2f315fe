//! What documents left behind when they were made anew because they had grown: old notes and changes of fields.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, CustomerTermsId, Id, NotesId, PersonId},
    kind::DocKind,
    protocol::{decode, limits},
};

/// One note or change, for people to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Old {
    pub at: DateTime<Utc>,
    /// Of an `order`, a `customer`.
    pub of: &'static str,
    /// Empty where nobody of that id is known.
    pub person: String,
    /// The field that was changed; none for a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What it was changed to; of a note its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(
        "there is no order, customer or product with the number or id “{0}”; the window and `waybill order list` show them"
    )]
    NotThere(String),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
    #[error("an entry of the archive does not read: {0}")]
    Unreadable(String),
}

/// Of everything that has this number or id, the oldest first.
pub async fn of(pool: &PgPool, what: &str) -> Result<Vec<Old>, ArchiveError> {
    let id: Option<Uuid> = what.parse().ok();
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select order_id from report.orders where number = $1
         union select customer_id from report.customers where number = $1
         union select product_id from report.products where number = $1
         union select id from sync.document where id = $2",
    )
    .bind(what)
    .bind(id)
    .fetch_all(pool)
    .await?;
    if ids.is_empty() {
        return Err(ArchiveError::NotThere(what.to_owned()));
    }
    // With what stands beside them: notes and terms.
    let beside = ids.iter().flat_map(|id| {
        [NotesId::of((DocKind::Order, *id)).uuid(), CustomerTermsId::of(CustomerId::new(*id)).uuid()]
    });
    let ids: Vec<Uuid> = ids.iter().copied().chain(beside).collect();
    let people: HashMap<Uuid, String> =
        sqlx::query_as("select id, name from account.person").fetch_all(pool).await?.into_iter().collect();
    let rows: Vec<(i16, DateTime<Utc>, Vec<u8>)> =
        sqlx::query_as("select kind, at, value from sync.archive where id = any ($1) order by at, room, key")
            .bind(&ids)
            .fetch_all(pool)
            .await?;
    let mut all = Vec::with_capacity(rows.len());
    for (kind, at, value) in rows {
        let kept: Kept =
            decode(&value, limits::EDIT).map_err(|bad| ArchiveError::Unreadable(bad.to_string()))?;
        let person = people.get(&kept.person.uuid()).cloned().unwrap_or_default();
        let kind = u8::try_from(kind).map_or("newer", |code| DocKind::from(code).name());
        let Kept { field, was, now, what, text, .. } = kept;
        let text = text.or(what.and_then(|what| what.text));
        all.push(Old { at, of: kind, person, field, was, now: now.or(text) });
    }
    Ok(all)
}

/// A change in a history, or a fact that is a note: what both have, and each alone.
#[derive(Deserialize)]
struct Kept {
    person: PersonId,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    was: Option<String>,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    what: Option<What>,
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct What {
    #[serde(default)]
    text: Option<String>,
}
