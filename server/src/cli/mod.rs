//! The command line `waybill-server`: one file for each command.

mod archive;
mod backup;
mod check;
mod demo_data;
mod device;
mod erase;
mod held;
mod numbers;
mod prompt;
mod serve;
mod session;
mod table;
mod trim;
pub mod user;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use sqlx::PgPool;

use waybill_shared::texts;

use crate::database::Database;
use crate::settings::{DatabasePlace, Flags, Settings};
use crate::telemetry;

#[derive(Debug, Parser)]
#[command(name = "waybill-server", version, about = "Waybill's sync server")]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve,
    #[command(flatten)]
    On(OnDatabase),
}

/// What is done on the database, also beside a running server.
#[derive(Debug, Subcommand)]
enum OnDatabase {
    /// Manage the people who may sign in
    #[command(subcommand)]
    User(user::UserCommand),
    /// Look after the devices that people use
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// See and end who is signed in where
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Decide on what is held: entries whose author had no right to them, or whose access was withdrawn
    #[command(subcommand)]
    Held(held::HeldCommand),
    /// Look whether documents, changes, log, reports and verdicts agree, also while the server runs
    Check,
    /// Write all that the database holds into one file, also while the server runs
    Backup(backup::BackupArgs),
    /// Put a backup back into an empty database; if it is cut off, do it again
    Restore(backup::RestoreArgs),
    /// Erase a customer's personal data for good, here and on every device; the books keep their amounts
    Erase(erase::EraseArgs),
    /// See the numbers that the server gives, and confirm the last one after a restore
    #[command(subcommand)]
    Numbers(numbers::NumbersCommand),
    /// Make every report row again from the stored changes
    RebuildReports,
    /// Read old notes and changes that an order, a customer or a product grew out of
    Archive(archive::ArchiveArgs),
    /// Give up the beginning of the log, which only devices that were away for long still read
    Trim(trim::TrimArgs),
    /// Fill an empty database with 90 days of a demo company
    DemoData(demo_data::DemoDataArgs),
}

/// Every subcommand and flag there is.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The program: what goes wrong is said on standard error in one message.
pub fn main() -> ExitCode {
    match run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("waybill-server: {}", texts::printable(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

/// The program with these arguments, the first being its own name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            error.print().context("writing the help")?;
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    let settings = match &cli.command {
        Command::Serve => Settings::to_serve(&cli.flags)?,
        Command::On(_) => Settings::load(&cli.flags)?,
    };
    match cli.command {
        Command::Serve => telemetry::start_log(&settings),
        Command::On(_) => telemetry::start_quiet_log(&settings),
    }
    // Counting begins before anything is there to be counted.
    telemetry::figures();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting threads")?;
    runtime.block_on(async {
        let Command::On(command) = cli.command else { return serve::run(settings).await };
        let database = match command {
            OnDatabase::Restore(_) => Database::open_to_restore(&settings.database).await?,
            _ => Database::open(&settings.database).await?,
        };
        let outcome = command.run(&settings.database.place, database.pool()).await;
        database.close().await?;
        outcome
    })
}

impl OnDatabase {
    async fn run(self, place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<ExitCode> {
        match self {
            Self::User(command) => user::run(command, pool).await,
            Self::Device(command) => device::run(command, pool).await,
            Self::Session(command) => session::run(command, pool).await,
            Self::Held(command) => held::run(command, pool).await,
            Self::Check => check::check(pool).await,
            Self::Backup(args) => backup::take(&args, pool).await,
            Self::Restore(args) => backup::restore(&args, place, pool).await,
            Self::Erase(args) => erase::run(&args, place, pool).await,
            Self::Numbers(command) => numbers::run(command, pool).await,
            Self::RebuildReports => check::rebuild_reports(pool).await,
            Self::Archive(args) => archive::run(&args, pool).await,
            Self::Trim(args) => trim::run(&args, pool).await,
            Self::DemoData(args) => demo_data::run(&args, pool).await,
        }
    }
}
