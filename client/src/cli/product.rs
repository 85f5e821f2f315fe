//! Products on the command line.

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::{Value, json};
use waybill_shared::{
    command::Command as Doing,
    id::ProductTermsId,
    kind::{DocAddr, DocKind},
    money::{self, Currency},
    product::{Create, Field, Retire, SetCost, SetField, SetPrice},
    quantity::Unit,
};

use super::{
    find,
    outcome::Failure,
    session::Session,
    table::table,
    values::{self, choose, name, parse},
};
use crate::{
    engine,
    store::{ListQuery, ProductRow},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists products, or those that words find.
    List {
        /// Words to search for: name, number, category, barcode.
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
    /// One product with its prices.
    Show {
        /// Its number, barcode or name.
        product: String,
    },
    /// Makes a product, with its price if you give one.
    Create {
        /// What it is called.
        name: String,
        /// Your own article number; without it one is given.
        #[arg(long, default_value = "")]
        number: String,
        /// For one whole unit, from today on.
        #[arg(long)]
        price: Option<String>,
        /// The price is without tax.
        #[arg(long, requires = "price")]
        net: bool,
        /// What it costs to buy.
        #[arg(long)]
        cost: Option<String>,
        /// A sentence or two.
        #[arg(long, default_value = "")]
        description: String,
        /// What it belongs to, as chairs.
        #[arg(long, default_value = "")]
        category: String,
        /// piece, kilogram, metre, litre or hour.
        #[arg(long, default_value = "piece")]
        unit: String,
        /// A class of the settings.
        #[arg(long, default_value = "standard")]
        tax_class: String,
        /// May be given several times.
        #[arg(long)]
        barcode: Vec<String>,
    },
    /// Sets one field: number, name, description, category, tax-class, reorder-point, barcode, no-barcode.
    Set {
        /// Its number, barcode or name.
        product: String,
        /// Which one.
        field: String,
        /// The new value.
        value: String,
    },
    /// Sets the price from a day on.
    SetPrice {
        /// Its number, barcode or name.
        product: String,
        /// For one whole unit.
        price: String,
        /// A day: today if not given.
        #[arg(long, default_value = "today")]
        from: String,
        /// The price is without tax.
        #[arg(long)]
        net: bool,
        /// As EUR; that of the business if not given.
        #[arg(long)]
        currency: Option<String>,
    },
    /// No longer sold, or sold again with --undo.
    Retire {
        /// Its number, barcode or name.
        product: String,
        /// Take it back.
        #[arg(long)]
        undo: bool,
    },
    /// Sets what it costs to buy.
    SetCost {
        /// Its number, barcode or name.
        product: String,
        /// An amount.
        cost: String,
    },
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::List { search, retired, limit, all } => {
            list(session, &search.join(" "), retired, if all { usize::MAX } else { limit })
        }
        Command::Show { product } => show(session, &product),
        Command::Create {
            name: called,
            number,
            price,
            net,
            cost,
            description,
            category,
            unit,
            tax_class,
            barcode,
        } => {
            let (today, currency) = (session.today()?, session.settings()?.fields.currency);
            let create = Create {
                number,
                name: called,
                description,
                category,
                unit: choose(&unit, "unit", &Unit::ALL, name)?,
                tax_class,
                barcodes: barcode.into_iter().map(|code| (code, true)).collect::<BTreeMap<_, _>>(),
            };
            let addr = engine::fresh(DocKind::Product);
            // One entry: all of it, or nothing.
            let mut all: Vec<(DocAddr, Doing)> = vec![(addr, create.into())];
            if let Some(price) = price {
                let price = parse(&price)?;
                let set =
                    SetPrice { id: engine::fresh_id(), price, currency, tax_included: !net, from: today };
                all.push((addr, set.into()));
            }
            if let Some(cost) = cost {
                let set = SetCost { cost: parse(&cost)?, currency };
                all.push((ProductTermsId::of(addr.id.into()).into(), set.into()));
            }
            let entered = session.enter(all, None)?;
            let made = session.reader()?.product_row(addr.id.into())?;
            let number = made.map(|row| row.number).unwrap_or_default();
            session.tell(&entered, json!({ "product": addr.id.simple().to_string(), "number": number }));
            Ok(())
        }
        Command::Set { product, field, value } => {
            let row = find::product(session.reader()?, &product)?;
            let field = match field.as_str() {
                "number" => Field::Number(value),
                "name" => Field::Name(value),
                "description" => Field::Description(value),
                "category" => Field::Category(value),
                "tax-class" | "tax_class" => Field::TaxClass(value),
                "reorder-point" | "reorder_point" => Field::ReorderPoint(
                    row.unit.parse(&value).map_err(|error| Failure::Usage(error.to_string()))?,
                ),
                "barcode" => Field::AddBarcode(value),
                "no-barcode" | "no_barcode" => Field::RemoveBarcode(value),
                other => {
                    return Err(Failure::Usage(format!(
                        "“{other}” is not a field: choose one of number, name, description, category, \
                         tax-class, reorder-point, barcode, no-barcode."
                    )));
                }
            };
            session.enter_one(row.id, SetField { field })
        }
        Command::SetPrice { product, price, from, net, currency } => {
            let today = session.today()?;
            let own = session.settings()?.fields.currency;
            let row = find::product(session.reader()?, &product)?;
            let currency = currency.as_deref().map(parse::<Currency>).transpose()?.unwrap_or(own);
            let price = SetPrice {
                id: engine::fresh_id(),
                price: parse(&price)?,
                currency,
                tax_included: !net,
                from: values::day(&from, today)?,
            };
            session.enter_one(row.id, price)
        }
        Command::Retire { product, undo } => {
            let row = find::product(session.reader()?, &product)?;
            session.enter_one(row.id, Retire { retired: !undo })
        }
        Command::SetCost { product, cost } => {
            let row = find::product(session.reader()?, &product)?;
            let currency = session.settings()?.fields.currency;
            session.enter_one(ProductTermsId::of(row.id), SetCost { cost: parse(&cost)?, currency })
        }
    }
}

fn row(row: &ProductRow, today: chrono::NaiveDate) -> Value {
    let price = row.price_on(today);
    json!({
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "category": row.category,
        "unit": row.unit,
        "tax_class": row.tax_class,
        "price": price.map(|price| price.price),
        "currency": price.map(|price| price.currency),
        "tax_included": price.map(|price| price.tax_included),
        "barcodes": row.barcodes,
        "retired": row.retired,
        "pending": row.pending,
    })
}

fn price_words(row: &ProductRow, today: chrono::NaiveDate) -> String {
    row.price_on(today).map(|price| money::price_words(price.price, price.currency)).unwrap_or_default()
}

fn list(session: &mut Session, typed: &str, retired: bool, limit: usize) -> Result<(), Failure> {
    let today = session.today()?;
    let query = ListQuery { with_retired: retired, ..ListQuery::typed(typed, limit) };
    let reader = session.reader()?;
    let (rows, count) = (reader.products(&query)?, reader.count_products(typed, retired)?);
    session.out.say(
        || json!({ "products": rows.iter().map(|r| row(r, today)).collect::<Vec<_>>(), "count": count }),
        || {
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|r| vec![r.number.clone(), r.name.clone(), r.category.clone(), price_words(r, today)])
                .collect();
            let foot = super::table::count(rows.len(), count, "product", "products");
            format!("{}{foot}", table(&["number", "name", "category", "price"], &[3], &cells))
        },
    );
    Ok(())
}

fn show(session: &mut Session, named: &str) -> Result<(), Failure> {
    let today = session.today()?;
    let reader = session.reader()?;
    let found = find::product(reader, named)?;
    let product = reader.product(found.id)?.unwrap_or_default();
    let cost = reader.product_terms(found.id)?.and_then(|terms| terms.fields.cost);
    session.out.say(
        || {
            json!({
                "product": row(&found, today),
                "description": product.fields.description,
                "reorder_point": product.fields.unit.show(product.fields.reorder_point),
                "prices": product.prices,
                "cost": cost,
            })
        },
        || {
            let mut text =
                format!("{}  {}\nPrice today: {}\n", found.number, found.name, price_words(&found, today));
            if !found.barcodes.is_empty() {
                text.push_str(&format!("Barcodes: {}\n", found.barcodes.join(", ")));
            }
            if let Some(cost) = cost {
                text.push_str(&format!("Cost: {cost}\n"));
            }
            text
        },
    );
    Ok(())
}
