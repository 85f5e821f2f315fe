//! People as an admin manages them. There is always somebody left who can: the last admin stays.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool, Postgres, Transaction};
use uuid::Uuid;
use waybill_shared::id::{Id, LocationId, PersonId};
use waybill_shared::rules::roles::Role;
use waybill_shared::texts;

use super::password;
use super::password_rules::{self, WeakPassword};
use super::places;
use super::reset::forget_code;

const LONGEST_NAME: usize = 64;
const LONGEST_DISPLAY_NAME: usize = 200;

/// Somebody who may sign in, without the password.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub locations: Vec<LocationId>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

pub struct NewPerson {
    pub id: PersonId,
    pub name: String,
    pub display_name: Option<String>,
    pub password: String,
    pub roles: Vec<Role>,
    pub locations: Vec<LocationId>,
}

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error(
        "{0:?} cannot be a sign-in name; use 1 to {LONGEST_NAME} letters, digits and the signs . _ - + @"
    )]
    BadName(String),
    #[error(
        "the display name is empty, longer than {LONGEST_DISPLAY_NAME} letters, or holds characters that are not seen; give another one"
    )]
    BadDisplayName,
    #[error("this password cannot be taken: {0}")]
    WeakPassword(#[from] WeakPassword),
    #[error("there is already somebody called {0}; choose another name")]
    NameTaken(String),
    #[error("there is nobody called {0}; `waybill-server user list` shows the names")]
    Unknown(String),
    #[error("{0} is the last admin; make somebody else admin first")]
    LastAdmin(String),
    #[error("give at least one role, such as --role sales")]
    NoRole,
    #[error("the access of {0} is withdrawn; give it back first with `waybill-server user restore {0}`")]
    Withdrawn(String),
    #[error("there is no location “{named}”; {}", choice(.there))]
    NoLocation { named: String, there: Vec<String> },
    #[error("“{named}” is several locations, {}; give the code of one", .there.join(", "))]
    SeveralLocations { named: String, there: Vec<String> },
    #[error("the operating system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error("the password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

fn choice(there: &[String]) -> String {
    match there {
        [] => {
            "there is none yet: make one first, on an admin's device in the window under Locations or with \
               `waybill location create CODE NAME`, and `waybill sync` it"
                .to_owned()
        }
        there => format!("choose one of {}", there.join(", ")),
    }
}

pub async fn create_person(pool: &PgPool, new: NewPerson) -> Result<PersonId, PeopleError> {
    let name = checked_name(&new.name)?;
    let display_name = new.display_name.as_deref().unwrap_or(name).trim();
    if !is_name(display_name, LONGEST_DISPLAY_NAME) {
        return Err(PeopleError::BadDisplayName);
    }
    if new.roles.is_empty() {
        return Err(PeopleError::NoRole);
    }
    for location in &new.locations {
        places::exists(pool, *location).await?;
    }
    let hash = checked_password(&new.password, &[name, display_name])?;
    let inserted = sqlx::query(
        "insert into account.person (id, name, name_key, display_name, password_hash, roles, locations)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (name_key) do nothing",
    )
    .bind(new.id.uuid())
    .bind(name)
    .bind(name_key(name))
    .bind(display_name)
    .bind(hash)
    .bind(stored_roles(&new.roles))
    .bind(new.locations.iter().map(|location| location.uuid()).collect::<Vec<_>>())
    .execute(pool)
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(PeopleError::NameTaken(name.to_string()));
    }
    Ok(new.id)
}

/// Everybody, those with withdrawn access last.
pub async fn list(pool: &PgPool) -> Result<Vec<Person>, PeopleError> {
    let rows: Vec<PersonRow> = sqlx::query_as(
        "select id, name, display_name, roles, locations, created_at, revoked_at
         from account.person order by revoked_at is not null, name_key",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// Whoever signs in with this name.
pub async fn find(pool: &PgPool, name: &str) -> Result<Person, PeopleError> {
    let key = name_key(name);
    let everybody = list(pool).await?;
    let found = everybody.into_iter().find(|person| name_key(&person.name) == key);
    found.ok_or_else(|| PeopleError::Unknown(name.to_string()))
}

/// What somebody signs in with.
pub async fn name_of(pool: &PgPool, person: PersonId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select name from account.person where id = $1")
        .bind(person.uuid())
        .fetch_optional(pool)
        .await
}

/// A new password, and a code that was given out before counts no more. Devices stay enrolled: what a person has
/// not sent yet must not be locked in.
pub async fn set_password(pool: &PgPool, name: &str, password: &str) -> Result<(), PeopleError> {
    let person: Option<(Uuid, String, String)> =
        sqlx::query_as("select id, name, display_name from account.person where name_key = $1")
            .bind(name_key(name))
            .fetch_optional(pool)
            .await?;
    let (person, own_name, display_name) = person.ok_or_else(|| PeopleError::Unknown(name.to_string()))?;
    let hash = checked_password(password, &[&own_name, &display_name])?;
    let mut transaction = pool.begin().await?;
    sqlx::query("update account.person set password_hash = $2 where id = $1")
        .bind(person)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
    forget_code(&mut transaction, person).await?;
    Ok(transaction.commit().await?)
}

pub async fn add_role(pool: &PgPool, name: &str, role: Role) -> Result<(), PeopleError> {
    let updated = sqlx::query(
        "update account.person
         set roles = case when $2 = any (roles) then roles else array_append(roles, $2) end
         where name_key = $1",
    )
    .bind(name_key(name))
    .bind(role.name())
    .execute(pool)
    .await?;
    found(updated.rows_affected(), name)
}

pub async fn remove_role(pool: &PgPool, name: &str, role: Role) -> Result<(), PeopleError> {
    let mut transaction = keeping_others_out(pool).await?;
    if role == Role::Admin {
        keep_an_admin(&mut transaction, name).await?;
    }
    let updated =
        sqlx::query("update account.person set roles = array_remove(roles, $2) where name_key = $1")
            .bind(name_key(name))
            .bind(role.name())
            .execute(&mut *transaction)
            .await?;
    found(updated.rows_affected(), name)?;
    Ok(transaction.commit().await?)
}

/// One more shop, warehouse or van that the person works at.
pub async fn add_location(pool: &PgPool, name: &str, location: LocationId) -> Result<(), PeopleError> {
    places::exists(pool, location).await?;
    let updated = sqlx::query(
        "update account.person
         set locations = case when $2 = any (locations) then locations else array_append(locations, $2) end
         where name_key = $1",
    )
    .bind(name_key(name))
    .bind(location.uuid())
    .execute(pool)
    .await?;
    found(updated.rows_affected(), name)
}

pub async fn remove_location(pool: &PgPool, name: &str, location: LocationId) -> Result<(), PeopleError> {
    let updated =
        sqlx::query("update account.person set locations = array_remove(locations, $2) where name_key = $1")
            .bind(name_key(name))
            .bind(location.uuid())
            .execute(pool)
            .await?;
    found(updated.rows_affected(), name)
}

/// Withdraws somebody's access. What they did stays theirs, so the person is kept.
pub async fn revoke(pool: &PgPool, name: &str) -> Result<(), PeopleError> {
    let mut transaction = keeping_others_out(pool).await?;
    keep_an_admin(&mut transaction, name).await?;
    let person: Option<Uuid> = sqlx::query_scalar(
        "update account.person set revoked_at = coalesce(revoked_at, now()) where name_key = $1 returning id",
    )
    .bind(name_key(name))
    .fetch_optional(&mut *transaction)
    .await?;
    forget_code(&mut transaction, person.ok_or_else(|| PeopleError::Unknown(name.to_string()))?).await?;
    Ok(transaction.commit().await?)
}

/// Gives withdrawn access back, with the roles and the devices that the person had.
pub async fn restore(pool: &PgPool, name: &str) -> Result<(), PeopleError> {
    let updated = sqlx::query("update account.person set revoked_at = null where name_key = $1")
        .bind(name_key(name))
        .execute(pool)
        .await?;
    found(updated.rows_affected(), name)
}

/// How names are compared: in lower case, without blanks around.
pub(super) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Two admins who remove each other at the same moment must not both succeed.
async fn keeping_others_out(pool: &PgPool) -> Result<Transaction<'_, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("lock table account.person in share row exclusive mode").execute(&mut *transaction).await?;
    Ok(transaction)
}

async fn keep_an_admin(transaction: &mut Transaction<'_, Postgres>, name: &str) -> Result<(), PeopleError> {
    let admins: Vec<String> = sqlx::query_scalar(
        "select name_key from account.person where 'admin' = any (roles) and revoked_at is null",
    )
    .fetch_all(&mut **transaction)
    .await?;
    if admins == [name_key(name)] { Err(PeopleError::LastAdmin(name.to_string())) } else { Ok(()) }
}

fn found(rows: u64, name: &str) -> Result<(), PeopleError> {
    if rows == 0 { Err(PeopleError::Unknown(name.to_string())) } else { Ok(()) }
}

/// One line of letters that are seen, and not a book.
pub(super) fn is_name(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.chars().count())
        && texts::unseen(name).is_none()
        && !texts::looks_empty(name)
}

fn checked_name(name: &str) -> Result<&str, PeopleError> {
    let trimmed = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&trimmed.chars().count());
    let is_plain = trimmed.chars().all(|letter| letter.is_alphanumeric() || "._-+@".contains(letter));
    if fits && is_plain { Ok(trimmed) } else { Err(PeopleError::BadName(name.to_string())) }
}

fn checked_password(password: &str, names: &[&str]) -> Result<String, PeopleError> {
    password_rules::check(password, names)?;
    password::hash(password).map_err(PeopleError::Hash)
}

fn stored_roles(roles: &[Role]) -> Vec<&str> {
    let mut stored: Vec<&str> = roles.iter().map(Role::name).collect();
    stored.sort_unstable();
    stored.dedup();
    stored
}

/// The table allows no other words than the roles', so none is lost here.
pub(super) fn read_roles(stored: &[String]) -> Vec<Role> {
    let mut roles: Vec<Role> = stored.iter().filter_map(|role| role.parse().ok()).collect();
    roles.sort_unstable();
    roles
}

pub(super) fn read_locations(stored: Vec<Uuid>) -> Vec<LocationId> {
    stored.into_iter().map(LocationId::from).collect()
}

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    name: String,
    display_name: String,
    roles: Vec<String>,
    locations: Vec<Uuid>,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Person {
        Person {
            id: row.id.into(),
            name: row.name,
            display_name: row.display_name,
            roles: read_roles(&row.roles),
            locations: read_locations(row.locations),
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        }
    }
}
