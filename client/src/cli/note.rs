//! Internal notes on the command line.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use waybill_shared::{
    finding::{Finding, Rule},
    id::{Id, LocationId, NoteId, NotesId, PersonId},
    kind::{DocAddr, DocKind},
    notes::{Note, Notes, Show, TakeOut, Write},
    protocol::frame::Names,
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
};
use crate::engine;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists what was noted, and says who may read it.
    List {
        #[command(flatten)]
        about: About,
        #[command(flatten)]
        whole: Whole,
    },
    /// Notes something that the customer is not told.
    Write {
        #[command(flatten)]
        about: About,
        /// What it says.
        text: String,
    },
    /// What a note says goes from the notes, for everybody; that there was one stays. The server's records keep what was
    /// entered.
    TakeOut {
        #[command(flatten)]
        about: About,
        /// How its id begins, as in the list: four characters or more.
        note: String,
    },
    /// Lets the shops read the notes (of an order: who works at its place): what stands in them, and nothing that was
    /// taken out before.
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
        Ok(self.find_with_place(session)?.0)
    }

    /// With the place of an order.
    fn find_with_place(&self, session: &mut Session) -> Result<(DocAddr, Option<LocationId>), Failure> {
        let reader = session.reader()?;
        let Some(order) = &self.order else {
            let customer = find::customer(reader, self.customer.as_deref().unwrap_or_default())?;
            return Ok((customer.id.into(), None));
        };
        let (id, order) = find::order(reader, order)?;
        Ok((id.into(), order.location().filter(|location| !location.is_nil())))
    }
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { about, whole: _ } => {
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
    let (about, place) = about.find_with_place(session)?;
    if shown && about.kind == DocKind::Order && place.is_none() {
        let what = "The order is at no shop: there is nobody but the office to read its notes.";
        let remedy = "Write on the order itself what others shall know: waybill order note";
        return Err(Failure::Refused(vec![Finding::new(Rule::WrongStep, what, remedy)]));
    }
    session.enter_one(NotesId::of(about), Show { shown, location: place.filter(|_| shown) })
}

/// Who may not read them is told so, and not whether there are any.
fn notes(reader: &crate::store::Reader, about: DocAddr) -> Result<Notes, Failure> {
    let here = reader.notes(about)?;
    here.map(|here| here.shown).ok_or_else(|| {
        let what = "There are no internal notes for you to read here.";
        Failure::Refused(vec![Finding::new(Rule::NotPermitted, what, "Ask the office what it noted.")])
    })
}

/// So many characters of an id are enough, where no other begins like it.
const SHORTEST: usize = 4;

/// By how its id begins. A place in the list would be another one after the next sync.
fn one(notes: &Notes, named: &str) -> Result<NoteId, Failure> {
    let begins = named.trim().to_lowercase().replace('-', "");
    if begins.len() < SHORTEST {
        return Err(Failure::Usage(format!(
            "“{named}” is too short for a note: give at least {SHORTEST} characters of its id, as waybill note list \
             shows it."
        )));
    }
    let found = notes.notes.keys().copied().filter(|id| hex(*id).starts_with(&begins)).collect();
    find::one("note", named, found, |id| hex(*id))
}

/// As much of its id as no other begins with.
fn short(notes: &Notes, id: NoteId) -> String {
    let whole = hex(id);
    let alike = |other: &str| whole.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let others = notes.notes.keys().filter(|other| **other != id);
    let most = others.map(|other| alike(&hex(*other))).max().unwrap_or_default();
    whole.chars().take((most + 1).max(SHORTEST)).collect()
}

fn hex(id: NoteId) -> String {
    id.uuid().simple().to_string()
}

fn whole(notes: &Notes, names: &Names) -> Value {
    let told = |(id, note): (NoteId, &Note)| {
        json!({
            "id": id,
            "short": short(notes, id),
            "at": note.at,
            "person": person(names, note.person),
            "text": note.text,
        })
    };
    let standing = notes.standing();
    json!({
        "taken_out": notes.notes.len() - standing.len(),
        "notes": standing.into_iter().map(told).collect::<Vec<_>>(),
        "shops_may_read": notes.fields.shown,
    })
}

fn words(notes: &Notes, names: &Names, zone: chrono_tz::Tz) -> String {
    let standing = notes.standing();
    if !notes.exists() {
        return "Nothing was noted yet. What is noted is for the office alone.".to_owned();
    }
    let readers = match (notes.fields.shown, notes.fields.closed) {
        (true, _) if notes.about.kind == Some(DocKind::Order) => {
            "Who works at the order's place may read this."
        }
        (true, _) => "The shops may read this.",
        (false, true) => {
            "For the office alone again: a note came from somebody who had not seen that the shops read along."
        }
        (false, false) => "For the office alone.",
    };
    let row = |(id, note): &(NoteId, &Note)| {
        let when = note.at.local(zone).format("%Y-%m-%d %H:%M").to_string();
        vec![short(notes, *id), when, person(names, note.person).to_owned(), note.text.clone()]
    };
    let rows: Vec<Vec<String>> = standing.iter().map(row).collect();
    let out = match notes.notes.len() - standing.len() {
        0 => String::new(),
        1 => "\nOne note was taken out.".to_owned(),
        several => format!("\n{several} notes were taken out."),
    };
    format!("{}{readers}{out}", table(&["id", "when", "who", "note"], &[], &rows))
}

fn person(names: &Names, id: PersonId) -> &str {
    names.people.iter().find(|person| person.id == id).map_or("somebody", |person| &person.name)
}
