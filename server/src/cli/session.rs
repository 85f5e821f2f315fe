//! `waybill-server session …`: who is signed in on which device.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use sqlx::PgPool;
use waybill_shared::{protocol::question::SessionRow, texts};

use super::out::{self, say};
use super::table::{Whole, at, day, moment, table};
use crate::accounts::devices;

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Show who is signed in on which device, since when
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        whole: Whole,
    },
    /// End somebody's sign-in on a device; they may sign in again
    End {
        /// The name that the person signs in with
        name: String,
        /// The device's code, such as T1, or its id
        #[arg(required_unless_present = "everywhere")]
        device: Option<String>,
        /// On all devices
        #[arg(long, conflicts_with = "device")]
        everywhere: bool,
    },
}

pub async fn run(command: SessionCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    match command {
        SessionCommand::List { json, whole: _ } => {
            let sessions = devices::sessions(pool, 0, usize::MAX).await?.sessions;
            if json {
                say!("{}", texts::printable_json(&format!("{:#}", as_json(&sessions))))
            } else {
                out::print(as_table(&sessions))
            }
        }
        SessionCommand::End { name, device, everywhere: _ } => {
            let ended = devices::end_session(pool, &name, device.as_deref()).await?;
            match device {
                Some(device) => say!("{name} is signed out on {device}."),
                None if ended == 1 => say!("{name} is signed out on 1 device."),
                None => say!("{name} is signed out on {ended} devices."),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_table(sessions: &[SessionRow]) -> String {
    let heading = ["NAME", "SHOWN AS", "DEVICE", "DEVICE NAME", "SINCE", "LAST CONTACT", "STATE"];
    let rows = sessions.iter().map(|session| {
        [
            session.who.name.clone(),
            session.who.display.clone(),
            session.code.clone(),
            session.device_name.clone(),
            at(session.since).map(day).unwrap_or_default(),
            moment(session.last_contact.and_then(at)),
            session.state().to_string(),
        ]
    });
    table(heading, rows)
}

fn as_json(sessions: &[SessionRow]) -> serde_json::Value {
    let sessions = sessions.iter().map(|session| {
        json!({
            "name": session.who.name,
            "display_name": session.who.display,
            "device": session.code,
            "device_name": session.device_name,
            "since": at(session.since).map(|at| at.to_rfc3339()),
            "last_contact": session.last_contact.and_then(at).map(|at| at.to_rfc3339()),
            "state": session.state(),
        })
    });
    sessions.collect()
}
