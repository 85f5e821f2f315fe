//! `waybill-server device …`: the devices that people have signed in on.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use sqlx::PgPool;
use waybill_shared::{id::DeviceId, protocol::question::DeviceRow, texts, time::off_words};

use super::out::{self, say};
use super::table::{Whole, at, day, moment, table};
use crate::accounts::devices;

#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Show every device: its people, version, last contact, and the entries that waited on it then
    ///
    /// Long codes, as T481737, go on by the clock: they were given after the database was put back or lost its end, so
    /// that no device that is forgotten there had the same.
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        whole: Whole,
    },
    /// Give a device another name
    Rename {
        /// Its code, such as T1, or its id
        device: String,
        /// What people call it from now on
        name: String,
    },
    /// Shut a device out with everybody on it: it hands over what waits there, which is held, and is wiped
    Revoke {
        /// Its code, such as T1, or its id
        device: String,
    },
    /// Let somebody try the PIN again who was locked out on a device, from its next contact on
    Unlock {
        /// Its code, such as T1, or its id
        device: String,
        /// The name that the person signs in with
        person: String,
    },
    /// Have all devices encrypt the file that they keep, or keep it in plain again
    Encrypt {
        /// Whether they are
        wanted: Wanted,
    },
    /// Let a device book as far back as it likes, as an import of earlier years does, or within the settings again
    History {
        /// Its code, such as T1, or its id
        device: String,
        /// Whether it may
        wanted: Wanted,
    },
    /// Let a device in again
    Restore {
        /// Its code, such as T1, or its id
        device: String,
    },
    /// Lift the pace of a device that hands in much, such as an import of your own (off), or set it again (on)
    Pace {
        /// Its code, such as T1, or its id
        device: String,
        /// Whether it is paced
        wanted: Wanted,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Wanted {
    On,
    Off,
}

impl Wanted {
    fn words(self) -> &'static str {
        match self {
            Self::On => {
                "Devices encrypt their file: each at its next start after it heard of this, by PINs of at least 8 \
                 characters. What was not sent from a device all of whose PINs are forgotten is lost."
            }
            Self::Off => {
                "Devices keep their file in plain again, each from its next start after it heard of this."
            }
        }
    }
}

pub async fn run(command: DeviceCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    match command {
        DeviceCommand::List { json, whole: _ } => {
            let devices = devices::list(pool, 0, usize::MAX).await?.devices;
            let history = devices::that_book_history(pool).await?;
            if json {
                say!("{}", texts::printable_json(&format!("{:#}", as_json(&devices, &history))));
            } else {
                out::print(as_table(&devices, &history));
                if let Some(words) = DeviceRow::code_words(&devices) {
                    say!("{words}");
                }
            }
        }
        DeviceCommand::Rename { device, name } => {
            devices::rename(pool, &device, &name).await?;
            say!("{device} is called {} now.", name.trim());
        }
        DeviceCommand::Revoke { device } => {
            devices::revoke(pool, &device).await?;
            say!(
                "{device} may not be used any more: at its next contact it hands over what waits there, and is wiped."
            );
        }
        DeviceCommand::Unlock { device, person } => {
            devices::unlock(pool, &device, &person).await?;
            say!("{person} may try the PIN on {device} again, from its next contact on.");
        }
        DeviceCommand::Encrypt { wanted } => {
            devices::encrypt(pool, wanted == Wanted::On).await?;
            say!("{}", wanted.words());
        }
        DeviceCommand::History { device, wanted } => {
            let may = wanted == Wanted::On;
            devices::book_history(pool, &device, may).await?;
            if may {
                say!("{device} may book as far back as it likes. Take that back once the import is done.");
            } else {
                say!("{device} books within the limits in the settings again.");
            }
        }
        DeviceCommand::Restore { device } => {
            devices::restore(pool, &device).await?;
            say!("{device} may be used again.");
        }
        DeviceCommand::Pace { device, wanted } => {
            devices::pace(pool, &device, wanted == Wanted::On).await?;
            match wanted {
                Wanted::On => {
                    say!("{device} is slowed down again when it hands in more than others may.")
                }
                Wanted::Off => say!("{device} is not slowed down, however much it hands in."),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_table(devices: &[DeviceRow], history: &[DeviceId]) -> String {
    let heading =
        ["CODE", "NAME", "PEOPLE", "VERSION", "LAST CONTACT", "WAITING THEN", "CLOCK", "PACE", "STATE"];
    let rows = devices.iter().map(|device| {
        [
            device.code.clone(),
            device.name.clone(),
            names(device).join(","),
            device.version.clone().unwrap_or_default(),
            moment(device.last_contact.and_then(at)),
            device.waiting.to_string(),
            clock(device),
            (if device.unpaced { "off" } else { "on" }).to_owned(),
            match device.revoked_at.and_then(at) {
                Some(at) => format!("withdrawn {}", day(at)),
                None if history.contains(&device.id) => "in use, books history".to_string(),
                None => "in use".to_string(),
            },
        ]
    });
    table(heading, rows)
}

fn as_json(devices: &[DeviceRow], history: &[DeviceId]) -> serde_json::Value {
    let devices = devices.iter().map(|device| {
        json!({
            "id": device.id.to_string(),
            "code": device.code,
            "name": device.name,
            "people": names(device),
            "version": device.version,
            "last_contact": device.last_contact.and_then(at).map(|at| at.to_rfc3339()),
            "waiting": device.waiting,
            "clock_off": device.clock_off,
            "created_at": Some(device.since).and_then(at).map(|at| at.to_rfc3339()),
            "books_history": history.contains(&device.id),
            "revoked_at": device.revoked_at.and_then(at).map(|at| at.to_rfc3339()),
            "paced": !device.unpaced,
        })
    });
    devices.collect()
}

/// What it showed at the last contact, against the server's.
fn clock(device: &DeviceRow) -> String {
    match device.clock_off {
        None => "unknown".to_owned(),
        Some(off) => off_words(off).unwrap_or_else(|| "right".to_owned()),
    }
}

fn names(device: &DeviceRow) -> Vec<&str> {
    device.people.iter().map(|who| who.name.as_str()).collect()
}
