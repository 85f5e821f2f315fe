//! Amounts, quantities, days and keys as they are written and as they may be typed, in tables.

use chrono::{NaiveDate, NaiveDateTime};
use waybill_client::desktop::keys::{self, Action, KEYS};
use waybill_client::desktop::paged::{PAGE, Paged};
use waybill_client::desktop::widgets::{date, money, quantity};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::quantity::{Quantity, Unit};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

#[test]
fn amounts_are_grouped_with_the_decimals_of_their_currency_and_a_real_minus() {
    for (amount, currency, written) in [
        ("0", "EUR", "0.00"),
        ("7", "EUR", "7.00"),
        ("1234.5", "EUR", "1,234.50"),
        ("1234567.891", "EUR", "1,234,567.89"),
        ("999.995", "EUR", "1,000.00"),
        ("-12.5", "EUR", "−12.50"),
        ("-0.001", "EUR", "0.00"),
        ("1234567", "JPY", "1,234,567"),
        ("-0.4", "JPY", "0"),
        ("1234.5", "KWD", "1,234.500"),
    ] {
        let (amount, currency) = (amount.parse().unwrap(), currency.parse().unwrap());
        assert_eq!(money::figure(amount, currency), written, "{amount} {currency}");
    }
    for (amount, currency, written) in
        [("0.0125", "EUR", "0.0125"), ("3", "EUR", "3.00"), ("1200", "JPY", "1,200"), ("2.5", "KWD", "2.500")]
    {
        let (amount, currency) = (amount.parse().unwrap(), currency.parse().unwrap());
        assert_eq!(money::price(amount, currency), written, "{amount} {currency}");
    }
    assert_eq!(money::words("12".parse().unwrap(), Currency::EUR), "€ 12.00");
    assert_eq!(money::words("12".parse().unwrap(), "CHF".parse().unwrap()), "CHF 12.00");
}

#[test]
fn amounts_are_understood_as_people_type_them() {
    for (typed, meant) in [
        ("12", Some("12")),
        ("12.5", Some("12.5")),
        ("12,50", Some("12.5")),
        ("1,234.50", Some("1234.5")),
        ("1.234,50", Some("1234.5")),
        ("1,234", Some("1234")),
        ("1 234,5", Some("1234.5")),
        ("0,5", Some("0.5")),
        ("0,125", Some("0.125")),
        ("12.345", Some("12.345")),
        ("1.234.567", Some("1234567")),
        ("1,234,567.8", Some("1234567.8")),
        ("12,34,56", None),
        ("-3", Some("-3")),
        ("−3", Some("-3")),
        ("", None),
        ("twelve", None),
        ("1.2.3.4", None),
    ] {
        let meant: Option<Amount> = meant.map(|text| text.parse().unwrap());
        assert_eq!(money::parse(typed), meant, "{typed:?}");
    }
}

#[test]
fn quantities_follow_their_unit() {
    for (count, unit, written) in [
        (3, Unit::Piece, "3"),
        (12_000, Unit::Piece, "12,000"),
        (2_500, Unit::Kilogram, "2.5"),
        (-1, Unit::Piece, "−1"),
        (1_234_567, Unit::Metre, "1,234.567"),
    ] {
        assert_eq!(quantity::figure(Quantity::new(count), unit), written);
    }
    for (typed, unit, count) in [
        ("3", Unit::Piece, Some(3)),
        ("2,5", Unit::Kilogram, Some(2_500)),
        ("2,500", Unit::Kilogram, Some(2_500)),
        ("0.125", Unit::Metre, Some(125)),
        ("2,500", Unit::Piece, Some(2_500)),
        ("0.5", Unit::Piece, None),
        ("x", Unit::Piece, None),
    ] {
        assert_eq!(quantity::parse(typed, unit).map(Quantity::count), count, "{typed:?} {unit:?}");
    }
}

#[test]
fn near_days_are_said_in_a_word() {
    let today = day("2026-11-20");
    for (wanted, said, short) in [
        ("2026-11-20", "today", "today"),
        ("2026-11-21", "tomorrow", "tomorrow"),
        ("2026-11-19", "yesterday", "yesterday"),
        ("2026-11-23", "Mon", "Mon"),
        ("2026-11-27", "Fri 27 Nov", "27 Nov"),
        ("2026-11-16", "Mon 16 Nov", "16 Nov"),
        ("2028-01-03", "3 Jan 2028", "3 Jan 28"),
    ] {
        assert_eq!(date::day(day(wanted), today), said);
        assert_eq!(date::short(day(wanted), today), short);
    }
    let now = moment("2026-11-20 14:20");
    for (at, said) in [
        ("2026-11-20 09:41", "09:41"),
        ("2026-11-19 18:05", "yesterday 18:05"),
        ("2026-11-16 14:03", "Mon 14:03"),
        ("2026-10-02 08:00", "2 Oct 08:00"),
        ("2025-12-24 08:00", "24 Dec 2025 08:00"),
    ] {
        assert_eq!(date::time(moment(at), now), said);
    }
}

#[test]
fn days_are_understood_as_people_type_them() {
    // A Friday.
    let today = day("2026-11-20");
    for (typed, meant) in [
        ("today", Some("2026-11-20")),
        ("Tomorrow", Some("2026-11-21")),
        ("mon", Some("2026-11-23")),
        ("fri", Some("2026-11-27")),
        ("+3", Some("2026-11-23")),
        ("24.11.", Some("2026-11-24")),
        ("24/11/26", Some("2026-11-24")),
        ("2026-12-01", Some("2026-12-01")),
        ("5.1.", Some("2027-01-05")),
        ("31.2.", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(date::parse(typed, today), meant.map(day), "{typed:?}");
    }
}

#[test]
fn no_two_actions_share_a_key() {
    for (at, entry) in KEYS.iter().enumerate() {
        let same = KEYS[at + 1..].iter().find(|other| other.shortcut == entry.shortcut);
        assert!(same.is_none(), "{} and {} share a key", entry.words, same.map_or("", |other| other.words));
    }
    assert_eq!(
        keys::tip("Orders", Action::Orders),
        if cfg!(target_os = "macos") { "Orders (Cmd+1)" } else { "Orders (Ctrl+1)" }
    );
}

#[test]
fn pages_are_asked_for_when_their_rows_come_into_view() {
    let mut rows: Paged<usize> = Paged::new(1000);
    assert_eq!(rows.len(), 1000);
    assert_eq!(rows.get(450), None);
    assert_eq!(rows.take_missing().into_iter().collect::<Vec<_>>(), [2]);
    rows.put(2, (2 * PAGE..3 * PAGE).collect());
    assert_eq!(rows.get(450), Some(&450));
    assert!(rows.take_missing().is_empty());
    // The list changed: what was in view is asked for before it is drawn again.
    assert_eq!(rows.get(450), Some(&450));
    let after = Paged::<usize>::after(990, &rows);
    assert_eq!(after.take_missing().into_iter().collect::<Vec<_>>(), [2]);
}
