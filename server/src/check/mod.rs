//! Looking whether everything that the database holds agrees with everything else, while it is in use; and
//! making the report rows again from the stored changes.

mod amounts;
mod chain;
mod documents;
mod held;
mod rebuild;
mod receipts;
mod stored;
mod verdicts;

use std::fmt;

use sqlx::{PgConnection, PgPool};
use waybill_shared::order::receipt::Receipts;

use crate::{erase, log::LogError};

pub use rebuild::{Rebuilt, rebuild, rebuild_reports};

/// What was looked at, and what was found wrong: one sentence each, without names of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub positions: u64,
    pub edits: u64,
    pub documents: u64,
    pub rows: u64,
    pub wrong: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] LogError),
}

/// All of it at one moment, without holding anybody up.
pub async fn check(pool: &PgPool) -> Result<Checked, CheckError> {
    let mut tx = pool.begin_with("begin isolation level repeatable read read only").await?;
    let checked = look(&mut tx).await?;
    tx.rollback().await?;
    Ok(checked)
}

/// As the transaction of this connection sees it.
pub async fn look(conn: &mut PgConnection) -> Result<Checked, CheckError> {
    let mut checked = Checked::default();
    chain::check(conn, &mut checked).await?;
    verdicts::check(conn, &mut checked).await?;
    let mut printed = Receipts::default();
    documents::check(conn, &mut printed, &mut checked).await?;
    receipts::check(conn, printed, &mut checked).await?;
    amounts::check(conn, &mut checked).await?;
    held::check(conn, &mut checked).await?;
    erase::cut_off(conn).await?.into_iter().for_each(|words| checked.wrong(words));
    Ok(checked)
}

impl Checked {
    fn wrong(&mut self, what: impl fmt::Display) {
        self.wrong.push(what.to_string());
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for wrong in &self.wrong {
            writeln!(f, "{wrong}")?;
        }
        let Self { positions, edits, documents, rows, .. } = self;
        write!(
            f,
            "looked at {documents} documents, {positions} log positions, {edits} edits, {rows} report rows: "
        )?;
        match self.wrong.len() {
            0 => write!(f, "all agree"),
            1 => write!(f, "1 difference"),
            many => write!(f, "{many} differences"),
        }
    }
}
