//! Who works on this device: signing in and out, switching by PIN, locking.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::{find, outcome::Failure, secret, session::Session};
use crate::{
    engine::{self, Answer, Request, SignIn, Trust, not_set_up},
    pin::Pin,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Signs a person in on this device, and loads what they may see.
    Login {
        /// As shop.example or http://10.0.0.5:8080; several servers on one database with commas between them.
        server: String,
        /// The name that the person signs in with.
        name: String,
        /// Read from standard input when it is not given here or in the environment.
        #[arg(long, env = "WAYBILL_PASSWORD", hide_env_values = true)]
        password: Option<String>,
        /// With a one-time code from an admin, which is asked for; the password is then the new one.
        #[arg(long)]
        code: bool,
        /// What people call this device, as “Till 2”; without it the device keeps its name, or is called after who signs
        /// in first.
        #[arg(long)]
        device: Option<String>,
        /// The certificate of your company's own authority, as PEM: from now on only servers with one from it are
        /// believed.
        #[arg(long, value_name = "FILE", conflicts_with = "public_ca")]
        ca: Option<PathBuf>,
        /// The public authorities are believed again.
        #[arg(long)]
        public_ca: bool,
        /// Choose a PIN for this device, in place of one that was forgotten; where several people work it is asked
        /// for anyway.
        #[arg(long)]
        new_pin: bool,
    },
    /// Ends the sign-in; everything stays on the device.
    Logout,
    /// Somebody else who is signed in on this device works here from now on; asks for the PIN.
    Switch {
        /// By the name that is shown.
        #[arg(value_name = "PERSON")]
        name: String,
    },
    /// Nobody works here until somebody gives a PIN; what waits goes on being sent.
    Lock,
    /// Choose your PIN on this device, or change it; asks for the old one, then for the new one.
    Pin {
        /// A file whose first line is the new PIN.
        #[arg(long, value_name = "FILE")]
        new_pin_file: Option<PathBuf>,
    },
    /// An admin lets somebody try again who gave ten wrong PINs; asks for the admin's PIN (with --as, of that one).
    Unlock {
        /// By the name that is shown.
        #[arg(value_name = "PERSON")]
        name: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::Login { server, name, password, code, device, ca, public_ca, new_pin: chooses } => {
            let trust = trust(ca.as_deref(), public_ca)?;
            session.unseal(None)?;
            let (password, new_password) = if code {
                let code = secret::read("Code")?;
                (code, Some(password.map_or_else(secret::read_new_password, Ok)?))
            } else {
                (password.map_or_else(|| secret::read("Password"), Ok)?, None)
            };
            let asked = chooses || session.pin_file().is_some();
            let pin = if asked { Some(new_pin(session.pin_file())?) } else { None };
            let device = device.unwrap_or_default();
            login(session, SignIn { server, name, password, new_password, device, trust, pin })
        }
        Command::Logout => {
            session.ask(Request::SignOut)?;
            session.out.say(|| json!({ "signed_out": true }), || "Signed out.".to_owned());
            Ok(())
        }
        Command::Switch { name } => switch(session, &name),
        Command::Lock => {
            session.ask(Request::Lock)?;
            session.out.say(|| json!({ "locked": true }), || "Locked.".to_owned());
            Ok(())
        }
        Command::Pin { new_pin_file } => pin(session, new_pin_file.as_deref()),
        Command::Unlock { name } => unlock(session, &name),
    }
}

fn trust(ca: Option<&Path>, public: bool) -> Result<Trust, Failure> {
    match ca {
        Some(file) => engine::trust::read(file)
            .map_err(|error| Failure::Usage(format!("{} cannot be used as --ca: {error}", file.display()))),
        None if public => Ok(Trust::Public),
        None => Ok(Trust::AsBefore),
    }
}

fn login(session: &mut Session, sign_in: SignIn) -> Result<(), Failure> {
    engine::addresses(&sign_in.server).map_err(Failure::Usage)?;
    let answer = session.ask(Request::SignIn(sign_in))?;
    let Answer::SignedIn { person, display, roles, choose_pin } = answer else {
        return Err(Failure::Declined("The server answered in a way that does not fit.".to_owned()));
    };
    if choose_pin {
        let new = new_pin(session.pin_file()).map_err(|failure| match failure {
            Failure::Usage(_) => Failure::Usage(format!(
                "{display} is signed in. Others work on this device too, so choose a PIN to work here: sign in again \
                 with --pin-file, or give it on standard input after the password."
            )),
            other => other,
        })?;
        session.ask(Request::SetPin { old: None, new })?;
    }
    session.ask(Request::SyncNow)?;
    let (set_up, hint) = (session.settings()?.exists(), not_set_up());
    session.out.say(
        || json!({ "person": person, "name": display, "roles": roles, "set_up": set_up }),
        || {
            let signed_in = format!("Signed in as {display}. Everything is on this device now.");
            match set_up {
                true => signed_in,
                false => format!("{signed_in}\n{} {}", hint.what, hint.remedy),
            }
        },
    );
    Ok(())
}

fn switch(session: &mut Session, named: &str) -> Result<(), Failure> {
    session.unseal(Some(named))?;
    let names = session.locked_reader()?.names()?;
    let person = find::person(&names, named)?;
    // Who has none is told so, and asked for nothing.
    let has_one = session.locked_reader()?.local()?.pinned.contains(&person);
    let pin = if has_one { session.pin("PIN")? } else { Pin(String::new()) };
    session.ask(Request::Switch { person, pin })?;
    let name = names.people.into_iter().find(|known| known.id == person).map(|known| known.name);
    let name = name.unwrap_or_default();
    session.out.say(|| json!({ "person": person, "name": name }), || format!("{name} works here now."));
    Ok(())
}

fn pin(session: &mut Session, new: Option<&Path>) -> Result<(), Failure> {
    let local = session.reader()?.local()?;
    let has_one = local.person.is_some_and(|person| local.pinned.contains(&person));
    let old = if has_one { Some(session.pin("PIN")?) } else { None };
    let new = new_pin(if has_one { new } else { new.or(session.pin_file()) })?;
    session.ask(Request::SetPin { old, new })?;
    session
        .out
        .say(|| json!({ "pin": "chosen" }), || "This is your PIN on this device from now on.".to_owned());
    Ok(())
}

fn unlock(session: &mut Session, named: &str) -> Result<(), Failure> {
    let names = session.locked_reader()?.names()?;
    let person = find::person(&names, named)?;
    let admin = match session.named_person()? {
        Some(admin) => admin,
        None => session.locked_reader()?.local()?.person.ok_or_else(|| {
            Failure::Usage("Say which admin does it: waybill --as ADMIN unlock PERSON".to_owned())
        })?,
    };
    let pin = session.pin("PIN of the admin")?;
    session.ask(Request::Unlock { admin, pin, person })?;
    session
        .out
        .say(|| json!({ "person": person, "locked_out": false }), || format!("{named} may try again."));
    Ok(())
}

fn new_pin(file: Option<&Path>) -> Result<Pin, Failure> {
    match file {
        Some(file) => secret::first_line(file).map(Pin),
        None => secret::read_new("PIN").map(Pin),
    }
}
