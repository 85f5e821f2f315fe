//! `waybill-server check` and `waybill-server rebuild-reports`.

use std::process::ExitCode;

use sqlx::PgPool;

use crate::check;

/// Fails when anything differs, so that a script notices.
pub async fn check(pool: &PgPool) -> anyhow::Result<ExitCode> {
    let checked = check::check(pool).await?;
    println!("{checked}");
    Ok(if checked.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn rebuild_reports(pool: &PgPool) -> anyhow::Result<ExitCode> {
    println!("{}", check::rebuild_reports(pool).await?);
    Ok(ExitCode::SUCCESS)
}
