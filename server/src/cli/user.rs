//! `waybill-server user …`: the people who may sign in.

use std::process::ExitCode;

use clap::{
    Args, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::id::{LocationId, PersonId};
use waybill_shared::rules::roles::Role;
use waybill_shared::texts;

use super::out::{self, say};
use super::prompt::new_password;
use super::table::{Whole, day, table};
use crate::accounts::{
    self, NewPerson, Person,
    places::{self, Place},
};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody; the password is asked for
    Add(AddArgs),
    /// Show everybody with their roles and places
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        whole: Whole,
    },
    /// Give somebody a new password
    SetPassword {
        /// What the person signs in with
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Print a one-time code, good for 24 hours, with which somebody chooses a new password
    ResetCode {
        /// What the person signs in with
        name: String,
    },
    /// Give or take roles; a device that is offline learns of it when it syncs again
    #[command(subcommand)]
    Role(RoleCommand),
    /// Give or take the shops, warehouses and vans that somebody works at
    #[command(subcommand)]
    Location(LocationCommand),
    /// Withdraw somebody's access; what they did stays
    Revoke {
        /// What the person signs in with
        name: String,
    },
    /// Give withdrawn access back
    Restore {
        /// What the person signs in with
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// What is typed at sign-in
    name: String,
    /// What somebody may do; may be given several times
    #[arg(long = "role", required = true, value_parser = role())]
    roles: Vec<Role>,
    /// What others see [default: the name]
    #[arg(long, value_name = "NAME")]
    display: Option<String>,
    /// The code or name of a shop, warehouse or van that the person works at; may be given several times
    #[arg(long = "location", value_name = "PLACE")]
    locations: Vec<String>,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// Read the password from the first line of standard input without asking
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum RoleCommand {
    /// Give somebody one more role
    Add {
        /// What the person signs in with
        name: String,
        /// What else the person may do
        #[arg(value_parser = role())]
        role: Role,
    },
    /// Take a role from somebody
    Remove {
        /// What the person signs in with
        name: String,
        /// What the person may do no more
        #[arg(value_parser = role())]
        role: Role,
    },
}

#[derive(Debug, Subcommand)]
pub enum LocationCommand {
    /// Somebody works at one more place
    Add {
        /// What the person signs in with
        name: String,
        /// Its code or name
        #[arg(value_name = "PLACE")]
        location: String,
    },
    /// Somebody works at a place no more
    Remove {
        /// What the person signs in with
        name: String,
        /// Its code or name
        #[arg(value_name = "PLACE")]
        location: String,
    },
}

pub async fn run(command: UserCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add(args) => {
            let name = args.name.clone();
            // Before a password is asked for.
            let mut locations = Vec::new();
            for named in &args.locations {
                locations.push(places::named(pool, named).await?.id);
            }
            let new = NewPerson {
                id: PersonId::from(Uuid::now_v7()),
                name: args.name,
                display_name: args.display,
                password: new_password(args.password.password_stdin)?,
                roles: args.roles,
                locations,
            };
            accounts::create_person(pool, new).await?;
            say!("{name} may sign in now.");
        }
        UserCommand::List { json, whole: _ } => {
            let (people, places) = (accounts::list(pool).await?, places::all(pool).await?);
            if json {
                say!("{}", texts::printable_json(&format!("{:#}", as_json(&people, &places))));
            } else {
                out::print(listed(&people, &places));
            }
        }
        UserCommand::SetPassword { name, password } => {
            accounts::set_password(pool, &name, &new_password(password.password_stdin)?).await?;
            say!("{name} has a new password.");
        }
        UserCommand::ResetCode { name } => {
            say!("{}", accounts::reset_code(pool, &name).await?);
            out::complain(&format!(
                "With this code {name} chooses a new password, once and within 24 hours: `waybill login --code`, \
                 or “I have a code” in the window. An earlier code counts no more."
            ));
        }
        UserCommand::Role(RoleCommand::Add { name, role }) => {
            accounts::add_role(pool, &name, role).await?;
            say!("{name} is {} now.", role.words());
        }
        UserCommand::Role(RoleCommand::Remove { name, role }) => {
            accounts::remove_role(pool, &name, role).await?;
            say!("{name} is not {} any more.", role.words());
        }
        UserCommand::Location(LocationCommand::Add { name, location }) => {
            let place = places::named(pool, &location).await?;
            accounts::add_location(pool, &name, place.id).await?;
            say!("{name} works at {} now.", place.words());
        }
        UserCommand::Location(LocationCommand::Remove { name, location }) => {
            // One that never came here was given by its id.
            let (id, words) = match location.parse() {
                Ok(id) => (id, location),
                Err(_) => {
                    let place = places::named(pool, &location).await?;
                    (place.id, place.words())
                }
            };
            accounts::remove_location(pool, &name, id).await?;
            say!("{name} does not work at {words} any more.");
        }
        UserCommand::Revoke { name } => {
            accounts::revoke(pool, &name).await?;
            say!("{name} may not sign in any more.");
        }
        UserCommand::Restore { name } => {
            accounts::restore(pool, &name).await?;
            say!("{name} may sign in again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(people: &[Person], places: &[Place]) -> String {
    let code = |id: &LocationId| {
        let known = places.iter().find(|place| place.id == *id);
        known.map_or_else(|| "not known here".to_owned(), |place| place.code.clone())
    };
    let rows = people.iter().map(|person| {
        let roles: Vec<&str> = person.roles.iter().map(Role::name).collect();
        [
            person.name.clone(),
            person.display_name.clone(),
            roles.join(","),
            person.locations.iter().map(code).collect::<Vec<_>>().join(","),
            day(person.created_at),
            person.revoked_at.map_or_else(|| "active".to_string(), |at| format!("withdrawn {}", day(at))),
        ]
    });
    table(["NAME", "SHOWN AS", "ROLES", "LOCATIONS", "SINCE", "STATE"], rows)
}

fn as_json(people: &[Person], places: &[Place]) -> serde_json::Value {
    let place = |id: &LocationId| {
        let known = places.iter().find(|place| place.id == *id);
        json!({ "id": id, "code": known.map(|place| &place.code), "name": known.map(|place| &place.name) })
    };
    let people = people.iter().map(|person| {
        json!({
            "id": person.id,
            "name": person.name,
            "display_name": person.display_name,
            "roles": person.roles.iter().map(Role::name).collect::<Vec<_>>(),
            "locations": person.locations.iter().map(place).collect::<Vec<_>>(),
            "since": person.created_at.to_rfc3339(),
            "revoked_at": person.revoked_at.map(|at| at.to_rfc3339()),
        })
    });
    people.collect()
}

/// With what each may do, for `--help`.
fn role() -> impl TypedValueParser<Value = Role> {
    static ALL: [Role; 8] = Role::ALL;
    let all = ALL.iter().map(|role| PossibleValue::new(role.name()).help(role.does()));
    PossibleValuesParser::new(all.collect::<Vec<_>>()).try_map(|name| name.parse::<Role>())
}
