//! Who forgot the password gets a code from an admin and chooses a new one with it.

mod common;

use common::TestDatabase;
use common::people::{PASSWORD, add, attempt, limits, new_device, refused, sign_in, with_code};
use sqlx::PgPool;
use waybill_server::accounts::{self, Accounts, PeopleError, SignInRefused, WeakPassword};
use waybill_server::settings::Limits;
use waybill_shared::rules::roles::Role;

const NEW: &str = "a wholly other horse";

async fn annas_code(pool: &PgPool) -> String {
    accounts::reset_code(pool, "anna").await.unwrap()
}

#[tokio::test]
async fn a_new_password_is_chosen_with_a_code_once() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    let till = new_device();
    let before = sign_in(&accounts, "anna", till, None).await;
    let code = annas_code(pool).await;

    let own_name = refused(&accounts, with_code("anna", &code, "annaannaanna", till)).await;
    assert!(matches!(own_name, SignInRefused::WeakPassword(WeakPassword::Name)), "{own_name}");
    assert!(accounts.authenticate(&before.token).await.is_ok());

    let typed = code.to_lowercase().replace('-', " ");
    let after = accounts.sign_in(with_code(" Anna ", &typed, NEW, till)).await;
    let after = after.unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!((after.person, &after.device_code), (before.person, &before.device_code));
    assert!(accounts.authenticate(&after.token).await.is_ok());

    let forgotten = refused(&accounts, attempt("anna", PASSWORD, till, None)).await;
    assert!(matches!(forgotten, SignInRefused::Wrong), "{forgotten}");
    let again = refused(&accounts, with_code("anna", &code, "a third horse", till)).await;
    assert!(matches!(again, SignInRefused::WrongCode), "{again}");
    accounts.sign_in(attempt("anna", NEW, till, None)).await.unwrap_or_else(|refused| panic!("{refused}"));
}

#[tokio::test]
async fn a_code_ends_with_the_next_with_a_new_password_with_the_access_and_after_a_day() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    // Many wrong tries follow one another.
    let accounts = Accounts::new(pool.clone(), &Limits { sign_in_attempts: 100, ..limits() });
    add(pool, "boss", &[Role::Admin]).await;
    add(pool, "anna", &[Role::Shop]).await;
    let age = |hours: i32| {
        sqlx::query("update account.reset_code set expires_at = expires_at - make_interval(hours => $1)")
            .bind(hours)
    };
    for end in ["another code", "a new password", "withdrawn access", "a day"] {
        let code = annas_code(pool).await;
        match end {
            "another code" => drop(annas_code(pool).await),
            "a new password" => accounts::set_password(pool, "anna", PASSWORD).await.unwrap(),
            "withdrawn access" => {
                accounts::revoke(pool, "anna").await.unwrap();
                let none = accounts::reset_code(pool, "anna").await;
                assert!(matches!(none, Err(PeopleError::Withdrawn(_))), "{none:?}");
                accounts::restore(pool, "anna").await.unwrap();
            }
            _ => drop(age(24).execute(pool).await.unwrap()),
        }
        let refusal = refused(&accounts, with_code("anna", &code, NEW, new_device())).await;
        assert!(matches!(refusal, SignInRefused::WrongCode), "{end}: {refusal}");
        sign_in(&accounts, "anna", new_device(), None).await;
    }
    let code = annas_code(pool).await;
    age(23).execute(pool).await.unwrap();
    accounts.sign_in(with_code("anna", &code, NEW, new_device())).await.unwrap_or_else(|e| panic!("{e}"));
    let nobody = accounts::reset_code(pool, "nobody").await.unwrap_err().to_string();
    assert!(nobody.contains("user list"), "{nobody}");
}

#[tokio::test]
async fn of_two_who_use_a_code_at_the_same_moment_one_gets_in() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    let code = annas_code(pool).await;
    let (first, second) = tokio::join!(
        accounts.sign_in(with_code("anna", &code, "the first horse", new_device())),
        accounts.sign_in(with_code("anna", &code, "the second horse", new_device())),
    );
    let chosen = match (first, second) {
        (Ok(_), Err(SignInRefused::WrongCode)) => "the first horse",
        (Err(SignInRefused::WrongCode), Ok(_)) => "the second horse",
        (first, second) => panic!("{:?} {:?}", first.err(), second.err()),
    };
    accounts.sign_in(attempt("anna", chosen, new_device(), None)).await.unwrap_or_else(|e| panic!("{e}"));
}

#[tokio::test]
async fn a_code_that_did_not_lead_onto_the_device_is_still_good() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "boss", &[Role::Admin]).await;
    add(pool, "anna", &[Role::Shop]).await;
    let office = new_device();
    sign_in(&accounts, "boss", office, None).await;
    let code = annas_code(pool).await;
    let refusal = refused(&accounts, with_code("anna", &code, NEW, office)).await;
    assert!(matches!(refusal, SignInRefused::DeviceOfOthers), "{refusal}");
    sign_in(&accounts, "anna", new_device(), None).await;
    accounts.sign_in(with_code("anna", &code, NEW, new_device())).await.unwrap_or_else(|e| panic!("{e}"));
}

#[tokio::test]
async fn codes_are_guessed_no_faster_than_passwords_and_tell_nothing_of_names() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &Limits { sign_in_attempts: 2, ..limits() });
    add(pool, "anna", &[Role::Shop]).await;
    let code = annas_code(pool).await;
    let till = new_device();
    let unknown = refused(&accounts, with_code("nobody", &code, NEW, till)).await;
    // All three at the same moment, so that no wait has passed when the right one is tried.
    let (first, second, third) = tokio::join!(
        refused(&accounts, with_code("anna", "00000-00000-00000-00000", NEW, till)),
        refused(&accounts, with_code("anna", "", NEW, till)),
        refused(&accounts, with_code("anna", &code, NEW, till)),
    );
    assert!(matches!(first, SignInRefused::WrongCode));
    assert_eq!([unknown.to_string(), second.to_string()], [first.to_string(), first.to_string()]);
    assert!(matches!(third, SignInRefused::Wait { .. }), "{third}");
}

#[tokio::test]
async fn a_code_is_no_password_and_stands_nowhere_in_the_database() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let accounts = Accounts::new(pool.clone(), &limits());
    add(pool, "anna", &[Role::Shop]).await;
    let code = annas_code(pool).await;
    let refusal = refused(&accounts, attempt("anna", &code, new_device(), None)).await;
    assert!(matches!(refusal, SignInRefused::Wrong), "{refusal}");
    let stored: String = sqlx::query_scalar(
        "select row_to_json(reset_code)::text || encode(code_hash, 'escape') from account.reset_code",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    for written in [code.clone(), code.replace('-', "")] {
        assert!(!stored.contains(&written), "{stored}");
    }
}
