//! People in a test database, and how they sign in.

use std::net::{IpAddr, Ipv4Addr};

use sqlx::PgPool;
use uuid::Uuid;
use waybill_server::accounts::{
    self, Accounts, Contact, DeviceClaim, Enrolled, NewPerson, SignIn, SignInRefused,
};
use waybill_server::settings::{Flags, Limits, Settings};
use waybill_shared::id::{DeviceId, Id, LocationId, PersonId};
use waybill_shared::rules::roles::Role;

pub const PASSWORD: &str = "correct horse";

pub fn limits() -> Limits {
    Settings::from_sources(&Flags::default(), &|name| (name == "HOME").then(|| "/home".into()))
        .unwrap()
        .limits
}

pub fn new_device() -> DeviceId {
    DeviceId::from(Uuid::now_v7())
}

pub fn person(name: &str, roles: &[Role]) -> NewPerson {
    NewPerson {
        id: PersonId::from(Uuid::now_v7()),
        name: name.into(),
        display_name: None,
        password: PASSWORD.into(),
        roles: roles.to_vec(),
        locations: Vec::new(),
    }
}

/// A place of work, as the reports have it.
pub async fn a_location(pool: &PgPool, code: &str, name: &str) -> LocationId {
    let id = LocationId::from(Uuid::now_v7());
    sqlx::query("insert into report.locations (location_id, code, name, kind, closed) values ($1, $2, $3, 'shop', false)")
        .bind(id.uuid())
        .bind(code)
        .bind(name)
        .execute(pool)
        .await
        .unwrap();
    id
}

/// What a device says of itself that has made ten entries.
pub fn contact(waiting: u32) -> Contact {
    Contact { version: "0.1.0".into(), waiting, counter: 10, clock_off: None }
}

pub async fn add(pool: &PgPool, name: &str, roles: &[Role]) -> PersonId {
    accounts::create_person(pool, person(name, roles)).await.unwrap()
}

pub fn attempt(name: &str, password: &str, device: DeviceId, token: Option<&[u8]>) -> SignIn {
    SignIn {
        name: name.into(),
        password: password.into(),
        new_password: None,
        device: DeviceClaim { id: device, name: "Till at the door".into(), token: token.map(<[u8]>::to_vec) },
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

pub async fn sign_in(accounts: &Accounts, name: &str, device: DeviceId, token: Option<&[u8]>) -> Enrolled {
    accounts
        .sign_in(attempt(name, PASSWORD, device, token))
        .await
        .unwrap_or_else(|refused| panic!("{refused}"))
}

pub async fn refused(accounts: &Accounts, attempt: SignIn) -> SignInRefused {
    accounts.sign_in(attempt).await.err().expect("a refusal")
}

/// With a code in place of the password, and the new password that goes with it.
pub fn with_code(name: &str, code: &str, new_password: &str, device: DeviceId) -> SignIn {
    SignIn { new_password: Some(new_password.into()), ..attempt(name, code, device, None) }
}
