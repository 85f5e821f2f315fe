//! What is known of what edits claim, looked up before they are judged. Most claim nothing that has to be.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::{
    command::Command,
    customer::commands::CustomerCommand,
    customer::terms::CustomerTermsCommand,
    edit::Edit,
    id::{CustomerId, CustomerTermsId, PersonId, ProductId, ProductTermsId},
    kind::{DocAddr, DocKind},
    product::commands::ProductCommand,
    product::terms::ProductTermsCommand,
    rules::roles::permits_ever,
    session::who::Submitted,
};

use super::connection::Connection;
use crate::intake::{LookedUp, Named, named, refers_to};

/// So much of what was made on a socket is remembered; by then the first of it stands in the tables.
const MADE: usize = 50_000;

/// So much of what was found once is not looked up again: what was made is never unmade in one log.
const REMEMBERED: usize = 100_000;

/// For the edits of one frame.
pub struct Found {
    common: LookedUp,
    /// What they name that nobody had made.
    missing: HashSet<DocAddr>,
    /// Of terms of what was made on this socket: what they belong to.
    parents: HashMap<DocAddr, DocAddr>,
}

impl Found {
    /// What there is to know of one of them.
    pub fn of(&self, edit: &Edit) -> LookedUp {
        let mut open = Vec::new();
        if !self.missing.is_empty() {
            let mut seen = HashSet::new();
            open = refers_to(edit);
            open.retain(|named| self.missing.contains(&named.doc) && seen.insert(named.doc));
        }
        let parents = edit.docs().filter_map(|doc| self.parents.get(&doc));
        open.extend(parents.map(|doc| Named { field: "document".to_owned(), doc: *doc }));
        LookedUp { open: open.into(), ..self.common.clone() }
    }
}

pub async fn look_up(connection: &mut Connection, submitted: &[Submitted]) -> Result<Found, sqlx::Error> {
    let accounts = &connection.app.accounts;
    let here = |person: &PersonId| connection.people.iter().any(|grant| grant.person == *person);
    let mut named: Vec<PersonId> =
        submitted.iter().flat_map(|one| named(&one.edit)).map(|(_, person)| person).collect();
    named.sort_unstable();
    named.dedup();
    named.retain(|person| !here(person));
    let strangers = if named.is_empty() { named } else { accounts.strangers(&named).await? };
    let missing = missing(connection, submitted).await?;
    let (of_nothing, parents) = terms(connection, submitted).await?;
    let common = LookedUp {
        books_history: connection.books_history,
        strangers: strangers.into(),
        of_nothing,
        open: Arc::default(),
    };
    Ok(Found { common, missing, parents })
}

/// What was found once, in the log of this epoch: another one may lack it.
#[derive(Debug, Default)]
pub struct Made(Mutex<(u64, HashSet<DocAddr>)>);

impl Made {
    fn without(&self, epoch: u64, docs: &mut BTreeSet<DocAddr>) {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 == epoch {
            docs.retain(|doc| !made.1.contains(doc));
        }
    }

    fn remember(&self, epoch: u64, docs: impl Iterator<Item = DocAddr>) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.0 < epoch || made.1.len() >= REMEMBERED {
            *made = (epoch, HashSet::new());
        }
        if made.0 == epoch {
            made.1.extend(docs);
        }
    }
}

/// What the edits name beside what they work on, and nobody has made as far as the tables tell.
async fn missing(connection: &Connection, submitted: &[Submitted]) -> Result<HashSet<DocAddr>, sqlx::Error> {
    // Of whoever may not do it, it does not stand anyhow: nothing is read for it.
    let may = |one: &&Submitted| {
        let roles = one.grant.as_ref().map(|grant| &*grant.roles);
        one.withdrawn.is_none()
            && roles.is_some_and(|roles| one.edit.parts.iter().all(|part| permits_ever(roles, &part.command)))
    };
    let named = submitted.iter().filter(may).flat_map(|one| refers_to(&one.edit));
    let mut docs: BTreeSet<DocAddr> = named.map(|named| named.doc).filter(|doc| !doc.id.is_nil()).collect();
    let hub = &connection.app.hub;
    hub.made.without(connection.epoch(), &mut docs);
    if docs.is_empty() {
        return Ok(HashSet::new());
    }
    let mut by_kind: BTreeMap<DocKind, Vec<Uuid>> = BTreeMap::new();
    docs.iter().for_each(|doc| by_kind.entry(doc.kind).or_default().push(doc.id));
    let _turn = hub.asking.acquire().await;
    for (kind, ids) in by_kind {
        let Some(sql) = made_of(kind) else {
            docs.retain(|doc| doc.kind != kind);
            continue;
        };
        let there: Vec<Uuid> = sqlx::query_scalar(sql).bind(ids).fetch_all(&connection.app.pool).await?;
        there.iter().for_each(|id| _ = docs.remove(&DocAddr::new(kind, *id)));
        hub.made.remember(connection.epoch(), there.into_iter().map(|id| DocAddr::new(kind, id)));
    }
    Ok(docs.into_iter().collect())
}

/// Those of a kind that somebody made: only these have rows in the reports. An order also has what was only sold in it.
const fn made_of(kind: DocKind) -> Option<&'static str> {
    Some(match kind {
        DocKind::Product => "select product_id from report.products where product_id = any($1)",
        DocKind::Customer => "select customer_id from report.customers where customer_id = any($1)",
        DocKind::Location => "select location_id from report.locations where location_id = any($1)",
        DocKind::Order => "select id from sync.document where kind = 1 and id = any($1)",
        _ => return None,
    })
}

/// The terms among the documents of the edits that are nobody's and nothing's; and of those of what was made on this
/// socket, what they belong to: it may be refused yet.
async fn terms(
    connection: &mut Connection,
    submitted: &[Submitted],
) -> Result<(Arc<[DocAddr]>, HashMap<DocAddr, DocAddr>), sqlx::Error> {
    let mut terms: HashSet<DocAddr> = HashSet::new();
    let mut parents = HashMap::new();
    let parts = submitted.iter().flat_map(|one| one.edit.parts.iter().map(move |part| (part, &one.grant)));
    for (part, grant) in parts {
        match &part.command {
            Command::Product(ProductCommand::Create(_)) | Command::Customer(CustomerCommand::Create(_)) => {
                if connection.made.len() >= MADE {
                    connection.made.clear();
                }
                connection.made.extend(terms_of(part.doc).map(|terms| (terms, part.doc)));
            }
            // Of whoever may not do it, it does not stand anyhow: nothing is read for it.
            Command::ProductTerms(ProductTermsCommand::SetCost(_))
            | Command::CustomerTerms(CustomerTermsCommand::SetCreditLimit(_))
                if grant.as_ref().is_some_and(|grant| permits_ever(&grant.roles, &part.command)) =>
            {
                match connection.made.get(&part.doc) {
                    Some(parent) => _ = parents.insert(part.doc, *parent),
                    None => _ = terms.insert(part.doc),
                }
            }
            _ => {}
        }
    }
    if terms.is_empty() {
        return Ok((Arc::default(), parents));
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
    Ok((terms.into_iter().collect(), parents))
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
