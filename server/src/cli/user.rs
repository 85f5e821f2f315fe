//! `waybill-server user …`: the people who may sign in.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::id::{LocationId, PersonId};
use waybill_shared::rules::roles::Role;

use super::prompt::new_password;
use super::table::{day, table};
use crate::accounts::{self, NewPerson, Person};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add somebody; the password is asked for
    Add(AddArgs),
    /// Show everybody with their roles
    List,
    /// Give somebody a new password
    SetPassword {
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Print a one-time code, good for 24 hours, with which somebody chooses a new password
    ResetCode { name: String },
    /// Give or take roles; a device that is offline learns of it when it syncs again
    #[command(subcommand)]
    Role(RoleCommand),
    /// Give or take the shops, warehouses and vans that somebody works at
    #[command(subcommand)]
    Location(LocationCommand),
    /// Withdraw somebody's access; what they did stays
    Revoke { name: String },
    /// Give withdrawn access back
    Restore { name: String },
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// What is typed at sign-in
    name: String,
    /// A role; may be given several times
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// What others see [default: the name]
    #[arg(long, value_name = "NAME")]
    display: Option<String>,
    /// The id of a shop, warehouse or van that the person works at; may be given several times
    #[arg(long = "location", value_name = "ID")]
    locations: Vec<LocationId>,
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
    Add { name: String, role: Role },
    /// Take a role from somebody
    Remove { name: String, role: Role },
}

#[derive(Debug, Subcommand)]
pub enum LocationCommand {
    /// Somebody works at one more place
    Add {
        name: String,
        /// The place's id
        location: LocationId,
    },
    /// Somebody works at a place no more
    Remove {
        name: String,
        /// The place's id
        location: LocationId,
    },
}

pub async fn run(command: UserCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add(args) => {
            let name = args.name.clone();
            let new = NewPerson {
                id: PersonId::from(Uuid::now_v7()),
                name: args.name,
                display_name: args.display,
                password: new_password(args.password.password_stdin)?,
                roles: args.roles,
                locations: args.locations,
            };
            accounts::create_person(pool, new).await?;
            println!("{name} may sign in now.");
        }
        UserCommand::List => print!("{}", listed(&accounts::list(pool).await?)),
        UserCommand::SetPassword { name, password } => {
            accounts::set_password(pool, &name, &new_password(password.password_stdin)?).await?;
            println!("{name} has a new password.");
        }
        UserCommand::ResetCode { name } => {
            println!("{}", accounts::reset_code(pool, &name).await?);
            eprintln!(
                "With this code {name} chooses a new password, once and within 24 hours: `waybill login --code`, \
                 or “I have a code” in the window. An earlier code counts no more."
            );
        }
        UserCommand::Role(RoleCommand::Add { name, role }) => {
            accounts::add_role(pool, &name, role).await?;
            println!("{name} is {} now.", role.words());
        }
        UserCommand::Role(RoleCommand::Remove { name, role }) => {
            accounts::remove_role(pool, &name, role).await?;
            println!("{name} is not {} any more.", role.words());
        }
        UserCommand::Location(LocationCommand::Add { name, location }) => {
            accounts::add_location(pool, &name, location).await?;
            println!("{name} works at {location} now.");
        }
        UserCommand::Location(LocationCommand::Remove { name, location }) => {
            accounts::remove_location(pool, &name, location).await?;
            println!("{name} does not work at {location} any more.");
        }
        UserCommand::Revoke { name } => {
            accounts::revoke(pool, &name).await?;
            println!("{name} may not sign in any more.");
        }
        UserCommand::Restore { name } => {
            accounts::restore(pool, &name).await?;
            println!("{name} may sign in again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(people: &[Person]) -> String {
    let rows = people.iter().map(|person| {
        let roles: Vec<&str> = person.roles.iter().map(Role::name).collect();
        [
            person.name.clone(),
            person.display_name.clone(),
            roles.join(","),
            person.locations.iter().map(LocationId::to_string).collect::<Vec<_>>().join(","),
            day(person.created_at),
            person.revoked_at.map_or_else(|| "active".to_string(), |at| format!("withdrawn {}", day(at))),
        ]
    });
    table(["NAME", "SHOWN AS", "ROLES", "LOCATIONS", "SINCE", "STATE"], rows)
}
