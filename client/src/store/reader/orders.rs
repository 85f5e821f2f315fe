//! The orders list: filtered, searched and sorted as a list of row numbers, read by the window.

use std::ops::Range;

use chrono::{Days, NaiveDate};
use rusqlite::types::Value;
use uuid::Uuid;
use waybill_shared::{
    id::{CustomerId, OrderId, PersonId},
    money::{Amount, Currency},
    order::status::OrderState,
    session::store::StoreError,
};

use super::Reader;
use crate::store::{
    read::{prepare, rows},
    rows::{Listed, OrderRow},
    search,
    words::told,
};

/// Conditions on one order. Those of one kind are alternatives, the kinds must all hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderFilter {
    State(OrderState),
    ToDeliver,
    Delivered,
    NotPaid,
    Paid,
    Overdue,
    /// Wanted today, or the customer still waits for it and it was wanted earlier or on any day.
    Due,
    /// Wanted from so many days after today to so many.
    Within(u32, u32),
    Salesperson(PersonId),
    Driver(PersonId),
    Pending,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderSort {
    #[default]
    Created,
    Number,
    Customer,
    Wanted,
    Total,
    State,
    Goods,
    Money,
    /// All three together.
    Marks,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderQuery {
    pub filters: Vec<OrderFilter>,
    pub customer: Option<CustomerId>,
    pub typed: String,
    pub sort: OrderSort,
    pub descending: bool,
    pub today: NaiveDate,
}

/// What fits a query, in its order. Rows are read by `Reader::order_rows` as they come into view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderList {
    rows: Vec<i64>,
    /// The totals of what fits and counts, one for each currency of what fits.
    pub sums: Vec<Sum>,
    /// How many of them count: drafts, quotations and what is cancelled are listed and owe nobody anything.
    pub counted: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub amount: Amount,
    pub currency: Currency,
}

impl OrderQuery {
    pub fn all(today: NaiveDate) -> Self {
        Self {
            filters: Vec::new(),
            customer: None,
            typed: String::new(),
            sort: OrderSort::default(),
            descending: true,
            today,
        }
    }
}

impl OrderList {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Where a sum of coins is cut in two.
const HALF: i128 = 1_000_000_000;

impl Reader {
    pub fn orders(&self, query: &OrderQuery) -> Result<OrderList, StoreError> {
        let Condition { sql, values } = Condition::of(query);
        let direction = if query.descending { "DESC" } else { "ASC" };
        let list = format!(
            "SELECT row FROM order_row {sql} ORDER BY {} {direction}, row {direction}",
            query.sort.column()
        );
        let rows_found = rows(self.conn()?, &list, rusqlite::params_from_iter(&values), |row| row.get(0))?;
        // In two halves: SQLite gives up where the sum of integers does not fit into 64 bits.
        let totals = format!(
            "SELECT currency, sum(iif({COUNTS}, total / {HALF}, 0)), sum(iif({COUNTS}, total % {HALF}, 0)), \
             sum({COUNTS}) FROM order_row {sql} GROUP BY currency ORDER BY currency"
        );
        let sums = rows(self.conn()?, &totals, rusqlite::params_from_iter(&values), |row| {
            let half = |at| row.get::<_, i64>(at).map(i128::from);
            Ok((row.get::<_, String>(0)?, half(1)? * HALF + half(2)?, row.get::<_, u32>(3)?))
        })?;
        let counted: u32 = sums.iter().map(|(_, _, counted)| counted).sum();
        let counted = usize::try_from(counted).unwrap_or(usize::MAX);
        let sums = sums
            .into_iter()
            .filter_map(|(code, coins, _)| {
                let currency: Currency = code.parse().ok()?;
                Some(Sum { amount: Amount::from_coins(coins, currency.places()), currency })
            })
            .collect();
        Ok(OrderList { rows: rows_found, sums, counted })
    }

    /// The rows of a window of the list. One that went meanwhile is left out.
    pub fn order_rows(&self, list: &OrderList, window: Range<usize>) -> Result<Vec<OrderRow>, StoreError> {
        let end = window.end.min(list.rows.len());
        let wanted = list.rows.get(window.start.min(end)..end).unwrap_or_default();
        let mut statement = prepare(self.conn()?, "SELECT * FROM order_row WHERE row = ?1")?;
        let mut found = Vec::with_capacity(wanted.len());
        for row in wanted {
            let read: Result<Vec<OrderRow>, _> =
                statement.query_map([row], |row| OrderRow::read(&self.conn, row)).and_then(Iterator::collect);
            found.extend(read.map_err(told)?);
        }
        Ok(found)
    }

    pub fn count_orders(&self) -> Result<usize, StoreError> {
        let count: i64 = prepare(self.conn()?, "SELECT count(*) FROM order_row")?
            .query_row([], |row| row.get(0))
            .map_err(told)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    pub fn order_row(&self, id: OrderId) -> Result<Option<OrderRow>, StoreError> {
        self.row(id)
    }

    /// Orders that carry this number, in any case of letters.
    pub fn orders_numbered(&self, number: &str) -> Result<Vec<OrderRow>, StoreError> {
        let exact = self.listed("WHERE number = ?1", [number])?;
        if !exact.is_empty() {
            return Ok(exact);
        }
        self.listed("WHERE number = ?1 COLLATE NOCASE", [number])
    }
}

impl OrderSort {
    const fn column(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Number => "number_key",
            Self::Customer => "customer_name COLLATE NOCASE",
            Self::Wanted => "wanted",
            Self::Total => "total",
            Self::State => "state",
            Self::Goods => "goods",
            Self::Money => "money",
            Self::Marks => "state * 100 + goods * 10 + money",
        }
    }
}

/// A WHERE clause and its values.
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    fn of(query: &OrderQuery) -> Self {
        let mut values = Vec::new();
        let mut all = Vec::new();
        let mut groups: Vec<(u8, Vec<String>)> = Vec::new();
        for filter in &query.filters {
            let sql = filter.sql(query.today, &mut values);
            match groups.iter_mut().find(|(group, _)| *group == filter.group()) {
                Some((_, alternatives)) => alternatives.push(sql),
                None => groups.push((filter.group(), vec![sql])),
            }
        }
        all.extend(groups.into_iter().map(|(_, alternatives)| format!("({})", alternatives.join(" OR "))));
        if let Some(customer) = query.customer {
            all.push("customer = ?".to_owned());
            values.push(blob(customer.into()));
        }
        if let Some(typed) = search::query(&query.typed) {
            all.push("row IN (SELECT rowid FROM order_search WHERE words MATCH ?)".to_owned());
            values.push(Value::Text(typed.all));
        }
        let sql = if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) };
        Self { sql, values }
    }
}

// Codes of the rows, as `OrderRow` writes them.
const COUNTS: &str = "state NOT IN (0, 1, 4)";
const WAITS: &str = "state IN (2, 3, 6) AND goods <> 2";

impl OrderFilter {
    const fn group(&self) -> u8 {
        match self {
            Self::State(_) => 0,
            Self::ToDeliver | Self::Delivered => 1,
            Self::NotPaid | Self::Paid => 2,
            Self::Overdue | Self::Due | Self::Within(..) => 3,
            Self::Salesperson(_) => 4,
            Self::Driver(_) => 5,
            Self::Pending => 6,
        }
    }

    fn sql(&self, today: NaiveDate, values: &mut Vec<Value>) -> String {
        let day = |after: u32| {
            let day = today.checked_add_days(Days::new(u64::from(after))).unwrap_or(NaiveDate::MAX);
            Value::Text(day.to_string())
        };
        match self {
            Self::State(state) => {
                let code = OrderState::ALL.iter().position(|known| known == state).unwrap_or_default();
                format!("state = {code}")
            }
            Self::ToDeliver => "goods <> 2 AND state <> 4".to_owned(),
            Self::Delivered => "goods = 2".to_owned(),
            Self::NotPaid => "money NOT IN (3, 4, 5)".to_owned(),
            Self::Paid => "money IN (3, 4)".to_owned(),
            Self::Overdue => {
                values.push(Value::Text(today.to_string()));
                format!("({WAITS} AND wanted < ?)")
            }
            Self::Due => {
                let today = Value::Text(today.to_string());
                values.extend([today.clone(), today]);
                format!("(wanted = ? OR ({WAITS} AND (wanted IS NULL OR wanted < ?)))")
            }
            Self::Within(from, to) => {
                values.extend([day(*from), day(*to)]);
                "(wanted BETWEEN ? AND ?)".to_owned()
            }
            Self::Salesperson(person) => {
                values.push(blob((*person).into()));
                "salesperson = ?".to_owned()
            }
            Self::Driver(person) => {
                values.push(blob((*person).into()));
                "driver = ?".to_owned()
            }
            Self::Pending => "pending = 1".to_owned(),
        }
    }
}

fn blob(id: Uuid) -> Value {
    Value::Blob(id.into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use waybill_shared::order::status::{Fulfilment, MoneyState};

    use super::*;
    use crate::store::rows::{GOODS, MONEY};

    #[test]
    fn the_codes_in_the_conditions_are_those_that_rows_are_written_with() {
        let state = |code: usize| OrderState::ALL[code];
        assert_eq!(
            [state(2), state(3), state(6), state(4)],
            [OrderState::Placed, OrderState::Confirmed, OrderState::Disputed, OrderState::Cancelled]
        );
        assert_eq!(GOODS[2], Fulfilment::Delivered);
        assert_eq!(
            [MONEY[3], MONEY[4], MONEY[5]],
            [MoneyState::Paid, MoneyState::Overpaid, MoneyState::Refunded]
        );
    }
}
