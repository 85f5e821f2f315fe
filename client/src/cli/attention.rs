//! The needs-attention list on the command line.

use std::{fs, io::Read, path::PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::{
    command::Command as Doing,
    edit::{Edit, Override, Verdict},
    finding::sentences,
    id::{Id, OrderId, PersonId},
    kind::{DocAddr, DocKind},
    numbers::Number,
    order::commands::OrderCommand,
    protocol::frame::Names,
    review::Decided,
    short::short,
};

use super::{
    find,
    outcome::Failure,
    session::{Entered, Session},
    table::{Whole, table},
    values::{self, parse},
};
use crate::{
    engine::{Answer, Request},
    store::{Attention, BACK_REMEDY, Damaged, back_words, entries},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists what needs you.
    List(Whole),
    /// One entry with what speaks against it.
    Show {
        /// As the list shows it.
        entry: String,
    },
    /// Enters it once more, in place of what stands there now.
    Redo {
        /// As the list shows it.
        entry: String,
        /// A manager's reason to let it pass in spite of a credit limit.
        #[arg(long = "override", value_name = "REASON")]
        reason: Option<String>,
        /// The manager, by name, where it is not who enters this.
        #[arg(long, requires = "reason")]
        approver: Option<String>,
    },
    /// Enters it with another value, or with other commands.
    Change {
        /// As the list shows it.
        entry: String,
        /// The new quantity, price, discount, wanted date or number, where it is about one.
        #[arg(long, required_unless_present = "commands")]
        to: Option<String>,
        /// A file with the commands as JSON, in the form in which `show --json` gives them; - for standard
        /// input.
        #[arg(long, conflicts_with = "to")]
        commands: Option<PathBuf>,
    },
    /// Gives it up; what a manager gave up, or what was damaged, goes from the list.
    Discard {
        /// As the list shows it.
        entry: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(_) => {
            let entries = session.reader()?.attention()?;
            let damaged = session.reader()?.damaged()?;
            let whose = Whose::new(session)?;
            session.out.say(
                || {
                    let mut list = json!({
                        "entries": entries.iter().map(|one| entry(one, &whose)).collect::<Vec<_>>(),
                        "count": entries.len(),
                    });
                    if !damaged.is_empty() {
                        list["damaged"] = damaged.iter().map(rotted).collect();
                    }
                    list
                },
                || {
                    let ids = || entries.iter().map(|one| one.edit.id.uuid());
                    let row = |one: &Attention| {
                        vec![short(one.edit.id.uuid(), ids()), one.words.clone(), whose.against(one)]
                    };
                    let (erased, entries): (Vec<_>, Vec<_>) =
                        entries.iter().partition(|one| one.is_back_on_the_server());
                    let unread = |one: &Damaged| vec![one.name(), whose.told(one), advice(one)];
                    let together = (!erased.is_empty())
                        .then(|| vec![ERASED.to_owned(), back_words(erased.len()), BACK_REMEDY.to_owned()]);
                    let cells: Vec<Vec<String>> = entries
                        .into_iter()
                        .map(row)
                        .chain(together)
                        .chain(damaged.iter().map(unread))
                        .collect();
                    match cells.len() {
                        0 => "Nothing needs your attention.".to_owned(),
                        _ => table(&["entry", "what", "why"], &[], &cells),
                    }
                },
            );
            Ok(())
        }
        Command::Show { entry: named } => {
            if let Some(one) = damaged(session, &named)? {
                let whose = Whose::new(session)?;
                session.out.say(|| rotted(&one), || format!("{}\n{}", whose.told(&one), advice(&one)));
                return Ok(());
            }
            let one = listed(session, &named)?;
            let whose = Whose::new(session)?;
            session.out.say(|| entry(&one, &whose), || format!("{}\n{}", one.words, whose.against(&one)));
            Ok(())
        }
        Command::Redo { entry, reason, approver } => {
            let one = listed(session, &entry)?;
            let overriding = match reason {
                None => None,
                Some(reason) => {
                    let approver = match approver {
                        Some(named) => find::person(&session.reader()?.names()?, &named)?,
                        None => session.who()?,
                    };
                    Some(Override { approver, reason })
                }
            };
            again(session, one.edit, None, overriding)
        }
        Command::Change { entry, to, commands } => {
            let one = listed(session, &entry)?;
            let changed = match (to, commands) {
                (Some(to), _) => with(session, &one.edit, &to)?,
                (None, Some(file)) => read_commands(&file)?,
                (None, None) => return Err(Failure::Usage("Give --to or --commands.".to_owned())),
            };
            again(session, one.edit, Some(changed), None)
        }
        Command::Discard { entry } => {
            if let Some(one) = damaged(session, &entry)? {
                let Some(nth) = one.nth else {
                    return Err(Failure::Usage(
                        "It is set aside first: do it again after `waybill sync`.".to_owned(),
                    ));
                };
                session.ask(Request::Strike { damaged: nth })?;
                let said = format!("Off the list: {}.", one.name());
                session.out.say(|| json!({ "damaged": nth, "discarded": true }), || said);
                return Ok(());
            }
            if entry.trim() == ERASED {
                return discard_erased(session);
            }
            let one = listed(session, &entry)?;
            session.ask(Request::Discard { edit: one.edit.id })?;
            session.out.say(
                || json!({ "edit": one.edit.id, "discarded": true }),
                || format!("Given up: {}.", one.words),
            );
            Ok(())
        }
    }
}

/// One that is named as damaged ones are.
fn damaged(session: &mut Session, named: &str) -> Result<Option<Damaged>, Failure> {
    if !named.starts_with("damaged") {
        return Ok(None);
    }
    let found = session.reader()?.damaged()?.into_iter().find(|one| one.name() == named);
    found
        .map(Some)
        .ok_or_else(|| Failure::Usage(format!("There is no entry “{named}”: give what the list shows.")))
}

/// Of all entries that were erased here and stand on a server that was put back as they were.
const ERASED: &str = "erased";

fn discard_erased(session: &mut Session) -> Result<(), Failure> {
    let mut given_up = 0;
    for one in session.reader()?.attention()?.iter().filter(|one| one.is_back_on_the_server()) {
        session.ask(Request::Discard { edit: one.edit.id })?;
        given_up += 1;
    }
    session.out.say(|| json!({ "discarded": given_up }), || format!("Given up: {}.", entries(given_up)));
    Ok(())
}

fn rotted(one: &Damaged) -> Value {
    json!({
        "entry": one.name(),
        "words": one.words,
        "since": one.since,
        "documents": one.docs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "sent": one.sent,
        "advice": advice(one),
    })
}

fn advice(one: &Damaged) -> String {
    let saved = if one.sent { "" } else { " `waybill export-unsent FILE` saves its bytes." };
    format!("{}{saved}", one.advice())
}

fn listed(session: &mut Session, named: &str) -> Result<Attention, Failure> {
    find::by_short("entry", named, session.reader()?.attention()?, |one| one.edit.id.uuid())
}

fn entry(one: &Attention, whose: &Whose) -> Value {
    let commands: Vec<_> = one.edit.parts.iter().map(|part| (part.doc, &part.command)).collect();
    json!({
        "edit": one.edit.id,
        "words": one.words,
        "since": one.since,
        "verdict": one.verdict.name(),
        "findings": one.verdict.findings(),
        "given_up": whose.given_up(one).map(|decided| json!({
            "by": whose.person(decided.by), "at": decided.at, "reason": decided.reason,
        })),
        "documents": one.edit.docs().map(|doc| doc.to_string()).collect::<Vec<_>>(),
        "commands": commands,
    })
}

/// With the names of people, in the business's time.
struct Whose {
    names: Names,
    zone: chrono_tz::Tz,
}

impl Whose {
    fn new(session: &mut Session) -> Result<Self, Failure> {
        Ok(Self { names: session.reader()?.names()?, zone: session.settings()?.fields.zone })
    }

    fn person(&self, id: PersonId) -> String {
        let known = self.names.people.iter().find(|person| person.id == id);
        known.map_or_else(|| "somebody".to_owned(), |person| person.name.clone())
    }

    fn told(&self, one: &Damaged) -> String {
        match one.since {
            Some(at) => format!("{} ({})", one.told(), values::moment(at, self.zone)),
            None => one.told(),
        }
    }

    fn given_up<'a>(&self, one: &'a Attention) -> Option<&'a Decided> {
        match &one.verdict {
            Verdict::Discarded { by } => by.as_ref(),
            _ => None,
        }
    }

    fn against(&self, one: &Attention) -> String {
        if let Some(Decided { by, at, reason, .. }) = self.given_up(one) {
            return format!(
                "{} gave it up at {}: {reason}",
                self.person(*by),
                values::moment(*at, self.zone)
            );
        }
        let said = sentences(one.verdict.findings());
        if said.is_empty() { one.verdict.name().to_owned() } else { said.join(" ") }
    }
}

fn again(
    session: &mut Session,
    edit: Edit,
    changed: Option<Vec<(DocAddr, Doing)>>,
    overriding: Option<Override>,
) -> Result<(), Failure> {
    let pins = session.pins(overriding.as_ref().map(|word| word.approver))?;
    match session.ask(Request::Again { edit: edit.id, changed, overriding, pins })? {
        Answer::Entered { edit, words } => {
            session.tell(&Entered { edit, words }, json!({}));
            Ok(())
        }
        other => Err(Failure::File(format!("The engine gave an answer that does not fit: {other:?}"))),
    }
}

/// The same entry with another value; possible where it sets one.
fn with(session: &mut Session, edit: &Edit, to: &str) -> Result<Vec<(DocAddr, Doing)>, Failure> {
    let today = session.today()?;
    let reader = session.reader()?;
    let mut changed = Vec::new();
    let mut set = 0;
    for part in &edit.parts {
        let order = match part.doc.kind {
            DocKind::Order => reader.order(OrderId::new(part.doc.id))?.unwrap_or_default(),
            _ => Default::default(),
        };
        let mut command = part.command.clone();
        match &mut command {
            Doing::Order(OrderCommand::SetQuantity(c)) => {
                let unit = order.lines.get(&c.line).map(|line| line.unit).unwrap_or_default();
                c.now = unit.parse(to).map_err(|error| Failure::Usage(error.to_string()))?;
                set += 1;
            }
            Doing::Order(OrderCommand::SetPrice(c)) => {
                c.now = parse(to)?;
                set += 1;
            }
            Doing::Order(OrderCommand::SetDiscount(c)) => {
                c.now = parse(to)?;
                set += 1;
            }
            Doing::Order(OrderCommand::SetWanted(c)) => {
                c.now = values::wanted(to, today)?;
                set += 1;
            }
            other => {
                if let Some(number) = Number::given_in(other) {
                    to.clone_into(number);
                    set += 1;
                }
            }
        }
        changed.push((part.doc, command));
    }
    if set == 1 {
        return Ok(changed);
    }
    Err(Failure::Usage(
        "This entry does not set just one quantity, price, discount, wanted date or number: give --commands."
            .to_owned(),
    ))
}

fn read_commands(file: &PathBuf) -> Result<Vec<(DocAddr, Doing)>, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|error| Failure::Usage(format!("{} does not read: {error}.", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(format!("{} does not hold commands: {error}.", file.display())))
}
