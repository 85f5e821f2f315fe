//! Where a setting's value comes from: flag before environment before file before default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::keys::{KEYS, Key, nearest};

/// The settings given as flags, one flag for every key of the table, and the file that holds more of them.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub values: BTreeMap<&'static str, String>,
}

/// Above them in help.
pub const SETTINGS: &str = "Settings (flag, or WAYBILL_… in the environment, or the file of --config)";

/// The flags' names; clap keeps them for as long as the program runs.
static FLAGS: LazyLock<Vec<String>> = LazyLock::new(|| KEYS.iter().map(Key::flag).collect());

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .global(true)
            .help_heading(SETTINGS)
            .help("A TOML file with settings [environment: WAYBILL_CONFIG]");
        let flags = KEYS.iter().zip(FLAGS.iter()).map(|(key, flag)| {
            let default = key.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
            Arg::new(key.name)
                .long(flag.as_str())
                .value_name(key.value_name)
                .global(true)
                .help_heading(SETTINGS)
                .hide_short_help(!["data_dir", "database_url"].contains(&key.name))
                .help(format!("{}{default}", key.help))
        });
        command.arg(config).args(flags)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Flags, clap::Error> {
        let value = |key: &Key| Some((key.name, matches.get_one::<String>(key.name)?.clone()));
        let config = matches.get_one::<PathBuf>("config").cloned();
        Ok(Flags { config, values: KEYS.iter().filter_map(value).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Flags::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A value as it was written, and where.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub text: String,
    pub source: Source,
}

#[derive(Clone, Debug)]
pub(super) enum Source {
    Flag(String),
    Variable(String),
    File(PathBuf),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(flag) => write!(formatter, "the flag --{flag}"),
            Source::Variable(variable) => write!(formatter, "the environment variable {variable}"),
            Source::File(file) => write!(formatter, "{}", file.display()),
            Source::Default => write!(formatter, "the default"),
        }
    }
}

/// Everything that was given, by name. What is wrong with the file is added to `mistakes`.
pub(super) fn collect(
    flags: &Flags,
    environment: &dyn Fn(&str) -> Option<String>,
    mistakes: &mut Vec<String>,
) -> BTreeMap<&'static str, Given> {
    let config = flags.config.clone().or_else(|| environment("WAYBILL_CONFIG").map(PathBuf::from));
    let file = config.map(|path| read_file(&path, mistakes)).unwrap_or_default();
    KEYS.iter()
        .filter_map(|key| {
            let flag = || {
                let text = flags.values.get(key.name)?.clone();
                Some(Given { text, source: Source::Flag(key.flag()) })
            };
            let variable = || {
                let text = environment(&key.variable())?;
                Some(Given { text, source: Source::Variable(key.variable()) })
            };
            let default = || Some(Given { text: key.default?.to_string(), source: Source::Default });
            let given = flag().or_else(variable).or_else(|| file.get(key.name).cloned()).or_else(default)?;
            Some((key.name, given))
        })
        .collect()
}

fn read_file(path: &Path, mistakes: &mut Vec<String>) -> BTreeMap<&'static str, Given> {
    let mut found = BTreeMap::new();
    let parsed = std::fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string().trim().to_string()));
    match parsed {
        Ok(table) => read_table(path, "", &table, &mut found, mistakes),
        Err(error) => mistakes.push(format!("{} cannot be used as --config: {error}", path.display())),
    }
    found
}

fn read_table(
    path: &Path,
    prefix: &str,
    table: &toml::Table,
    found: &mut BTreeMap<&'static str, Given>,
    mistakes: &mut Vec<String>,
) {
    for (name, value) in table {
        let name = format!("{prefix}{name}");
        let key = KEYS.iter().find(|key| key.name == name);
        let text = match value {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(number) => Some(number.to_string()),
            toml::Value::Boolean(flag) => Some(flag.to_string()),
            toml::Value::Table(inner) if KEYS.iter().any(|key| key.name.starts_with(&format!("{name}."))) => {
                read_table(path, &format!("{name}."), inner, found, mistakes);
                continue;
            }
            _ => None,
        };
        match (key, text) {
            (Some(key), Some(text)) => {
                found.insert(key.name, Given { text, source: Source::File(path.to_path_buf()) });
            }
            (Some(key), None) => {
                mistakes.push(format!(
                    "{} (from {}) must be one text or whole number",
                    key.name,
                    path.display()
                ));
            }
            (None, _) => {
                let meant = nearest(&name, KEYS.iter().map(|key| key.name));
                let hint = meant.map_or_else(
                    || "; see `waybill-server --help` for the settings there are".to_string(),
                    |meant| format!("; did you mean {meant}?"),
                );
                mistakes.push(format!("{name} (from {}) is not a setting{hint}", path.display()));
            }
        }
    }
}
