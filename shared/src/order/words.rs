//! Parts of an order as a person reads them.

use std::fmt;

use super::{Address, Contact, Wanted};

fn joined(f: &mut fmt::Formatter<'_>, parts: &[&Option<String>]) -> fmt::Result {
    let said: Vec<&str> =
        parts.iter().filter_map(|part| part.as_deref()).filter(|part| !part.is_empty()).collect();
    if said.is_empty() { f.write_str("none") } else { f.write_str(&said.join(", ")) }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, &[&self.name, &self.phone, &self.email])
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let town = match (&self.postcode, &self.city) {
            (Some(postcode), Some(city)) => Some(format!("{postcode} {city}")),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        joined(f, &[&self.name, &self.street, &town, &self.country, &self.note])
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        match self.date {
            Some(date) => write!(f, "{date}")?,
            None => return f.write_str("any day"),
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, " {}–{}", time(from), time(to)),
            (Some(from), None) => write!(f, " from {}", time(from)),
            (None, Some(to)) => write!(f, " until {}", time(to)),
            (None, None) => Ok(()),
        }
    }
}
