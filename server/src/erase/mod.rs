//! Erasing a customer's personal data at their own wish: out of the documents, out of everything stored of edits, and
//! out of the bytes below. The books keep their amounts. What it leaves each kind and command says: `clean`, in `shared`.
//!
//! It may be cut off anywhere and is carried to its end when it is done again.

pub mod bytes;
mod edits;
pub mod list;

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use sqlx::{Executor, PgPool, Postgres};
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, Id, NotesId, OrderId},
    kind::{DocAddr, DocKind},
    time::Timestamp,
};

use crate::{
    intake::{Settled, Solo, Submission},
    log::{LogError, postgres::PostgresLog},
    sync::{OsEntropy, now},
};

/// Documents made anew in one transaction.
const AT_ONCE: usize = 32;

/// A customer, and how much is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub customer: CustomerId,
    pub number: String,
    pub name: String,
    pub orders: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    pub documents: usize,
    pub entries: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(
        "there is no customer with the number or id “{0}”; the window and `waybill customer list` show them"
    )]
    NotThere(String),
    #[error("{0} customers have the number “{1}”; give the id of the one that is meant")]
    Several(usize, String),
    #[error("the database does not take it just now; do it again in a moment, it goes on where it was")]
    Later,
    #[error("the list of erasures could not be written: {0}; nothing was erased")]
    List(#[from] std::io::Error),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// By number or id.
pub async fn plan(pool: &PgPool, who: &str) -> Result<Plan, EraseError> {
    let id: Option<CustomerId> = who.parse().ok();
    let found: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select customer_id, number, name from report.customers where customer_id = $1 or number = $2",
    )
    .bind(id.map(CustomerId::uuid))
    .bind(who)
    .fetch_all(pool)
    .await?;
    let [(customer, number, name)] = found.as_slice() else {
        return Err(match found.len() {
            0 => EraseError::NotThere(who.to_owned()),
            several => EraseError::Several(several, who.to_owned()),
        });
    };
    let customer = CustomerId::new(*customer);
    let orders = orders(pool, customer).await?.len();
    Ok(Plan { customer, number: number.clone(), name: name.clone(), orders })
}

/// Everything but the bytes that PostgreSQL leaves behind, which `bytes` is for.
pub async fn carry_out(pool: &PgPool, customer: CustomerId, at: DateTime<Utc>) -> Result<Erased, EraseError> {
    sqlx::query("insert into sync.erasure (customer, at) values ($1, $2) on conflict do nothing")
        .bind(customer.uuid())
        .bind(at)
        .execute(pool)
        .await?;
    let log = Arc::new(PostgresLog::new(pool.clone()));
    let mut intake = Solo::start(log, Box::new(OsEntropy)).await?;
    let mut done: BTreeSet<DocAddr> = BTreeSet::new();
    let mut next = vec![DocAddr::from(customer)];
    // The customer first: from then on no server writes anything personal of them into another document.
    while !next.is_empty() {
        for some in next.chunks(AT_ONCE) {
            make_anew(&mut intake, some, at).await?;
        }
        done.extend(next);
        let theirs = theirs(pool, customer).await?;
        next = theirs.into_iter().filter(|addr| !done.contains(addr)).collect();
    }
    let entries = edits::clean(pool, customer, &done).await?;
    Ok(Erased { documents: done.len(), entries })
}

/// What was begun and is not carried to its end, and how that is done.
pub async fn cut_off(by: impl Executor<'_, Database = Postgres>) -> Result<Vec<String>, sqlx::Error> {
    let begun: Vec<Uuid> =
        sqlx::query_scalar("select customer from sync.erasure where not done").fetch_all(by).await?;
    let words = |customer: Uuid| {
        let customer = customer.simple();
        format!(
            "the erasure of customer {customer} was cut off: `waybill-server erase {customer} --yes` goes on with it"
        )
    };
    Ok(begun.into_iter().map(words).collect())
}

/// Nothing is left to be done of it.
pub async fn is_done(pool: &PgPool, customer: CustomerId) -> Result<(), sqlx::Error> {
    let sql = "update sync.erasure set done = true where customer = $1";
    sqlx::query(sql).bind(customer.uuid()).execute(pool).await.map(drop)
}

async fn make_anew(
    intake: &mut Solo<PostgresLog>,
    docs: &[DocAddr],
    at: DateTime<Utc>,
) -> Result<(), EraseError> {
    let at = Timestamp::from_unix_ms(at.timestamp_millis());
    let erase: Vec<Submission> = docs.iter().map(|doc| Submission::Erase { doc: *doc, at }).collect();
    let settled = intake.take(&erase, now()).await?;
    if settled.iter().all(|settled| *settled == Settled::Erased) { Ok(()) } else { Err(EraseError::Later) }
}

/// Their orders, and what was noted about those and about them.
async fn theirs(pool: &PgPool, customer: CustomerId) -> Result<Vec<DocAddr>, sqlx::Error> {
    let mut theirs = orders(pool, customer).await?;
    // Also those that never came to be: what was noted about them stands.
    theirs.extend(edits::orders_for(pool, customer).await?);
    theirs.sort_unstable();
    theirs.dedup();
    let about = theirs.iter().copied().chain([customer.into()]);
    let notes: Vec<Uuid> = about.map(|addr: DocAddr| NotesId::of(addr).uuid()).collect();
    let sql = "select id from sync.document where kind = $1 and id = any ($2) order by id";
    let kind = i16::from(u8::from(DocKind::Notes));
    let there: Vec<Uuid> = sqlx::query_scalar(sql).bind(kind).bind(notes).fetch_all(pool).await?;
    theirs.extend(there.into_iter().map(|id| DocAddr::from(NotesId::new(id))));
    Ok(theirs)
}

async fn orders(pool: &PgPool, customer: CustomerId) -> Result<Vec<DocAddr>, sqlx::Error> {
    let sql = "select order_id from report.orders where customer_id = $1 order by order_id";
    let ids: Vec<Uuid> = sqlx::query_scalar(sql).bind(customer.uuid()).fetch_all(pool).await?;
    Ok(ids.into_iter().map(|id| OrderId::new(id).into()).collect())
}
