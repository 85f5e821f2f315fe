//! What is held for review, for managers: the server keeps it and decides.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use waybill_shared::{
    edit::EditKind,
    finding::{Finding, Rule},
    id::{EditId, Id},
    money,
    protocol::{
        frame::Names,
        question::{Answer, HeldQuestion, Question},
    },
    review::{Decided, Decision, HeldEdit},
    short::{SHORTEST, is_meant, short},
    time::Timestamp,
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
    values::moment,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What waits for a manager, the longest first.
    List(Whole),
    /// One entry whole, also one that was decided on.
    Show {
        /// As the list shows it.
        entry: String,
    },
    /// It counts from now on.
    Accept(Word),
    /// It happened and is taken back: both stay.
    Reverse(Word),
    /// It never happened, or nobody wants it any more.
    Discard(Word),
}

#[derive(Debug, Args)]
pub struct Word {
    /// As the list shows it.
    entry: String,
    /// Why; must be given to take back or discard. Whoever entered it reads it.
    #[arg(long, default_value = "")]
    reason: String,
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(_) => list(session),
        Command::Show { entry } => show(session, &entry),
        Command::Accept(word) => decide(session, Decision::Accept, word),
        Command::Reverse(word) => decide(session, Decision::Reverse, word),
        Command::Discard(word) => decide(session, Decision::Discard, word),
    }
}

/// All of them, page after page.
fn waiting(session: &mut Session) -> Result<Vec<HeldEdit>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let Answer::Held(page) = session.asks(Question::Held(HeldQuestion::List { after }))? else {
            return Err(Session::unfitting());
        };
        all.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// By what the list shows, or by a whole id, also of one that is on no list any more.
fn named(session: &mut Session, named: &str) -> Result<EditId, Failure> {
    match find::id_of(named) {
        Some(id) => Ok(EditId::new(id)),
        None => {
            let waits = waiting(session)?;
            if !waits.iter().any(|held| is_meant(named, held.edit.uuid())) && named.trim().len() >= SHORTEST {
                let what = format!("Nothing that waits for a decision is called “{named}”.");
                let remedy = "What was decided on is shown by its whole id, which the decision printed.";
                return Err(Failure::Refused(vec![Finding::new(Rule::NotThere, what, remedy)]));
            }
            find::by_short("entry", named, waits, |held| held.edit.uuid()).map(|held| held.edit)
        }
    }
}

fn list(session: &mut Session) -> Result<(), Failure> {
    let all = waiting(session)?;
    let told = Told::new(session)?;
    session.out.say(
        || {
            let entries: Vec<Value> = all.iter().map(|held| told.json(held)).collect();
            json!({ "entries": entries, "count": all.len() })
        },
        || {
            let ids = || all.iter().map(|held| held.edit.uuid());
            let row = |held: &HeldEdit| told.row(held, short(held.edit.uuid(), ids()));
            let cells: Vec<Vec<String>> = all.iter().map(row).collect();
            match cells.len() {
                0 => "Nothing is held for review.".to_owned(),
                _ => table(&["entry", "person", "device", "when", "what", "amount", "why"], &[5], &cells),
            }
        },
    );
    Ok(())
}

fn show(session: &mut Session, entry: &str) -> Result<(), Failure> {
    let edit = named(session, entry)?;
    let answer = session.asks(Question::Held(HeldQuestion::Show { edit }))?;
    let told = Told::new(session)?;
    match answer {
        Answer::Waits(held) => session.out.say(|| told.json(&held), || told.text(&held)),
        Answer::Decided(decided) => {
            session.out.say(|| told.decided_json(edit, &decided), || told.decided(&decided));
        }
        _ => return Err(Session::unfitting()),
    }
    Ok(())
}

fn decide(session: &mut Session, decision: Decision, word: Word) -> Result<(), Failure> {
    let edit = named(session, &word.entry)?;
    let attempt = match session.asks(Question::Held(HeldQuestion::Show { edit }))? {
        Answer::Waits(held) => held.attempt,
        // Whoever decided before is told by the answer to this.
        _ => 0,
    };
    let question = HeldQuestion::Decide { edit, attempt, decision, reason: word.reason };
    let answer = session.asks(Question::Held(question))?;
    let told = Told::new(session)?;
    match answer {
        Answer::Decided(decided) => {
            let done = match decision {
                Decision::Accept => "It counts from now on.",
                Decision::Reverse => "It is in the books and taken back.",
                Decision::Discard => "It is discarded, and whoever entered it reads why.",
            };
            let again = format!("`waybill held show {edit}` tells of it from now on.");
            session.out.say(|| told.decided_json(edit, &decided), || format!("{done}\n{again}"));
            Ok(())
        }
        Answer::Meanwhile(decided) => {
            let finding =
                Finding::new(Rule::WrongStep, told.decided(&decided), "Nothing was changed by you.");
            Err(Failure::Refused(vec![finding]))
        }
        _ => Err(Session::unfitting()),
    }
}

/// With the names of people and devices, in the business's time.
struct Told {
    names: Names,
    zone: chrono_tz::Tz,
}

impl Told {
    fn new(session: &mut Session) -> Result<Self, Failure> {
        Ok(Self { names: session.reader()?.names()?, zone: session.settings()?.fields.zone })
    }

    fn person(&self, id: waybill_shared::id::PersonId) -> String {
        let known = self.names.people.iter().find(|person| person.id == id);
        known.map_or_else(|| "somebody".to_owned(), |person| person.name.clone())
    }

    fn device(&self, id: waybill_shared::id::DeviceId) -> String {
        let known = self.names.devices.iter().find(|device| device.id == id);
        known.map_or_else(|| "a device".to_owned(), |device| format!("{} {}", device.code, device.name))
    }

    fn when(&self, at: Timestamp) -> String {
        moment(at, self.zone)
    }

    fn row(&self, held: &HeldEdit, short: String) -> Vec<String> {
        vec![
            short,
            self.person(held.person),
            self.device(held.device),
            self.when(held.at),
            held.does.iter().map(|does| does.words.as_str()).collect::<Vec<_>>().join("; "),
            amounts(held),
            held.findings.first().map(|finding| finding.what.clone()).unwrap_or_default(),
        ]
    }

    fn text(&self, held: &HeldEdit) -> String {
        let mut lines = vec![
            format!("person  {}", self.person(held.person)),
            format!("device  {}", self.device(held.device)),
            format!("when    {}", self.when(held.at)),
            format!("booked  {}", held.booked.day),
            format!("kind    {}", kind(held)),
        ];
        lines.extend(held.does.iter().map(|does| format!("what    {}", does.words)));
        if held.does.iter().any(|does| does.worth.is_some()) {
            lines.push(format!("amount  {}", amounts(held)));
        }
        lines.extend(held.findings.iter().map(|finding| format!("why     {}", finding.what)));
        lines.join("\n")
    }

    fn json(&self, held: &HeldEdit) -> Value {
        let does = held.does.iter().map(|does| {
            json!({
                "what": does.words,
                "document": does.doc.to_string(),
                "amount": does.worth.map(|(amount, _)| amount),
                "currency": does.worth.map(|(_, currency)| currency),
            })
        });
        json!({
            "edit": held.edit,
            "attempt": held.attempt,
            "person": self.person(held.person),
            "device": self.device(held.device),
            "at": held.at,
            "day": held.booked.day,
            "kind": kind(held),
            "does": does.collect::<Vec<_>>(),
            "why": held.findings.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(),
        })
    }

    fn decided(&self, decided: &Decided) -> String {
        let did = match decided.decision {
            Decision::Accept => "accepted it",
            Decision::Reverse => "took it back",
            Decision::Discard => "discarded it",
        };
        let (by, at) = (self.person(decided.by), self.when(decided.at));
        match decided.reason.as_str() {
            "" => format!("{by} {did} at {at}."),
            reason => format!("{by} {did} at {at}: {reason}"),
        }
    }

    fn decided_json(&self, edit: EditId, decided: &Decided) -> Value {
        json!({
            "edit": edit,
            "decision": decided.decision.name(),
            "by": self.person(decided.by),
            "at": decided.at,
            "reason": decided.reason,
        })
    }
}

fn kind(held: &HeldEdit) -> &'static str {
    match held.kind {
        EditKind::Facts => "happened",
        EditKind::Requests => "asked for",
    }
}

fn amounts(held: &HeldEdit) -> String {
    let worth = held.does.iter().filter_map(|does| does.worth);
    let told = worth.map(|(amount, currency)| money::words(amount, currency));
    told.collect::<Vec<_>>().join(" + ")
}
