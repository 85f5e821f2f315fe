//! Who is signed in where, as an admin sees and ends it.

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::protocol::question::{
    Answer, PersonQuestion, Question, SessionPage, SessionQuestion, SessionRow,
};

use super::{
    device, find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
    values::moment,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who is signed in on which device.
    List(Whole),
    /// Ends somebody's sign-in on a device; they may sign in again, and nothing on it is lost.
    End {
        /// The name that the person signs in with, or is shown as.
        name: String,
        /// The device's code, name or id.
        #[arg(required_unless_present = "everywhere")]
        device: Option<String>,
        /// On all devices.
        #[arg(long, conflicts_with = "device")]
        everywhere: bool,
    },
    /// Prints a one-time code, good for 24 hours, with which a colleague chooses a new password.
    ResetCode {
        /// As the person is shown.
        name: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(_) => {
            let all = list(session)?;
            let zone = session.settings()?.fields.zone;
            session.out.say(
                || json!({ "sessions": all.iter().map(told).collect::<Vec<_>>(), "count": all.len() }),
                || {
                    let cells: Vec<Vec<String>> = all.iter().map(|session| row(session, zone)).collect();
                    table(&["name", "shown as", "device", "device name", "since", "state"], &[], &cells)
                },
            );
            Ok(())
        }
        Command::End { name, device, everywhere: _ } => {
            let all = list(session)?;
            let wanted = name.trim().to_lowercase();
            let is_it = |row: &&SessionRow| {
                row.who.name.to_lowercase() == wanted || row.who.display.to_lowercase() == wanted
            };
            let mut found: Vec<_> = all.iter().filter(is_it).map(|row| &row.who).collect();
            found.dedup();
            let who = find::one("sign-in of", &name, found, |who| who.name.clone())?;
            let device = match device {
                Some(named) => Some(device::one(&device::list(session)?, &named)?.id),
                None => None,
            };
            let question = SessionQuestion::End { person: who.person, device };
            let Answer::Ended { devices } = session.asks(Question::Session(question))? else {
                return Err(Session::unfitting());
            };
            session.out.say(
                || json!({ "person": who.name, "devices": devices }),
                || match devices {
                    1 => format!("{} is signed out on 1 device.", who.display),
                    n => format!("{} is signed out on {n} devices.", who.display),
                },
            );
            Ok(())
        }
        Command::ResetCode { name } => {
            let person = find::person(&session.reader()?.names()?, &name)?;
            let question = PersonQuestion::ResetCode { person };
            let Answer::Code { code } = session.asks(Question::Person(question))? else {
                return Err(Session::unfitting());
            };
            session.out.say(|| json!({ "person": person, "code": code }), || code.clone());
            Ok(())
        }
    }
}

fn list(session: &mut Session) -> Result<Vec<SessionRow>, Failure> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let answer = session.asks(Question::Session(SessionQuestion::List { from }))?;
        let Answer::Sessions(SessionPage { sessions, next }) = answer else {
            return Err(Session::unfitting());
        };
        all.extend(sessions);
        match next {
            Some(next) => from = next,
            None => return Ok(all),
        }
    }
}

fn row(session: &SessionRow, zone: chrono_tz::Tz) -> Vec<String> {
    vec![
        session.who.name.clone(),
        session.who.display.clone(),
        session.code.clone(),
        session.device_name.clone(),
        moment(session.since, zone),
        session.state().to_owned(),
    ]
}

fn told(session: &SessionRow) -> Value {
    json!({
        "name": session.who.name,
        "display_name": session.who.display,
        "device": session.code,
        "device_name": session.device_name,
        "since": session.since,
        "last_contact": session.last_contact,
        "state": session.state(),
    })
}
