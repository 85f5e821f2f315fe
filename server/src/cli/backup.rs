//! `waybill-server backup` and `waybill-server restore`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;
use sqlx::PgPool;

use crate::{
    backup,
    erase::{
        self, bytes,
        list::{self, Listed},
    },
    settings::DatabasePlace,
};

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
    let taken = backup::take(pool, &args.to).await?;
    println!("{}: {taken}.", args.to.display());
    println!("It holds customers and the hashes of passwords: keep it where only those read it who may.");
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(args: &RestoreArgs, place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let erasures = erasures(args, place)?;
    let restored = backup::restore(pool, &args.from).await?;
    let backup::Restored { taken, program, pos, rows, checked } = restored;
    println!("Put back: {rows} rows up to log position {pos}, as they were at {taken} (Waybill {program}).");
    println!("{checked}");
    if !checked.wrong.is_empty() {
        println!("It was put back as it is in the backup, and that does not agree with itself.");
        return Ok(ExitCode::FAILURE);
    }
    erase_again(erasures.as_deref(), pool).await?;
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

/// Read before anything is put back, so that a list that cannot be read is heard of while nothing has happened.
fn erasures(args: &RestoreArgs, place: &DatabasePlace) -> anyhow::Result<Option<Vec<Listed>>> {
    let list = match (&args.erasures, list::usual(place)) {
        (Some(given), _) => given.clone(),
        (None, Some(usual)) if usual.exists() => usual,
        (None, _) => return Ok(None),
    };
    let listed = list::read(&list).with_context(|| format!("the list of erasures, {}", list.display()))?;
    Ok(Some(listed))
}

/// The backup may hold what was erased since.
async fn erase_again(erasures: Option<&[Listed]>, pool: &PgPool) -> anyhow::Result<()> {
    let Some(erasures) = erasures else {
        println!(
            "No list of erasures was found: if a customer's personal data was erased since, erase it again \
             (`waybill-server erase`)."
        );
        return Ok(());
    };
    for Listed { customer, at } in erasures {
        erase::carry_out(pool, *customer, *at).await?;
        erase::is_done(pool, *customer).await?;
    }
    if !erasures.is_empty() {
        println!("Erased again: the personal data of {} customers.", erasures.len());
        for left in bytes::leave_nothing(pool).await? {
            println!("Something may still be in {left}: ask whoever runs PostgreSQL to clear it.");
        }
    }
    Ok(())
}
