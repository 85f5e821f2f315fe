//! Internal notes on the command line.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use waybill_shared::{
    finding::{Finding, Rule},
    id::{NoteId, NotesId, PersonId},
    kind::DocAddr,
    notes::{Note, Notes, Show, TakeOut, Write},
    protocol::frame::Names,
};

use super::{find, outcome::Failure, session::Session, table::table};
use crate::engine;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists what was noted, and says who may read it.
    List {
        #[command(flatten)]
        about: About,
    },
    /// Notes something that the customer is not told.
    Write {
        #[command(flatten)]
        about: About,
        text: String,
    },
    /// A note goes, with what it said; that there was one stays.
    TakeOut {
        #[command(flatten)]
        about: About,
        /// Its place in the list, or its id.
        note: String,
    },
    /// Lets the shops read the notes: what stands in them, and nothing that was taken out before.
    ShowToShops {
        #[command(flatten)]
        about: About,
    },
    /// Only the office reads the notes again.
    HideFromShops {
        #[command(flatten)]
        about: About,
    },
}

/// What the notes are about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct About {
    /// An order, by its number or id.
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// A customer, by number, id or name.
    #[arg(long, value_name = "CUSTOMER")]
    customer: Option<String>,
}

impl About {
    fn find(&self, session: &mut Session) -> Result<DocAddr, Failure> {
        let reader = session.reader()?;
        match (&self.order, &self.customer) {
            (Some(order), _) => Ok(find::order(reader, order)?.0.into()),
            (None, customer) => {
                Ok(find::customer(reader, customer.as_deref().unwrap_or_default())?.id.into())
            }
        }
    }
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { about } => {
            let zone = session.settings()?.fields.zone;
            let about = about.find(session)?;
            let reader = session.reader()?;
            let (notes, names) = (notes(reader, about)?, reader.names()?);
            session.out.say(|| whole(&notes, &names), || words(&notes, &names, zone));
            Ok(())
        }
        Command::Write { about, text } => {
            let about = about.find(session)?;
            let write = Write { id: engine::fresh_id(), about, text, saw_shown: false };
            session.enter_one(NotesId::of(about), write)
        }
        Command::TakeOut { about, note } => {
            let about = about.find(session)?;
            let note = one(&notes(session.reader()?, about)?, &note)?;
            session.enter_one(NotesId::of(about), TakeOut { note })
        }
        Command::ShowToShops { about } => show(session, &about, true),
        Command::HideFromShops { about } => show(session, &about, false),
    }
}

fn show(session: &mut Session, about: &About, shown: bool) -> Result<(), Failure> {
    let about = about.find(session)?;
    session.enter_one(NotesId::of(about), Show { shown })
}

/// Who may not read them is told so, and not whether there are any.
fn notes(reader: &crate::store::Reader, about: DocAddr) -> Result<Notes, Failure> {
    let here = reader.notes(about)?;
    here.map(|here| here.shown).ok_or_else(|| {
        let what = "There are no internal notes for you to read here.";
        Failure::Refused(vec![Finding::new(Rule::NotPermitted, what, "Ask the office what it noted.")])
    })
}

fn one(notes: &Notes, named: &str) -> Result<NoteId, Failure> {
    let standing = notes.standing();
    let place: Option<usize> = named.trim().parse().ok();
    let by_place = place.and_then(|place| standing.get(place.checked_sub(1)?)).map(|(id, _)| *id);
    let by_id = || find::id_of(named).map(NoteId::new).filter(|id| notes.notes.contains_key(id));
    by_place.or_else(by_id).ok_or_else(|| find::not_there("note", named))
}

fn whole(notes: &Notes, names: &Names) -> Value {
    let told = |(at, (id, note)): (usize, (NoteId, &Note))| {
        json!({
            "place": at + 1,
            "id": id,
            "at": note.at,
            "person": person(names, note.person),
            "text": note.text,
        })
    };
    let standing = notes.standing();
    json!({
        "taken_out": notes.notes.len() - standing.len(),
        "notes": standing.into_iter().enumerate().map(told).collect::<Vec<_>>(),
        "shops_may_read": notes.fields.shown,
    })
}

fn words(notes: &Notes, names: &Names, zone: chrono_tz::Tz) -> String {
    let standing = notes.standing();
    if !notes.exists() {
        return "Nothing was noted yet. What is noted is for the office alone.".to_owned();
    }
    let readers = match (notes.fields.shown, notes.fields.closed) {
        (true, _) => "The shops may read this.",
        (false, true) => {
            "For the office alone again: a note came from somebody who had not seen that the shops read along."
        }
        (false, false) => "For the office alone.",
    };
    let row = |(at, (_, note)): (usize, &(NoteId, &Note))| {
        let when = note.at.local(zone).format("%Y-%m-%d %H:%M").to_string();
        vec![(at + 1).to_string(), when, person(names, note.person).to_owned(), note.text.clone()]
    };
    let rows: Vec<Vec<String>> = standing.iter().enumerate().map(row).collect();
    let out = match notes.notes.len() - standing.len() {
        0 => String::new(),
        1 => "\nOne note was taken out.".to_owned(),
        several => format!("\n{several} notes were taken out."),
    };
    format!("{}{readers}{out}", table(&["", "when", "who", "note"], &[0], &rows))
}

fn person(names: &Names, id: PersonId) -> &str {
    names.people.iter().find(|person| person.id == id).map_or("somebody", |person| &person.name)
}
