//! Devices as an admin looks after them: the server keeps the list.

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::protocol::question::{Answer, DeviceQuestion, DeviceRow, Question};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
    values::moment,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Every device: its people, version, last contact, and the entries that waited on it then.
    ///
    /// Long codes, as T481737, go on by the clock: they were given after the server's database was put back or lost its
    /// end, so that no device that is forgotten there had the same.
    List(Whole),
    /// Gives a device another name.
    Rename {
        /// Its code, such as T1, its name or its id.
        device: String,
        /// What people call it from now on.
        name: String,
    },
    /// Shuts a device out with everybody on it: what waits there is held for review, then the device is wiped.
    Revoke {
        /// Its code, name or id.
        device: String,
    },
    /// Lets a device in again.
    Restore {
        /// Its code, name or id.
        device: String,
    },
    /// Lifts the pace of a device that hands in much, such as an import of your own (off), or sets it again (on).
    Pace {
        /// Its code, such as T1, its name or its id.
        device: String,
        /// Whether it is paced.
        wanted: Wanted,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Wanted {
    On,
    Off,
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    let all = list(session)?;
    let zone = session.settings()?.fields.zone;
    let (named, question): (_, fn(&DeviceRow) -> DeviceQuestion) = match &command {
        Command::List(_) => {
            session.out.say(
                || json!({ "devices": all.iter().map(told).collect::<Vec<_>>(), "count": all.len() }),
                || {
                    let cells: Vec<Vec<String>> = all.iter().map(|device| row(device, zone)).collect();
                    let head = [
                        "code",
                        "name",
                        "people",
                        "version",
                        "last contact",
                        "waiting then",
                        "pace",
                        "state",
                    ];
                    let foot = DeviceRow::code_words(&all).map(|words| format!("{words}\n"));
                    format!("{}{}", table(&head, &[5], &cells), foot.unwrap_or_default())
                },
            );
            return Ok(());
        }
        Command::Rename { device, name } => {
            let row = one(&all, device)?;
            let question = DeviceQuestion::Rename { device: row.id, name: name.clone() };
            session.asks(Question::Device(question))?;
            let name = name.trim();
            session.out.say(
                || json!({ "device": row.code, "name": name }),
                || format!("{} is called {name} now.", row.code),
            );
            return Ok(());
        }
        Command::Pace { device, wanted } => {
            let (row, on) = (one(&all, device)?, *wanted == Wanted::On);
            session.asks(Question::Device(DeviceQuestion::Pace { device: row.id, on }))?;
            session.out.say(
                || json!({ "device": row.code, "paced": on }),
                || match on {
                    true => {
                        format!("{} is slowed down again when it hands in more than others may.", row.code)
                    }
                    false => format!("{} is not slowed down, however much it hands in.", row.code),
                },
            );
            return Ok(());
        }
        Command::Revoke { device } => (device, |row| DeviceQuestion::Revoke { device: row.id }),
        Command::Restore { device } => (device, |row| DeviceQuestion::Restore { device: row.id }),
    };
    let row = one(&all, named)?;
    session.asks(Question::Device(question(row)))?;
    let revoked = matches!(command, Command::Revoke { .. });
    session.out.say(
        || json!({ "device": row.code, "revoked": revoked }),
        || match revoked {
            true => format!(
                "{} may not be used any more: at its next contact it hands over what waits there, and is wiped.",
                row.code
            ),
            false => format!("{} may be used again.", row.code),
        },
    );
    Ok(())
}

/// All of them, page after page.
pub fn list(session: &mut Session) -> Result<Vec<DeviceRow>, Failure> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let Answer::Devices(page) = session.asks(Question::Device(DeviceQuestion::List { from }))? else {
            return Err(Session::unfitting());
        };
        all.extend(page.devices);
        match page.next {
            Some(next) => from = next,
            None => return Ok(all),
        }
    }
}

/// By code, name or id.
pub fn one<'a>(all: &'a [DeviceRow], named: &str) -> Result<&'a DeviceRow, Failure> {
    let (wanted, id) = (named.trim().to_lowercase(), find::id_of(named));
    let found = |row: &&DeviceRow| {
        id.is_some_and(|id| row.id == id.into())
            || row.code.to_lowercase() == wanted
            || row.name.to_lowercase() == wanted
    };
    find::one("device", named, all.iter().filter(found).collect(), |row| format!("{} {}", row.code, row.name))
}

fn row(device: &DeviceRow, zone: chrono_tz::Tz) -> Vec<String> {
    vec![
        device.code.clone(),
        device.name.clone(),
        device.people.iter().map(|who| who.display.as_str()).collect::<Vec<_>>().join(", "),
        device.version.clone().unwrap_or_default(),
        device.last_contact.map_or_else(|| "never".to_owned(), |at| moment(at, zone)),
        device.waiting.to_string(),
        (if device.unpaced { "off" } else { "on" }).to_owned(),
        match (device.revoked_at, device.clock_words()) {
            (Some(_), _) => "shut out".to_owned(),
            (None, Some(off)) => format!("in use, {off}"),
            (None, None) => "in use".to_owned(),
        },
    ]
}

fn told(device: &DeviceRow) -> Value {
    json!({
        "id": device.id,
        "code": device.code,
        "name": device.name,
        "people": device.people.iter().map(|who| who.name.as_str()).collect::<Vec<_>>(),
        "version": device.version,
        "last_contact": device.last_contact,
        "waiting": device.waiting,
        "clock_off": device.clock_off,
        "since": device.since,
        "revoked_at": device.revoked_at,
        "paced": !device.unpaced,
    })
}
