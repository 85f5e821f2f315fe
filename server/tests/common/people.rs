//! People in a test database, and how they sign in.

use std::net::{IpAddr, Ipv4Addr};

use sqlx::PgPool;
use uuid::Uuid;
use waybill_server::accounts::{self, Accounts, DeviceClaim, Enrolled, NewPerson, SignIn, SignInRefused};
use waybill_server::settings::{Flags, Limits, Settings};
use waybill_shared::id::{DeviceId, PersonId};
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
