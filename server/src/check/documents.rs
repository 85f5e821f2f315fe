//! Documents against their changes, digests against documents, report rows against a fresh projection.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::{
    digest::Digest,
    kind::{DocAddr, DocKind},
    order::receipt::Receipts,
    scope::Scopes,
    view::View,
};

use super::{
    CheckError, Checked, receipts,
    stored::{self, Stored},
};
use crate::{
    log::postgres::shape,
    progress,
    reports::{self, Rows},
};

/// The receipts in them are noted, to be held against each other.
pub async fn check(
    conn: &mut PgConnection,
    printed: &mut Receipts,
    checked: &mut Checked,
) -> Result<(), CheckError> {
    let mut digests: BTreeMap<String, Digest> = BTreeMap::new();
    let mut with_rows = Rows::documents(conn).await?;
    for kind in DocKind::ALL {
        let mut after: Option<DocAddr> = None;
        loop {
            let page = stored::page(conn, *kind, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.addr);
            progress::step(page.len());
            let mut fresh = Rows::default();
            let ids: Vec<Uuid> = page.iter().map(|stored| stored.addr.id).collect();
            for stored in &page {
                checked.documents += 1;
                let of_this = Digest::of(stored.addr, &stored.heads);
                for scope in stored.scopes.split_whitespace() {
                    digests.entry(scope.to_owned()).or_default().moved(Digest::default(), of_this);
                }
                // Damaged bytes may panic inside Automerge; the rest is looked at all the same.
                let looked = catch_unwind(AssertUnwindSafe(|| document(stored, checked)));
                let view = looked.unwrap_or_else(|_| {
                    checked.wrong(format!("{}: it is damaged", stored.addr));
                    None
                });
                if let Some(view) = view {
                    receipts::note(printed, &view);
                    fresh.extend(reports::rows(stored.addr, &view));
                }
                with_rows.remove(&(*kind, stored.addr.id));
            }
            let there = Rows::read(conn, *kind, &ids).await?;
            checked.rows += there.len() as u64;
            fresh.differences(&there).iter().for_each(|difference| checked.wrong(difference));
        }
    }
    for (kind, id) in with_rows {
        checked.wrong(format!("reports: there are rows of {kind}/{}, which is not there", id.simple()));
    }
    strays(conn, checked).await?;
    compare_digests(conn, &digests, checked).await
}

/// What it says, from its changes. `None` when that cannot be found.
fn document(stored: &Stored, checked: &mut Checked) -> Option<View> {
    let addr = stored.addr;
    if usize::try_from(stored.version).ok() != Some(stored.count) {
        let count = stored.count;
        checked.wrong(format!("{addr}: it counts {} changes, {count} are stored", stored.version));
    }
    if let Some(pos) = stored.kept {
        checked.wrong(format!("{addr}: the change at position {pos} should have gone when it was made anew"));
    }
    let replayed = match stored.replayed() {
        Ok(doc) => doc,
        Err(error) => {
            checked.wrong(format!("{addr}: its changes do not make a document: {error}"));
            return None;
        }
    };
    if replayed.generation() != stored.generation {
        checked.wrong(format!("{addr}: it is in another generation than its changes lead to"));
    }
    if replayed.heads() != stored.heads {
        checked.wrong(format!("{addr}: its changes lead to other heads than are stored"));
    }
    match stored.current() {
        None => checked.wrong(format!("{addr}: it has no snapshot")),
        Some(Err(error)) => checked.wrong(format!("{addr}: its snapshot cannot be read: {error}")),
        Some(Ok(current)) => {
            if current.heads() != stored.heads || current.values() != replayed.values() {
                checked.wrong(format!("{addr}: its snapshot is not what its changes lead to"));
            }
        }
    }
    match View::read(&replayed) {
        Ok(view) => {
            if stored.scopes != Scopes::of(&view).to_string() {
                checked.wrong(format!("{addr}: it stands in the scopes “{}”", stored.scopes));
            }
            Some(view)
        }
        Err(error) => {
            checked.wrong(format!("{addr}: it cannot be read: {error}"));
            None
        }
    }
}

/// Changes of documents that are not there.
async fn strays(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), CheckError> {
    let strays: Vec<(i16, Uuid)> = sqlx::query_as(
        "select distinct kind, id from sync.change c
         where not exists (select from sync.document d where d.kind = c.kind and d.id = c.id
                                                         and d.generation >= c.generation)",
    )
    .fetch_all(conn)
    .await?;
    for (kind, id) in strays {
        let addr = shape::addr(kind, id)?;
        checked.wrong(format!("{addr}: there are changes of it, but no document"));
    }
    Ok(())
}

async fn compare_digests(
    conn: &mut PgConnection,
    expected: &BTreeMap<String, Digest>,
    checked: &mut Checked,
) -> Result<(), CheckError> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select scope, sum from sync.digest").fetch_all(conn).await?;
    let mut stored = BTreeMap::new();
    for (scope, sum) in rows {
        stored.insert(scope, shape::digest(&sum)?);
    }
    for scope in expected.keys().chain(stored.keys().filter(|scope| !expected.contains_key(*scope))) {
        let [is, should_be] =
            [&stored, expected].map(|digests| digests.get(scope).copied().unwrap_or_default());
        if is != should_be {
            checked.wrong(format!("the digest of scope {scope} is not that of its documents"));
        }
    }
    Ok(())
}
