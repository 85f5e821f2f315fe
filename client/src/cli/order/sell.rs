//! A sale over the counter or from the van.

use std::collections::BTreeMap;

use serde_json::json;
use waybill_shared::{
    id::FactId,
    kind::DocKind,
    money::{self, Amount, Currency},
    order::{Payment, PaymentMethod, PaymentState, Sale, amounts, commands},
};

use super::{lines, show};
use crate::{
    booked_at::{Deed, channel},
    cli::{
        find,
        outcome::Failure,
        session::Session,
        values::{choose, name, parse},
    },
    engine,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many of what, as 3xOAK-1; a barcode does as well.
    #[arg(required = true)]
    lines: Vec<String>,
    /// Code or name of the shop, warehouse or van; yours if it is not given.
    #[arg(long)]
    location: Option<String>,
    /// Where it comes from, as shop, phone, web.
    #[arg(long)]
    channel: Option<String>,
    /// Number or name, where the customer is known.
    #[arg(long)]
    customer: Option<String>,
    /// A method and an amount, as card=20; may be given several times. Together they are the whole price, or
    /// --given is the cash for the rest. All of it in cash if not given.
    #[arg(long = "pay", value_name = "METHOD=AMOUNT")]
    pay: Vec<String>,
    /// The cash that the customer gave: what is too much is given back.
    #[arg(long)]
    given: Option<String>,
}

pub fn run(session: &mut Session, args: Args) -> Result<(), Failure> {
    let settings = session.settings()?;
    let location = find::booked_at(session, args.location.as_deref(), Deed::Sale)?;
    let reader = session.reader()?;
    let customer = match &args.customer {
        Some(named) => Some(find::customer(reader, named)?),
        None => None,
    };
    let currency = settings.fields.currency;
    let lines: BTreeMap<_, _> =
        lines::several(reader, &settings, currency, &args.lines)?.into_iter().collect();
    let total: Amount = lines.values().map(|line| amounts::line(line).gross).sum();
    let mut payments = payments(&args.pay, currency)?;
    let rest = total - payments.values().map(|payment| payment.amount).sum();
    let show = |amount: Amount| money::words(amount, currency);
    if rest.is_negative() {
        return Err(Failure::Usage(format!(
            "The payments are {} more than the price of {}: give what is paid; for cash that is given back, --given.",
            show(-rest),
            show(total)
        )));
    }
    if rest > Amount::ZERO && !args.pay.is_empty() && args.given.is_none() {
        return Err(Failure::Usage(format!(
            "{} of {} are missing: give them with another --pay, or the cash with --given. What is to be paid \
             later is an order, not a sale.",
            show(rest),
            show(total)
        )));
    }
    let change = match &args.given {
        Some(given) => {
            let change = parse::<Amount>(given)? - rest;
            if change.is_negative() {
                return Err(Failure::Usage(format!("{} are missing.", show(-change))));
            }
            change
        }
        None => Amount::ZERO,
    };
    if args.pay.is_empty() || args.given.is_some() {
        payments.insert(engine::fresh_id(), payment(PaymentMethod::Cash, rest, currency));
    }
    payments.retain(|_, payment| !payment.amount.is_zero());
    let sale = Sale {
        receipt: String::new(),
        link: None,
        channel: args.channel.unwrap_or_else(|| channel(location.kind).to_owned()),
        location: location.id,
        customer: customer.as_ref().map(|row| row.id),
        customer_name: customer.map(|row| row.name),
        currency,
        lines,
        payments,
        change,
    };
    let addr = engine::fresh(DocKind::Order);
    let command = commands::RecordSale { id: engine::fresh_id(), sale };
    let entered = session.enter(vec![(addr, command.into())], None)?;
    let row = find::order_row(session.reader()?, addr.id.into())?;
    let told = json!({ "order": show::row(&row), "change": change.fixed(currency.places()) });
    let back = (change > Amount::ZERO).then(|| format!("Change: {}", show(change)));
    session.tell_and(&entered, told, back);
    Ok(())
}

fn payments(given: &[String], currency: Currency) -> Result<BTreeMap<FactId, Payment>, Failure> {
    let mut payments = BTreeMap::new();
    for text in given {
        let (method, amount) = text.split_once('=').ok_or_else(|| {
            Failure::Usage(format!("“{text}” does not say how much: give it as METHOD=AMOUNT."))
        })?;
        let method = choose(method, "method", &PaymentMethod::ALL, name)?;
        payments.insert(engine::fresh_id(), payment(method, parse(amount)?, currency));
    }
    Ok(payments)
}

fn payment(method: PaymentMethod, amount: Amount, currency: Currency) -> Payment {
    Payment { method, amount, currency, state: PaymentState::Taken, drawer: None, reference: None }
}
