//! The list of orders.

use serde_json::json;
use waybill_shared::{money, order::status::OrderState};

use super::show;
use crate::{
    cli::{
        find,
        outcome::Failure,
        session::Session,
        table::{count, table},
        values::{choose, name},
    },
    store::{OrderFilter, OrderQuery, OrderSort},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Words to search for: number, customer, address, product, tag.
    search: Vec<String>,
    /// draft, quoted, placed, confirmed, cancelled, closed or disputed; may be given several times.
    #[arg(long)]
    status: Vec<String>,
    /// Of one customer, by number or name.
    #[arg(long)]
    customer: Option<String>,
    /// Given to a driver, by name.
    #[arg(long)]
    driver: Option<String>,
    /// Of which something is still to be delivered.
    #[arg(long)]
    to_deliver: bool,
    /// Of which all was delivered.
    #[arg(long, conflicts_with = "to_deliver")]
    delivered: bool,
    /// Of which something is still to be paid.
    #[arg(long)]
    unpaid: bool,
    /// Of which all was paid.
    #[arg(long, conflicts_with = "unpaid")]
    paid: bool,
    /// Wanted before today, and the customer still waits.
    #[arg(long)]
    overdue: bool,
    /// Wanted today.
    #[arg(long)]
    today: bool,
    /// Saved here and not yet accepted.
    #[arg(long)]
    waiting: bool,
    /// created, number, customer, wanted, total, state, goods or money.
    #[arg(long, default_value = "created")]
    sort: String,
    /// Smallest or oldest first.
    #[arg(long)]
    ascending: bool,
    /// How many are shown at most.
    #[arg(long, default_value_t = 50, conflicts_with = "all")]
    limit: usize,
    /// All of them, however many.
    #[arg(long)]
    all: bool,
}

const SORTS: [(OrderSort, &str); 8] = [
    (OrderSort::Created, "created"),
    (OrderSort::Number, "number"),
    (OrderSort::Customer, "customer"),
    (OrderSort::Wanted, "wanted"),
    (OrderSort::Total, "total"),
    (OrderSort::State, "state"),
    (OrderSort::Goods, "goods"),
    (OrderSort::Money, "money"),
];

pub fn run(session: &mut Session, args: Args) -> Result<(), Failure> {
    let limit = if args.all { usize::MAX } else { args.limit };
    let query = query(session, args)?;
    let today = query.today;
    let reader = session.reader()?;
    let list = reader.orders(&query)?;
    let rows = reader.order_rows(&list, 0..limit)?;
    session.out.say(
        || {
            json!({
                "orders": rows.iter().map(show::row).collect::<Vec<_>>(),
                "count": list.len(),
                "counted": list.counted,
                "sums": list
                    .sums
                    .iter()
                    .map(|sum| json!({ "amount": sum.amount.fixed(sum.currency.places()), "currency": sum.currency }))
                    .collect::<Vec<_>>(),
            })
        },
        || {
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    vec![
                        row.number.clone(),
                        row.customer_name.clone(),
                        row.wanted.map(|day| day.to_string()).unwrap_or_default(),
                        money::words(row.total, row.currency),
                        row.state.words().to_owned(),
                        row.goods.words().to_owned(),
                        row.money.words().to_owned(),
                        [(row.overdue(today), "overdue"), (row.pending, "not yet sent")]
                            .into_iter()
                            .filter_map(|(so, words)| so.then_some(words))
                            .collect::<Vec<_>>()
                            .join(", "),
                    ]
                })
                .collect();
            let head = ["number", "customer", "wanted", "total", "order", "goods", "money", ""];
            let sums: Vec<String> =
                list.sums.iter().map(|sum| money::words(sum.amount, sum.currency)).collect();
            let count = count(rows.len(), list.len(), "order", "orders");
            let of = match list.counted {
                all if all == list.len() => String::new(),
                1 => " of 1 order that counts".to_owned(),
                counted => format!(" of {counted} orders that count"),
            };
            let sums = if sums.is_empty() { sums.concat() } else { format!(" {}{of}", sums.join(", ")) };
            let foot = format!("{count}{sums}");
            format!("{}{foot}", table(&head, &[3], &cells))
        },
    );
    Ok(())
}

fn query(session: &mut Session, args: Args) -> Result<OrderQuery, Failure> {
    let mut filters = Vec::new();
    for status in &args.status {
        filters.push(OrderFilter::State(choose(status, "status", &OrderState::ALL, name)?));
    }
    let flags = [
        (args.to_deliver, OrderFilter::ToDeliver),
        (args.delivered, OrderFilter::Delivered),
        (args.unpaid, OrderFilter::NotPaid),
        (args.paid, OrderFilter::Paid),
        (args.overdue, OrderFilter::Overdue),
        (args.today, OrderFilter::Within(0, 0)),
        (args.waiting, OrderFilter::Pending),
    ];
    filters.extend(flags.into_iter().filter_map(|(wanted, filter)| wanted.then_some(filter)));
    let sorts: Vec<OrderSort> = SORTS.iter().map(|(sort, _)| *sort).collect();
    let sort = choose(&args.sort, "column", &sorts, |sort| {
        SORTS
            .iter()
            .find(|(known, _)| *known == sort)
            .map_or_else(String::new, |(_, word)| (*word).to_owned())
    })?;
    let today = session.today()?;
    let reader = session.reader()?;
    if let Some(driver) = &args.driver {
        filters.push(OrderFilter::Driver(find::person(&reader.names()?, driver)?));
    }
    let customer = match &args.customer {
        Some(named) => Some(find::customer(reader, named)?.id),
        None => None,
    };
    Ok(OrderQuery {
        filters,
        customer,
        typed: args.search.join(" "),
        sort,
        descending: !args.ascending,
        today,
    })
}
