//! `waybill-server demo-data`.

use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::PgPool;
use waybill_shared::time::Timestamp;

use super::failure::Begun;
use super::out::say;
use super::progress::during;
use crate::demo;

#[derive(Debug, Args)]
pub struct DemoDataArgs {
    /// The same seed and moment make the same data
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// When the 90 days end, as 2026-11-20T12:00:00Z; now, where it is not given
    #[arg(long)]
    now: Option<DateTime<Utc>>,
}

pub async fn run(args: &DemoDataArgs, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let clock = Utc::now();
    let now = args.now.unwrap_or(clock);
    if now > clock {
        bail!("--now {now} is in the future; give a moment that has been");
    }
    let story = demo::tell(args.seed, Timestamp::from_unix_ms(now.timestamp_millis()), demo::DAYS);
    let names: Vec<_> = story.people.iter().map(|person| person.sign_in).collect();
    demo::goes_into(pool).await?;
    let loaded = during("Entering 90 days of business", demo::load(pool, story, args.seed));
    let loaded = loaded.await.map_err(Begun)?;
    say!("{loaded}");
    say!("Sign in as {} with the password {}", names.join(", "), demo::PASSWORD);
    Ok(ExitCode::SUCCESS)
}
