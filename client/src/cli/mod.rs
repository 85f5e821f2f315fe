//! The command line: everything that Waybill does, without a window, for people and for scripts.

mod attachment;
mod attention;
mod customer;
mod device;
mod find;
mod held;
mod location;
mod note;
mod order;
mod outcome;
mod pages;
mod people;
mod product;
mod report;
mod secret;
mod session;
mod settings;
mod sign_ins;
mod sync;
mod table;
mod values;

use std::{
    ffi::OsString,
    io::{IsTerminal, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand};

use outcome::{Failure, Out};
use session::Session;
use waybill_shared::{
    exit::{self, Exit},
    texts::SpelledOut,
};

/// Orders, stock and deliveries, with or without a signal. Without a subcommand it opens the window.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, propagate_version = true, after_long_help = exit::table(),
    after_help = "`waybill help COMMAND` says more of each, with the options that all of them take.")]
struct Cli {
    /// The data directory of this device.
    #[arg(long, global = true, env = "WAYBILL_DATA", value_name = "DIR", help_heading = ALWAYS)]
    data: Option<PathBuf>,
    /// Print JSON, in the same form in every version.
    #[arg(long, global = true, help_heading = ALWAYS)]
    json: bool,
    /// Who does it: the name of a person signed in on this device; asks for the PIN of who does not work here now.
    #[arg(long = "as", global = true, value_name = "PERSON", help_heading = ALWAYS, hide_short_help = true)]
    person: Option<String>,
    /// A file whose first line is the PIN that is asked for; else it is typed, or a line of standard input.
    #[arg(long, global = true, value_name = "FILE", help_heading = ALWAYS, hide_short_help = true)]
    pin_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Above the options that every command takes.
const ALWAYS: &str = "Options of every command";

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    People(people::Command),
    #[command(flatten)]
    Sync(sync::Command),
    /// Orders and counter sales.
    #[command(subcommand)]
    Order(order::Command),
    /// Customers and their credit.
    #[command(subcommand)]
    Customer(customer::Command),
    /// Products, prices and cost.
    #[command(subcommand)]
    Product(product::Command),
    /// Shops, warehouses and vans.
    #[command(subcommand)]
    Location(location::Command),
    /// The settings of the business.
    #[command(subcommand)]
    Settings(settings::Command),
    /// Entries that need their user: refused, or changed meanwhile.
    #[command(subcommand)]
    Attention(attention::Command),
    /// Internal notes about orders and customers.
    #[command(subcommand)]
    Note(note::Command),
    /// Photos and papers of orders.
    #[command(subcommand)]
    Attachment(attachment::Command),
    /// What is held for review; only managers, and only online.
    #[command(subcommand)]
    Held(held::Command),
    /// The devices of the company; only admins, and only online.
    #[command(subcommand)]
    Device(device::Command),
    /// Who is signed in where; only admins, and only online.
    #[command(subcommand)]
    Session(sign_ins::Command),
    /// Figures.
    #[command(subcommand)]
    Report(report::Command),
    #[command(flatten)]
    Pages(pages::Command),
}

/// Every subcommand and flag there is.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs one command line, the program's name first.
pub fn run<I, T>(args: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                outcome::say_raw(outcome::shown(&error, stderr().is_terminal()).trim_end());
                return outcome::code(Exit::Usage);
            }
            outcome::print(outcome::shown(&error, stdout().is_terminal()));
            return outcome::code(Exit::Done);
        }
    };
    log(cli.command.is_none());
    let out = Out { json: cli.json };
    match go(cli, out) {
        Ok(()) => outcome::code(Exit::Done),
        Err(failure) => failure.tell(out),
    }
}

fn go(cli: Cli, out: Out) -> Result<(), Failure> {
    let dir = match cli.data {
        Some(dir) => dir,
        None => session::own_dir()?,
    };
    if let Some(Command::Pages(of)) = &cli.command {
        return pages::run(of);
    }
    let Some(command) = cli.command else { return crate::desktop::run(&dir).map_err(Failure::Declined) };
    let mut session = Session::new(dir, out, cli.person, cli.pin_file);
    let done = match command {
        Command::People(command) => people::run(&mut session, command),
        Command::Sync(command) => sync::run(&mut session, command),
        Command::Order(command) => order::run(&mut session, command),
        Command::Customer(command) => customer::run(&mut session, command),
        Command::Product(command) => product::run(&mut session, command),
        Command::Location(command) => location::run(&mut session, command),
        Command::Settings(command) => settings::run(&mut session, command),
        Command::Attention(command) => attention::run(&mut session, command),
        Command::Note(command) => note::run(&mut session, command),
        Command::Attachment(command) => attachment::run(&mut session, command),
        Command::Held(command) => held::run(&mut session, command),
        Command::Device(command) => device::run(&mut session, command),
        Command::Session(command) => sign_ins::run(&mut session, command),
        Command::Report(command) => report::run(&mut session, &command),
        Command::Pages(of) => pages::run(&of),
    };
    // In order also where it failed: other programs of this device may be waiting for this one's answer.
    session.close();
    done
}

/// To standard error, if it is asked for: a command says by its answer what is wrong. The window has no other place for
/// what is a defect.
fn log(window: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WAYBILL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(if window { "error" } else { "off" }));
    let spelled_out = || SpelledOut(stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(spelled_out).with_ansi(false);
    let _ = builder.log_internal_errors(false).try_init();
}
