//! `waybill-server numbers`: those that the server gives, and an admin's word on them after a restore.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use sqlx::PgPool;

use super::out::say;
use crate::epoch;

#[derive(Debug, Subcommand)]
pub enum NumbersCommand {
    /// Show the last number that the server gave, and whether it waits for your word
    Show,
    /// Give none until you confirm the last one, after a copy of the machine or of PostgreSQL's files was put back
    Wait,
    /// Say which number was the last one printed or told: the server goes on behind it
    Confirm {
        /// As it is printed, such as S-000120, or 120
        last: String,
    },
}

pub async fn run(command: NumbersCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    match command {
        NumbersCommand::Show => {
            let numbers = epoch::numbers(pool).await?;
            say!("The last number of the server's own series that is in the log: {}.", numbers.last());
            if numbers.wait {
                say!(
                    "It gives none now: the log was put back or lost its end, so later ones may have been printed. \
                     Look at what went out last, then say `waybill-server numbers confirm NUMBER`."
                );
            }
        }
        NumbersCommand::Wait => {
            epoch::begin(pool).await?;
            say!("The server gives no numbers until you say `waybill-server numbers confirm NUMBER`.");
        }
        NumbersCommand::Confirm { last } => {
            let digits = last.trim().trim_start_matches("S-").trim_start_matches(['P', 'C']);
            let number: u64 = digits
                .parse()
                .with_context(|| format!("{last} is no number of the server; give one as S-000120 or 120"))?;
            if number > 1_000_000_000_000 {
                bail!("{last} is higher than any number that was ever given; look again");
            }
            epoch::confirm(pool, number).await?;
            say!("The next number is the one after {last}.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
