//! Devices as an admin looks after them, and who is signed in on which. Connections notice within seconds what
//! changes here: it counts up the version of the names.

use sqlx::{FromRow, PgPool};
use uuid::Uuid;
use waybill_shared::{
    id::DeviceId,
    protocol::question::{DevicePage, DeviceRow, Enrolled, SessionPage, SessionRow},
    time::Timestamp,
};

use super::enrolment::LONGEST_DEVICE_NAME;
use super::people::{is_name, name_key};

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("there is no device {0}; `waybill-server device list` shows the codes, such as T1")]
    Unknown(String),
    #[error(
        "the device's name is empty, longer than {LONGEST_DEVICE_NAME} letters, or holds characters that are not seen; give it another one"
    )]
    BadName,
    #[error(
        "{person} is not signed in on {place}; `waybill-server session list` shows who is signed in where"
    )]
    NotSignedIn { person: String, place: String },
    #[error("the database did not answer as expected: {0}")]
    Database(#[from] sqlx::Error),
}

/// Every device, those that may not be used any more last; from the so-manieth on.
pub async fn list(pool: &PgPool, from: u32, limit: usize) -> Result<DevicePage, DeviceError> {
    let devices: Vec<DeviceColumns> = sqlx::query_as(
        "select id, code, name, version, waiting, (extract(epoch from last_contact) * 1000)::bigint as last_contact,
                (extract(epoch from created_at) * 1000)::bigint as since,
                (extract(epoch from revoked_at) * 1000)::bigint as revoked_at,
                coalesce(people, '{}') as people, coalesce(names, '{}') as names,
                coalesce(displays, '{}') as displays, unpaced, clock_off
         from account.device left join lateral (
             select array_agg(person.id order by person.name_key) as people,
                    array_agg(person.name order by person.name_key) as names,
                    array_agg(person.display_name order by person.name_key) as displays
             from account.enrolment join account.person on person.id = enrolment.person
             where enrolment.device = device.id and enrolment.ended_at is null
         ) as enrolled on true
         order by revoked_at is not null, created_at, id offset $1 limit $2",
    )
    .bind(i64::from(from))
    .bind(one_more(limit))
    .fetch_all(pool)
    .await?;
    let (devices, next) = cut(devices, from, limit);
    Ok(DevicePage { devices: devices.into_iter().map(DeviceRow::from).collect(), next })
}

/// The name stays when somebody signs in on the device again.
pub async fn rename(pool: &PgPool, device: &str, name: &str) -> Result<(), DeviceError> {
    let name = name.trim();
    if !is_name(name, LONGEST_DEVICE_NAME) {
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

/// Whether it is slowed down when it hands in more than others may: an import of the business's own is not to be.
pub async fn pace(pool: &PgPool, device: &str, paced: bool) -> Result<(), DeviceError> {
    let updated = sqlx::query("update account.device set unpaced = $3 where code = upper($1) or id = $2");
    let updated = updated.bind(device.trim()).bind(id(device)).bind(!paced).execute(pool).await?;
    found(updated.rows_affected(), device)
}

/// Who is signed in where, from the so-manieth on.
pub async fn sessions(pool: &PgPool, from: u32, limit: usize) -> Result<SessionPage, DeviceError> {
    let sessions: Vec<SessionColumns> = sqlx::query_as(
        "select person.id as person, person.name, person.display_name as display,
                device.id as device, device.code, device.name as device_name,
                (extract(epoch from enrolment.created_at) * 1000)::bigint as since,
                (extract(epoch from device.last_contact) * 1000)::bigint as last_contact,
                person.revoked_at is not null as person_revoked, device.revoked_at is not null as device_revoked
         from account.enrolment
         join account.person on person.id = enrolment.person
         join account.device on device.id = enrolment.device
         where enrolment.ended_at is null
         order by person.name_key, enrolment.created_at, device.id offset $1 limit $2",
    )
    .bind(i64::from(from))
    .bind(one_more(limit))
    .fetch_all(pool)
    .await?;
    let (sessions, next) = cut(sessions, from, limit);
    Ok(SessionPage { sessions: sessions.into_iter().map(SessionRow::from).collect(), next })
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

/// Whether devices encrypt what they keep, from their next contact on and the start after it.
pub async fn encrypt(pool: &PgPool, encrypt: bool) -> Result<(), DeviceError> {
    let wanted = "update account.names_version set version = version + 1, encrypt = $1 where encrypt <> $1";
    sqlx::query(wanted).bind(encrypt).execute(pool).await?;
    Ok(())
}

/// Whether what is entered on a device may be booked as far back as it likes, as by an import of what was before.
pub async fn book_history(pool: &PgPool, device: &str, may: bool) -> Result<(), DeviceError> {
    let updated =
        sqlx::query("update account.device set books_history = $3 where code = upper($1) or id = $2");
    let updated = updated.bind(device.trim()).bind(id(device)).bind(may).execute(pool).await?;
    found(updated.rows_affected(), device)?;
    // Connections notice within seconds.
    sqlx::query("select account.next_names_version()").execute(pool).await?;
    Ok(())
}

/// Those that may.
pub async fn that_book_history(pool: &PgPool) -> Result<Vec<DeviceId>, sqlx::Error> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from account.device where books_history").fetch_all(pool).await?;
    Ok(ids.into_iter().map(DeviceId::from).collect())
}

/// A device may be named by its id too.
fn id(device: &str) -> Option<Uuid> {
    Uuid::parse_str(device.trim()).ok()
}

fn found(rows: u64, device: &str) -> Result<(), DeviceError> {
    if rows == 0 { Err(DeviceError::Unknown(device.to_string())) } else { Ok(()) }
}

fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

/// A page of the rows, and where the next one begins.
fn cut<T>(mut rows: Vec<T>, from: u32, limit: usize) -> (Vec<T>, Option<u32>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = u32::try_from(rows.len()).ok().and_then(|count| from.checked_add(count));
    (rows, next.filter(|_| more))
}

#[derive(FromRow)]
struct DeviceColumns {
    id: Uuid,
    code: String,
    name: String,
    version: Option<String>,
    waiting: i32,
    last_contact: Option<i64>,
    since: i64,
    revoked_at: Option<i64>,
    people: Vec<Uuid>,
    names: Vec<String>,
    displays: Vec<String>,
    unpaced: bool,
    clock_off: Option<i64>,
}

#[derive(FromRow)]
struct SessionColumns {
    person: Uuid,
    name: String,
    display: String,
    device: Uuid,
    code: String,
    device_name: String,
    since: i64,
    last_contact: Option<i64>,
    person_revoked: bool,
    device_revoked: bool,
}

impl From<DeviceColumns> for DeviceRow {
    fn from(row: DeviceColumns) -> Self {
        let people = row.people.into_iter().zip(row.names.into_iter().zip(row.displays));
        Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            people: people
                .map(|(id, (name, display))| Enrolled { person: id.into(), name, display })
                .collect(),
            version: row.version,
            waiting: row.waiting.unsigned_abs(),
            last_contact: row.last_contact.map(Timestamp::from_unix_ms),
            since: Timestamp::from_unix_ms(row.since),
            revoked_at: row.revoked_at.map(Timestamp::from_unix_ms),
            unpaced: row.unpaced,
            clock_off: row.clock_off,
        }
    }
}

impl From<SessionColumns> for SessionRow {
    fn from(row: SessionColumns) -> Self {
        Self {
            who: Enrolled { person: row.person.into(), name: row.name, display: row.display },
            device: row.device.into(),
            code: row.code,
            device_name: row.device_name,
            since: Timestamp::from_unix_ms(row.since),
            last_contact: row.last_contact.map(Timestamp::from_unix_ms),
            person_revoked: row.person_revoked,
            device_revoked: row.device_revoked,
        }
    }
}
