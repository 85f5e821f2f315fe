//! Orders and counter sales on the command line.

mod change;
mod create;
mod deliver;
mod lines;
mod list;
mod overriding;
mod resolve;
mod sell;
mod sheet;
mod show;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use waybill_shared::{command, edit::Override, id::OrderId, kind::DocAddr};

use super::{find, outcome::Failure, session::Session};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists orders, newest first.
    List(list::Args),
    /// One order with its lines and what happened to it.
    Show {
        /// Its number.
        order: String,
    },
    /// Makes an order, with lines, and places it if wanted.
    Create(Box<create::Args>),
    #[command(flatten)]
    Change(change::Command),
    #[command(flatten)]
    Lines(lines::Command),
    #[command(flatten)]
    Deliver(deliver::Command),
    /// Ends a dispute: raises the order, takes goods back, places it, or gives money back.
    Resolve(resolve::Args),
    /// Records a sale over the counter.
    Sell(sell::Args),
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(session, args),
        Command::Show { order } => show::run(session, &order),
        Command::Create(args) => create::run(session, *args),
        Command::Change(command) => change::run(session, command),
        Command::Lines(command) => lines::run(session, command),
        Command::Deliver(command) => deliver::run(session, command),
        Command::Resolve(args) => resolve::run(session, args),
        Command::Sell(args) => sell::run(session, args),
    }
}

/// Enters one command on an order and says how the order stands after it.
fn enter(
    session: &mut Session,
    id: OrderId,
    command: impl Into<command::Command>,
    overriding: Option<Override>,
) -> Result<(), Failure> {
    enter_all(session, id, vec![(id.into(), command.into())], overriding, Vec::new())
}

/// The same of several, with the files of what is attached.
fn enter_all(
    session: &mut Session,
    id: OrderId,
    commands: Vec<(DocAddr, command::Command)>,
    overriding: Option<Override>,
    files: Vec<PathBuf>,
) -> Result<(), Failure> {
    let entered = session.enter_with(commands, overriding, files)?;
    let row = find::order_row(session.reader()?, id)?;
    session.tell(&entered, json!({ "order": show::row(&row) }));
    Ok(())
}
