//! Devices as an admin looks after them, and who is signed in on which. Connections notice within seconds what
//! changes here: it counts up the version of the names.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::enrolment::LONGEST_DEVICE_NAME;
use super::people::name_key;

#[derive(Clone, Debug, FromRow)]
pub struct Device {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    /// The sign-in names of those who are signed in on it.
    pub people: Vec<String>,
    /// What the device said of itself at its last contact: its program's version, and entries waiting to be sent.
    pub version: Option<String>,
    pub waiting: i32,
    pub last_contact: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// One person signed in on one device.
#[derive(Clone, Debug, FromRow)]
pub struct SignedInOn {
    pub person: String,
    pub display_name: String,
    pub device: String,
    pub device_name: String,
    pub since: DateTime<Utc>,
    /// The device's, whoever worked on it.
    pub last_contact: Option<DateTime<Utc>>,
    pub person_revoked: bool,
    pub device_revoked: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no device {0}; `waybill-server device list` shows the codes, such as T1")]
    Unknown(String),
    #[error("the device's name is empty or longer than {LONGEST_DEVICE_NAME} letters; give it another one")]
    BadName,
    #[error(
        "{person} is not signed in on {place}; `waybill-server session list` shows who is signed in where"
    )]
    NotSignedIn { person: String, place: String },
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

/// Every device, those that may not be used any more last.
pub async fn list(pool: &PgPool) -> Result<Vec<Device>, DeviceError> {
    let devices = sqlx::query_as(
        "select id, code, name, version, waiting, last_contact, created_at, revoked_at, array(
             select person.name
             from account.enrolment join account.person on person.id = enrolment.person
             where enrolment.device = device.id and enrolment.ended_at is null
             order by person.name_key
         ) as people
         from account.device order by revoked_at is not null, created_at, id",
    );
    Ok(devices.fetch_all(pool).await?)
}

/// The name stays when somebody signs in on the device again.
pub async fn rename(pool: &PgPool, device: &str, name: &str) -> Result<(), DeviceError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_DEVICE_NAME {
        return Err(DeviceError::BadName);
    }
    let updated =
        sqlx::query("update account.device set name = $3, renamed = true where code = upper($1) or id = $2");
    let updated = updated.bind(device.trim()).bind(id(device)).bind(name).execute(pool).await?;
    found(updated.rows_affected(), device)
}

/// Shuts a device out, with everybody on it: it was lost or sold.
pub async fn revoke(pool: &PgPool, device: &str) -> Result<(), DeviceError> {
    let updated = sqlx::query(
        "update account.device set revoked_at = coalesce(revoked_at, now())
         where code = upper($1) or id = $2",
    );
    let updated = updated.bind(device.trim()).bind(id(device)).execute(pool).await?;
    found(updated.rows_affected(), device)
}

/// Lets a device in again, with those who were signed in on it: it sends what it kept meanwhile.
pub async fn restore(pool: &PgPool, device: &str) -> Result<(), DeviceError> {
    let updated =
        sqlx::query("update account.device set revoked_at = null where code = upper($1) or id = $2");
    let updated = updated.bind(device.trim()).bind(id(device)).execute(pool).await?;
    found(updated.rows_affected(), device)
}

/// Who is signed in where.
pub async fn sessions(pool: &PgPool) -> Result<Vec<SignedInOn>, DeviceError> {
    let sessions = sqlx::query_as(
        "select person.name as person, person.display_name, device.code as device, device.name as device_name,
                enrolment.created_at as since, device.last_contact,
                person.revoked_at is not null as person_revoked, device.revoked_at is not null as device_revoked
         from account.enrolment
         join account.person on person.id = enrolment.person
         join account.device on device.id = enrolment.device
         where enrolment.ended_at is null
         order by person.name_key, enrolment.created_at",
    );
    Ok(sessions.fetch_all(pool).await?)
}

/// Ends somebody's sign-in on one device, or on all; says on how many. Where the device kept that person's token,
/// somebody signs in on it again, and nothing on it is lost.
pub async fn end_session(pool: &PgPool, person: &str, device: Option<&str>) -> Result<u64, DeviceError> {
    let ended = sqlx::query(
        "update account.enrolment set ended_at = now()
         from account.person, account.device
         where person.id = enrolment.person and device.id = enrolment.device and enrolment.ended_at is null
           and person.name_key = $1 and ($2::text is null or device.code = upper($2) or device.id = $3)",
    );
    let ended = ended
        .bind(name_key(person))
        .bind(device.map(str::trim))
        .bind(device.and_then(id))
        .execute(pool)
        .await?;
    match ended.rows_affected() {
        0 => Err(DeviceError::NotSignedIn {
            person: person.to_string(),
            place: device.unwrap_or("any device").to_string(),
        }),
        count => Ok(count),
    }
}

/// Lets somebody try the PIN on a device again, who gave too many wrong ones. The device hears of it at its next
/// contact, and of each such word counts once.
pub async fn unlock(pool: &PgPool, device: &str, person: &str) -> Result<(), DeviceError> {
    let known: bool =
        sqlx::query_scalar("select exists (select from account.device where code = upper($1) or id = $2)")
            .bind(device.trim())
            .bind(id(device))
            .fetch_one(pool)
            .await?;
    found(u64::from(known), device)?;
    // In milliseconds, as the device keeps it; twice in one of them counts as once.
    let unlocked = sqlx::query(
        "update account.enrolment set unlocked_at = date_trunc('milliseconds', clock_timestamp())
         from account.person, account.device
         where person.id = enrolment.person and device.id = enrolment.device and enrolment.ended_at is null
           and person.name_key = $1 and (device.code = upper($2) or device.id = $3)",
    );
    let unlocked = unlocked.bind(name_key(person)).bind(device.trim()).bind(id(device)).execute(pool).await?;
    match unlocked.rows_affected() {
        0 => Err(DeviceError::NotSignedIn { person: person.to_string(), place: device.to_string() }),
        _ => Ok(()),
    }
}

/// A device may be named by its id too.
fn id(device: &str) -> Option<Uuid> {
    Uuid::parse_str(device.trim()).ok()
}

fn found(rows: u64, device: &str) -> Result<(), DeviceError> {
    if rows == 0 { Err(DeviceError::Unknown(device.to_string())) } else { Ok(()) }
}
