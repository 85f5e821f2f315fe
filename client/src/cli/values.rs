//! Values as they are typed: days, windows, contacts, addresses.

use chrono::{Days, NaiveDate};
use waybill_shared::order::{Address, Contact, Wanted};

use super::outcome::Failure;

/// `2026-11-21`, `today`, `tomorrow`, `+3`.
pub fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, Failure> {
    let text = text.trim();
    let days = match text {
        "today" => Some(0),
        "tomorrow" => Some(1),
        _ => text.strip_prefix('+').and_then(|days| days.parse().ok()),
    };
    days.map_or_else(|| text.parse().ok(), |days| today.checked_add_days(Days::new(days))).ok_or_else(|| {
        Failure::Usage(format!("“{text}” is not a day: give it as 2026-11-21, today, tomorrow or +3."))
    })
}

/// `none`, or a day with or without a window: `tomorrow`, `2026-11-21 09:00-12:00`, `today 14:00-`.
pub fn wanted(text: &str, today: NaiveDate) -> Result<Wanted, Failure> {
    let text = text.trim();
    if text == "none" {
        return Ok(Wanted::default());
    }
    let (date, window) = text.split_once(' ').unwrap_or((text, ""));
    let (from, to) = if window.trim().is_empty() { (None, None) } else { self::window(window)? };
    Ok(Wanted { date: Some(day(date, today)?), from, to })
}

fn window(text: &str) -> Result<(Option<u16>, Option<u16>), Failure> {
    let bad =
        || Failure::Usage(format!("“{text}” is not a window: give it as 09:00-12:00, 09:00- or -12:00."));
    let (from, to) = text.trim().split_once(['-', '–']).ok_or_else(bad)?;
    let minutes = |text: &str| -> Result<Option<u16>, Failure> {
        if text.is_empty() {
            return Ok(None);
        }
        let (hours, minutes) = text.split_once(':').ok_or_else(bad)?;
        let (hours, minutes): (u16, u16) =
            (hours.parse().map_err(|_| bad())?, minutes.parse().map_err(|_| bad())?);
        if hours > 24 || minutes > 59 { Err(bad()) } else { Ok(Some(hours * 60 + minutes)) }
    };
    Ok((minutes(from.trim())?, minutes(to.trim())?))
}

/// Parts of a contact; what is not given stays, what is given empty is taken away.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ContactArgs {
    /// Who to talk to.
    #[arg(long)]
    pub contact_name: Option<String>,
    /// A telephone number.
    #[arg(long)]
    pub phone: Option<String>,
    /// An address for mail.
    #[arg(long)]
    pub email: Option<String>,
}

impl ContactArgs {
    pub fn over(self, contact: &Contact) -> Contact {
        Contact {
            name: over(self.contact_name, &contact.name),
            phone: over(self.phone, &contact.phone),
            email: over(self.email, &contact.email),
        }
    }
}

/// Parts of an address; what is not given stays, what is given empty is taken away.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AddressArgs {
    /// Who or what is there.
    #[arg(long)]
    pub address_name: Option<String>,
    /// With the house number.
    #[arg(long)]
    pub street: Option<String>,
    /// As people write it.
    #[arg(long)]
    pub postcode: Option<String>,
    /// A town or city.
    #[arg(long)]
    pub city: Option<String>,
    /// ISO 3166 two-letter code.
    #[arg(long)]
    pub country: Option<String>,
    /// For whoever delivers.
    #[arg(long)]
    pub address_note: Option<String>,
}

impl AddressArgs {
    pub fn over(self, address: &Address) -> Address {
        Address {
            name: over(self.address_name, &address.name),
            street: over(self.street, &address.street),
            postcode: over(self.postcode, &address.postcode),
            city: over(self.city, &address.city),
            country: over(self.country, &address.country),
            note: over(self.address_note, &address.note),
        }
    }
}

fn over(given: Option<String>, current: &Option<String>) -> Option<String> {
    match given {
        Some(text) if text.trim().is_empty() => None,
        Some(text) => Some(text),
        None => current.clone(),
    }
}

/// For values that parse by themselves: their own words say what is wrong.
pub fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Failure::Usage(error.to_string()))
}

/// One of a list of words.
pub fn choose<T: Copy>(text: &str, what: &str, all: &[T], word: impl Fn(T) -> String) -> Result<T, Failure> {
    let wanted = text.trim().to_lowercase().replace([' ', '-'], "_");
    let words: Vec<String> = all.iter().map(|one| word(*one)).collect();
    words.iter().position(|word| *word == wanted).and_then(|at| all.get(at)).copied().ok_or_else(|| {
        Failure::Usage(format!("“{text}” is not a {what}: choose one of {}.", words.join(", ")))
    })
}

/// The name of an enumeration's value, as it stands in JSON.
pub fn name(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// A moment as the business's clock shows it.
pub fn moment(at: waybill_shared::time::Timestamp, zone: chrono_tz::Tz) -> String {
    at.local(zone).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_windows_as_people_type_them() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
        for (typed, expected) in [
            ("today", "2026-11-30"),
            ("tomorrow 09:00-12:00", "2026-12-01 09:00–12:00"),
            ("+3 14:30-", "2026-12-03 from 14:30"),
            ("2026-12-24 -13:00", "2026-12-24 until 13:00"),
            ("none", "any day"),
        ] {
            assert_eq!(
                wanted(typed, today).map(|w| w.to_string()).ok().as_deref(),
                Some(expected),
                "{typed}"
            );
        }
        for typed in ["yesterday", "2026-13-01", "today 9-12", "today 25:00-26:00"] {
            assert!(wanted(typed, today).is_err(), "{typed}");
        }
    }
}
