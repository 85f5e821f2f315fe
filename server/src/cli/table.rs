//! Lists for people to read: columns as wide as what is in them.

use chrono::{DateTime, Utc};
use waybill_shared::{texts, time::Timestamp};

pub fn table<const N: usize>(heading: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let rows = rows.into_iter().map(|row| row.map(|cell| plain(&cell)));
    let rows: Vec<[String; N]> = std::iter::once(heading.map(str::to_string)).chain(rows).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
        text
    })
}

pub fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

pub fn moment(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "never".to_string(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// A device's time, for a list.
pub fn at(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.ms())
}

/// What a device said of itself must not steer the terminal it is read on.
fn plain(cell: &str) -> String {
    if cell.is_empty() { "-".to_string() } else { texts::printable(cell).replace(['\n', '\t'], " ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_in_them_steers_the_terminal() {
        let rows =
            [["T1".into(), "Tür\u{1b}[2J".into(), "x".into()], ["T10".into(), String::new(), "y".into()]];
        assert_eq!(
            table(["CODE", "NAME", "END"], rows),
            "CODE  NAME           END\nT1    Tür\\u{1b}[2J  x\nT10   -              y\n"
        );
    }
}
