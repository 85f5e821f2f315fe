//! `waybill-server session …`: who is signed in on which device.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use sqlx::PgPool;

use super::table::{day, moment, table};
use crate::accounts::devices::{self, SignedInOn};

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Show who is signed in on which device, since when
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
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
        SessionCommand::List { json: true } => println!("{:#}", as_json(&devices::sessions(pool).await?)),
        SessionCommand::List { json: false } => print!("{}", as_table(&devices::sessions(pool).await?)),
        SessionCommand::End { name, device, everywhere: _ } => {
            let ended = devices::end_session(pool, &name, device.as_deref()).await?;
            match device {
                Some(device) => println!("{name} is signed out on {device}."),
                None if ended == 1 => println!("{name} is signed out on 1 device."),
                None => println!("{name} is signed out on {ended} devices."),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_table(sessions: &[SignedInOn]) -> String {
    let heading = ["NAME", "SHOWN AS", "DEVICE", "DEVICE NAME", "SINCE", "LAST CONTACT", "STATE"];
    let rows = sessions.iter().map(|session| {
        [
            session.person.clone(),
            session.display_name.clone(),
            session.device.clone(),
            session.device_name.clone(),
            day(session.since),
            moment(session.last_contact),
            state(session).to_string(),
        ]
    });
    table(heading, rows)
}

fn state(session: &SignedInOn) -> &'static str {
    match (session.person_revoked, session.device_revoked) {
        (false, false) => "active",
        (true, _) => "person withdrawn",
        (false, true) => "device withdrawn",
    }
}

fn as_json(sessions: &[SignedInOn]) -> serde_json::Value {
    let sessions = sessions.iter().map(|session| {
        json!({
            "name": session.person,
            "display_name": session.display_name,
            "device": session.device,
            "device_name": session.device_name,
            "since": session.since.to_rfc3339(),
            "last_contact": session.last_contact.map(|at| at.to_rfc3339()),
            "state": state(session),
        })
    });
    sessions.collect()
}
