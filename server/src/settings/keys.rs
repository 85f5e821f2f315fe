//! Every setting there is, once: its name gives its flag, its environment variable and its place in the file.

#[derive(Debug)]
pub struct Key {
    /// As in the file: `limits.connections` is `connections` in the table `[limits]`.
    pub name: &'static str,
    pub value_name: &'static str,
    pub help: &'static str,
    pub default: Option<&'static str>,
    /// Never printed, not even in a message about a mistake.
    pub secret: bool,
}

impl Key {
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    pub fn variable(&self) -> String {
        format!("WAYBILL_{}", self.name.replace('.', "_").to_uppercase())
    }
}

pub const KEYS: &[Key] = &[
    key("listen", "ADDRESS", Some("127.0.0.1:7420"), "Address and port for devices"),
    key(
        "metrics_listen",
        "ADDRESS",
        Some("127.0.0.1:7421"),
        "Address and port for /metrics, which is not for devices",
    ),
    key(
        "tls_cert",
        "FILE",
        None,
        "The server's certificate as PEM, with those of its issuers; read again when it changes",
    ),
    key("tls_key", "FILE", None, "The key of the certificate as PEM"),
    key(
        "plain",
        "WHERE",
        Some("loopback"),
        "Where devices may connect without TLS: loopback, or anywhere if something in front encrypts",
    ),
    key("data_dir", "DIR", None, "Directory of the private database [default: depends on the system]"),
    Key {
        secret: true,
        ..key("database_url", "URL", None, "A PostgreSQL of your own, instead of the private one")
    },
    key("database_connections", "N", Some("16"), "Connections to PostgreSQL"),
    key(
        "report_port",
        "PORT",
        None,
        "A port on this machine by which tools read the reports of the private database; `report-access` says how",
    ),
    key("postgres_bin", "DIR", None, "Where initdb and postgres are, if not in a usual place"),
    key("log_format", "FORMAT", Some("text"), "How log lines are written: text or json"),
    key(
        "log_level",
        "LEVEL",
        Some("info,sqlx=warn"),
        "error, warn, info, debug, trace, or a filter of such levels by module",
    ),
    key("shutdown_grace", "SECONDS", Some("20"), "How long a stop waits for connections to end"),
    key("limits.connections", "N", Some("10000"), "The most devices connected at once"),
    key(
        "limits.sign_in_attempts",
        "N",
        Some("5"),
        "Wrong passwords for one name from one place before waits begin",
    ),
    key("limits.sign_in_longest_wait", "SECONDS", Some("300"), "The longest wait after wrong passwords"),
    key(
        "limits.new_devices_per_day",
        "N",
        Some("20"),
        "The most devices that one person signs in on for the first time within a day, without a code of an admin",
    ),
    key("limits.sign_ins_at_once", "N", Some("2"), "Passwords checked at the same time"),
    key(
        "limits.edits_at_once",
        "N",
        Some("20000"),
        "Entries of one device or person before it is slowed down",
    ),
    key("limits.edits_per_second", "N", Some("500"), "How many a second are taken from it then"),
    key(
        "limits.held_per_device",
        "N",
        Some("1000"),
        "The most entries of one device that wait for a manager",
    ),
    key(
        "limits.attachment_mib",
        "N",
        Some("10"),
        "The largest photo or paper that is taken, in MiB (1 to 50)",
    ),
];

const fn key(
    name: &'static str,
    value_name: &'static str,
    default: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key { name, value_name, help, default, secret: false }
}

/// The name among `names` that somebody probably meant.
pub fn nearest<'a>(meant: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let meant = meant.to_lowercase();
    names
        .map(|name| (distance(&meant, &name.to_lowercase()), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(3) / 3)
        .map(|(_, name)| name)
}

/// How many letters must be added, removed or replaced to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from) in from.chars().enumerate() {
        let mut next = vec![above + 1];
        for ((&to, pair), left) in to.iter().zip(row.windows(2)).zip(0..) {
            let [diagonal, up] = *pair else { continue };
            let beside: usize = next.get(left).copied().unwrap_or(usize::MAX - 1);
            next.push((diagonal + usize::from(from != to)).min(up + 1).min(beside + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_flag_and_its_variable() {
        let key = KEYS.iter().find(|key| key.name == "limits.connections").unwrap();
        assert_eq!(key.flag(), "limits-connections");
        assert_eq!(key.variable(), "WAYBILL_LIMITS_CONNECTIONS");
    }

    #[test]
    fn a_slip_of_the_fingers_finds_the_name_that_was_meant() {
        for (written, meant) in [
            ("lisen", Some("listen")),
            ("data-dir", Some("data_dir")),
            ("limits.conections", Some("limits.connections")),
            ("shutdown-grase", Some("shutdown_grace")),
            ("colour", None),
        ] {
            assert_eq!(nearest(written, KEYS.iter().map(|key| key.name)), meant, "{written}");
        }
    }

    #[test]
    fn distance_counts_single_letters() {
        for (from, to, letters) in
            [("", "abc", 3), ("listen", "listen", 0), ("lisen", "listen", 1), ("ab", "ba", 2)]
        {
            assert_eq!(distance(from, to), letters, "{from} {to}");
        }
    }
}
