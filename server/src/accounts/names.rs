//! What devices see of people and devices: names, and who may do what on the device itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use waybill_shared::id::{DeviceId, Id};
use waybill_shared::protocol::frame::{DeviceName, Grant, Names, PersonName};
use waybill_shared::time::Timestamp;

use super::Accounts;
use super::people::{read_locations, read_roles};

/// Person, roles, places, and when they were last let try the PIN again.
type Enrolled = (Uuid, Vec<String>, Vec<Uuid>, Option<DateTime<Utc>>);

impl Accounts {
    /// What a device that knows the names of a version lacks: of everybody, also of those whose access was withdrawn,
    /// because what they did still shows their name.
    pub async fn names(&self, device: DeviceId, known: u64) -> Result<Names, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        // One moment for all four answers, so that a version never stands beside older names.
        sqlx::query("set transaction isolation level repeatable read read only")
            .execute(&mut *transaction)
            .await?;
        let (version, encrypt): (i64, bool) =
            sqlx::query_as("select version, encrypt from account.names_version")
                .fetch_one(&mut *transaction)
                .await?;
        // What it knows of a log that is gone tells nothing.
        let since = i64::try_from(known).ok().filter(|known| *known <= version).unwrap_or_default();
        let people: Vec<(Uuid, String, Vec<String>)> = sqlx::query_as(
            "select id, display_name, roles from account.person where named > $1 order by name_key",
        )
        .bind(since)
        .fetch_all(&mut *transaction)
        .await?;
        let devices: Vec<(Uuid, String, String)> = sqlx::query_as(
            "select id, code, name from account.device where named > $1 order by created_at, id",
        )
        .bind(since)
        .fetch_all(&mut *transaction)
        .await?;
        let here: Vec<Enrolled> = sqlx::query_as(
            "select person.id, person.roles,
                    case when person.locations <> '{}' then person.locations
                         -- Who was given no place works at the only one there is.
                         else coalesce((select array_agg(location_id) from report.locations
                                        where not closed having count(*) = 1), '{}') end,
                    enrolment.unlocked_at
             from account.enrolment join account.person on person.id = enrolment.person
             where enrolment.device = $1 and enrolment.ended_at is null and person.revoked_at is null
             order by person.name_key",
        )
        .bind(device.uuid())
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Names {
            version: version.unsigned_abs(),
            since: since.unsigned_abs(),
            people: people
                .into_iter()
                .map(|(id, name, roles)| PersonName { id: id.into(), name, roles: read_roles(&roles) })
                .collect(),
            devices: devices
                .into_iter()
                .map(|(id, code, name)| DeviceName { id: id.into(), code, name })
                .collect(),
            here: here
                .into_iter()
                .map(|(person, roles, locations, unlocked)| Grant {
                    person: person.into(),
                    roles: read_roles(&roles),
                    locations: read_locations(locations),
                    unlocked: unlocked.map(|at| Timestamp::from_unix_ms(at.timestamp_millis())),
                })
                .collect(),
            encrypt,
        })
    }
}
