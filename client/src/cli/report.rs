//! Figures on the command line, from the documents on this device.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use clap::Subcommand;
use serde_json::json;
use waybill_shared::{
    money::{self, Amount, Currency},
    order::{Order, amounts::Totals},
};

use super::{outcome::Failure, session::Session, table::table, values};
use crate::revenue::{Measure, Revenue};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Revenue by business day: placed as changed and cancelled, delivered or sold, paid.
    Revenue {
        /// The first day; 30 days ago if not given.
        #[arg(long)]
        from: Option<String>,
        /// The last day; today if not given.
        #[arg(long)]
        to: Option<String>,
        /// By month.
        #[arg(long)]
        monthly: bool,
    },
}

pub fn run(session: &mut Session, command: &Command) -> Result<(), Failure> {
    let Command::Revenue { from, to, monthly } = command;
    let today = session.today()?;
    let to = to.as_deref().map_or(Ok(today), |text| values::day(text, today))?;
    let month_ago = today.checked_sub_days(Days::new(30)).unwrap_or(today);
    let from = from.as_deref().map_or(Ok(month_ago), |text| values::day(text, today))?;
    let zone = session.settings()?.fields.zone;
    let reader = session.reader()?;
    let as_of = reader.meta()?.last_contact;
    let waiting = reader.count_waiting()?;
    let mut revenue = Revenue::default();
    reader.every::<Order>(|_, order| revenue.add(&order))?;
    let rows = periods(&revenue, from, to, *monthly);
    session.out.say(
        || {
            let rows: Vec<_> = rows
                .iter()
                .map(|(period, currency, revenue)| {
                    let fixed = |amount: Amount| amount.fixed(currency.places());
                    json!({
                        "period": period,
                        "currency": currency,
                        "placed_net": fixed(revenue.placed.net),
                        "placed_gross": fixed(revenue.placed.gross),
                        "delivered_net": fixed(revenue.delivered.net),
                        "delivered_gross": fixed(revenue.delivered.gross),
                        "paid_net": fixed(revenue.paid.net),
                        "paid_gross": fixed(revenue.paid.gross),
                    })
                })
                .collect();
            json!({ "revenue": rows, "source": "device", "as_of": as_of, "waiting": waiting })
        },
        || {
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|(period, currency, revenue)| {
                    let figure = |amount: Amount| money::figure(amount, *currency);
                    vec![
                        period.clone(),
                        currency.sign().to_owned(),
                        figure(revenue.placed.net),
                        figure(revenue.placed.gross),
                        figure(revenue.delivered.net),
                        figure(revenue.delivered.gross),
                        figure(revenue.paid.net),
                        figure(revenue.paid.gross),
                    ]
                })
                .collect();
            let head = ["", "", "placed net", "gross", "delivered net", "gross", "paid net", "gross"];
            let as_of = as_of.map_or_else(
                || "it has not reached the server yet".to_owned(),
                |at| format!("as of {}", at.local(zone).format("%Y-%m-%d %H:%M")),
            );
            format!(
                "{}From this device's documents, {as_of}, with {waiting} entries not yet sent.",
                table(&head, &[2, 3, 4, 5, 6, 7], &cells)
            )
        },
    );
    Ok(())
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Period {
    placed: Totals,
    delivered: Totals,
    paid: Totals,
}

/// Days or booking months with what they brought, by currency; those that brought nothing are left out.
fn periods(
    revenue: &Revenue,
    from: NaiveDate,
    to: NaiveDate,
    monthly: bool,
) -> Vec<(String, Currency, Period)> {
    let mut periods: BTreeMap<(String, &str), Period> = BTreeMap::new();
    for booked in revenue.all().filter(|booked| (from..=to).contains(&booked.day)) {
        let name = if monthly { booked.month.to_string() } else { booked.day.to_string() };
        let period = periods.entry((name, booked.currency)).or_default();
        let sum = match booked.measure {
            Measure::Placed => &mut period.placed,
            Measure::Delivered => &mut period.delivered,
            Measure::Paid => &mut period.paid,
        };
        *sum = *sum + booked.worth;
    }
    periods
        .into_iter()
        .filter(|(_, period)| *period != Period::default())
        .filter_map(|((name, code), period)| Some((name, code.parse().ok()?, period)))
        .collect()
}
