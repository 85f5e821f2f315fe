//! `waybill-server trim`.

use std::process::ExitCode;

use chrono::{Days, Utc};
use clap::Args;
use sqlx::PgPool;

use super::failure::Begun;
use super::out::say;
use crate::trim::{self, Keep, Plan};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("how far").required(true))]
pub struct TrimArgs {
    /// Keep what was judged in the last N days
    #[arg(long, value_name = "N", group = "how far", value_parser = clap::value_parser!(u32).range(..36_500))]
    keep_days: Option<u32>,
    /// Keep this position and what follows it
    #[arg(long, value_name = "POS", group = "how far", value_parser = clap::value_parser!(u64).range(1..))]
    before: Option<u64>,
    /// Do it; without this it is only said what would be done
    #[arg(long)]
    yes: bool,
}

pub async fn run(args: &TrimArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let since = |days: u32| Utc::now().checked_sub_days(Days::new(days.into())).unwrap_or_default();
    let keep = match args.keep_days {
        Some(days) => Keep::Since(since(days)),
        None => Keep::From(args.before.unwrap_or(1)),
    };
    let plan = trim::plan(pool, keep).await?;
    let Plan { upto, begins, head, behind, devices } = plan;
    if upto == begins {
        say!("There is nothing to trim: the log begins after position {begins} and ends at {head}.");
        // Deleting may have been cut off the last time.
        trim::carry_out(pool, &plan).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let first = begins + 1;
    say!(
        "Positions {first} to {upto} of the log, which ends at {head}, are given up. Documents, verdicts and reports stay."
    );
    say!(
        "{behind} of {devices} devices stood before that when last heard of. They load all documents anew when they \
         next connect, send what they have not sent, and lose nothing."
    );
    if !args.yes {
        say!("Nothing was done yet: say it again with --yes.");
        return Ok(ExitCode::SUCCESS);
    }
    trim::carry_out(pool, &plan).await.map_err(|error| Begun(error.into()))?;
    say!("Done: the log begins after position {upto}.");
    Ok(ExitCode::SUCCESS)
}
