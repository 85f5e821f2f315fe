//! Making an order.

use std::path::PathBuf;

use serde_json::json;
use waybill_shared::{
    command,
    kind::DocKind,
    money::Currency,
    order::{Address, Contact, commands},
};

use super::{lines, overriding::OverrideArgs, sheet, show};
use crate::{
    booked_at::{Deed, channel},
    cli::{
        find,
        outcome::Failure,
        session::Session,
        values::{self, AddressArgs, ContactArgs, parse},
    },
    engine,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number, id or name.
    #[arg(long)]
    customer: Option<String>,
    /// For a customer who is not in the list.
    #[arg(long, conflicts_with = "customer")]
    customer_name: Option<String>,
    /// Where the order comes from, as shop, phone, web.
    #[arg(long)]
    channel: Option<String>,
    /// Code or name of the shop, warehouse or van; yours if it is not given.
    #[arg(long)]
    location: Option<String>,
    /// As EUR; that of the business if not given.
    #[arg(long)]
    currency: Option<String>,
    /// Makes it as a quotation first.
    #[arg(long)]
    quotation: bool,
    /// A day, with or without a window: tomorrow, "2026-11-21 09:00-12:00".
    #[arg(long)]
    wanted: Option<String>,
    /// How many of what, as 3xOAK-1, or 3xOAK-1@9.50 at a price of its own; may be given several times.
    #[arg(long = "line", value_name = "LINE")]
    lines: Vec<String>,
    /// A table of lines: number or barcode, quantity, and a price where it is not the usual; - for standard input.
    #[arg(long = "lines", value_name = "FILE")]
    table: Option<PathBuf>,
    /// Places it at once.
    #[arg(long)]
    place: bool,
    #[command(flatten)]
    overriding: OverrideArgs,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    address: AddressArgs,
}

pub fn run(session: &mut Session, args: Args) -> Result<(), Failure> {
    let overriding = args.overriding.word(session)?;
    if overriding.is_some() && !args.place {
        return Err(Failure::Usage("--override lets placing pass: give it with --place.".to_owned()));
    }
    let settings = session.settings()?;
    let today = session.today()?;
    let location = find::booked_at(session, args.location.as_deref(), Deed::Order)?;
    let reader = session.reader()?;
    let row = match &args.customer {
        Some(named) => Some(find::customer(reader, named)?),
        None => None,
    };
    let customer = match &row {
        Some(row) => reader.customer(row.id)?,
        None => None,
    };
    let currency: Currency = match &args.currency {
        Some(code) => parse(code)?,
        None => settings.fields.currency,
    };
    let (contact, address) = match &customer {
        Some(customer) => {
            let address = customer.addresses.get("delivery").or_else(|| customer.addresses.get("main"));
            (customer.contact.clone(), address.cloned().unwrap_or_default())
        }
        None => (Contact::default(), Address::default()),
    };
    let mut lines = lines::several(reader, &settings, currency, &args.lines)?;
    if let Some(file) = &args.table {
        lines.extend(lines::of_table(reader, &settings, currency, &sheet::read(file)?, lines.len())?);
    }
    let create = commands::Create {
        number: String::new(),
        channel: args.channel.unwrap_or_else(|| channel(location.kind).to_owned()),
        location: location.id,
        customer: row.as_ref().map(|row| row.id),
        customer_name: row.map(|row| row.name).or(args.customer_name),
        currency,
        salesperson: None,
        quotation: args.quotation,
        contact: args.contact.over(&contact),
        delivery: args.address.over(&address),
        wanted: args.wanted.map(|text| values::wanted(&text, today)).transpose()?.unwrap_or_default(),
        lines: lines.into_iter().collect(),
    };
    let addr = engine::fresh(DocKind::Order);
    let mut all: Vec<(_, command::Command)> = vec![(addr, create.into())];
    if args.place {
        all.push((addr, commands::Place {}.into()));
    }
    let entered = session.enter(all, overriding)?;
    let row = find::order_row(session.reader()?, addr.id.into())?;
    session.tell(&entered, json!({ "order": show::row(&row) }));
    Ok(())
}
