//! Documents from before they had scopes get them, when the tables have been brought up to date.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;
use waybill_shared::{
    digest::Digest,
    doc::Doc,
    scope::{Scope, Scopes},
    view::View,
};

use super::{
    LOCK, documents,
    shape::{self, Addrs},
};
use crate::log::{LogError, StoredDoc};

/// Documents read at once.
const PAGE: i64 = 500;

pub async fn give(pool: &PgPool) -> Result<(), LogError> {
    let mut conn = pool.acquire().await?;
    if !lacking(&mut conn).await? {
        return Ok(());
    }
    let mut tx = conn.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    loop {
        let rows: Vec<(i16, Uuid)> =
            sqlx::query_as("select kind, id from sync.document where scopes = '{}' limit $1")
                .bind(PAGE)
                .fetch_all(&mut *tx)
                .await?;
        if rows.is_empty() {
            break;
        }
        let mut scopes = BTreeMap::new();
        for (kind, id) in rows {
            // What does not read here only the office sees.
            scopes.insert(shape::addr(kind, id)?, Scopes::from(Scope::Office));
        }
        let docs: Vec<_> = scopes.keys().copied().collect();
        for stored in documents::stored(&mut tx, &docs).await? {
            if let Some(of_it) = of(&stored) {
                scopes.insert(stored.addr, of_it);
            }
        }
        let addrs = Addrs::of(scopes.keys());
        let texts: Vec<String> = scopes.values().map(ToString::to_string).collect();
        sqlx::query(
            "update sync.document d set scopes = string_to_array(new.scopes, ' ')
             from unnest($1::smallint[], $2::uuid[], $3::text[]) as new (kind, id, scopes)
             where (d.kind, d.id) = (new.kind, new.id)",
        )
        .bind(addrs.kinds)
        .bind(addrs.ids)
        .bind(texts)
        .execute(&mut *tx)
        .await?;
    }
    digests(&mut tx).await?;
    Ok(tx.commit().await?)
}

async fn lacking(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from sync.document where scopes = '{}')").fetch_one(conn).await
}

fn of(stored: &StoredDoc) -> Option<Scopes> {
    let doc = Doc::load(stored.addr.kind, &stored.saved).ok()?;
    Some(Scopes::of(&View::read(&doc).ok()?))
}

/// Of every scope, from the documents.
async fn digests(conn: &mut PgConnection) -> Result<(), LogError> {
    type Row = (i16, Uuid, Vec<u8>, Vec<String>);
    let rows: Vec<Row> =
        sqlx::query_as("select kind, id, heads, scopes from sync.document").fetch_all(&mut *conn).await?;
    let mut sums: BTreeMap<String, Digest> = BTreeMap::new();
    for (kind, id, heads, scopes) in rows {
        let counts = Digest::of(shape::addr(kind, id)?, &shape::heads(&heads)?);
        for scope in scopes {
            sums.entry(scope).or_default().moved(Digest::default(), counts);
        }
    }
    sqlx::query("delete from sync.digest").execute(&mut *conn).await?;
    let (scopes, sums): (Vec<String>, Vec<Vec<u8>>) =
        sums.into_iter().map(|(scope, sum)| (scope, sum.0.to_be_bytes().to_vec())).unzip();
    sqlx::query("insert into sync.digest (scope, sum) select * from unnest($1::text[], $2::bytea[])")
        .bind(scopes)
        .bind(sums)
        .execute(conn)
        .await?;
    Ok(())
}
