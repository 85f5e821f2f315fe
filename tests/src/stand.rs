//! Where a device says that it stands in the log, and what the server says to that.

use anyhow::{Context, bail};
use waybill_shared::{
    chain::Cursor,
    protocol::{
        ClientFrame, ServerFrame,
        frame::{Hello, Welcome},
    },
    scope::{Scope, Scopes},
};

use crate::{peer::hello, serving::Serving, wire::Wire};

/// A greeting of a device that stands here, with this word of the server's for it.
pub fn says(token: &[u8], cursor: Option<Cursor>, proof: Option<Vec<u8>>) -> Hello {
    let ClientFrame::Hello(hello) = hello(token.to_vec()) else { unreachable!("a hello is one") };
    let scopes = if cursor.is_some() {
        Scopes::from(vec![Scope::Everyone, Scope::Office, Scope::Shops])
    } else {
        Scopes::NONE
    };
    Hello { cursor, proof, scopes, ..hello }
}

pub async fn greets(serving: &Serving, hello: Hello) -> anyhow::Result<(Wire, Welcome)> {
    let mut wire = Wire::open(&serving.socket()).await?;
    wire.send(&ClientFrame::Hello(hello)).await?;
    match wire.next().await {
        Some(ServerFrame::Welcome(welcome)) => Ok((wire, welcome)),
        other => bail!("no welcome, but {other:?}"),
    }
}

/// Loads everything; where that leaves the device, with the server's word for it.
pub async fn stands(serving: &Serving, token: &[u8]) -> anyhow::Result<(Cursor, Vec<u8>)> {
    let (mut wire, _) = greets(serving, says(token, None, None)).await?;
    loop {
        match wire.next().await {
            Some(ServerFrame::Entries { upto, proof, digests: Some(_), .. }) => {
                return Ok((upto, proof.context("the server's word for it")?));
            }
            Some(_) => {}
            None => bail!("closed before the end"),
        }
    }
}

/// The number of the epoch, and whether the server gives no numbers.
pub async fn epoch(serving: &Serving) -> anyhow::Result<(i64, bool)> {
    let sql = "select number, numbers_wait from sync.epoch";
    Ok(sqlx::query_as(sql).fetch_one(&serving.server.app().pool).await?)
}
