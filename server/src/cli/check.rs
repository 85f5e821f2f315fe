//! `waybill-server check` and `waybill-server rebuild-reports`.

use std::process::ExitCode;

use sqlx::PgPool;

use super::out::say;
use super::progress::during;
use crate::check;

/// Fails when anything differs, so that a script notices.
pub async fn check(pool: &PgPool) -> anyhow::Result<ExitCode> {
    let checked = during("Looking at what the database holds", check::check(pool)).await?;
    say!("{checked}");
    Ok(if checked.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn rebuild_reports(pool: &PgPool) -> anyhow::Result<ExitCode> {
    say!("{}", during("Making the reports anew", check::rebuild_reports(pool)).await?);
    Ok(ExitCode::SUCCESS)
}
