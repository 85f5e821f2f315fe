//! The list of erasures outside the database: a backup from before an erasure does not know of it, so whoever puts
//! one back needs the list from elsewhere. It holds ids and times, and nothing personal.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, SecondsFormat, Utc};
use waybill_shared::id::CustomerId;

use crate::settings::DatabasePlace;

/// In the directory of the private database.
const FILE: &str = "erasures";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub customer: CustomerId,
    pub at: DateTime<Utc>,
}

/// Where it is, unless it was said: beside the private database. Beside somebody else's there is no such place.
pub fn usual(place: &DatabasePlace) -> Option<PathBuf> {
    match place {
        DatabasePlace::Private { data_dir, .. } => Some(data_dir.join(FILE)),
        DatabasePlace::Url(_) => None,
    }
}

/// On the disk when this returns.
pub fn add(list: &Path, erasure: Listed) -> io::Result<()> {
    let Listed { customer, at } = erasure;
    if list.exists() && read(list)?.iter().any(|listed| listed.customer == customer) {
        return Ok(());
    }
    let mut file = OpenOptions::new().create(true).append(true).open(list)?;
    writeln!(file, "{customer} {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))?;
    file.sync_all()
}

pub fn read(list: &Path) -> io::Result<Vec<Listed>> {
    let text = fs::read_to_string(list)?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines
        .map(|(line, nth)| {
            parsed(line).ok_or_else(|| {
                let what = format!("line {nth} of {} is no erasure: “{line}”", list.display());
                io::Error::new(io::ErrorKind::InvalidData, what)
            })
        })
        .collect()
}

fn parsed(line: &str) -> Option<Listed> {
    let (customer, at) = line.trim().split_once(' ')?;
    let at = DateTime::parse_from_rfc3339(at).ok()?.to_utc();
    Some(Listed { customer: customer.parse().ok()?, at })
}
