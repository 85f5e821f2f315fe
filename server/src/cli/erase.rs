//! `waybill-server erase`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::PgPool;

use waybill_shared::{id::CustomerId, texts};

use super::failure::Begun;
use super::out::say;
use super::progress::during;
use crate::{
    erase::{
        self, Erased, Plan, bytes,
        list::{self, Listed},
    },
    settings::DatabasePlace,
};

#[derive(Debug, Args)]
pub struct EraseArgs {
    /// The customer's number or id
    customer: String,
    /// The list of erasures, kept outside the database for whoever puts an older backup back; without this it is
    /// `erasures` beside the private database
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Do it; without this it is only said what would be done
    #[arg(long)]
    yes: bool,
}

pub async fn run(args: &EraseArgs, place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let Some(list) = args.list.clone().or_else(|| list::usual(place)) else {
        bail!(
            "say with --list FILE where the list of erasures is kept: an older backup does not know of them"
        );
    };
    let plan = erase::plan(pool, &args.customer).await?;
    let Plan { customer, number, name, orders } = &plan;
    let (number, name) = (texts::printable(number), texts::printable(name));
    say!("{number}, {name}: the personal data of this customer in {orders} orders and their own file.");
    if !args.yes {
        say!(
            "Names, addresses, telephone numbers, notes, references, signatures and papers go for good, from here and \
             from every device when it next connects. Amounts, goods, days and numbers stay in the books."
        );
        say!("Nothing was done yet: say it again with --yes.");
        return Ok(ExitCode::SUCCESS);
    }
    let at = Utc::now();
    list::add(&list, Listed { customer: *customer, at }).with_context(|| {
        format!("the list of erasures, {}, cannot be written; nothing was erased", list.display())
    })?;
    // The list stands: from here on it is begun.
    erase(pool, *customer, at, &list).await.map_err(Begun)?;
    Ok(ExitCode::SUCCESS)
}

async fn erase(pool: &PgPool, customer: CustomerId, at: DateTime<Utc>, list: &Path) -> anyhow::Result<()> {
    let Erased { documents, entries } = during("Erasing", erase::carry_out(pool, customer, at)).await?;
    say!("Erased from {documents} documents and {entries} entries.");
    say!("The tables are written anew now, for which the server waits.");
    let left = during("Writing the tables anew", bytes::leave_nothing(pool)).await?;
    erase::is_done(pool, customer).await?;
    for left in &left {
        say!("Something may still be in {left}: ask whoever runs PostgreSQL to clear it.");
    }
    say!(
        "Backups from before still hold it. Delete them, or keep {} with them: `restore --erasures` erases again.",
        list.display()
    );
    Ok(())
}
