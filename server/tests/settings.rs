//! Settings come from flag, environment, file and default, in this order, and all mistakes are named at once.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Command, FromArgMatches};
use waybill_server::settings::{DatabasePlace, Flags, LogFormat, Settings};

/// What a server would be started with.
#[derive(Default)]
struct Start {
    arguments: Vec<&'static str>,
    variables: Vec<(&'static str, &'static str)>,
    file: Option<&'static str>,
}

impl Start {
    fn load(&self) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("waybill.toml");
        let mut arguments: Vec<String> = vec!["waybill-server".into()];
        arguments.extend(self.arguments.iter().map(|argument| argument.to_string()));
        if let Some(text) = self.file {
            fs::write(&file, text).unwrap();
            arguments.extend(["--config".into(), file.display().to_string()]);
        }
        let matches = Flags::augment_args(Command::new("waybill-server")).get_matches_from(arguments);
        let flags = Flags::from_arg_matches(&matches).unwrap();
        let variable = |name: &str| {
            let home = Some("/home/anna".to_string()).filter(|_| name == "HOME");
            let given = self.variables.iter().find(|(given, _)| *given == name);
            given.map(|(_, value)| value.to_string()).or(home)
        };
        Settings::from_sources(&flags, &variable).map_err(|mistakes| mistakes.to_string())
    }
}

#[test]
fn with_nothing_given_a_server_starts_on_this_machine_only() {
    let settings = Start::default().load().unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:7420");
    assert_eq!(settings.metrics_listen.to_string(), "127.0.0.1:7421");
    assert_eq!(settings.log_format, LogFormat::Text);
    let DatabasePlace::Private { data_dir, .. } = settings.database.place else { panic!("not private") };
    let roots = PathBuf::from("/var/lib/waybill");
    let annas = PathBuf::from("/home/anna/.local/share/waybill-server");
    assert!(data_dir == roots || data_dir == annas, "{data_dir:?}");
}

#[test]
fn who_lets_other_machines_in_has_a_certificate_or_says_that_something_else_encrypts() {
    for (arguments, words) in [
        (vec!["--listen", "192.0.2.7:7420"], Some("tls_cert and tls_key, or plain = anywhere")),
        (vec!["--listen", "[::1]:7420"], None),
        (vec!["--listen", "0.0.0.0:7420", "--plain", "anywhere"], None),
        (vec!["--listen", "0.0.0.0:7420", "--plain", "here"], Some("give loopback or anywhere")),
        (vec!["--tls-cert", "server.pem"], Some("tls_key is not; give both or neither")),
        (vec!["--tls-key", "server.key"], Some("tls_cert is not; give both or neither")),
        (vec!["--listen", "0.0.0.0:7420", "--tls-cert", "server.pem", "--tls-key", "server.key"], None),
    ] {
        let loaded = Start { arguments: arguments.clone(), ..Start::default() }.load();
        match (loaded, words) {
            (Ok(_), None) => {}
            (Err(mistakes), Some(words)) => assert!(mistakes.contains(words), "{mistakes}"),
            (loaded, _) => panic!("{arguments:?}: {loaded:?}"),
        }
    }
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let file = Some("shutdown_grace = 3\n[limits]\nconnections = 7\n");
    let mut start = Start { file, ..Start::default() };
    assert_eq!(start.load().unwrap().shutdown_grace, Duration::from_secs(3));
    start.variables.push(("WAYBILL_SHUTDOWN_GRACE", "2"));
    assert_eq!(start.load().unwrap().shutdown_grace, Duration::from_secs(2));
    start.arguments.extend(["--shutdown-grace", "1"]);
    let settings = start.load().unwrap();
    assert_eq!(settings.shutdown_grace, Duration::from_secs(1));
    assert_eq!(settings.limits.connections, 7);
}

#[test]
fn a_database_of_ones_own_is_used_instead_of_the_private_one() {
    let variables = vec![("WAYBILL_DATABASE_URL", "postgres://anna:secret@db.example/waybill")];
    let settings = Start { variables, ..Start::default() }.load().unwrap();
    let DatabasePlace::Url(url) = settings.database.place else { panic!("not the given one") };
    assert_eq!(url.get_host(), "db.example");
}

#[test]
fn every_mistake_is_named_in_one_message_with_its_value_and_its_remedy() {
    let start = Start {
        arguments: vec!["--listen", "everywhere", "--limits-connections", "0"],
        variables: vec![
            ("WAYBILL_LOG_FORMAT", "xml"),
            ("WAYBILL_DATABASE_URL", "mysql://anna:secret@db.example/waybill"),
        ],
        file: Some("lisen = \"x\"\nlog_level = [1]\n"),
    };
    let message = start.load().unwrap_err();
    for expected in [
        "6 settings",
        "listen = \"everywhere\" (from the flag --listen) does not serve; give an address and a port",
        "limits.connections = \"0\" (from the flag --limits-connections) does not serve; give a whole number from 1",
        "log_format = \"xml\" (from the environment variable WAYBILL_LOG_FORMAT) does not serve; give text or json",
        "waybill.toml) is not a setting; did you mean listen?",
        "log_level (from ",
        "database_url = (not shown)",
    ] {
        assert!(message.contains(expected), "missing {expected:?} in:\n{message}");
    }
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn values_at_the_edge_of_what_is_allowed() {
    for (flag, value, serves) in [
        ("--limits-connections", "0", false),
        ("--limits-connections", "1", true),
        ("--limits-connections", "1000000", true),
        ("--limits-connections", "1000001", false),
        ("--limits-connections", "-1", false),
        ("--database-connections", "1", false),
        ("--database-connections", "2", true),
        ("--shutdown-grace", "0", true),
        ("--shutdown-grace", "a minute", false),
        ("--listen", "[::1]:0", true),
        ("--listen", "127.0.0.1", false),
        ("--log-level", "info,sqlx=warn", true),
        ("--log-level", "a=b=c", false),
    ] {
        let flag_and_value = Box::leak(format!("{flag}={value}").into_boxed_str());
        let start = Start { arguments: vec![flag_and_value], ..Start::default() };
        assert_eq!(start.load().is_ok(), serves, "{flag} {value}");
    }
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_a_mistake() {
    let missing = Start { arguments: vec!["--config", "/no/such/file.toml"], ..Start::default() };
    let message = missing.load().unwrap_err();
    assert!(message.contains("/no/such/file.toml cannot be used as --config"), "{message}");
    let broken = Start { file: Some("listen = \n"), ..Start::default() };
    assert!(broken.load().unwrap_err().contains("line 1"));
}
