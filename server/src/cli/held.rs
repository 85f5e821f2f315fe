//! `waybill-server held …`: what waits for a manager, and what becomes of it. It works beside a running server:
//! the decision goes through an intake of its own, into the same log.

use std::{
    collections::HashMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;
use waybill_shared::{
    edit::EditKind,
    finding::Finding,
    id::{EditId, Id},
    protocol::question::Answer,
    review::{Decided, Decision, HeldEdit, Review},
    texts,
};

use super::table::{moment, table};
use crate::{
    accounts, held,
    intake::{Settled, Solo, Submission},
    log::{LogError, postgres::PostgresLog},
    sync::{OsEntropy, now},
};

/// Entries listed at once.
const LISTED: usize = 1_000;

/// How long a log that a busy server keeps moving on is tried.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Subcommand)]
pub enum HeldCommand {
    /// Show what waits for a manager, the longest first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one entry whole, also one that was decided on
    Show {
        /// Its id, from `held list`
        edit: EditId,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// It counts from now on
    Accept(Word),
    /// It happened and is taken back: both stay
    Reverse(Word),
    /// It never happened, or nobody wants it any more
    Discard(Word),
}

#[derive(Debug, Args)]
pub struct Word {
    /// Its id, from `held list`
    edit: EditId,
    /// The manager or admin who decides, by the name that they sign in with
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why; must be given to take back or discard
    #[arg(long, default_value = "")]
    reason: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(command: HeldCommand, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let (decision, word) = match command {
        HeldCommand::List { json } => return list(pool, json).await,
        HeldCommand::Show { edit, json } => return show(pool, edit, json).await,
        HeldCommand::Accept(word) => (Decision::Accept, word),
        HeldCommand::Reverse(word) => (Decision::Reverse, word),
        HeldCommand::Discard(word) => (Decision::Discard, word),
    };
    let reviewer = accounts::find(pool, &word.by).await?;
    if reviewer.revoked_at.is_some() {
        bail!("the access of {} was withdrawn; name a manager who is here", reviewer.name);
    }
    let log = Arc::new(PostgresLog::new(pool.clone()));
    let attempt = match held::show(&*log, word.edit).await? {
        Answer::Waits(held) => held.attempt,
        // Whoever decided before is told below.
        _ => 0,
    };
    let review =
        Review { edit: word.edit, attempt, decision, reviewer: reviewer.id, reason: word.reason.clone() };
    let mut intake = Solo::start(Arc::clone(&log), Box::new(OsEntropy)).await?;
    let submit = async |submission: Submission| take(&mut intake, submission).await;
    match held::decide(&*log, review, reviewer.roles.into(), submit).await? {
        Answer::Decided(_) => {}
        Answer::Meanwhile(decided) => {
            let by = Names::read(pool).await?.of(decided.by.uuid());
            let at = moment(DateTime::from_timestamp_millis(decided.at.ms()));
            bail!("{by} decided on it at {at}; `waybill-server held show {}` tells what", word.edit)
        }
        Answer::Declined { findings } => bail!("nothing was changed. {}", sentences(&findings)),
        _ => bail!("the database does not take it just now; nothing was changed, try again in a moment"),
    }
    let done = match decision {
        Decision::Accept => "counts from now on",
        Decision::Reverse => "is in the books and taken back",
        Decision::Discard => "is discarded",
    };
    if word.json {
        let decided =
            json!({ "id": word.edit.to_string(), "decision": decision.name(), "by": reviewer.name });
        println!("{}", texts::printable_json(&format!("{decided:#}")));
    } else {
        println!("{} {done}.", word.edit);
    }
    Ok(ExitCode::SUCCESS)
}

/// A busy server may keep the log moving on.
async fn take(intake: &mut Solo<PostgresLog>, submission: Submission) -> Result<Settled, LogError> {
    let began = Instant::now();
    loop {
        let settled = intake.take(std::slice::from_ref(&submission), now()).await?.pop();
        match settled.unwrap_or(Settled::Later) {
            Settled::Later | Settled::AnotherLog | Settled::Waits(_) if began.elapsed() < PATIENCE => {}
            settled => return Ok(settled),
        }
    }
}

fn sentences(findings: &[Finding]) -> String {
    let said: Vec<String> = findings.iter().map(|f| format!("{} {}", f.what, f.remedy)).collect();
    said.join(" ")
}

async fn list(pool: &PgPool, as_json: bool) -> anyhow::Result<ExitCode> {
    let log = PostgresLog::new(pool.clone());
    let held = held::page(&log, 0, LISTED).await?.entries;
    let names = Names::read(pool).await?;
    if as_json {
        let all: Value = held.iter().map(|held| names.json(held)).collect();
        println!("{}", texts::printable_json(&format!("{all:#}")));
        return Ok(ExitCode::SUCCESS);
    }
    let rows = held.iter().map(|held| {
        [
            held.edit.to_string(),
            names.of(held.person.uuid()),
            names.of(held.device.uuid()),
            moment(when(held)),
            kind(held).to_string(),
            what(held),
            held.findings.first().map(|finding| finding.what.clone()).unwrap_or_default(),
        ]
    });
    print!("{}", table(["ID", "PERSON", "DEVICE", "WHEN", "KIND", "WHAT", "WHY"], rows));
    Ok(ExitCode::SUCCESS)
}

async fn show(pool: &PgPool, edit: EditId, as_json: bool) -> anyhow::Result<ExitCode> {
    let names = Names::read(pool).await?;
    let log = PostgresLog::new(pool.clone());
    let held = match held::show(&log, edit).await? {
        Answer::Waits(held) => held,
        Answer::Decided(decided) => {
            tell_decided(edit, &decided, &names, as_json);
            return Ok(ExitCode::SUCCESS);
        }
        Answer::Declined { findings } => bail!("{}", sentences(&findings)),
        other => bail!("it cannot be shown: {other:?}"),
    };
    if as_json {
        println!("{}", texts::printable_json(&format!("{:#}", names.json(&held))));
        return Ok(ExitCode::SUCCESS);
    }
    let line = |name: &str, value: String| [name.to_string(), value];
    let mut rows = vec![
        line("person", names.of(held.person.uuid())),
        line("device", names.of(held.device.uuid())),
        line("when", moment(when(&held))),
        line("booked", format!("{}", held.booked.day)),
        line("kind", kind(&held).to_string()),
    ];
    rows.extend(held.does.iter().map(|does| line("what", format!("{} ({})", does.words, does.doc))));
    rows.extend(held.findings.iter().map(|finding| line("why", finding.what.clone())));
    print!("{}", table(["ID", &edit.to_string()], rows));
    Ok(ExitCode::SUCCESS)
}

fn tell_decided(edit: EditId, decided: &Decided, names: &Names, as_json: bool) {
    let Decided { decision, by, at, reason } = decided;
    let (by, at) = (names.of(by.uuid()), DateTime::from_timestamp_millis(at.ms()));
    if as_json {
        let told = json!({
            "id": edit.to_string(), "decision": decision.name(), "by": by, "reason": reason,
            "at": at.map(|at| at.to_rfc3339()),
        });
        println!("{}", texts::printable_json(&format!("{told:#}")));
    } else {
        let row = [decision.name().to_owned(), by, moment(at), reason.clone()];
        print!("{}", table(["DECISION", "BY", "AT", "REASON"], [row]));
    }
}

fn when(held: &HeldEdit) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(held.at.ms())
}

fn what(held: &HeldEdit) -> String {
    held.does.iter().map(|does| does.words.as_str()).collect::<Vec<_>>().join("; ")
}

fn kind(held: &HeldEdit) -> &'static str {
    match held.kind {
        EditKind::Facts => "happened",
        EditKind::Requests => "asked for",
    }
}

/// Of people and devices.
struct Names(HashMap<Uuid, String>);

impl Names {
    async fn read(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select id, display_name from account.person
             union all select id, code || ' ' || name from account.device",
        )
        .fetch_all(pool)
        .await?;
        Ok(Self(rows.into_iter().collect()))
    }

    fn of(&self, id: Uuid) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.simple().to_string())
    }

    fn json(&self, held: &HeldEdit) -> Value {
        let does =
            held.does.iter().map(|does| json!({ "what": does.words, "document": does.doc.to_string() }));
        let why = held.findings.iter().map(|finding| finding.what.as_str());
        json!({
            "id": held.edit.to_string(),
            "person": self.of(held.person.uuid()),
            "device": self.of(held.device.uuid()),
            "at": when(held).map(|at| at.to_rfc3339()),
            "day": held.booked.day.to_string(),
            "kind": kind(held),
            "does": does.collect::<Vec<_>>(),
            "why": why.collect::<Vec<_>>(),
        })
    }
}
