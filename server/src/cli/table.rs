//! Lists for people to read: columns as wide as what is in them.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::PgPool;
use waybill_shared::{doc::Doc, id::SettingsId, kind::DocAddr, settings::Settings, texts, time::Timestamp};

use crate::log::{Log, postgres::PostgresLog};

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

/// The zone by whose days the business works; unset until it has settings.
static ZONE: OnceLock<Tz> = OnceLock::new();

/// From now on times are the business's.
pub async fn read_zone(pool: &PgPool) {
    let addr: DocAddr = SettingsId::ONLY.into();
    let loaded = PostgresLog::new(pool.clone()).load(&[addr], &[]).await;
    let stored = loaded.ok().and_then(|loaded| loaded.docs.into_iter().next());
    let read = |saved: &[u8]| Doc::load(addr.kind, saved).and_then(|doc| doc.read::<Settings>()).ok();
    if let Some(settings) = stored.and_then(|stored| read(&stored.saved)).filter(Settings::exists) {
        let _ = ZONE.set(settings.fields.zone);
    }
}

pub fn day(at: DateTime<Utc>) -> String {
    at.with_timezone(ZONE.get().unwrap_or(&Tz::UTC)).format("%Y-%m-%d").to_string()
}

pub fn moment(at: Option<DateTime<Utc>>) -> String {
    let Some(at) = at else { return "never".to_string() };
    match ZONE.get() {
        Some(zone) => at.with_timezone(zone).format("%Y-%m-%d %H:%M").to_string(),
        None => at.format("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

/// A device's time, for a list.
pub fn at(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.ms())
}

/// What a device said of itself must not steer the terminal it is read on.
fn plain(cell: &str) -> String {
    if cell.is_empty() { "-".to_string() } else { texts::printable(cell).replace(['\n', '\t'], " ") }
}

/// What every list takes, also one that shows all anyway.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Whole {
    /// All of them, which this list shows in any case
    #[arg(long)]
    all: bool,
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
            "CODE  NAME          END\nT1    Tür\\u{1b}[2J  x\nT10   -             y\n"
        );
    }
}
