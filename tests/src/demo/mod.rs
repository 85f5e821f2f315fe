//! One binary that is all of Waybill: it starts itself again as server and as client.

mod company;
mod launcher;
mod processes;
mod report;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Parser;

pub use processes::{Serving, myself};

/// A private PostgreSQL, the server and 90 days of a demo company, with the window on them. `demo server …` and
/// `demo client …` are the programs themselves.
#[derive(Debug, Parser)]
#[command(name = "demo")]
pub struct Args {
    /// No window: tell where it listens, the accounts and a first report, and keep running until Ctrl-C
    #[arg(long)]
    headless: bool,
    /// Where everything is kept; what is there from the last time is used again
    #[arg(long, value_name = "DIR", default_value_os_t = usual_place())]
    data_dir: PathBuf,
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7420")]
    listen: SocketAddr,
    /// Another seed makes another company
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Which program a command line of the demo is for, and its words for that program's parser.
pub fn parser(words: &[String]) -> (clap::Command, Vec<String>) {
    use clap::CommandFactory;
    let (command, own) = match words.first().map(String::as_str) {
        Some("server") => (waybill_server::cli::command(), 1),
        Some("client") => (waybill_client::cli::command(), 1),
        _ => (Args::command(), 0),
    };
    let name = command.get_name().to_owned();
    (command, std::iter::once(name).chain(words.iter().skip(own).cloned()).collect())
}

pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let as_program = |name: &str| {
        let own = [OsString::from(name)];
        own.into_iter().chain(args.iter().skip(2).cloned())
    };
    match args.get(1).and_then(|first| first.to_str()) {
        Some("server") => waybill_server::cli::run(as_program("waybill-server")),
        Some("client") => waybill_client::cli::run(as_program("waybill")),
        _ => match launcher::run(&Args::parse_from(args)) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("demo: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

fn usual_place() -> PathBuf {
    let mut name = "waybill-demo".to_owned();
    if let Some(user) = std::env::var_os("USER") {
        name.push('-');
        name.push_str(&user.to_string_lossy());
    }
    std::env::temp_dir().join(name)
}
