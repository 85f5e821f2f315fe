//! `waybill-server user …`: the people who may sign in.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::id::{LocationId, PersonId};
use waybill_shared::rules::roles::Role;

use super::prompt::new_password;
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
    /// Give or take roles
    #[command(subcommand)]
    Role(RoleCommand),
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
        UserCommand::List => print!("{}", table(&accounts::list(pool).await?)),
        UserCommand::SetPassword { name, password } => {
            accounts::set_password(pool, &name, &new_password(password.password_stdin)?).await?;
            println!("{name} has a new password.");
        }
        UserCommand::Role(RoleCommand::Add { name, role }) => {
            accounts::add_role(pool, &name, role).await?;
            println!("{name} is {} now.", role.words());
        }
        UserCommand::Role(RoleCommand::Remove { name, role }) => {
            accounts::remove_role(pool, &name, role).await?;
            println!("{name} is not {} any more.", role.words());
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

fn table(people: &[Person]) -> String {
    let heading = ["NAME", "SHOWN AS", "ROLES", "LOCATIONS", "SINCE", "STATE"].map(str::to_string);
    let rows = people.iter().map(|person| {
        let roles: Vec<&str> = person.roles.iter().map(Role::name).collect();
        let state = match person.revoked_at {
            Some(at) => format!("withdrawn {}", at.format("%Y-%m-%d")),
            None => "active".to_string(),
        };
        [
            person.name.clone(),
            person.display_name.clone(),
            roles.join(","),
            person.locations.iter().map(LocationId::to_string).collect::<Vec<_>>().join(","),
            person.created_at.format("%Y-%m-%d").to_string(),
            state,
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(heading).chain(rows).collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
        text
    })
}
