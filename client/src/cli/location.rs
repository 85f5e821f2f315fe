//! Shops, warehouses and vans on the command line.

use clap::Subcommand;
use serde_json::json;
use waybill_shared::{
    kind::DocKind,
    location::{Create, Field, LocationKind, SetField},
    order::Address,
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::{Whole, table},
    values::{AddressArgs, choose, name as name_of},
};
use crate::{
    booked_at::Deed,
    engine::{self, Request},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the places.
    List(Whole),
    /// Makes a shop, warehouse, van or office.
    Create {
        /// Short and easy to say, as HS.
        code: String,
        /// What it is called.
        name: String,
        /// shop, warehouse, van or office.
        #[arg(long, default_value = "shop")]
        kind: String,
        #[command(flatten)]
        address: AddressArgs,
    },
    /// Says where you book on this device when you name no place: your sales, your orders, or both.
    Use {
        /// Its code or name.
        location: String,
        /// sale or order; both if not given.
        #[arg(long = "for", value_name = "WHAT")]
        what: Option<String>,
    },
    /// Sets one field: code, name, kind, closed (yes or no).
    Set {
        /// Its code or name.
        location: String,
        /// Which one.
        field: String,
        /// The new value; of closed yes or no.
        value: String,
    },
    /// Sets where it is; what is not given stays.
    SetAddress {
        /// Its code or name.
        location: String,
        #[command(flatten)]
        address: AddressArgs,
    },
}

fn kind(text: &str) -> Result<LocationKind, Failure> {
    choose(text, "kind of place", &LocationKind::ALL, name_of)
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(_) => {
            let rows = session.reader()?.locations()?;
            session.out.say(
                || {
                    let rows: Vec<_> = rows
                        .iter()
                        .map(|row| {
                            json!({
                                "id": row.id,
                                "code": row.code,
                                "name": row.name,
                                "kind": row.kind,
                                "closed": row.closed,
                                "pending": row.pending,
                            })
                        })
                        .collect();
                    json!({ "locations": rows, "count": rows.len() })
                },
                || {
                    let cells: Vec<Vec<String>> = rows
                        .iter()
                        .map(|row| vec![row.code.clone(), row.name.clone(), row.kind.words().into_owned()])
                        .collect();
                    table(&["code", "name", "kind"], &[], &cells)
                },
            );
            Ok(())
        }
        Command::Create { code, name, kind: of, address } => {
            let create = Create { code, name, kind: kind(&of)?, address: address.over(&Address::default()) };
            let addr = engine::fresh(DocKind::Location);
            let entered = session.enter(vec![(addr, create.into())], None)?;
            session.tell(&entered, json!({ "location": addr.id.simple().to_string() }));
            Ok(())
        }
        Command::Use { location, what } => {
            let row = find::location(session.reader()?, &location)?;
            let who = session.named_person()?;
            if who.is_some() && who != session.reader()?.local()?.person {
                let words = "Everybody says that for themselves: `waybill switch NAME` first.";
                return Err(Failure::Usage(words.to_owned()));
            }
            let all = [Deed::Sale, Deed::Order];
            let deeds = match what {
                Some(what) => vec![choose(&what, "thing to book", &all, name_of)?],
                None => all.to_vec(),
            };
            for deed in &deeds {
                find::may_book(session, row.clone(), *deed)?;
            }
            for deed in deeds {
                session.ask(Request::BookAt { deed, location: row.id })?;
            }
            session.out.say(
                || json!({ "location": row.id, "code": row.code }),
                || format!("On this device you book at {} from now on.", row.name),
            );
            Ok(())
        }
        Command::Set { location, field, value } => {
            let row = find::location(session.reader()?, &location)?;
            let field = match field.as_str() {
                "code" => Field::Code(value),
                "name" => Field::Name(value),
                "kind" => Field::Kind(kind(&value)?),
                "closed" => Field::Closed(choose(&value, "answer", &[true, false], |yes| {
                    if yes { "yes" } else { "no" }.to_owned()
                })?),
                other => {
                    return Err(Failure::Usage(format!(
                        "“{other}” is not a field: choose one of code, name, kind, closed."
                    )));
                }
            };
            session.enter_one(row.id, SetField { field })
        }
        Command::SetAddress { location, address } => {
            let reader = session.reader()?;
            let row = find::location(reader, &location)?;
            let now = reader.location(row.id)?.unwrap_or_default().address;
            session.enter_one(row.id, SetField { field: Field::Address(address.over(&now)) })
        }
    }
}
