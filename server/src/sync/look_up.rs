//! What is known of what edits claim, looked up before they are judged. Most claim nothing that has to be.

use std::{collections::HashSet, sync::Arc};

use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    id::{CustomerId, CustomerTermsId, PersonId, ProductId, ProductTermsId},
    kind::{DocAddr, DocKind},
    rules::roles::permits_ever,
    session::who::Submitted,
};

use super::connection::Connection;
use crate::intake::{LookedUp, named};

/// So much of what was made on a socket is remembered; by then the first of it stands in the tables.
const MADE: usize = 50_000;

pub async fn look_up(connection: &mut Connection, submitted: &[Submitted]) -> Result<LookedUp, sqlx::Error> {
    let accounts = &connection.app.accounts;
    let here = |person: &PersonId| connection.people.iter().any(|grant| grant.person == *person);
    let mut named: Vec<PersonId> =
        submitted.iter().flat_map(|one| named(&one.edit)).map(|(_, person)| person).collect();
    named.sort_unstable();
    named.dedup();
    named.retain(|person| !here(person));
    let strangers = if named.is_empty() { named } else { accounts.strangers(&named).await? };
    let of_nothing = of_nothing(connection, submitted).await?;
    Ok(LookedUp { books_history: connection.books_history, strangers: strangers.into(), of_nothing })
}

/// The terms among the documents of the edits that are nobody's and nothing's.
async fn of_nothing(
    connection: &mut Connection,
    submitted: &[Submitted],
) -> Result<Arc<[DocAddr]>, sqlx::Error> {
    let mut terms: HashSet<DocAddr> = HashSet::new();
    let parts = submitted.iter().flat_map(|one| one.edit.parts.iter().map(move |part| (part, &one.grant)));
    for (part, grant) in parts {
        match &part.command {
            Command::ProductCreate(_) | Command::CustomerCreate(_) => {
                if connection.made.len() >= MADE {
                    connection.made.clear();
                }
                connection.made.extend(terms_of(part.doc));
            }
            // Of whoever may not do it, it does not stand anyhow: nothing is read for it.
            Command::ProductTermsSetCost(_) | Command::CustomerTermsSetCredit(_)
                if grant.as_ref().is_some_and(|grant| permits_ever(&grant.roles, &part.command)) =>
            {
                _ = terms.insert(part.doc)
            }
            _ => {}
        }
    }
    terms.retain(|addr| !connection.made.contains(addr));
    if terms.is_empty() {
        return Ok(Arc::default());
    }
    let _turn = connection.app.hub.asking.acquire().await;
    let pool = &connection.app.pool;
    let ids: Vec<Uuid> = terms.iter().map(|addr| addr.id).collect();
    let there: Vec<Uuid> = sqlx::query_scalar("select id from sync.document where id = any($1)")
        .bind(ids)
        .fetch_all(pool)
        .await?;
    terms.retain(|addr| !there.contains(&addr.id));
    // Their first ones: which they belong to does not follow from their id, so all are tried.
    for (kind, sql) in [
        (DocKind::Product, "select product_id from report.products"),
        (DocKind::Customer, "select customer_id from report.customers"),
    ] {
        if terms.is_empty() {
            break;
        }
        for id in all(pool, sql).await? {
            terms_of(DocAddr::new(kind, id)).inspect(|addr| _ = terms.remove(addr));
        }
    }
    Ok(terms.into_iter().collect())
}

async fn all(pool: &PgPool, sql: &'static str) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar(sql).fetch_all(pool).await
}

fn terms_of(addr: DocAddr) -> Option<DocAddr> {
    match addr.kind {
        DocKind::Product => Some(ProductTermsId::of(ProductId::new(addr.id)).into()),
        DocKind::Customer => Some(CustomerTermsId::of(CustomerId::new(addr.id)).into()),
        _ => None,
    }
}
