//! The first hour as README.md tells it, walked line by line with real processes: whoever has nothing but that page
//! comes to an order, a sale and a report.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use waybill_tests::real::{program, split};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const PASSWORD: &str = "a long and quiet road";
/// Where README.md has the server listen.
const ADDRESS: &str = "127.0.0.1:7420";

/// The code blocks between the two marks, without comments.
fn lines() -> Vec<Vec<String>> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let (_, text) = text.split_once("<!-- the first hour -->").expect("README.md has a first hour");
    let (text, _) = text.split_once("<!-- end -->").expect("it ends");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            lines.push(split(line).into_iter().take_while(|word| !word.starts_with('#')).collect());
        }
    }
    lines.retain(|words: &Vec<String>| !words.is_empty());
    lines
}

/// With the data of the server and of the first device in a place of their own.
fn command(dir: &Path, words: &[String]) -> Option<Command> {
    let role = match words.first()?.as_str() {
        "target/release/waybill" => "client",
        "target/release/waybill-server" => "server",
        _ => return None,
    };
    let mut command = program(Path::new(DEMO), role);
    command.current_dir(dir).args(&words[1..]);
    command.env("WAYBILL_DATA_DIR", dir.join("server")).env("WAYBILL_DATA", dir.join("office"));
    command.env("WAYBILL_METRICS_LISTEN", "127.0.0.1:0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

/// Typed in, with the password for whoever asks for one.
fn outcome(mut command: Command) -> Output {
    let mut child = command.spawn().unwrap();
    let _ = writeln!(child.stdin.take().unwrap(), "{PASSWORD}");
    child.wait_with_output().unwrap()
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id().try_into().unwrap()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// Its address.
fn serve(mut command: Command) -> (Serving, String) {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("Waybill listens on http://").unwrap_or_else(|| panic!("{line}"));
    (Serving(child), address.to_owned())
}

/// Runs of hexadecimal digits that nobody can read out or type.
fn ids(said: &str) -> Vec<&str> {
    let is_of_an_id = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    said.split(|letter| !is_of_an_id(letter)).filter(|word| word.len() >= 32).collect()
}

#[test]
fn a_newcomer_comes_to_an_order_a_sale_and_a_report_by_the_readme_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (mut serving, mut said) = (None, String::new());
    for mut words in lines() {
        let address = serving.as_ref().map_or("127.0.0.1:0", |(_, address): &(Serving, String)| address);
        words.iter_mut().for_each(|word| *word = word.replace(ADDRESS, address));
        let Some(command) = command(dir.path(), &words) else { continue };
        let line = words[1..].join(" ");
        if words.get(1).is_some_and(|word| word == "serve") {
            serving = Some(serve(command));
            continue;
        }
        let Output { status, stdout, stderr } = outcome(command);
        let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{line}: {text}");
        assert_eq!(ids(&text), Vec::<&str>::new(), "{line}: {text}");
        said.push_str(&format!("\n> {line}\n{text}"));
    }
    // What a newcomer reads on the way.
    for words in ["T1-P1 Oak chair", "Change: € 30.00", "T2-1", "Café Central", "part-paid", "Total € 498.00"]
    {
        assert!(said.contains(words), "{words} is nowhere in\n{said}");
    }
    let report = said.rsplit("> report revenue").next().unwrap();
    assert!(report.contains("618.00"), "placed and sold: {report}");
}

#[test]
fn who_comes_before_there_is_a_place_is_told_what_to_do_and_roles_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let server = |line: &str| {
        let words: Vec<String> = split(&format!("target/release/waybill-server {line}"));
        let Output { status, stdout, stderr } = outcome(command(dir.path(), &words).unwrap());
        (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
    };
    assert_eq!(server("user add ana --role admin").0, Some(0));
    let (code, said) = server("user add tim --role shop --location HS");
    assert!(code != Some(0) && said.contains("waybill location create CODE NAME"), "{said}");
    assert!(!server("user list").1.contains("tim"));
    for line in ["user add --help", "user role add --help"] {
        let (_, help) = server(line);
        for role in waybill_shared::rules::roles::Role::ALL {
            assert!(help.contains(role.name()) && help.contains(role.does()), "{line}: {role:?} in {help}");
        }
    }
    let (code, said) = server("user add tim --role shopkeeper");
    assert!(code == Some(2) && said.contains("warehouse"), "{said}");
}
