//! One-time codes for who forgot their password. An admin asks for one and tells it to the person, who signs in
//! with it and chooses a new password in the same step.

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::people::{PeopleError, name_key};

/// Without the letters that are read as digits, I, L and O, and without U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of 32 letters each: 100 random bits.
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// A fresh code for somebody, good for a day and for one use; an earlier one counts no more. The code is told
/// this once and only kept as a hash.
pub async fn reset_code(pool: &PgPool, name: &str) -> Result<String, PeopleError> {
    let code = random_code().map_err(PeopleError::Randomness)?;
    let mut transaction = pool.begin().await?;
    let person: Option<(Uuid, bool)> =
        sqlx::query_as("select id, revoked_at is not null from account.person where name_key = $1 for share")
            .bind(name_key(name))
            .fetch_optional(&mut *transaction)
            .await?;
    let (person, revoked) = person.ok_or_else(|| PeopleError::Unknown(name.to_string()))?;
    if revoked {
        return Err(PeopleError::Withdrawn(name.to_string()));
    }
    sqlx::query(
        "insert into account.reset_code (person, code_hash, expires_at)
         values ($1, $2, now() + interval '24 hours')
         on conflict (person) do update set code_hash = excluded.code_hash, expires_at = excluded.expires_at",
    )
    .bind(person)
    .bind(code_hash(&code))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(code)
}

/// Whether this is the person's code at this moment. For an unknown name the same is looked up, and never found.
pub(super) async fn is_code(pool: &PgPool, person: Option<Uuid>, code: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (
             select from account.reset_code where person = $1 and code_hash = $2 and expires_at > now()
         )",
    )
    .bind(person)
    .bind(code_hash(code))
    .fetch_one(pool)
    .await
}

/// Uses the code up and puts the new password in its place. `false`: somebody else was faster with it, and the
/// transaction must not be committed.
pub(super) async fn spend(
    connection: &mut PgConnection,
    person: Uuid,
    code: &str,
    password_hash: &str,
) -> Result<bool, sqlx::Error> {
    // The person first, as whoever withdraws access or sets a password does: nobody waits in a circle.
    sqlx::query("update account.person set password_hash = $2 where id = $1")
        .bind(person)
        .bind(password_hash)
        .execute(&mut *connection)
        .await?;
    let spent = sqlx::query(
        "delete from account.reset_code where person = $1 and code_hash = $2 and expires_at > now()",
    )
    .bind(person)
    .bind(code_hash(code))
    .execute(connection)
    .await?;
    Ok(spent.rows_affected() == 1)
}

pub(super) async fn forget_code(connection: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("delete from account.reset_code where person = $1").bind(person).execute(connection).await?;
    Ok(())
}

fn random_code() -> Result<String, getrandom::Error> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)).copied().map(char::from))
        .collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// However it was typed. The code is random, so a plain hash serves.
fn code_hash(code: &str) -> Vec<u8> {
    let typed =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        });
    Sha256::digest(typed.collect::<String>().as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_four_groups_and_is_known_however_it_is_typed() {
        let code = random_code().unwrap();
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [5; 4]);
        assert_ne!(code, random_code().unwrap());
        assert_eq!(code_hash(&code), code_hash(&code.to_lowercase().replace('-', " ")));
        assert_eq!(code_hash("10ABC"), code_hash("lo-abc "));
        assert_ne!(code_hash("10ABC"), code_hash("10ABD"));
    }
}
