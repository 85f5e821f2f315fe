//! The command line `waybill-server`: one file for each command.

mod archive;
mod backup;
mod check;
mod demo_data;
mod device;
mod erase;
mod failure;
mod held;
mod numbers;
mod out;
mod pages;
mod progress;
mod prompt;
mod report_access;
mod serve;
mod session;
mod table;
mod trim;
pub mod user;

use std::ffi::OsString;
use std::process::ExitCode;

use std::io::{IsTerminal, stderr, stdout};

use anyhow::Context;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use sqlx::PgPool;
use waybill_shared::exit::{self, Exit};

use waybill_shared::texts;

use crate::database::Database;
use crate::postgres;
use crate::settings::{DatabasePlace, Flags, SETTINGS, Settings};
use crate::telemetry;

#[derive(Debug, Parser)]
#[command(
    name = "waybill-server",
    version,
    about = "Waybill's sync server",
    after_help = "`waybill-server help COMMAND` says more of each, and `help serve` names the settings.",
    after_long_help = exit::table()
)]
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
    #[command(flatten)]
    Pages(pages::PagesCommand),
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
    /// Say how a tool for reports reads them, and make the login for it
    ReportAccess(report_access::ReportAccessArgs),
    /// Read old notes and changes that an order, a customer or a product grew out of
    Archive(archive::ArchiveArgs),
    /// Give up the beginning of the log, which only devices that were away for long still read
    Trim(trim::TrimArgs),
    /// Fill an empty database with 90 days of a demo company
    DemoData(demo_data::DemoDataArgs),
}

/// Every subcommand and flag there is.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    // The settings go with every command, and would drown its own options: help names them where they are chosen.
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "serve") {
        hide_settings(sub);
    }
    command
}

fn hide_settings(command: &mut clap::Command) {
    let is_setting = |arg: &clap::Arg| arg.get_help_heading() == Some(SETTINGS);
    *command = std::mem::take(command).mut_args(|arg| {
        let always = ["data_dir", "database_url"].contains(&arg.get_id().as_str());
        let hidden = is_setting(&arg) && !always;
        arg.hide(hidden)
    });
    command.get_subcommands_mut().for_each(hide_settings);
}

/// The program with these arguments, the first being its own name: what goes wrong is said on standard error in one
/// message.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match carry_out(args) {
        Ok(code) if code == ExitCode::SUCCESS => out::code(Exit::Done),
        Ok(_) => out::code(Exit::Failed),
        Err(error) => {
            out::complain(&format!("waybill-server: {}", texts::printable(&failure::words(&error))));
            out::code(failure::exit(&error))
        }
    }
}

fn carry_out(args: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    let parsed = command().try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                out::complain(out::shown(&error, stderr().is_terminal()).trim_end());
                return Err(failure::Usage.into());
            }
            out::print(out::shown(&error, stdout().is_terminal()));
            return Ok(ExitCode::SUCCESS);
        }
    };
    let settings = match &cli.command {
        Command::Serve => Settings::to_serve(&cli.flags)?,
        Command::On(_) => Settings::load(&cli.flags)?,
        Command::Pages(pages) => return pages.run(),
    };
    match cli.command {
        Command::Serve => telemetry::start_log(&settings),
        _ => telemetry::start_quiet_log(&settings),
    }
    // Counting begins before anything is there to be counted.
    telemetry::figures();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting threads")?;
    runtime.block_on(async {
        let Command::On(command) = cli.command else { return serve::run(settings).await };
        command.is_there(&settings.database.place)?;
        let opened = match command {
            OnDatabase::Restore(_) => Database::open_to_restore(&settings.database).await,
            _ => Database::open(&settings.database).await,
        };
        let database = opened.map_err(failure::NotOpened)?;
        table::read_zone(database.pool()).await;
        let outcome = command.run(&settings.database.place, database.pool()).await;
        let closed = database.close().await;
        let code = outcome?;
        // What was done stands.
        closed.map_err(failure::Begun)?;
        Ok(code)
    })
}

impl OnDatabase {
    /// A mistyped directory must not become a new, empty company.
    fn is_there(&self, place: &DatabasePlace) -> anyhow::Result<()> {
        let begins = match self {
            Self::User(command) => matches!(command, user::UserCommand::Add(_)),
            Self::Restore(_) | Self::DemoData(_) => true,
            _ => false,
        };
        match place {
            DatabasePlace::Private { data_dir, .. } if !begins && !postgres::is_there(data_dir) => {
                Err(failure::NothingThere(data_dir.clone()).into())
            }
            _ => Ok(()),
        }
    }

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
            Self::ReportAccess(args) => report_access::run(&args, place, pool).await,
            Self::Archive(args) => archive::run(&args, pool).await,
            Self::Trim(args) => trim::run(&args, pool).await,
            Self::DemoData(args) => demo_data::run(&args, pool).await,
        }
    }
}
