//! Tables of PROTOCOL.md: who may send what, what a line is worth, the settings, how long is waited.

use std::time::Duration;

use waybill_server::sync::times;
use waybill_shared::{
    money::Currency,
    order::{Discount, Line, Tax, amounts},
    quantity::{Quantity, Unit},
    rules::roles::{self, Role, When},
    settings::{Field, Limit, Settings},
};

use super::{
    Example, arguments, diagnostic,
    world::{amount, chair},
};
use waybill_shared::protocol::encode;

pub fn all() -> Vec<Example> {
    vec![roles(), worth(), settings(), waits()]
}

fn table(name: &str, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Example {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = vec!["---".to_owned(); head.len()];
    let mut lines = vec![line(&head), line(&rule)];
    lines.extend(rows.into_iter().map(|row| line(&row)));
    Example::table(name, lines.join("\n"))
}

fn roles() -> Example {
    let names: Vec<&str> = ["command"].into_iter().chain(Role::ALL.iter().map(Role::name)).collect();
    let rows = roles::table().map(|row| {
        let cell = |role: &Role| match row.when(*role) {
            When::Always => "yes",
            When::OwnOrders => "own",
            When::Never => "–",
        };
        let cells = Role::ALL.iter().map(|role| cell(role).to_owned());
        [format!("`{}`", row.command)].into_iter().chain(cells).collect()
    });
    table("who may send what", &names, rows)
}

/// What these lines are worth, each with a rule of its own.
fn worth() -> Example {
    let tax = |rate: &str, included| Tax { class: "standard".to_owned(), rate: amount(rate), included };
    let line = |quantity, unit, price: &str, discount, tax| Line {
        quantity: Quantity::new(quantity),
        unit,
        price: amount(price),
        discount,
        tax,
        ..chair(1)
    };
    let percent = |of: &str| Discount::Percent(amount(of));
    let off = |of: &str| Discount::Amount(amount(of));
    let yen = |line: Line| Line { currency: "JPY".parse().unwrap_or(Currency::EUR), ..line };
    let lines = [
        line(3, Unit::Piece, "89.5", Discount::None, tax("19", true)),
        line(3, Unit::Piece, "89.5", Discount::None, tax("19", false)),
        line(1_500, Unit::Kilogram, "24", percent("10"), tax("19", true)),
        line(333, Unit::Kilogram, "9.99", Discount::None, tax("7", true)),
        line(1, Unit::Piece, "0.125", Discount::None, tax("0", true)),
        line(-1, Unit::Piece, "0.125", Discount::None, tax("0", true)),
        line(7, Unit::Piece, "1.99", percent("12.5"), tax("19", false)),
        line(3, Unit::Piece, "10", off("0.01"), tax("19", true)),
        yen(line(3, Unit::Piece, "333.5", Discount::None, tax("10", true))),
    ];
    let rows = lines.iter().map(|line| {
        let worth = amounts::line(line);
        let mut cells = vec![
            line.quantity.count().to_string(),
            line.unit.name().to_owned(),
            line.price.to_string(),
            line.currency.to_string(),
            line.discount.to_string(),
            line.tax.rate.to_string(),
            if line.tax.included { "included" } else { "added" }.to_owned(),
        ];
        cells.extend([worth.net, worth.tax, worth.gross].map(|amount| amount.to_string()));
        cells
    });
    let head = ["quantity", "unit", "price", "currency", "discount", "rate", "tax is", "net", "tax", "gross"];
    table("what a line is worth", &head, rows)
}

/// As they are where nobody has set anything, and what `settings.set_field` sets.
fn settings() -> Example {
    let defaults = diagnostic(&encode(&Settings::default())).unwrap_or_else(|error| panic!("{error}"));
    let sets = |command: &str, names: Vec<String>| format!("{command} sets one of: {}", names.join(" "));
    let fields = sets("settings.set_field", arguments::choices::<Field>());
    let limits = sets("settings.set_limit", arguments::choices::<Limit>());
    Example::new("settings", format!("{defaults}\n\n{fields}\n{limits}"))
}

fn waits() -> Example {
    let rows = times::TABLE.iter().map(|(what, time)| vec![(*what).to_owned(), words(*time)]);
    table("how long is waited", &["what", "how long"], rows)
}

fn words(time: Duration) -> String {
    match time.as_millis() {
        ms if ms % 1_000 != 0 => format!("{ms} ms"),
        ms if ms % 60_000 == 0 => format!("{} min", ms / 60_000),
        ms => format!("{} s", ms / 1_000),
    }
}
