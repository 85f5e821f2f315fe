//! `waybill-server backup` and `waybill-server restore`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use sqlx::PgPool;

use crate::backup;

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; there must be none of this name
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A file that `backup` wrote
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

pub async fn take(args: &BackupArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let taken = backup::take(pool, &args.to).await?;
    println!("{}: {taken}.", args.to.display());
    println!("It holds customers and the hashes of passwords: keep it where only those read it who may.");
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(args: &RestoreArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let restored = backup::restore(pool, &args.from).await?;
    let backup::Restored { taken, program, pos, rows, checked } = restored;
    println!("Put back: {rows} rows up to log position {pos}, as they were at {taken} (Waybill {program}).");
    println!("{checked}");
    if !checked.wrong.is_empty() {
        println!("It was put back as it is in the backup, and that does not agree with itself.");
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "Devices that know more send it again when they connect. The server gives no numbers of its own until \
         `waybill-server numbers confirm`; `numbers show` says more."
    );
    println!(
        "People, roles and devices are as they were then: revoke again whom you have revoked since, and add again \
         whom you have added."
    );
    Ok(ExitCode::SUCCESS)
}
