//! How the values of report rows stand in PostgreSQL.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{Decode, Encode, Postgres, Type, postgres::PgHasArrayType};
use uuid::Uuid;
use waybill_shared::{
    money::Amount,
    time::{Month, Timestamp},
};

/// A word out of a fixed list, as `placed`.
pub type Word = Cow<'static, str>;

/// A type that a column of a report table can have.
pub trait Column: Sized {
    type Db: for<'q> Encode<'q, Postgres>
        + for<'r> Decode<'r, Postgres>
        + Type<Postgres>
        + PgHasArrayType
        + Send
        + Unpin
        + 'static;
    /// What UNNEST is told that it gets.
    const ARRAY: &'static str;
    fn to_db(&self) -> Self::Db;
    fn from_db(db: Self::Db) -> Self;
}

macro_rules! columns {
    ($($type:ty: $array:literal)*) => {$(
        impl Column for $type {
            type Db = Self;
            const ARRAY: &'static str = $array;
            fn to_db(&self) -> Self { self.clone() }
            fn from_db(db: Self) -> Self { db }
        }
    )*};
}

columns! {
    Uuid: "uuid[]"
    Option<Uuid>: "uuid[]"
    String: "text[]"
    Option<String>: "text[]"
    Decimal: "numeric[]"
    Option<Decimal>: "numeric[]"
    NaiveDate: "date[]"
    Option<NaiveDate>: "date[]"
    DateTime<Utc>: "timestamptz[]"
    Option<DateTime<Utc>>: "timestamptz[]"
    i64: "bigint[]"
    i32: "integer[]"
    bool: "boolean[]"
}

impl Column for Word {
    type Db = String;
    const ARRAY: &'static str = "text[]";
    fn to_db(&self) -> String {
        self.as_ref().to_owned()
    }
    fn from_db(db: String) -> Self {
        Cow::Owned(db)
    }
}

/// Nothing that a document may hold can be refused by a column: a fact is never refused for its values, and
/// one bad row would take a whole batch along. What does not fit is brought to the nearest that does.
pub fn text(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

pub fn opt_text(given: Option<&String>) -> Option<String> {
    given.map(|given| text(given))
}

/// With the decimals that the columns have.
pub fn money(amount: Amount) -> Decimal {
    if amount.places() <= 4 { amount.decimal() } else { amount.rounded(4).decimal() }
}

pub fn day(day: NaiveDate) -> NaiveDate {
    let year = day.year().clamp(1, 9999);
    if year == day.year() { day } else { NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default() }
}

/// A booking month as its first day.
pub fn month(month: Month) -> NaiveDate {
    let (year, of_year) = (month.number() / 100, month.number() % 100);
    let first = u32::try_from(of_year).ok().and_then(|of_year| NaiveDate::from_ymd_opt(year, of_year, 1));
    day(first.unwrap_or_default())
}

pub fn time(at: Timestamp) -> DateTime<Utc> {
    let at = at.utc();
    if (1..=9999).contains(&at.year()) { at } else { DateTime::UNIX_EPOCH }
}
