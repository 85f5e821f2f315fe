//! The demo company into a database, through intake as everything else.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyhow::{Context, bail};
use chrono::Utc;
use sqlx::PgPool;
use tokio::sync::mpsc;
use waybill_shared::{id::PersonId, rules::roles::Role, time::Timestamp};

use super::{Demo, PASSWORD, dice::Dice};
use crate::{
    accounts::{self, NewPerson},
    intake::{Handed, Intake, LookedUp, Options, Settled, Submission, Submitted, Turn},
    log::postgres::PostgresLog,
    progress,
};

/// What there is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub people: usize,
    /// By verdict.
    pub edits: BTreeMap<String, i64>,
}

/// It goes into no database that holds something.
pub async fn goes_into(pool: &PgPool) -> anyhow::Result<()> {
    let empty: bool = sqlx::query_scalar("select not exists (select from sync.edit)").fetch_one(pool).await?;
    if !empty {
        bail!(
            "there is data in this database already; demo data goes into an empty one, for example with another --data-dir"
        );
    }
    Ok(())
}

pub async fn load(pool: &PgPool, demo: Demo, seed: u64) -> anyhow::Result<Loaded> {
    goes_into(pool).await?;
    let mut roles: BTreeMap<PersonId, Arc<[Role]>> = BTreeMap::new();
    for person in &demo.people {
        let new = NewPerson {
            id: person.hand.person,
            name: person.sign_in.to_owned(),
            display_name: Some(person.name.to_owned()),
            password: PASSWORD.to_owned(),
            roles: vec![person.role],
            locations: Vec::new(),
        };
        accounts::create_person(pool, new).await?;
        roles.insert(person.hand.person, Arc::from([person.role]));
    }
    submit(pool, &demo, &roles, seed).await?;
    for person in &demo.people {
        for place in &person.places {
            accounts::add_location(pool, person.sign_in, *place).await?;
        }
    }
    let verdicts = sqlx::query_as("select verdict, count(*) from sync.edit group by verdict");
    let edits: Vec<(String, i64)> = verdicts.fetch_all(pool).await?;
    // Plans are made for tables as they are now, not as they were when empty.
    sqlx::query("analyze").execute(pool).await?;
    Ok(Loaded { people: demo.people.len(), edits: edits.into_iter().collect() })
}

async fn submit(
    pool: &PgPool,
    demo: &Demo,
    roles: &BTreeMap<PersonId, Arc<[Role]>>,
    seed: u64,
) -> anyhow::Result<()> {
    let options = Options {
        // The same seed makes the same changes.
        entropy: Box::new(Dice::new(!seed)),
        now: || Timestamp::from_unix_ms(Utc::now().timestamp_millis()),
        // What one did rests on what another one had done.
        turns: false,
        ..Options::usual()
    };
    let log = Arc::new(PostgresLog::new(pool.clone()));
    let (intake, working) = Intake::start(log, options).await?;
    let (answer, mut answers) = mpsc::unbounded_channel();
    let turn = Turn::new(answer);
    for edit in &demo.edits {
        let handed = Handed {
            edit: Arc::new(edit.clone()),
            roles: roles.get(&edit.person).cloned(),
            approver: Arc::from([]),
            looked_up: LookedUp { books_history: true, ..LookedUp::default() },
        };
        intake.submit(Submitted { what: Submission::Edit(handed), turn: turn.clone() }).await?;
    }
    drop((turn, intake));
    while let Some((edit, settled)) = answers.recv().await {
        progress::step(1);
        if !matches!(settled, Settled::Judged { .. }) {
            bail!(
                "the database took only a part of the demo data (edit {edit}: {settled:?}); begin with an empty one"
            );
        }
    }
    working.await.context("intake ended")
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} people; what they did: ", self.people)?;
        let edits: Vec<_> = self.edits.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        f.write_str(&edits.join(", "))
    }
}
