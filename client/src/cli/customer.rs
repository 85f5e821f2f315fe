//! Customers on the command line.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::{
    customer::{ContactNote, Create, Field, SetCreditLimit, SetField},
    id::CustomerTermsId,
    kind::DocKind,
    order::{Address, Contact},
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::table,
    values::{AddressArgs, ContactArgs, parse},
};
use crate::{
    engine,
    store::{CustomerRow, ListQuery},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists customers, or those that words find.
    List {
        /// Words to search for: name, number, town, phone.
        search: Vec<String>,
        /// With those that are retired.
        #[arg(long)]
        retired: bool,
        /// How many are shown at most.
        #[arg(long, default_value_t = 50, conflicts_with = "all")]
        limit: usize,
        /// All of them, however many.
        #[arg(long)]
        all: bool,
    },
    /// One customer with addresses and terms.
    Show {
        /// The customer's number or name.
        customer: String,
    },
    /// Makes a customer.
    Create {
        /// A person or a business.
        name: String,
        /// The business's own; without it one is given.
        #[arg(long, default_value = "")]
        number: String,
        /// As trade or private.
        #[arg(long, default_value = "")]
        group: String,
        /// For invoices.
        #[arg(long, default_value = "")]
        tax_number: String,
        #[command(flatten)]
        contact: ContactArgs,
        #[command(flatten)]
        address: AddressArgs,
    },
    /// Sets one field: number, name, group, tax-number.
    Set {
        /// The customer's number or name.
        customer: String,
        /// Which one.
        field: String,
        /// The new value.
        value: String,
    },
    /// Sets who to talk to; what is not given stays.
    SetContact {
        /// The customer's number or name.
        customer: String,
        #[command(flatten)]
        contact: ContactArgs,
    },
    /// Sets an address by its name: main, delivery, invoice; what is not given stays.
    SetAddress {
        /// The customer's number or name.
        customer: String,
        /// main, delivery or invoice.
        #[arg(default_value = "main")]
        which: String,
        #[command(flatten)]
        address: AddressArgs,
    },
    /// No longer a customer, or one again with --undo.
    Retire {
        /// The customer's number or name.
        customer: String,
        /// Take it back.
        #[arg(long)]
        undo: bool,
    },
    /// Notes a call, a visit, a letter.
    Note {
        /// The customer's number or name.
        customer: String,
        /// What it says.
        text: String,
    },
    /// Sets the credit limit: an amount, or “none”.
    SetCredit {
        /// The customer's number or name.
        customer: String,
        /// As much as they may owe, as 500 or 1250.50; none takes the limit away.
        limit: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { search, retired, limit, all } => {
            let limit = if all { usize::MAX } else { limit };
            let typed = search.join(" ");
            let query = ListQuery { with_retired: retired, ..ListQuery::typed(&typed, limit) };
            let reader = session.reader()?;
            let (rows, count) = (reader.customers(&query)?, reader.count_customers(&typed, retired)?);
            session.out.say(
                || json!({ "customers": rows.iter().map(row).collect::<Vec<_>>(), "count": count }),
                || {
                    let cells: Vec<Vec<String>> = rows
                        .iter()
                        .map(|r| vec![r.number.clone(), r.name.clone(), r.city.clone(), r.phone.clone()])
                        .collect();
                    let foot = super::table::count(rows.len(), count, "customer", "customers");
                    format!("{}{foot}", table(&["number", "name", "town", "phone"], &[], &cells))
                },
            );
            Ok(())
        }
        Command::Show { customer } => show(session, &customer),
        Command::Create { name, number, group, tax_number, contact, address } => {
            let address = address.over(&Address::default());
            let addresses = if address == Address::default() {
                BTreeMap::new()
            } else {
                BTreeMap::from([("main".to_owned(), address)])
            };
            let contact = contact.over(&Contact::default());
            let addr = engine::fresh(DocKind::Customer);
            let create = Create { number, name, group, tax_number, contact, addresses };
            let entered = session.enter(vec![(addr, create.into())], None)?;
            let made = session.reader()?.customer_row(addr.id.into())?;
            let number = made.map(|row| row.number).unwrap_or_default();
            session.tell(&entered, json!({ "customer": addr.id.simple().to_string(), "number": number }));
            Ok(())
        }
        Command::Set { customer, field, value } => {
            let field = match field.as_str() {
                "number" => Field::Number(value),
                "name" => Field::Name(value),
                "group" => Field::Group(value),
                "tax-number" | "tax_number" => Field::TaxNumber(value),
                other => {
                    return Err(Failure::Usage(format!(
                        "“{other}” is not a field: choose one of number, name, group, tax-number."
                    )));
                }
            };
            set(session, &customer, field)
        }
        Command::SetContact { customer, contact } => {
            let reader = session.reader()?;
            let row = find::customer(reader, &customer)?;
            let now = reader.customer(row.id)?.unwrap_or_default().contact;
            session.enter_one(row.id, SetField { field: Field::Contact(contact.over(&now)) })
        }
        Command::SetAddress { customer, which, address } => {
            let reader = session.reader()?;
            let row = find::customer(reader, &customer)?;
            let now = reader.customer(row.id)?.unwrap_or_default();
            let address = address.over(&now.addresses.get(&which).cloned().unwrap_or_default());
            session.enter_one(row.id, SetField { field: Field::Address { name: which, address } })
        }
        Command::Retire { customer, undo } => set(session, &customer, Field::Retired(!undo)),
        Command::Note { customer, text } => {
            let row = find::customer(session.reader()?, &customer)?;
            session.enter_one(row.id, ContactNote { id: engine::fresh_id(), text })
        }
        Command::SetCredit { customer, limit } => {
            let row = find::customer(session.reader()?, &customer)?;
            let currency = session.settings()?.fields.currency;
            let limit = if limit == "none" { None } else { Some(parse(&limit)?) };
            session.enter_one(CustomerTermsId::of(row.id), SetCreditLimit { limit, currency })
        }
    }
}

fn set(session: &mut Session, customer: &str, field: Field) -> Result<(), Failure> {
    let row = find::customer(session.reader()?, customer)?;
    session.enter_one(row.id, SetField { field })
}

fn row(row: &CustomerRow) -> Value {
    json!({
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "group": row.group,
        "city": row.city,
        "phone": row.phone,
        "retired": row.retired,
        "pending": row.pending,
    })
}

fn show(session: &mut Session, named: &str) -> Result<(), Failure> {
    let reader = session.reader()?;
    let found = find::customer(reader, named)?;
    let customer = reader.customer(found.id)?.unwrap_or_default();
    let terms = reader.customer_terms(found.id)?;
    let limit = terms.as_ref().and_then(|terms| terms.fields.credit_limit);
    session.out.say(
        || {
            json!({
                "customer": row(&found),
                "tax_number": customer.fields.tax_number,
                "contact": customer.contact,
                "addresses": customer.addresses,
                "credit_limit": limit,
                "facts": customer.facts,
            })
        },
        || {
            let mut text = format!("{}  {}\nContact: {}\n", found.number, found.name, customer.contact);
            for (name, address) in &customer.addresses {
                text.push_str(&format!("Address ({name}): {address}\n"));
            }
            if let Some(limit) = limit {
                text.push_str(&format!("Credit limit: {limit}\n"));
            }
            text
        },
    );
    Ok(())
}
