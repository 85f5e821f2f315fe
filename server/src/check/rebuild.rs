//! Every report row again, from the stored changes.

use std::fmt;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use waybill_shared::{
    kind::{DocAddr, DocKind},
    view::View,
};

use super::{CheckError, held, stored};
use crate::{
    joint::Joint,
    log::{LogError, postgres::LOCK},
    progress,
    reports::{self, Difference, HeldRows, Rows, RowsChange},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub documents: u64,
    pub rows: u64,
    /// What was not as it should be, and is now.
    pub mended: Vec<Difference>,
}

/// In one transaction; whoever writes to the log waits for it, readers do not.
pub async fn rebuild_reports(pool: &PgPool) -> Result<Rebuilt, CheckError> {
    let mut tx = pool.begin().await?;
    let rebuilt = rebuild(&mut tx).await?;
    tx.commit().await?;
    Ok(rebuilt)
}

/// In the transaction of this connection.
pub async fn rebuild(conn: &mut PgConnection) -> Result<Rebuilt, CheckError> {
    // In a statement of its own: what the next one sees is what the last holder left.
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *conn).await?;
    let mut rebuilt = Rebuilt::default();
    let mut with_rows = Rows::documents(conn).await?;
    for kind in DocKind::ALL {
        let mut after: Option<DocAddr> = None;
        loop {
            let page = stored::page(conn, *kind, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.addr);
            progress::step(page.len());
            let ids: Vec<Uuid> = page.iter().map(|stored| stored.addr.id).collect();
            let mut right = Rows::default();
            for stored in &page {
                let view = stored.replayed().and_then(|doc| View::read(&doc)).map_err(|error| {
                    LogError::Unreadable(format!("{}: {error}; `check` says more", stored.addr))
                })?;
                right.extend(reports::rows(stored.addr, &view));
                with_rows.remove(&(*kind, stored.addr.id));
            }
            rebuilt.documents += page.len() as u64;
            rebuilt.rows += right.len() as u64;
            let there = Rows::read(conn, *kind, &ids).await?;
            mend(conn, DocAddr::new(*kind, Uuid::nil()), there, right, &mut rebuilt).await?;
        }
    }
    for (kind, id) in with_rows {
        let there = Rows::read(conn, kind, &[id]).await?;
        mend(conn, DocAddr::new(kind, id), there, Rows::default(), &mut rebuilt).await?;
    }
    let held = held::fresh(conn).await?;
    rebuilt.rows += held.len() as u64;
    rebuilt.mended.extend(held.differences(&HeldRows::read(conn).await?));
    held.replace(conn).await?;
    Ok(rebuilt)
}

async fn mend(
    conn: &mut PgConnection,
    addr: DocAddr,
    before: Rows,
    after: Rows,
    rebuilt: &mut Rebuilt,
) -> Result<(), sqlx::Error> {
    rebuilt.mended.extend(after.differences(&before));
    if before == after {
        return Ok(());
    }
    let change = RowsChange { addr, before: before.into(), after: after.into() };
    reports::write(conn, &[change], Joint::default()).await
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.mended {
            writeln!(f, "{difference}")?;
        }
        let Self { documents, rows, mended } = self;
        write!(f, "{rows} report rows of {documents} documents: ")?;
        match mended.len() {
            0 => write!(f, "all were right"),
            1 => write!(f, "1 was not, and is now"),
            many => write!(f, "{many} were not, and are now"),
        }
    }
}
