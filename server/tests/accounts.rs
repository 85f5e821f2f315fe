//! People sign in, devices are recognised, and nobody gets more than they were given.

mod common;

use std::sync::Arc;

use common::TestDatabase;
use common::people::{
    PASSWORD, a_location, add, attempt, contact, limits, new_device, person, refused, sign_in, with_code,
};
use tokio::task::JoinSet;
use uuid::Uuid;
use waybill_server::accounts::{
    self, Accounts, AuthRefused, Contact, NewPerson, PeopleError, SignIn, SignInRefused, devices,
};
use waybill_server::epoch;
use waybill_server::settings::Limits;
use waybill_shared::id::LocationId;
use waybill_shared::rules::roles::Role;
use waybill_shared::session::who::Withdrawn;

#[tokio::test]
async fn a_person_signs_in_and_the_device_is_recognised_by_its_token() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    let shop = a_location(&database.pool, "HS", "Harbour").await;
    let anna = accounts::create_person(
        &database.pool,
        NewPerson {
            display_name: Some("Anna Berg".into()),
            locations: vec![shop],
            ..person("Anna", &[Role::Shop, Role::Manager])
        },
    )
    .await
    .unwrap();
    let till = new_device();
    let enrolled = sign_in(&accounts, " aNNa ", till, None).await;
    assert_eq!(enrolled.person, anna);
    assert_eq!(enrolled.display_name, "Anna Berg");
    assert_eq!(enrolled.roles, [Role::Manager, Role::Shop]);
    assert_eq!(enrolled.locations, [shop]);
    assert_eq!(enrolled.device_code, "T1");
    let session = accounts.authenticate(&enrolled.token).await.unwrap();
    assert_eq!((session.device, session.device_code.as_str()), (till, "T1"));
    let grants: Vec<_> = session.people.iter().map(|grant| (grant.person, grant.name.as_str())).collect();
    assert_eq!(grants, [(anna, "Anna")]);
    let another = sign_in(&accounts, "anna", new_device(), None).await;
    assert_ne!(another.device_code, "T1", "every device numbers on its own");
}

#[tokio::test]
async fn one_device_acts_for_everybody_enrolled_on_it_by_anybodys_token() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    add(&database.pool, "ben", &[Role::Driver]).await;
    let till = new_device();
    let annas = sign_in(&accounts, "anna", till, None).await;
    let bens = sign_in(&accounts, "ben", till, Some(&annas.token)).await;
    assert_eq!(annas.device_code, bens.device_code);
    for token in [&annas.token, &bens.token] {
        let names: Vec<String> =
            accounts.authenticate(token).await.unwrap().people.into_iter().map(|grant| grant.name).collect();
        assert_eq!(names, ["anna", "ben"]);
    }
    accounts.sign_out(&annas.token).await.unwrap();
    assert!(matches!(accounts.authenticate(&annas.token).await, Err(AuthRefused::Ended)));
    assert_eq!(accounts.authenticate(&bens.token).await.unwrap().people.len(), 1);
    // The token of somebody who signed out still shows that this is the device.
    sign_in(&accounts, "anna", till, Some(&annas.token)).await;
}

#[tokio::test]
async fn nobody_joins_a_device_of_others_by_knowing_its_id() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "boss", &[Role::Admin]).await;
    add(&database.pool, "mallory", &[Role::Driver]).await;
    let office = new_device();
    let boss = sign_in(&accounts, "boss", office, None).await;
    let own = sign_in(&accounts, "mallory", new_device(), None).await;
    for token in [None, Some([0; 32].as_slice()), Some(own.token.as_slice())] {
        let refusal = refused(&accounts, attempt("mallory", PASSWORD, office, token)).await;
        assert!(matches!(refusal, SignInRefused::DeviceOfOthers), "{token:?}: {refusal}");
    }
    assert_eq!(accounts.authenticate(&boss.token).await.unwrap().people.len(), 1);
    // The same person may come back to their own device, which has lost its token.
    sign_in(&accounts, "boss", office, None).await;
}

#[tokio::test]
async fn signing_in_again_ends_the_earlier_token_of_the_same_person_on_the_same_device() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let first = sign_in(&accounts, "anna", till, None).await;
    let second = sign_in(&accounts, "anna", till, None).await;
    assert!(matches!(accounts.authenticate(&first.token).await, Err(AuthRefused::Ended)));
    assert!(accounts.authenticate(&second.token).await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let wrong = refused(&accounts, attempt("anna", "wrong horse", till, None)).await;
    let unknown = refused(&accounts, attempt("nobody", PASSWORD, till, None)).await;
    assert!(matches!(wrong, SignInRefused::Wrong));
    assert_eq!(wrong.to_string(), unknown.to_string());
    let devices: i64 =
        sqlx::query_scalar("select count(*) from account.device").fetch_one(&database.pool).await.unwrap();
    assert_eq!(devices, 0, "who does not get in leaves nothing behind");
}

#[tokio::test]
async fn after_too_many_wrong_passwords_even_the_right_one_waits() {
    let database = TestDatabase::new().await;
    let limits = Limits { sign_in_attempts: 2, ..limits() };
    let accounts = Accounts::new(database.pool.clone(), &limits);
    add(&database.pool, "anna", &[Role::Shop]).await;
    add(&database.pool, "ben", &[Role::Shop]).await;
    let till = new_device();
    // All three at the same moment, so that no wait has passed when the right one is tried.
    let (first, second, third) = tokio::join!(
        refused(&accounts, attempt("anna", "wrong horse", till, None)),
        refused(&accounts, attempt("anna", "wrong horse", till, None)),
        refused(&accounts, attempt("anna", PASSWORD, till, None)),
    );
    assert!(matches!((first, second), (SignInRefused::Wrong, SignInRefused::Wrong)));
    assert_eq!(third.to_string(), "There were too many wrong passwords. Try again in 1 seconds.");
    sign_in(&accounts, "ben", till, None).await;
}

#[tokio::test]
async fn somebody_who_guesses_shuts_out_neither_the_till_nor_colleagues_nor_the_person_elsewhere() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &Limits { sign_in_attempts: 2, ..limits() });
    for name in ["anna", "ben"] {
        add(&database.pool, name, &[Role::Shop]).await;
    }
    let till = new_device();
    let token = sign_in(&accounts, "anna", till, None).await.token;
    let theirs = new_device();
    let guesses = async |name: &str| {
        loop {
            let refusal = refused(&accounts, attempt(name, "wrong horse", theirs, None)).await;
            if matches!(refusal, SignInRefused::Wait { .. } | SignInRefused::Guessed { .. }) {
                return;
            }
        }
    };
    // All behind one address: somebody who never stops guessing at her, and at names that there are not.
    guesses("anna").await;
    for number in 0..20 {
        guesses(&format!("name{number}")).await;
    }
    guesses("anna").await;
    let mut token = sign_in(&accounts, "anna", till, Some(&token)).await.token;
    sign_in(&accounts, "ben", till, Some(&token)).await;
    sign_in(&accounts, "ben", new_device(), None).await;
    guesses("anna").await;
    let elsewhere = "203.0.113.9".parse().unwrap();
    let from_home = SignIn { address: elsewhere, ..attempt("anna", PASSWORD, new_device(), None) };
    accounts.sign_in(from_home).await.unwrap_or_else(|refused| panic!("{refused}"));

    // Tokens that are none, or another device's, are of no use to whoever guesses: a known device would have two tries.
    for (device, token) in [(theirs, vec![7; 32]), (theirs, token.clone()), (new_device(), token.clone())] {
        let waits = async || {
            guesses("anna").await;
            let refusal = refused(&accounts, attempt("anna", "wrong horse", device, Some(&token))).await;
            matches!(refusal, SignInRefused::Wait { .. })
        };
        assert!(waits().await || waits().await, "{device} is known by a token that is not its own");
    }

    // Nor are those of people who were on the till and are not any more: they would shut out whoever is.
    for name in ["tim", "kim"] {
        add(&database.pool, name, &[Role::Shop]).await;
    }
    let tim = sign_in(&accounts, "tim", till, Some(&token)).await.token;
    let kim = sign_in(&accounts, "kim", till, Some(&token)).await.token;
    accounts.sign_out(&tim).await.unwrap();
    accounts::revoke(&database.pool, "kim").await.unwrap();
    for former in [tim, kim] {
        for _ in 0..6 {
            refused(&accounts, attempt("anna", "wrong horse", till, Some(&former))).await;
        }
        token = sign_in(&accounts, "anna", till, Some(&token)).await.token;
    }
}

#[tokio::test]
async fn on_more_new_devices_than_are_allowed_in_a_day_an_admins_code_lets_in() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &Limits { new_devices_per_day: 3, ..limits() });
    for name in ["anna", "ben"] {
        add(pool, name, &[Role::Shop]).await;
    }
    let devices = [(); 3].map(|()| new_device());
    for device in devices {
        sign_in(&accounts, "anna", device, None).await;
    }
    let fourth = new_device();
    let refusal = refused(&accounts, attempt("anna", PASSWORD, fourth, None)).await;
    assert!(matches!(refusal, SignInRefused::NewDevices(3)), "{refusal}");
    assert!(refusal.to_string().contains("Ask an admin for a one-time code"), "{refusal}");
    let known: i64 = sqlx::query_scalar("select count(*) from account.device").fetch_one(pool).await.unwrap();
    assert_eq!(known, 3, "nothing is left behind");
    // Where she was before she goes on, others are not concerned, and an admin's word counts more.
    sign_in(&accounts, "anna", devices[0], None).await;
    sign_in(&accounts, "ben", new_device(), None).await;
    let code = accounts::reset_code(pool, "anna").await.unwrap();
    let by_code = with_code("anna", &code, "another long horse", fourth);
    accounts.sign_in(by_code).await.unwrap_or_else(|refused| panic!("{refused}"));
    // Many at the same moment are counted one after the other, and a day later all begins anew.
    sqlx::query("update account.enrolment set created_at = now() - interval '25 hours'")
        .execute(pool)
        .await
        .unwrap();
    let many = [(); 8].map(|()| accounts.sign_in(attempt("anna", "another long horse", new_device(), None)));
    let let_in = futures_util::future::join_all(many).await;
    assert_eq!(let_in.iter().filter(|outcome| outcome.is_ok()).count(), 3);
}

#[tokio::test]
async fn a_sign_in_that_could_not_be_checked_is_not_a_wrong_password() {
    let database = TestDatabase::new().await;
    let limits = Limits { sign_in_attempts: 2, ..limits() };
    let accounts = Accounts::new(database.pool.clone(), &limits);
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let rename = |sql: &'static str| sqlx::query(sql).execute(&database.pool);
    rename("alter table account.person rename to gone").await.unwrap();
    // More than a name and more than an address is given.
    for _ in 0..20 {
        let unchecked = refused(&accounts, attempt("anna", PASSWORD, till, None)).await;
        assert!(matches!(unchecked, SignInRefused::Unavailable(_)), "{unchecked}");
    }
    rename("alter table account.gone rename to person").await.unwrap();
    sign_in(&accounts, "anna", till, None).await;
}

#[tokio::test]
async fn a_sign_in_that_found_no_place_is_not_a_wrong_password() {
    let database = TestDatabase::new().await;
    // Nothing is ever checked: who found a place in the queue waits, and the others are turned away.
    let limits = Limits { sign_ins_at_once: 0, sign_in_attempts: 9, ..limits() };
    let accounts = Arc::new(Accounts::new(database.pool.clone(), &limits));
    let till = new_device();
    let mut queue = JoinSet::new();
    for number in 0..=64 {
        let accounts = Arc::clone(&accounts);
        let waits = attempt(&format!("name{number}"), PASSWORD, till, None);
        queue.spawn(async move { refused(&accounts, waits).await });
    }
    let first = queue.join_next().await.unwrap().unwrap();
    assert!(matches!(first, SignInRefused::Busy), "{first}");
    // The name has nine tries, and nothing of this network is checked meanwhile.
    for _ in 0..20 {
        let turned_away = refused(&accounts, attempt("anna", PASSWORD, till, None)).await;
        assert!(matches!(turned_away, SignInRefused::Busy), "{turned_away}");
    }
}

#[tokio::test]
async fn the_token_is_nowhere_in_the_database() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let token = sign_in(&accounts, "anna", new_device(), None).await.token;
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from account.enrolment")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    assert_ne!(stored[0], token);
    let hash: String = sqlx::query_scalar("select password_hash from account.person")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert!(hash.starts_with("$argon2id$") && !hash.contains(PASSWORD), "{hash}");
}

#[tokio::test]
async fn withdrawn_access_ends_with_the_next_look() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "boss", &[Role::Admin]).await;
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let boss = sign_in(&accounts, "boss", till, None).await;
    let anna = sign_in(&accounts, "anna", till, Some(&boss.token)).await;
    accounts::revoke(&database.pool, "anna").await.unwrap();
    let refusal = refused(&accounts, attempt("anna", PASSWORD, till, None)).await;
    assert!(matches!(refusal, SignInRefused::PersonRevoked), "{refusal}");
    let session = accounts.authenticate(&anna.token).await.unwrap();
    assert_eq!(session.people.len(), 1, "her token still tells the device, which acts for the boss only");
    assert_eq!((session.former, session.only_push), (vec![anna.person], None));
    let own = new_device();
    let boss_alone = sign_in(&accounts, "boss", own, None).await;
    devices::revoke(&database.pool, &boss_alone.device_code).await.unwrap();
    let shut_out = accounts.authenticate(&boss_alone.token).await.unwrap();
    assert_eq!(shut_out.only_push, Some(Withdrawn::Device), "it may still hand over what it has");
    let refusal = refused(&accounts, attempt("boss", PASSWORD, own, None)).await;
    assert!(matches!(refusal, SignInRefused::DeviceRevoked), "{refusal}");
}

#[tokio::test]
async fn a_device_whose_people_were_all_withdrawn_only_hands_over_what_it_has() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let token = sign_in(&accounts, "anna", new_device(), None).await.token;
    accounts::revoke(&database.pool, "anna").await.unwrap();
    let session = accounts.authenticate(&token).await.unwrap();
    assert_eq!((session.people.len(), session.only_push), (0, Some(Withdrawn::Person)));
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_noted() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    sign_in(&accounts, "anna", till, None).await;
    accounts.record_contact(till, &contact(7), Some(1)).await.unwrap();
    let noted = async || -> (String, i32, bool, i64) {
        sqlx::query_as("select version, waiting, last_contact is not null, settled from account.device")
            .fetch_one(&database.pool)
            .await
            .unwrap()
    };
    assert_eq!(noted().await, ("0.1.0".to_string(), 7, true, 0));
    // Settled is what it made, once nothing waits; but not what another log knew of, and never less than before.
    for (said, knows, settled) in [(contact(0), false, 0), (contact(0), true, 10), (contact(2), true, 10)] {
        accounts.record_contact(till, &said, knows.then_some(1)).await.unwrap();
        assert_eq!(noted().await.3, settled, "{said:?}");
    }
    accounts.record_contact(till, &Contact { counter: 4, ..contact(0) }, Some(1)).await.unwrap();
    assert_eq!(noted().await.3, 10);
}

#[tokio::test]
async fn there_is_always_an_admin_left() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    add(pool, "anna", &[Role::Admin, Role::Sales]).await;
    add(pool, "ben", &[Role::Admin]).await;
    // Each removes the other at the same moment.
    let (first, second) = tokio::join!(
        accounts::remove_role(pool, "anna", Role::Admin),
        accounts::remove_role(pool, "ben", Role::Admin)
    );
    assert_eq!([&first, &second].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{first:?} {second:?}");
    let left = if first.is_ok() { "ben" } else { "anna" };
    for outcome in [accounts::remove_role(pool, left, Role::Admin).await, accounts::revoke(pool, left).await]
    {
        assert!(matches!(outcome, Err(PeopleError::LastAdmin(_))), "{outcome:?}");
    }
    accounts::add_role(pool, if left == "ben" { "anna" } else { "ben" }, Role::Admin).await.unwrap();
    accounts::revoke(pool, left).await.unwrap();
    let people = accounts::list(pool).await.unwrap();
    assert_eq!(people.last().map(|person| person.name.as_str()), Some(left), "withdrawn people come last");
}

#[tokio::test]
async fn of_many_admins_who_all_go_at_the_same_moment_one_stays() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    for round in 0..5 {
        let names: Vec<String> = (0..6).map(|number| format!("admin{round}{number}")).collect();
        for name in &names {
            add(pool, name, &[Role::Admin, Role::Sales]).await;
        }
        // Those that stayed in earlier rounds go too.
        let all =
            accounts::list(pool).await.unwrap().into_iter().filter(|person| person.revoked_at.is_none());
        let mut leaving = tokio::task::JoinSet::new();
        for (number, name) in all.map(|person| person.name).enumerate() {
            let pool = pool.clone();
            leaving.spawn(async move {
                match number % 2 {
                    0 => accounts::revoke(&pool, &name).await,
                    _ => accounts::remove_role(&pool, &name, Role::Admin).await,
                }
            });
        }
        let refused = leaving.join_all().await.into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(refused.as_slice(), [PeopleError::LastAdmin(_)]), "{refused:?}");
        let left: i64 = sqlx::query_scalar(
            "select count(*) from account.person where 'admin' = any (roles) and revoked_at is null",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(left, 1);
    }
}

#[tokio::test]
async fn who_moves_to_another_shop_is_given_its_location() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    add(&database.pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let token = sign_in(&accounts, "anna", till, None).await.token;
    let before = accounts.names(till, 0).await.unwrap().version;
    let new = LocationId::from(Uuid::now_v7());
    let nowhere = accounts::add_location(&database.pool, "anna", new).await.unwrap_err().to_string();
    assert!(nowhere.contains("make one first"), "{nowhere}");
    let old = a_location(&database.pool, "HS", "Harbour").await;
    let nowhere = accounts::add_location(&database.pool, "anna", new).await.unwrap_err().to_string();
    let offered = format!("there is no location “{new}”; choose one of HS Harbour");
    assert_eq!(nowhere, offered);
    let moved = NewPerson { locations: vec![old, new], ..person("ben", &[Role::Shop]) };
    assert_eq!(accounts::create_person(&database.pool, moved).await.unwrap_err().to_string(), offered);
    let new = a_location(&database.pool, "ST", "Station").await;
    for location in [old, new, new] {
        accounts::add_location(&database.pool, "Anna", location).await.unwrap();
    }
    accounts::remove_location(&database.pool, "anna", old).await.unwrap();
    assert_eq!(accounts.authenticate(&token).await.unwrap().people[0].locations, [new]);
    assert_eq!(accounts.names(till, 0).await.unwrap().here[0].locations, [new]);
    assert!(accounts.names(till, 0).await.unwrap().version > before, "devices learn of it");
    for outcome in [
        accounts::add_location(&database.pool, "nobody", new).await,
        accounts::remove_location(&database.pool, "nobody", new).await,
    ] {
        assert!(matches!(outcome, Err(PeopleError::Unknown(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_said_with_its_remedy() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    add(pool, "anna", &[Role::Shop]).await;
    for (new, expected) in [
        (person("ANNA", &[Role::Shop]), "already somebody called ANNA"),
        (person("", &[Role::Shop]), "cannot be a sign-in name"),
        (person("anna berg", &[Role::Shop]), "cannot be a sign-in name"),
        (person(&"a".repeat(65), &[Role::Shop]), "cannot be a sign-in name"),
        (person("ben", &[]), "at least one role"),
        (
            NewPerson { password: "short".into(), ..person("ben", &[Role::Shop]) },
            "5 characters; take at least 10",
        ),
        (NewPerson { display_name: Some(" ".into()), ..person("ben", &[Role::Shop]) }, "display name"),
    ] {
        let name = new.name.clone();
        let error = accounts::create_person(pool, new).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{name:?}: {error}");
    }
    let error = accounts::set_password(pool, "nobody", PASSWORD).await.unwrap_err().to_string();
    assert!(error.contains("user list"), "{error}");
}

#[tokio::test]
async fn a_device_learns_names_and_who_may_act_on_it_and_is_told_when_they_change() {
    let database = TestDatabase::new().await;
    let accounts = Accounts::new(database.pool.clone(), &limits());
    let anna = add(&database.pool, "anna", &[Role::Shop]).await;
    add(&database.pool, "ben", &[Role::Driver, Role::Admin]).await;
    let till = new_device();
    let token = sign_in(&accounts, "anna", till, None).await.token;
    let names = accounts.names(till, 0).await.unwrap();
    let people: Vec<_> =
        names.people.iter().map(|person| (person.name.as_str(), person.roles.as_slice())).collect();
    assert_eq!(people, [("anna", [Role::Shop].as_slice()), ("ben", &[Role::Admin, Role::Driver])]);
    let devices: Vec<_> = names.devices.iter().map(|device| (device.id, device.code.as_str())).collect();
    assert_eq!(devices, [(till, "T1")]);
    assert_eq!(names.here.iter().map(|grant| grant.person).collect::<Vec<_>>(), [anna]);

    accounts.record_contact(till, &contact(0), Some(1)).await.unwrap();
    assert_eq!(accounts.names(till, 0).await.unwrap().version, names.version, "a contact changes no name");
    accounts::add_role(&database.pool, "anna", Role::Sales).await.unwrap();
    let after_role = accounts.names(till, 0).await.unwrap().version;
    assert!(after_role > names.version);
    // Who has the older names is sent what changed, who has those of a log that is gone all of them.
    let told = accounts.names(till, names.version).await.unwrap();
    let changed: Vec<_> = told.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!((told.since, changed, told.devices.len()), (names.version, vec!["anna"], 0));
    let all = told.on(names.clone());
    assert_eq!((all.since, all.people.len(), all.devices.len()), (0, 2, 1));
    assert_eq!(all.people.iter().find(|person| person.id == anna).unwrap().roles, [Role::Sales, Role::Shop]);
    assert_eq!(accounts.names(till, after_role).await.unwrap().people, []);
    let beyond = accounts.names(till, after_role + 1).await.unwrap();
    assert_eq!((beyond.since, beyond.people.len(), beyond.devices.len()), (0, 2, 1));
    epoch::begin(&database.pool).await.unwrap();
    let again = accounts.names(till, after_role).await.unwrap();
    assert_eq!((again.people.len(), again.devices.len()), (2, 1), "of another log");
    accounts.sign_out(&token).await.unwrap();
    assert!(accounts.names(till, 0).await.unwrap().version > again.version);
    assert!(accounts.names(till, 0).await.unwrap().here.is_empty());
}
