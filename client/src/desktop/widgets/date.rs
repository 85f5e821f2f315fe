//! Days and times as people say them: near ones relative, far ones with their date.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

/// `today`, `tomorrow`, `yesterday`, `Mon`, `Mon 24 Nov`, `24 Nov 2027`.
pub fn day(day: NaiveDate, today: NaiveDate) -> String {
    match (day - today).num_days() {
        0 => "today".into(),
        1 => "tomorrow".into(),
        -1 => "yesterday".into(),
        2..=6 => day.format("%a").to_string(),
        -300..=300 => day.format("%a %-d %b").to_string(),
        _ => day.format("%-d %b %Y").to_string(),
    }
}

/// For a column: a near day in a word, others as `18 Nov`.
pub fn short(day: NaiveDate, today: NaiveDate) -> String {
    match (day - today).num_days() {
        -1..=6 => self::day(day, today),
        -300..=300 => day.format("%-d %b").to_string(),
        _ => day.format("%-d %b %y").to_string(),
    }
}

/// `14:03` today, `yesterday 14:03`, `Mon 14:03` in the last week, else with the date.
pub fn time(at: NaiveDateTime, now: NaiveDateTime) -> String {
    let clock = at.format("%H:%M");
    match (at.date() - now.date()).num_days() {
        0 => clock.to_string(),
        -1 => format!("yesterday {clock}"),
        1 => format!("tomorrow {clock}"),
        -6..=6 => format!("{} {clock}", at.format("%a")),
        _ if at.year() == now.year() => format!("{} {clock}", at.format("%-d %b")),
        _ => format!("{} {clock}", at.format("%-d %b %Y")),
    }
}

/// Reads a day: `today`, `tomorrow`, `fri`, `24.11.`, `24/11/2026`, `2026-11-24`, `+3`.
pub fn parse(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim().to_lowercase();
    if let Some(days) = text.strip_prefix('+') {
        return today.checked_add_days(Days::new(days.trim().parse().ok()?));
    }
    match text.as_str() {
        "today" => return Some(today),
        "tomorrow" => return today.checked_add_days(Days::new(1)),
        _ => {}
    }
    if let Ok(weekday) = text.parse::<chrono::Weekday>() {
        let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
        return today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) }));
    }
    if let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
        return Some(day);
    }
    let parts: Vec<u32> = text
        .split(['.', '/', '-', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [day, month] => {
            let this_year = NaiveDate::from_ymd_opt(today.year(), month, day)?;
            // A day typed without a year is the next one of that name.
            if (today - this_year).num_days() > 180 {
                NaiveDate::from_ymd_opt(today.year() + 1, month, day)
            } else {
                Some(this_year)
            }
        }
        [day, month, year] if year < 100 => NaiveDate::from_ymd_opt(2000 + year as i32, month, day),
        [day, month, year] => NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day),
        _ => None,
    }
}
