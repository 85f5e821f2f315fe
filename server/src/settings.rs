//! The server's settings, read and judged all at once: whoever starts the server hears of every mistake in one
//! message.

mod keys;
mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;
use waybill_shared::protocol::limits;

use keys::KEYS;
pub use sources::{Flags, SETTINGS};
use sources::{Given, collect};

use crate::tls;

const MIB: u64 = 1024 * 1024;

#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub metrics_listen: SocketAddr,
    /// Plain where there is none.
    pub tls: Option<tls::Files>,
    pub database: DatabaseSettings,
    pub log_format: LogFormat,
    pub log_level: String,
    pub shutdown_grace: Duration,
    pub limits: Limits,
}

/// Which PostgreSQL holds everything, and how it is reached.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    pub place: DatabasePlace,
    pub connections: u32,
}

#[derive(Clone, Debug)]
pub enum DatabasePlace {
    /// A private cluster below this directory, run by the server itself.
    Private { data_dir: PathBuf, postgres_bin: Option<PathBuf>, report_port: Option<u16> },
    /// Somebody else's PostgreSQL.
    Url(Box<PgConnectOptions>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connections: usize,
    pub sign_in_attempts: u32,
    pub sign_in_longest_wait: Duration,
    pub new_devices_per_day: u32,
    pub sign_ins_at_once: usize,
    pub edits_at_once: u32,
    pub edits_per_second: u32,
    pub held_per_device: u64,
    /// Bytes of one photo or paper.
    pub attachment: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, thiserror::Error)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(formatter, "a setting must be put right: {one}"),
            several => {
                write!(formatter, "{} settings must be put right:", several.len())?;
                several.iter().try_for_each(|mistake| write!(formatter, "\n  - {mistake}"))
            }
        }
    }
}

impl Settings {
    /// From flags, this process's environment and the file.
    pub fn load(flags: &Flags) -> Result<Settings, Mistakes> {
        Settings::from_sources(flags, &|variable| std::env::var(variable).ok())
    }

    pub fn from_sources(
        flags: &Flags,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Settings, Mistakes> {
        Settings::read(flags, environment, false)
    }

    /// The same for a server that devices connect to: its certificate has to serve.
    pub fn to_serve(flags: &Flags) -> Result<Settings, Mistakes> {
        Settings::read(flags, &|variable| std::env::var(variable).ok(), true)
    }

    fn read(
        flags: &Flags,
        environment: &dyn Fn(&str) -> Option<String>,
        serves: bool,
    ) -> Result<Settings, Mistakes> {
        let mut mistakes = Vec::new();
        let given = collect(flags, environment, &mut mistakes);
        let mut read = Reader { given, mistakes };
        let listen = read.value("listen", "give an address and a port, for example 127.0.0.1:7420", parsed);
        let metrics_listen =
            read.value("metrics_listen", "give an address and a port, for example 127.0.0.1:7421", parsed);
        let tls = read.tls(listen, serves);
        let url =
            read.value("database_url", "give a URL such as postgres://user:password@host/waybill", |text| {
                let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
                is_postgres.then(|| PgConnectOptions::from_str(text).ok()).flatten()
            });
        let connections = read.number("database_connections", 2, 1_000);
        let data_dir = read.value("data_dir", "give a directory", path);
        let postgres_bin = read.value("postgres_bin", "give the directory of PostgreSQL's programs", path);
        let report_port = read.number("report_port", 1, 65_535);
        let place = match url {
            Some(url) => Some(DatabasePlace::Url(Box::new(url))),
            None => match data_dir.or_else(|| usual_data_dir(environment)) {
                Some(data_dir) => Some(DatabasePlace::Private { data_dir, postgres_bin, report_port }),
                None => {
                    read.mistakes
                        .push("data_dir is not given and there is no home directory; give --data-dir".into());
                    None
                }
            },
        };
        let log_format = read.value("log_format", "give text or json", |text| match text {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        });
        let log_level = read.value("log_level", "give error, warn, info, debug or trace", |text| {
            EnvFilter::try_new(text).ok().map(|_| text.to_string())
        });
        let shutdown_grace = read.number("shutdown_grace", 0, 3_600).map(Duration::from_secs);
        let limits = read.limits();
        if let (
            true,
            Some(listen),
            Some(metrics_listen),
            Some(place),
            Some(connections),
            Some(log_format),
            Some(log_level),
            Some(shutdown_grace),
            Some(limits),
        ) = (
            read.mistakes.is_empty(),
            listen,
            metrics_listen,
            place,
            connections,
            log_format,
            log_level,
            shutdown_grace,
            limits,
        ) {
            let database = DatabaseSettings { place, connections };
            return Ok(Settings {
                listen,
                metrics_listen,
                tls,
                database,
                log_format,
                log_level,
                shutdown_grace,
                limits,
            });
        }
        Err(Mistakes(read.mistakes))
    }
}

/// Turns what was written into values, and collects what cannot be.
struct Reader {
    given: BTreeMap<&'static str, Given>,
    mistakes: Vec<String>,
}

impl Reader {
    /// The certificate; and without one, whether that is said to be right.
    fn tls(&mut self, listen: Option<SocketAddr>, serves: bool) -> Option<tls::Files> {
        let cert = self.value("tls_cert", "give a file", path);
        let key = self.value("tls_key", "give a file", path);
        let plain = self.value("plain", "give loopback or anywhere", |text| match text {
            "loopback" => Some(false),
            "anywhere" => Some(true),
            _ => None,
        });
        let (cert, key) = match (cert, key) {
            (Some(cert), Some(key)) => (cert, key),
            (None, None) => {
                if let (Some(listen), Some(false)) = (listen, plain)
                    && !listen.ip().is_loopback()
                {
                    self.mistakes.push(format!(
                        "listen = {listen} takes passwords from other machines, and without TLS anybody in between \
                         can read them; give tls_cert and tls_key, or plain = anywhere if something in front encrypts"
                    ));
                }
                return None;
            }
            (Some(_), None) => {
                self.mistakes.push("tls_cert is given and tls_key is not; give both or neither".to_owned());
                return None;
            }
            (None, Some(_)) => {
                self.mistakes.push("tls_key is given and tls_cert is not; give both or neither".to_owned());
                return None;
            }
        };
        let files = tls::Files { cert, key };
        if serves && let Err(error) = files.check() {
            self.mistakes.push(error.to_string());
        }
        Some(files)
    }

    fn limits(&mut self) -> Option<Limits> {
        let connections = self.number("limits.connections", 1, 1_000_000);
        let sign_in_attempts = self.number("limits.sign_in_attempts", 1, 1_000);
        let sign_in_longest_wait =
            self.number("limits.sign_in_longest_wait", 1, 86_400).map(Duration::from_secs);
        let new_devices_per_day = self.number("limits.new_devices_per_day", 1, 1_000_000);
        let sign_ins_at_once = self.number("limits.sign_ins_at_once", 1, 1_000);
        let edits_at_once = self.number("limits.edits_at_once", 1, 10_000_000);
        let edits_per_second = self.number("limits.edits_per_second", 1, 1_000_000);
        let held_per_device = self.number("limits.held_per_device", 1, 1_000_000);
        let most = limits::ATTACHMENT as u64 / MIB;
        let attachment = self.number("limits.attachment_mib", 1, most).map(|mib: u64| mib * MIB);
        Some(Limits {
            connections: connections?,
            sign_in_attempts: sign_in_attempts?,
            sign_in_longest_wait: sign_in_longest_wait?,
            new_devices_per_day: new_devices_per_day?,
            sign_ins_at_once: sign_ins_at_once?,
            edits_at_once: edits_at_once?,
            edits_per_second: edits_per_second?,
            held_per_device: held_per_device?,
            attachment: attachment?,
        })
    }

    /// A whole number between two bounds, both allowed.
    fn number<N: TryFrom<u64>>(&mut self, name: &'static str, least: u64, most: u64) -> Option<N> {
        self.value(name, &format!("give a whole number from {least} to {most}"), |text| {
            let number: u64 = text.parse().ok()?;
            (least..=most).contains(&number).then(|| N::try_from(number).ok()).flatten()
        })
    }

    /// The value of a setting, or none where it is not given or does not serve.
    fn value<T>(
        &mut self,
        name: &'static str,
        remedy: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let given = self.given.get(name)?;
        let value = read(&given.text);
        if value.is_none() {
            let secret = KEYS.iter().any(|key| key.name == name && key.secret);
            let text = if secret { "(not shown)".to_string() } else { format!("{:?}", given.text) };
            self.mistakes.push(format!("{name} = {text} (from {}) does not serve; {remedy}", given.source));
        }
        value
    }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.trim().is_empty()).then(|| PathBuf::from(text))
}

/// Root's own home is closed to the user that PostgreSQL runs as, so a server started by root keeps its data
/// where services keep theirs.
fn usual_data_dir(environment: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    #[cfg(unix)]
    if nix::unistd::Uid::effective().is_root() {
        return Some(PathBuf::from("/var/lib/waybill"));
    }
    let base = environment("XDG_DATA_HOME")
        .or_else(|| environment("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| environment("HOME").map(|home| PathBuf::from(home).join(".local/share")))?;
    Some(base.join("waybill-server"))
}
