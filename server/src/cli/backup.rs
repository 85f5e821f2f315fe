//! `waybill-server backup` and `waybill-server restore`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use sqlx::PgPool;

use super::failure::Begun;
use super::out::say;
use super::progress::during;
use crate::{backup, erase::list, settings::DatabasePlace};

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
    /// The list of customers whose personal data was erased since; without this it is `erasures` beside the private
    /// database
    #[arg(long, value_name = "FILE")]
    erasures: Option<PathBuf>,
}

pub async fn take(args: &BackupArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let taken = during("Copying", backup::take(pool, &args.to)).await?;
    say!("{}: {taken}.", args.to.display());
    say!("It holds customers and the hashes of passwords: keep it where only those read it who may.");
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(args: &RestoreArgs, place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let usual = || list::usual(place).filter(|usual| usual.exists());
    let from = backup::Source { file: args.from.clone(), erasures: args.erasures.clone().or_else(usual) };
    let restored = match during("Putting back", backup::restore(pool, &from)).await {
        Err(begun @ backup::RestoreError::Begun(_)) => return Err(Begun(begun.into()).into()),
        restored => restored?,
    };
    let backup::Restored { taken, program, pos, rows, erased, left, checked } = restored;
    say!("Put back: {rows} rows up to log position {pos}, as they were at {taken} (Waybill {program}).");
    match erased {
        None => say!(
            "No list of erasures was found: if a customer's personal data was erased since, erase it again \
             (`waybill-server erase`)."
        ),
        Some(0) => {}
        Some(erased) => say!("Erased again: the personal data of {erased} customers."),
    }
    for left in left {
        say!("Something may still be in {left}: ask whoever runs PostgreSQL to clear it.");
    }
    say!("{checked}");
    if !checked.wrong.is_empty() {
        say!("It was put back as it is in the backup, and that does not agree with itself.");
        return Ok(ExitCode::FAILURE);
    }
    say!(
        "Devices that know more send it again when they connect. The server gives no numbers of its own until \
         `waybill-server numbers confirm`; `numbers show` says more."
    );
    say!(
        "People, roles and devices are as they were then: revoke again whom you have revoked since, and add again \
         whom you have added."
    );
    Ok(ExitCode::SUCCESS)
}
