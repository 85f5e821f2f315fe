//! Details and steps of an order.

use std::path::PathBuf;

use clap::Subcommand;
use waybill_shared::order::{Address, Priority, commands};

use super::{enter, enter_all, overriding::OverrideArgs};
use crate::cli::{
    attachment, find,
    outcome::Failure,
    session::Session,
    values::{self, AddressArgs, ContactArgs, choose, name},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sets who to talk to; what is not given stays, what is given empty is taken away.
    SetContact {
        /// Its number.
        order: String,
        #[command(flatten)]
        contact: ContactArgs,
    },
    /// Sets where it goes; what is not given stays, what is given empty is taken away.
    SetAddress {
        /// Its number.
        order: String,
        #[command(flatten)]
        address: AddressArgs,
        /// The address that this replaces, as JSON; what stands there now if not given.
        #[arg(long)]
        was: Option<String>,
    },
    /// Sets when it is wanted: none, tomorrow, "2026-11-21 09:00-12:00".
    SetWanted {
        /// Its number.
        order: String,
        /// A day, with or without a window.
        wanted: String,
        /// What this replaces, in the same form.
        #[arg(long)]
        was: Option<String>,
    },
    /// low, normal, high or urgent.
    SetPriority {
        /// Its number.
        order: String,
        /// low, normal, high or urgent.
        priority: String,
    },
    /// A reference by its name, as their_order; empty to take it away.
    SetReference {
        /// Its number.
        order: String,
        /// What the reference is called, as their_order.
        name: String,
        /// What it says; empty to take it away.
        value: String,
    },
    /// Puts a tag on it.
    Tag {
        /// Its number.
        order: String,
        /// A word.
        tag: String,
    },
    /// Takes a tag off.
    Untag {
        /// Its number.
        order: String,
        /// A word.
        tag: String,
    },
    /// Places the order.
    Place {
        /// Its number.
        order: String,
        #[command(flatten)]
        overriding: OverrideArgs,
    },
    /// Confirms a placed order.
    Confirm {
        /// Its number.
        order: String,
    },
    /// Cancels the order; what was delivered stays.
    Cancel {
        /// Its number.
        order: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Gives the order to a driver, or takes it off with “none”.
    AssignDriver {
        /// Its number.
        order: String,
        /// By name, or “none”.
        driver: String,
    },
    /// Writes a note.
    Note {
        /// Its number.
        order: String,
        /// What it says.
        text: String,
        /// A photo or paper to go with it; may be given several times.
        #[arg(long, value_name = "FILE")]
        attach: Vec<PathBuf>,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::SetContact { order, contact } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::SetContact { contact: contact.over(&order.contact) }, None)
        }
        Command::SetAddress { order, address, was } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let now = address.over(&order.delivery);
            let was: Address = match was {
                Some(json) => serde_json::from_str(&json)
                    .map_err(|error| Failure::Usage(format!("--was is not an address as JSON: {error}.")))?,
                None => order.delivery,
            };
            enter(session, id, commands::SetAddress { was, now }, None)
        }
        Command::SetWanted { order, wanted, was } => {
            let today = session.today()?;
            let (id, order) = find::order(session.reader()?, &order)?;
            let now = values::wanted(&wanted, today)?;
            let was = was.map(|text| values::wanted(&text, today)).transpose()?.unwrap_or(order.wanted);
            enter(session, id, commands::SetWanted { was, now }, None)
        }
        Command::SetPriority { order, priority } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            let priority = choose(&priority, "priority", &Priority::ALL, name)?;
            enter(session, id, commands::SetPriority { priority }, None)
        }
        Command::SetReference { order, name, value } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::SetReference { name, value }, None)
        }
        Command::Tag { order, tag } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::Tag { tag }, None)
        }
        Command::Untag { order, tag } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::Untag { tag }, None)
        }
        Command::Place { order, overriding } => {
            let overriding = overriding.word(session)?;
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::Place {}, overriding)
        }
        Command::Confirm { order } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::Confirm {}, None)
        }
        Command::Cancel { order, reason } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            enter(session, id, commands::Cancel { reason }, None)
        }
        Command::AssignDriver { order, driver } => {
            let reader = session.reader()?;
            let (id, _) = find::order(reader, &order)?;
            let driver = if driver == "none" { None } else { Some(find::person(&reader.names()?, &driver)?) };
            enter(session, id, commands::AssignDriver { driver, round: None }, None)
        }
        Command::Note { order, text, attach } => {
            let (id, _) = find::order(session.reader()?, &order)?;
            let mut all = vec![(id.into(), commands::Note { id: crate::engine::fresh_id(), text }.into())];
            for file in &attach {
                all.push((id.into(), attachment::attach(session, file)?.into()));
            }
            enter_all(session, id, all, None, attach)
        }
    }
}
