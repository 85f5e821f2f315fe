//! `waybill-server archive`.

use std::process::ExitCode;

use clap::Args;
use sqlx::PgPool;
use waybill_shared::texts;

use super::out::{self, say};
use super::table::{moment, table};
use crate::archive::{self, Old};

#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// The number or id of an order, a customer or a product
    what: String,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

pub async fn run(args: &ArchiveArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let all = archive::of(pool, &args.what).await?;
    if args.json {
        say!("{}", texts::printable_json(&serde_json::to_string_pretty(&all)?));
    } else if all.is_empty() {
        say!("Nothing of {} is in the archive: all that was ever noted is in the document.", args.what);
    } else {
        out::print(table(["WHEN", "OF", "WHO", "FIELD", "WAS", "SAID"], all.into_iter().map(row)));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(old: Old) -> [String; 6] {
    let Old { at, of, person, field, was, now } = old;
    let field = field.unwrap_or_else(|| "note".to_owned());
    [moment(Some(at)), of.to_owned(), person, field, was.unwrap_or_default(), now.unwrap_or_default()]
}
