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
    finding::sentences,
    id::{EditId, Id},
    protocol::question::Answer,
    review::{Decided, Decision, HeldEdit, Review},
    short, texts,
};

use super::failure::Declined;
use super::out::{self, say};
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
        /// All of them, however many
        #[arg(long)]
        all: bool,
    },
    /// Show one entry whole, also one that was decided on
    Show {
        /// As `held list` shows it, or its whole id
        #[arg(value_name = "ENTRY")]
        edit: String,
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
    /// As `held list` shows it, or its whole id
    #[arg(value_name = "ENTRY")]
    edit: String,
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
        HeldCommand::List { json, all } => return list(pool, json, all).await,
        HeldCommand::Show { edit, json } => return show(pool, named(pool, &edit).await?, json).await,
        HeldCommand::Accept(word) => (Decision::Accept, word),
        HeldCommand::Reverse(word) => (Decision::Reverse, word),
        HeldCommand::Discard(word) => (Decision::Discard, word),
    };
    let edit = named(pool, &word.edit).await?;
    let reviewer = accounts::find(pool, &word.by).await?;
    if reviewer.revoked_at.is_some() {
        bail!("the access of {} was withdrawn; name a manager who is here", reviewer.name);
    }
    let log = Arc::new(PostgresLog::new(pool.clone()));
    let attempt = match held::show(&*log, edit).await? {
        Answer::Waits(held) => held.attempt,
        // Whoever decided before is told below.
        _ => 0,
    };
    let review = Review { edit, attempt, decision, reviewer: reviewer.id, reason: word.reason.clone() };
    let mut intake = Solo::start(Arc::clone(&log), Box::new(OsEntropy)).await?;
    let submit = async |submission: Submission| take(&mut intake, submission).await;
    match held::decide(&*log, review, reviewer.roles.into(), submit).await? {
        Answer::Decided(_) => {}
        Answer::Meanwhile(decided) => {
            let by = Names::read(pool).await?.of(decided.by.uuid());
            let at = moment(DateTime::from_timestamp_millis(decided.at.ms()));
            bail!("{by} decided on it at {at}; `waybill-server held show {}` tells what", word.edit)
        }
        Answer::Declined { findings } => return Err(Declined::new(&findings).into()),
        _ => bail!("the database does not take it just now; nothing was changed, try again in a moment"),
    }
    let done = match decision {
        Decision::Accept => "counts from now on",
        Decision::Reverse => "is in the books and taken back",
        Decision::Discard => "is discarded",
    };
    if word.json {
        let decided = json!({ "id": edit.to_string(), "decision": decision.name(), "by": reviewer.name });
        say!("{}", texts::printable_json(&format!("{decided:#}")));
    } else {
        say!("{} {done}.", word.edit);
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

async fn list(pool: &PgPool, as_json: bool, all: bool) -> anyhow::Result<ExitCode> {
    let log = PostgresLog::new(pool.clone());
    let mut page = held::page(&log, 0, LISTED).await?;
    let (of, mut held) = (page.total, std::mem::take(&mut page.entries));
    while let (true, Some(next)) = (all, page.next) {
        page = held::page(&log, next, LISTED).await?;
        held.append(&mut page.entries);
    }
    let names = Names::read(pool).await?;
    if as_json {
        let all: Value = held.iter().map(|held| names.json(held)).collect();
        say!("{}", texts::printable_json(&format!("{all:#}")));
        return Ok(ExitCode::SUCCESS);
    }
    if held.is_empty() {
        say!("Nothing is held for review.");
        return Ok(ExitCode::SUCCESS);
    }
    let ids = || held.iter().map(|held| held.edit.uuid());
    let rows = held.iter().map(|held| {
        [
            short::short(held.edit.uuid(), ids()),
            names.of(held.person.uuid()),
            names.of(held.device.uuid()),
            moment(when(held)),
            kind(held).to_string(),
            what(held),
            held.findings.first().map(|finding| finding.what.clone()).unwrap_or_default(),
        ]
    });
    out::print(table(["ENTRY", "PERSON", "DEVICE", "WHEN", "KIND", "WHAT", "WHY"], rows));
    if u64::try_from(held.len()).is_ok_and(|shown| shown < of) {
        say!("{} of {of} entries; --all shows all of them.", held.len());
    }
    Ok(ExitCode::SUCCESS)
}

/// Of what waits or was decided on.
async fn named(pool: &PgPool, typed: &str) -> anyhow::Result<EditId> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    if typed.trim().len() < short::SHORTEST {
        bail!("“{typed}” is too short; give what `held list` shows, at least {} characters", short::SHORTEST);
    }
    let all: Vec<Uuid> = sqlx::query_scalar(
        "select id from sync.edit where verdict = 'held' union select edit from sync.review",
    )
    .fetch_all(pool)
    .await?;
    let found: Vec<Uuid> = all.into_iter().filter(|id| short::is_meant(typed, *id)).collect();
    match found.as_slice() {
        [only] => Ok(EditId::new(*only)),
        [] => bail!("nothing that is held is called “{typed}”; `held list` shows what is"),
        several => bail!("“{typed}” is {} of them; give more of it, as `held list` shows it", several.len()),
    }
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
        Answer::Declined { findings } => bail!("{}", sentences(&findings).join(" ")),
        other => bail!("it cannot be shown: {other:?}"),
    };
    if as_json {
        say!("{}", texts::printable_json(&format!("{:#}", names.json(&held))));
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
    rows.extend(held.does.iter().map(|does| line("what", does.words.clone())));
    rows.extend(held.findings.iter().map(|finding| line("why", finding.what.clone())));
    out::print(table(["ENTRY", &short::short(edit.uuid(), [])], rows));
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
        say!("{}", texts::printable_json(&format!("{told:#}")));
    } else {
        let row = [decision.name().to_owned(), by, moment(at), reason.clone()];
        out::print(table(["DECISION", "BY", "AT", "REASON"], [row]));
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
        self.0.get(&id).cloned().unwrap_or_else(|| "somebody".to_owned())
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
