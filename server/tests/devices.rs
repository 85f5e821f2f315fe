//! Devices as an admin looks after them, and the sign-ins on them.

mod common;

use common::TestDatabase;
use common::people::{PASSWORD, add, attempt, contact, limits, new_device, refused, sign_in};
use waybill_server::accounts::devices::{self, DeviceError};
use waybill_server::accounts::{Accounts, AuthRefused, SignInRefused};
use waybill_shared::id::Id;
use waybill_shared::rules::roles::Role;
use waybill_shared::session::who::Withdrawn;

#[tokio::test]
async fn the_list_tells_who_works_on_each_device_and_what_it_said_last() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    add(pool, "ben", &[Role::Shop]).await;
    let (till, van) = (new_device(), new_device());
    let annas = sign_in(&accounts, "anna", till, None).await;
    let bens = sign_in(&accounts, "ben", till, Some(&annas.token)).await;
    let on_van = sign_in(&accounts, "ben", van, None).await.device_code;
    accounts.record_contact(till, &contact(7), Some(1)).await.unwrap();
    accounts.sign_out(&bens.token).await.unwrap();

    let listed = devices::list(pool, 0, 100).await.unwrap().devices;
    let told: Vec<_> = listed
        .iter()
        .map(|device| {
            (device.code.as_str(), device.people[0].name.clone(), device.version.as_deref(), device.waiting)
        })
        .collect();
    let expected =
        [("T1", "anna".to_string(), Some("0.1.0"), 7), (on_van.as_str(), "ben".to_string(), None, 0)];
    assert_eq!(told, expected);
    assert!(listed[0].last_contact.is_some() && listed[1].last_contact.is_none());
    let sessions = devices::sessions(pool, 0, 100).await.unwrap().sessions;
    let told: Vec<_> = sessions.iter().map(|at| (at.who.name.as_str(), at.code.as_str())).collect();
    assert_eq!(told, [("anna", "T1"), ("ben", on_van.as_str())]);
}

#[tokio::test]
async fn the_name_that_an_admin_gave_a_device_stays() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    sign_in(&accounts, "anna", till, None).await;
    let before = accounts.names(till, 0).await.unwrap().version;
    devices::rename(pool, "t1", "  Till 2  ").await.unwrap();
    assert!(accounts.names(till, 0).await.unwrap().version > before, "devices learn of it");
    // The device still calls itself what it was set up as.
    sign_in(&accounts, "anna", till, None).await;
    assert_eq!(devices::list(pool, 0, 100).await.unwrap().devices[0].name, "Till 2");
    devices::rename(pool, &till.uuid().to_string().to_uppercase(), "Till 3").await.unwrap();
    assert_eq!(accounts.names(till, 0).await.unwrap().devices[0].name, "Till 3");
    for bad in [" ", &"x".repeat(201)] {
        assert!(matches!(devices::rename(pool, "T1", bad).await, Err(DeviceError::BadName)));
    }
    assert_eq!(devices::list(pool, 0, 100).await.unwrap().devices[0].name, "Till 3");
}

#[tokio::test]
async fn a_device_that_was_lost_is_shut_out_and_let_in_again_when_it_is_found() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    let (till, van) = (new_device(), new_device());
    let on_till = sign_in(&accounts, "anna", till, None).await;
    let on_van = sign_in(&accounts, "anna", van, None).await;
    let before = accounts.names(till, 0).await.unwrap().version;
    devices::revoke(pool, "T1").await.unwrap();
    assert!(accounts.names(till, 0).await.unwrap().version > before, "open connections notice");
    let shut_out = accounts.authenticate(&on_till.token).await.unwrap();
    assert_eq!(shut_out.only_push, Some(Withdrawn::Device));
    let refusal = refused(&accounts, attempt("anna", PASSWORD, till, Some(&on_till.token))).await;
    assert!(matches!(refusal, SignInRefused::DeviceRevoked), "{refusal}");
    assert!(accounts.authenticate(&on_van.token).await.is_ok(), "the other device goes on");
    let listed = devices::list(pool, 0, 100).await.unwrap().devices;
    let codes: Vec<_> =
        listed.iter().map(|device| (device.code.as_str(), device.revoked_at.is_some())).collect();
    assert_eq!(codes, [("T2", false), ("T1", true)], "what is shut out comes last");
    let since = listed[1].revoked_at;
    devices::revoke(pool, "T1").await.unwrap();
    assert_eq!(devices::list(pool, 0, 100).await.unwrap().devices[1].revoked_at, since, "once is enough");
    devices::restore(pool, "T1").await.unwrap();
    assert_eq!(accounts.authenticate(&on_till.token).await.unwrap().people.len(), 1);
    for outcome in [
        devices::revoke(pool, "T9").await,
        devices::restore(pool, "T9").await,
        devices::rename(pool, "T9", "x").await,
    ] {
        let words = outcome.unwrap_err().to_string();
        assert!(words.contains("no device T9") && words.contains("device list"), "{words}");
    }
}

#[tokio::test]
async fn one_persons_sign_in_ends_on_one_device_or_on_all_and_others_stay() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    add(pool, "ben", &[Role::Shop]).await;
    let (till, van, office) = (new_device(), new_device(), new_device());
    let annas = sign_in(&accounts, "anna", till, None).await;
    let bens = sign_in(&accounts, "ben", till, Some(&annas.token)).await;
    let on_van = sign_in(&accounts, "anna", van, None).await;
    let in_office = sign_in(&accounts, "anna", office, None).await;

    assert_eq!(devices::end_session(pool, "Anna", Some("t1")).await.unwrap(), 1);
    assert!(matches!(accounts.authenticate(&annas.token).await, Err(AuthRefused::Ended)));
    let left: Vec<String> = accounts
        .authenticate(&bens.token)
        .await
        .unwrap()
        .people
        .into_iter()
        .map(|grant| grant.name)
        .collect();
    assert_eq!(left, ["ben"]);
    assert!(accounts.authenticate(&on_van.token).await.is_ok());

    assert_eq!(devices::end_session(pool, "anna", None).await.unwrap(), 2);
    for token in [&on_van.token, &in_office.token] {
        assert!(matches!(accounts.authenticate(token).await, Err(AuthRefused::Ended)));
    }
    for device in [Some("T1"), Some("T9"), None] {
        let words = devices::end_session(pool, "anna", device).await.unwrap_err().to_string();
        assert!(words.contains("anna is not signed in on") && words.contains("session list"), "{words}");
    }
    // It is no punishment: the password still opens the device.
    sign_in(&accounts, "anna", till, Some(&annas.token)).await;
}
