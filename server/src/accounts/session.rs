//! Recognising a device by a token of any of the people enrolled on it, and who it may act for.

use sha2::{Digest, Sha256};
use uuid::Uuid;
use waybill_shared::id::{DeviceId, Id, LocationId, PersonId};
use waybill_shared::rules::roles::Role;
use waybill_shared::session::who::Withdrawn;

use super::Accounts;
use super::people::{read_locations, read_roles};

/// A recognised device, and everybody it is believed for.
#[derive(Clone, Debug)]
pub struct Session {
    pub device: DeviceId,
    pub device_code: String,
    pub people: Vec<PersonGrant>,
    /// Those who were enrolled on it and are not any more.
    pub former: Vec<PersonId>,
    /// It may only hand over what was entered on it: whose access was withdrawn.
    pub only_push: Option<Withdrawn>,
    /// It is not slowed down, however much it hands in.
    pub unpaced: bool,
    /// What is entered on it may be booked as far back as it likes.
    pub books_history: bool,
}

/// What one person enrolled on the device may do.
#[derive(Clone, Debug)]
pub struct PersonGrant {
    pub person: PersonId,
    pub name: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub locations: Vec<LocationId>,
}

/// What a device says of itself when it connects.
#[derive(Clone, Debug)]
pub struct Contact {
    pub version: String,
    /// Entries that wait to be sent.
    pub waiting: u32,
    /// The push counter of its last entry.
    pub counter: u64,
    /// Milliseconds by which its clock was ahead of this server's, where it said what it shows.
    pub clock_off: Option<i64>,
}

#[derive(Debug, thiserror::Error)]
pub enum AuthRefused {
    #[error("The server does not know this device any more. Sign in again.")]
    Unknown,
    #[error("Your sign-in on this device was ended. Sign in again: what waits here is sent then.")]
    Ended,
    #[error("The server could not check it just now. Try again in a moment.")]
    Unavailable(#[from] sqlx::Error),
}

impl Accounts {
    /// Whose device this is, by a token of any person enrolled on it. A device whose access was withdrawn, or that of
    /// everybody on it, is still known: what was entered on it must come here. Where a sign-in was only ended,
    /// somebody signs in again, and it comes then.
    pub async fn authenticate(&self, token: &[u8]) -> Result<Session, AuthRefused> {
        let device: Option<(Uuid, String, bool, bool, bool, bool, bool)> = sqlx::query_as(
            "select device.id, device.code, device.revoked_at is not null, person.revoked_at is not null,
                    enrolment.ended_at is not null, device.unpaced, device.books_history
             from account.enrolment join account.device on device.id = enrolment.device
             join account.person on person.id = enrolment.person
             where enrolment.token_hash = $1",
        )
        .bind(token_hash(token))
        .fetch_optional(&self.pool)
        .await?;
        let (device, device_code, device_revoked, person_revoked, ended, unpaced, books_history) =
            device.ok_or(AuthRefused::Unknown)?;
        let rows: Vec<GrantRow> = sqlx::query_as(
            "select person.id, person.name, person.display_name, person.roles, person.locations
             from account.enrolment join account.person on person.id = enrolment.person
             where enrolment.device = $1 and enrolment.ended_at is null and person.revoked_at is null
             order by enrolment.created_at, person.name_key",
        )
        .bind(device)
        .fetch_all(&self.pool)
        .await?;
        let only_push = match (device_revoked, rows.is_empty()) {
            (true, _) => Some(Withdrawn::Device),
            (false, true) if person_revoked => Some(Withdrawn::Person),
            (false, _) if ended => return Err(AuthRefused::Ended),
            (false, _) => None,
        };
        let once: Vec<Uuid> =
            sqlx::query_scalar("select distinct person from account.enrolment where device = $1")
                .bind(device)
                .fetch_all(&self.pool)
                .await?;
        let people: Vec<PersonGrant> = rows.into_iter().map(PersonGrant::from).collect();
        let former = once.into_iter().map(PersonId::from);
        let former = former.filter(|id| people.iter().all(|grant| grant.person != *id)).collect();
        Ok(Session { device: device.into(), device_code, people, former, only_push, unpaced, books_history })
    }

    /// Those of them whom nobody ever made. Whose access was withdrawn is still somebody.
    pub async fn strangers(&self, people: &[PersonId]) -> Result<Vec<PersonId>, sqlx::Error> {
        let ids: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
        let strangers: Vec<Uuid> = sqlx::query_scalar(
            "select id from unnest($1::uuid[]) as named (id)
             where not exists (select from account.person where person.id = named.id)",
        )
        .bind(ids)
        .fetch_all(&self.pool)
        .await?;
        Ok(strangers.into_iter().map(PersonId::from).collect())
    }

    /// Ends one person's enrolment: they signed out on the device. Its other people stay.
    pub async fn sign_out(&self, token: &[u8]) -> Result<(), AuthRefused> {
        let ended = sqlx::query(
            "update account.enrolment set ended_at = now() where token_hash = $1 and ended_at is null",
        )
        .bind(token_hash(token))
        .execute(&self.pool)
        .await?;
        if ended.rows_affected() == 0 { Err(AuthRefused::Unknown) } else { Ok(()) }
    }

    /// Notes what a device said of itself when it connected, for whoever looks after the devices. `stands`: its
    /// position, if it stands in this log, so that what it holds for settled is settled here.
    pub async fn record_contact(
        &self,
        device: DeviceId,
        contact: &Contact,
        stands: Option<u64>,
    ) -> Result<(), sqlx::Error> {
        let Contact { version, waiting, counter, clock_off } = contact;
        let settled = if stands.is_some() && *waiting == 0 { *counter } else { 0 };
        sqlx::query(
            "update account.device set last_contact = now(), version = left($2, 100), waiting = $3,
                 settled = greatest(settled, $4), stands_at = coalesce($5, stands_at), clock_off = $6
             where id = $1",
        )
        .bind(device.uuid())
        .bind(version)
        .bind(i32::try_from(*waiting).unwrap_or(i32::MAX))
        .bind(i64::try_from(settled).unwrap_or(i64::MAX))
        .bind(stands.map(|pos| i64::try_from(pos).unwrap_or(i64::MAX)))
        .bind(*clock_off)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes what waits on a device by now, unless it said hello elsewhere since and something else was noted.
    pub async fn record_waiting(&self, device: DeviceId, was: u32, now: u32) -> Result<(), sqlx::Error> {
        let stored = |waiting: u32| i32::try_from(waiting).unwrap_or(i32::MAX);
        sqlx::query("update account.device set waiting = $3 where id = $1 and waiting = $2")
            .bind(device.uuid())
            .bind(stored(was))
            .bind(stored(now))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes how far a connected device was told the log.
    pub async fn record_stand(&self, device: DeviceId, pos: u64) -> Result<(), sqlx::Error> {
        sqlx::query("update account.device set stands_at = $2, last_contact = now() where id = $1")
            .bind(device.uuid())
            .bind(i64::try_from(pos).unwrap_or(i64::MAX))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// What is kept of a token. It is 32 random bytes, so a plain hash serves.
pub(super) fn token_hash(token: &[u8]) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    id: Uuid,
    name: String,
    display_name: String,
    roles: Vec<String>,
    locations: Vec<Uuid>,
}

impl From<GrantRow> for PersonGrant {
    fn from(row: GrantRow) -> PersonGrant {
        PersonGrant {
            person: row.id.into(),
            name: row.name,
            display_name: row.display_name,
            roles: read_roles(&row.roles),
            locations: read_locations(row.locations),
        }
    }
}
