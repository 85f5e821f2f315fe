//! Lines of an order: adding, changing, removing. What a line copies from its product is read here.

use clap::Subcommand;
use waybill_shared::{
    finding::Finding,
    id::LineId,
    money::{Amount, Currency},
    order::{Discount, Line, Order, commands},
    quantity::Unit,
    settings::Settings,
};

use super::{enter, overriding::OverrideArgs, sheet};
use crate::{
    cli::{
        find,
        outcome::Failure,
        session::Session,
        values::{choose, name, parse},
    },
    engine,
    store::Reader,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Adds a line: a product, or free text with --text and --price.
    AddLine {
        /// Its number.
        order: String,
        /// Number, barcode or name; the free text with --text.
        product: String,
        /// How much, in the unit of the line.
        #[arg(default_value = "1")]
        quantity: String,
        #[command(flatten)]
        options: LineArgs,
        #[command(flatten)]
        overriding: OverrideArgs,
    },
    /// Changes the quantity of a line.
    SetQuantity {
        /// Its number.
        order: String,
        /// Its place in the list from 1, its id, or the beginning of its name.
        line: String,
        /// How much, in the unit of the line.
        quantity: String,
        /// The value that this replaces, as it was when you decided; what stands there now if not given.
        #[arg(long)]
        was: Option<String>,
        #[command(flatten)]
        overriding: OverrideArgs,
    },
    /// Changes the price of a line, for one whole unit.
    SetPrice {
        /// Its number.
        order: String,
        /// Its place in the list from 1, or the beginning of its name.
        line: String,
        /// For one whole unit.
        price: String,
        /// What this replaces, as it was when you decided; what stands there now if not given.
        #[arg(long)]
        was: Option<String>,
        #[command(flatten)]
        overriding: OverrideArgs,
    },
    /// Changes the discount of a line: 10% or an amount off the whole line.
    SetDiscount {
        /// Its number.
        order: String,
        /// Its place in the list from 1, or the beginning of its name.
        line: String,
        /// 10% or an amount off the whole line.
        discount: String,
        /// What this replaces, as it was when you decided; what stands there now if not given.
        #[arg(long)]
        was: Option<String>,
        #[command(flatten)]
        overriding: OverrideArgs,
    },
    /// Takes a line out of the order.
    RemoveLine {
        /// Its number.
        order: String,
        /// Its place in the list from 1, or the beginning of its name.
        line: String,
    },
}

#[derive(Clone, Debug, Default, clap::Args)]
pub struct LineArgs {
    /// The line is free text, not a product.
    #[arg(long)]
    pub text: bool,
    /// For one whole unit, in place of the product's price today.
    #[arg(long)]
    pub price: Option<String>,
    /// 10% or an amount off the whole line.
    #[arg(long)]
    pub discount: Option<String>,
    /// A class of the settings, in place of the product's.
    #[arg(long)]
    pub tax_class: Option<String>,
    /// The price is without tax.
    #[arg(long)]
    pub net: bool,
    /// Of free text: piece, kilogram, metre, litre or hour.
    #[arg(long)]
    pub unit: Option<String>,
    /// A remark.
    #[arg(long)]
    pub note: Option<String>,
}

pub fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::AddLine { order, product, quantity, options, overriding } => {
            let overriding = overriding.word(session)?;
            let settings = session.settings()?;
            let reader = session.reader()?;
            let (id, order) = find::order(reader, &order)?;
            let pos = order.lines.values().map(|line| line.pos).max().unwrap_or(0) + 1;
            let line = make(reader, &settings, order.currency(), &product, &quantity, pos, options)?;
            enter(session, id, commands::AddLine { id: engine::fresh_id(), line }, overriding)
        }
        Command::SetQuantity { order, line, quantity, was, overriding } => {
            let overriding = overriding.word(session)?;
            let (id, order) = find::order(session.reader()?, &order)?;
            let (line, now) = find::line(&order, &line)?;
            let read = |text: &str| now.unit.parse(text).map_err(|error| Failure::Usage(error.to_string()));
            let was = was.as_deref().map(read).transpose()?.unwrap_or(now.quantity);
            enter(session, id, commands::SetQuantity { line, was, now: read(&quantity)? }, overriding)
        }
        Command::SetPrice { order, line, price, was, overriding } => {
            let overriding = overriding.word(session)?;
            let (id, order) = find::order(session.reader()?, &order)?;
            let (line, now) = find::line(&order, &line)?;
            let was = was.as_deref().map(parse).transpose()?.unwrap_or(now.price);
            enter(session, id, commands::SetPrice { line, was, now: parse(&price)? }, overriding)
        }
        Command::SetDiscount { order, line, discount, was, overriding } => {
            let overriding = overriding.word(session)?;
            let (id, order) = find::order(session.reader()?, &order)?;
            let (line, now) = find::line(&order, &line)?;
            let was = was.as_deref().map(parse).transpose()?.unwrap_or(now.discount);
            enter(session, id, commands::SetDiscount { line, was, now: parse(&discount)? }, overriding)
        }
        Command::RemoveLine { order, line } => {
            let (id, order) = find::order(session.reader()?, &order)?;
            let (line, _) = find::line(&order, &line)?;
            enter(session, id, commands::RemoveLine { line }, None)
        }
    }
}

/// A line of a product as it is sold today, or of free text.
pub fn make(
    reader: &Reader,
    settings: &Settings,
    currency: Currency,
    named: &str,
    quantity: &str,
    pos: i64,
    options: LineArgs,
) -> Result<Line, Failure> {
    let product = if options.text { None } else { Some(find::for_sale(reader, named)?) };
    let today = reader.today(settings.fields.zone)?;
    let unit = match (&product, &options.unit) {
        (Some(product), _) => product.unit,
        (None, Some(unit)) => choose(unit, "unit", &Unit::ALL, name)?,
        (None, None) => Unit::Piece,
    };
    let own = product.as_ref().and_then(|product| product.price_on(today));
    let price: Amount = match (&options.price, own) {
        (Some(price), _) => parse(price)?,
        (None, Some(own)) if own.currency == currency => own.price,
        (None, _) => {
            let what = product.as_ref().map_or(named, |product| product.name.as_str());
            return Err(Failure::Usage(format!(
                "“{what}” has no price in {currency} today: give one, with @ behind the line or with --price."
            )));
        }
    };
    let class = options.tax_class.as_deref().or(product.as_ref().map(|product| product.tax_class.as_str()));
    let included = !options.net && own.is_none_or(|own| own.tax_included);
    let tax = settings.tax(class.unwrap_or_default(), included).map_err(|finding| {
        let what = product.as_ref().map_or(named, |product| product.name.as_str());
        Failure::Refused(vec![Finding {
            what: format!("“{what}” cannot be sold so. {}", finding.what),
            ..*finding
        }])
    })?;
    Ok(Line {
        pos,
        product: product.as_ref().map(|product| product.id),
        name: product.as_ref().map_or_else(|| named.to_owned(), |product| product.name.clone()),
        quantity: unit.parse(quantity).map_err(|error| Failure::Usage(error.to_string()))?,
        unit,
        pack: None,
        pack_size: None,
        price,
        currency,
        discount: options.discount.as_deref().map(parse::<Discount>).transpose()?.unwrap_or_default(),
        tax,
        lot: None,
        serial: None,
        note: options.note,
        removed: false,
    })
}

/// `3xOAK-1`, `1.5x4006381333931@9.50` or just `OAK-1`: how many of what, and at which price, for several lines on one
/// command line.
pub fn several(
    reader: &Reader,
    settings: &Settings,
    currency: Currency,
    given: &[String],
) -> Result<Vec<(LineId, Line)>, Failure> {
    let mut lines = Vec::new();
    for (pos, text) in (1..).zip(given) {
        let counted = text
            .split_once(['x', '×'])
            .filter(|(count, named)| count.trim().parse::<Amount>().is_ok() && !named.is_empty());
        let (quantity, named) = counted.unwrap_or(("1", text));
        let priced = named
            .rsplit_once('@')
            .filter(|(named, price)| !named.trim().is_empty() && price.trim().parse::<Amount>().is_ok());
        let (named, price) = priced.map_or((named, None), |(named, price)| (named, Some(price.to_owned())));
        let options = LineArgs { price, ..LineArgs::default() };
        let line = make(reader, settings, currency, named.trim(), quantity, pos, options)?;
        lines.push((engine::fresh_id(), line));
    }
    Ok(lines)
}

/// The lines of a table, behind so many others. All that is wrong with it is said at once.
pub fn of_table(
    reader: &Reader,
    settings: &Settings,
    currency: Currency,
    rows: &[sheet::Row],
    behind: usize,
) -> Result<Vec<(LineId, Line)>, Failure> {
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    let first = i64::try_from(behind).unwrap_or(i64::MAX).saturating_add(1);
    for (pos, row) in (first..).zip(rows) {
        let options = LineArgs { price: row.price.clone(), ..LineArgs::default() };
        match make(reader, settings, currency, &row.product, &row.quantity, pos, options) {
            Ok(line) => lines.push((engine::fresh_id(), line)),
            Err(Failure::Refused(against)) => {
                findings.extend(against.iter().map(|f| sheet::wrong(row.row, &f.what, &f.remedy)));
            }
            Err(Failure::Usage(words)) => {
                findings.push(sheet::wrong(row.row, &words, "Nothing was entered."));
            }
            Err(other) => return Err(other),
        }
    }
    if findings.is_empty() { Ok(lines) } else { Err(Failure::Refused(findings)) }
}

/// What of each line is still to be handed over.
pub fn outstanding(order: &Order) -> Vec<(LineId, waybill_shared::quantity::Quantity)> {
    let status = waybill_shared::order::status::of(order);
    order
        .live_lines()
        .into_iter()
        .filter_map(|(id, line)| {
            let delivered = status.lines.get(&id).map(|line| line.delivered).unwrap_or_default();
            let rest = line.quantity - delivered;
            rest.is_positive().then_some((id, rest))
        })
        .collect()
}
