//! The settings of the business on the command line.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::json;
use waybill_shared::{
    id::SettingsId,
    money::{self, Currency},
    quantity::Quantity,
    settings::{Create, Field, Limit, Limits, SetField, SetLimit, TaxClass},
};

use super::{
    outcome::Failure,
    session::Session,
    table::table,
    values::{choose, parse},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What holds now.
    Show,
    /// Sets the business up, once; nothing can be sold before.
    Create {
        /// What the business is called.
        company: String,
        /// The zone whose days it works by, as Europe/Berlin.
        #[arg(long)]
        zone: String,
        /// As EUR.
        #[arg(long)]
        currency: String,
        /// A class and its rate in percent, as standard=19; may be given several times.
        #[arg(long = "tax", value_name = "CLASS=RATE")]
        taxes: Vec<String>,
        /// A channel whose orders need no customer, as shop; may be given several times.
        #[arg(long = "no-customer", value_name = "CHANNEL")]
        no_customer: Vec<String>,
    },
    /// Sets one field: company, zone, currency, max-quantity, max-price, max-discount, max-line-amount, max-fact-amount,
    /// booked-back, booked-ahead (both in days).
    Set {
        /// Which one.
        field: String,
        /// The new value.
        value: String,
    },
    /// Sets a tax class and its rate in percent.
    SetTax {
        /// As standard.
        class: String,
        /// In percent.
        rate: String,
        /// What it is called on papers; its class if not given.
        #[arg(long)]
        name: Option<String>,
    },
    /// Whether orders of a channel need a customer: yes or no.
    SetNeedsCustomer {
        /// As shop.
        channel: String,
        /// yes or no.
        needs: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::Show => {
            let settings = session.settings()?;
            session.out.say(
                || {
                    json!({
                        "company": settings.fields.company,
                        "zone": settings.fields.zone,
                        "currency": settings.fields.currency,
                        "tax_classes": settings.tax_classes,
                        "limits": settings.limits,
                        "no_customer": settings.no_customer,
                    })
                },
                || {
                    let fields = &settings.fields;
                    let mut text = format!("{}\n{}, {}\n", fields.company, fields.zone, fields.currency);
                    for (key, class) in &settings.tax_classes {
                        text.push_str(&format!("Tax {key}: {} {} %\n", class.name, class.rate));
                    }
                    let free = settings.no_customer.iter().filter(|(_, free)| **free);
                    let free: Vec<&str> = free.map(|(channel, _)| channel.as_str()).collect();
                    if !free.is_empty() {
                        text.push_str(&format!("Without a customer: orders by {}\n", free.join(", ")));
                    }
                    format!("{text}{}", limits(&settings.limits, fields.currency))
                },
            );
            Ok(())
        }
        Command::Create { company, zone, currency, taxes, no_customer } => {
            let mut tax_classes = BTreeMap::new();
            for text in &taxes {
                let (key, rate) = text.split_once('=').ok_or_else(|| {
                    Failure::Usage(format!(
                        "“{text}” has no rate: give it as CLASS=RATE, such as standard=19."
                    ))
                })?;
                tax_classes.insert(key.to_owned(), TaxClass { name: key.to_owned(), rate: parse(rate)? });
            }
            let create = Create {
                company,
                zone: parse_zone(&zone)?,
                currency: parse(&currency)?,
                tax_classes,
                no_customer: no_customer.into_iter().map(|channel| (channel, true)).collect(),
            };
            session.enter_one(SettingsId::ONLY, create)
        }
        Command::Set { field, value } => {
            let limit = match field.replace('_', "-").as_str() {
                "max-line-amount" => Some(Limit::LineAmount(parse(&value)?)),
                "max-fact-amount" => Some(Limit::FactAmount(parse(&value)?)),
                "booked-back" => Some(Limit::BookedBack(parse(&value)?)),
                "booked-ahead" => Some(Limit::BookedAhead(parse(&value)?)),
                _ => None,
            };
            if let Some(limit) = limit {
                return session.enter_one(SettingsId::ONLY, SetLimit { limit });
            }
            let field = match field.as_str() {
                "company" => Field::Company(value),
                "zone" => Field::Zone(parse_zone(&value)?),
                "currency" => Field::Currency(parse(&value)?),
                "max-quantity" | "max_quantity" => Field::MaxQuantity(Quantity::new(parse(&value)?)),
                "max-price" | "max_price" => Field::MaxPrice(parse(&value)?),
                "max-discount" | "max_discount" => Field::MaxDiscount(parse(&value)?),
                other => {
                    return Err(Failure::Usage(format!(
                        "“{other}” is not a field: choose one of company, zone, currency, max-quantity, \
                         max-price, max-discount, max-line-amount, max-fact-amount, booked-back, booked-ahead."
                    )));
                }
            };
            session.enter_one(SettingsId::ONLY, SetField { field })
        }
        Command::SetTax { class: key, rate, name } => {
            let class = TaxClass { name: name.unwrap_or_else(|| key.clone()), rate: parse(&rate)? };
            session.enter_one(SettingsId::ONLY, SetField { field: Field::TaxClass { key, class } })
        }
        Command::SetNeedsCustomer { channel, needs } => {
            let needs =
                choose(&needs, "answer", &[true, false], |yes| if yes { "yes" } else { "no" }.to_owned())?;
            let field = Field::NoCustomer { channel, allowed: !needs };
            session.enter_one(SettingsId::ONLY, SetField { field })
        }
    }
}

/// All of them, by the names under which `settings set` sets them.
fn limits(limits: &Limits, currency: Currency) -> String {
    let days = |count: u32| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
    let Limits { quantity, price, discount, line_amount, fact_amount, booked_back, booked_ahead } = limits;
    let rows = [
        ("max-quantity", quantity.count().to_string(), "the most of one line"),
        ("max-price", money::words(*price, currency), "the highest price of one line"),
        ("max-discount", format!("{discount} %"), "the largest discount on one line"),
        ("max-line-amount", money::words(*line_amount, currency), "more of one line is held for a manager"),
        ("max-fact-amount", money::words(*fact_amount, currency), "more at once is held for a manager"),
        ("booked-back", days(*booked_back), "how far back one books"),
        ("booked-ahead", days(*booked_ahead), "how far ahead one books"),
    ];
    let rows = rows.map(|(name, value, means)| vec![name.to_owned(), value, means.to_owned()]);
    table(&["limit", "", "what it is"], &[1], &rows)
}

fn parse_zone(text: &str) -> Result<chrono_tz::Tz, Failure> {
    text.trim()
        .parse()
        .map_err(|_| Failure::Usage(format!("“{text}” is not a time zone: give one as Europe/Berlin.")))
}
