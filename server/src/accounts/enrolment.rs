//! Signing in: a person proves who they are and becomes enrolled on a device, which keeps a token from then on.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use waybill_shared::id::{DeviceId, Id, LocationId, PersonId};
use waybill_shared::rules::roles::Role;

use super::Accounts;
use super::password_rules::{self, WeakPassword};
use super::people::{is_name, name_key, read_locations, read_roles};
use super::reset;
use super::session::token_hash;
use super::throttle::{Place, Waits};

pub(super) const LONGEST_DEVICE_NAME: usize = 200;

/// What somebody typed, where, and on which device.
pub struct SignIn {
    pub name: String,
    /// Or, where there is a new password, the one-time code of an admin.
    pub password: String,
    pub new_password: Option<String>,
    pub device: DeviceClaim,
    pub address: IpAddr,
}

/// The device that the person sits at, as it says itself.
pub struct DeviceClaim {
    pub id: DeviceId,
    pub name: String,
    /// A token that the device got for anybody earlier. Without it nobody can be added to a device on which
    /// others are enrolled: its connection acts for all of them.
    pub token: Option<Vec<u8>>,
}

/// The answer to a good sign-in. The token is told this once and only kept as a hash.
#[derive(Clone)]
pub struct Enrolled {
    pub person: PersonId,
    pub name: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub locations: Vec<LocationId>,
    pub token: Vec<u8>,
    pub device_code: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    #[error("The name or the password is wrong.")]
    Wrong,
    #[error(
        "The name or the code is wrong, or the code was used or is older than a day. Ask an admin for a new one."
    )]
    WrongCode,
    #[error("The new password cannot be taken: {0}.")]
    WeakPassword(#[from] WeakPassword),
    #[error("There were too many wrong passwords. Try again in {seconds} seconds.")]
    Wait { seconds: u64 },
    #[error(
        "Somebody tries many passwords for this name. Try again in {seconds} seconds, sign in on a device that you have \
         used before, or ask an admin for a one-time code."
    )]
    Guessed { seconds: u64 },
    #[error(
        "You have signed in on {0} new devices within a day, and that is the most. Ask an admin for a one-time code, \
         which lets you in on one more, or try again tomorrow."
    )]
    NewDevices(u32),
    #[error("Too many people are signing in right now. Try again in a few seconds.")]
    Busy,
    #[error("Your access was withdrawn. Ask an admin.")]
    PersonRevoked,
    #[error("This device may not be used any more. Ask an admin.")]
    DeviceRevoked,
    #[error(
        "Other people use this device already, and it did not show that it is theirs. Set it up as a new device."
    )]
    DeviceOfOthers,
    #[error(
        "The device's name is empty, longer than {LONGEST_DEVICE_NAME} letters, or holds characters that are not seen. Give it another one."
    )]
    DeviceName,
    #[error("The server could not check it just now. Try again in a moment.")]
    Unavailable(#[source] SignInFault),
}

/// What went wrong inside, for the log.
#[derive(Debug, thiserror::Error)]
pub enum SignInFault {
    #[error("{0}")]
    Database(#[from] sqlx::Error),
    #[error("no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error("a password could not be hashed")]
    Hash,
}

impl<F: Into<SignInFault>> From<F> for SignInRefused {
    fn from(fault: F) -> SignInRefused {
        SignInRefused::Unavailable(fault.into())
    }
}

impl Accounts {
    /// Checks name and password, or takes a code and a new password, and enrols the person on the device. Whether a name exists shows neither in the
    /// answer nor in the work done for it.
    pub async fn sign_in(&self, request: SignIn) -> Result<Enrolled, SignInRefused> {
        let outcome = self.checked_sign_in(request).await;
        let label = match &outcome {
            Ok(_) => "enrolled",
            Err(SignInRefused::Wrong | SignInRefused::WrongCode) => "wrong",
            Err(SignInRefused::Wait { .. } | SignInRefused::Guessed { .. } | SignInRefused::Busy) => {
                "throttled"
            }
            Err(SignInRefused::Unavailable(fault)) => {
                tracing::error!(%fault, "a sign-in could not be checked");
                "unavailable"
            }
            Err(_) => "refused",
        };
        metrics::counter!("waybill_sign_ins_total", "outcome" => label).increment(1);
        outcome
    }

    async fn checked_sign_in(&self, request: SignIn) -> Result<Enrolled, SignInRefused> {
        let SignIn { name, password, new_password, device, address } = request;
        let name = name_key(&name);
        let by_code = new_password.is_some();
        let place = self.place(&device, address).await?;
        let tried = self.throttle.begin(&name, place, by_code, Instant::now()).map_err(|waits| {
            let seconds = |wait: Duration| wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            match waits {
                Waits::Here(wait) => SignInRefused::Wait { seconds: seconds(wait) },
                Waits::ForStrangers(wait) => SignInRefused::Guessed { seconds: seconds(wait) },
            }
        })?;
        let proven = self.prove(&name, &password, by_code, place).await;
        match &proven {
            Ok(_) => self.throttle.right(&tried),
            Err(SignInRefused::Busy | SignInRefused::Unavailable(_)) => self.throttle.unchecked(&tried),
            Err(_) => {}
        }
        let person = proven?;
        // In one transaction with the enrolment: a code that did not lead onto the device is still good.
        let mut transaction = match new_password {
            None => self.pool.begin().await?,
            Some(new_password) => {
                password_rules::check(&new_password, &[&person.name, &person.display_name])?;
                let hash = self.passwords.hash(new_password, place).await.map_err(|_| SignInRefused::Busy)?;
                let hash = hash.ok_or(SignInFault::Hash)?;
                let mut transaction = self.pool.begin().await?;
                if !reset::spend(&mut transaction, person.id, &password, &hash).await? {
                    return Err(SignInRefused::WrongCode);
                }
                transaction
            }
        };
        // A code is an admin's word for one more device.
        let most = (!by_code).then_some(self.new_devices);
        let enrolled = enrol(&mut transaction, person, device, most).await?;
        transaction.commit().await?;
        Ok(enrolled)
    }

    /// A device that shows the token of somebody who is enrolled on it is known wherever it is, unless it was revoked.
    /// Whose sign-in was ended may have kept the token, and is no longer the device.
    async fn place(&self, claim: &DeviceClaim, address: IpAddr) -> Result<Place, sqlx::Error> {
        let Some(token) = &claim.token else { return Ok(Place::at(address)) };
        let known: bool = sqlx::query_scalar(
            "select exists (
                 select from account.enrolment
                 join account.device on device.id = enrolment.device
                 join account.person on person.id = enrolment.person
                 where token_hash = $1 and device.id = $2 and device.revoked_at is null
                     and enrolment.ended_at is null and person.revoked_at is null
             )",
        )
        .bind(token_hash(token))
        .bind(claim.id.uuid())
        .fetch_one(&self.pool)
        .await?;
        Ok(if known { Place::Device(claim.id) } else { Place::at(address) })
    }

    /// Who it is, by their password or by an admin's code.
    async fn prove(
        &self,
        name: &str,
        secret: &str,
        by_code: bool,
        from: Place,
    ) -> Result<PersonRow, SignInRefused> {
        let person = PersonRow::named(&self.pool, name).await?;
        if by_code {
            let known = reset::is_code(&self.pool, person.as_ref().map(|person| person.id), secret).await?;
            return person.filter(|_| known).ok_or(SignInRefused::WrongCode);
        }
        let stored = person.as_ref().map(|person| person.password_hash.clone());
        let matches = self.passwords.matches(secret.to_owned(), stored, from).await;
        let matches = matches.map_err(|_| SignInRefused::Busy)?;
        person.filter(|_| matches).ok_or(SignInRefused::Wrong)
    }
}

/// Makes the person one of the device's, with a token of their own. `most`: of devices that are new to them within a day.
async fn enrol(
    connection: &mut PgConnection,
    person: PersonRow,
    claim: DeviceClaim,
    most: Option<u32>,
) -> Result<Enrolled, SignInRefused> {
    if person.revoked {
        return Err(SignInRefused::PersonRevoked);
    }
    let device_name = claim.name.trim();
    if !is_name(device_name, LONGEST_DEVICE_NAME) {
        return Err(SignInRefused::DeviceName);
    }
    if let Some(most) = most
        && new_devices(connection, person.id, claim.id).await? >= i64::from(most)
    {
        return Err(SignInRefused::NewDevices(most));
    }
    let (device_code, revoked): (String, bool) = sqlx::query_as(
        "insert into account.device as device (id, name) values ($1, $2)
         on conflict (id) do update set name = case when device.renamed then device.name else excluded.name end
         returning code, revoked_at is not null",
    )
    .bind(claim.id.uuid())
    .bind(device_name)
    .fetch_one(&mut *connection)
    .await?;
    if revoked {
        return Err(SignInRefused::DeviceRevoked);
    }
    if !may_join(connection, &claim, person.id).await? {
        return Err(SignInRefused::DeviceOfOthers);
    }
    let mut token = vec![0; 32];
    getrandom::fill(&mut token).map_err(SignInFault::Randomness)?;
    sqlx::query(
        "update account.enrolment set ended_at = now()
         where device = $1 and person = $2 and ended_at is null",
    )
    .bind(claim.id.uuid())
    .bind(person.id)
    .execute(&mut *connection)
    .await?;
    sqlx::query("insert into account.enrolment (token_hash, person, device) values ($1, $2, $3)")
        .bind(token_hash(&token))
        .bind(person.id)
        .bind(claim.id.uuid())
        .execute(&mut *connection)
        .await?;
    Ok(Enrolled {
        person: person.id.into(),
        name: person.name,
        display_name: person.display_name,
        roles: read_roles(&person.roles),
        locations: read_locations(person.locations),
        token,
        device_code,
    })
}

/// On how many devices the person was let in for the first time within a day; none counts where they were before.
async fn new_devices(
    connection: &mut PgConnection,
    person: Uuid,
    device: DeviceId,
) -> Result<i64, sqlx::Error> {
    // One after the other, or many at the same moment would all be the first.
    sqlx::query("select from account.person where id = $1 for no key update")
        .bind(person)
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar(
        "with first as (
             select device, min(created_at) as at from account.enrolment where person = $1 group by device
         )
         select case when exists (select from first where device = $2) then 0
             else (select count(*) from first where at > now() - interval '1 day') end",
    )
    .bind(person)
    .bind(device.uuid())
    .fetch_one(connection)
    .await
}

/// A device that nobody else is enrolled on may be claimed by anyone; one with others on it must show a token it
/// was given, be it an ended one.
async fn may_join(
    connection: &mut PgConnection,
    claim: &DeviceClaim,
    person: Uuid,
) -> Result<bool, sqlx::Error> {
    let shown = claim.token.as_deref().map(token_hash);
    sqlx::query_scalar(
        "select not exists (
             select from account.enrolment where device = $1 and person <> $2 and ended_at is null
         ) or exists (
             select from account.enrolment where device = $1 and token_hash = $3
         )",
    )
    .bind(claim.id.uuid())
    .bind(person)
    .bind(shown)
    .fetch_one(connection)
    .await
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    name: String,
    display_name: String,
    password_hash: String,
    roles: Vec<String>,
    locations: Vec<Uuid>,
    revoked: bool,
}

impl PersonRow {
    async fn named(pool: &PgPool, name_key: &str) -> Result<Option<PersonRow>, sqlx::Error> {
        sqlx::query_as(
            "select id, name, display_name, password_hash, roles, locations, revoked_at is not null as revoked
             from account.person where name_key = $1",
        )
        .bind(name_key)
        .fetch_optional(pool)
        .await
    }
}
