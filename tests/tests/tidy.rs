//! What holds for the whole repository: who may depend on whom, how long a file may be, and that the words
//! of README.md and PROTOCOL.md match the code.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use waybill_shared::protocol::{ClientFrame, ServerFrame};
use waybill_tests::real::split;

/// A production file that is longer has more than one thing in it.
const LONGEST: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn who_depends_on_whom_goes_one_way() {
    let shared = dependencies("shared");
    for bringer_of_io in
        ["tokio", "tokio-util", "sqlx", "rusqlite", "egui", "eframe", "axum", "getrandom", "rand", "nix"]
    {
        assert!(!shared.contains(bringer_of_io), "shared does no I/O, but depends on {bringer_of_io}");
    }
    for (package, may) in [
        ("shared", &[][..]),
        ("migrations", &[]),
        ("server", &["waybill-shared", "waybill-migrations"]),
        ("client", &["waybill-shared", "waybill-migrations"]),
        ("tests", &["waybill-shared", "waybill-migrations", "waybill-server", "waybill-client"]),
    ] {
        let ours: BTreeSet<String> =
            dependencies(package).into_iter().filter(|name| name.starts_with("waybill-")).collect();
        let may: BTreeSet<String> = may.iter().map(|name| (*name).to_owned()).collect();
        assert!(ours.is_subset(&may), "{package} may know {may:?}, but knows {ours:?}");
    }
}

#[test]
fn no_production_file_is_longer_than_a_reader_likes() {
    let mut long = Vec::new();
    for package in ["shared", "server", "client", "migrations"] {
        for file in files_below(&root().join(package).join("src")) {
            let lines = text_of(&file).map_or(0, |text| text.lines().count());
            if lines > LONGEST {
                long.push(format!("{} has {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "split what holds more than one thing:\n{}", long.join("\n"));
}

/// `println!` panics where nobody reads any more or the disk is full.
#[test]
fn what_commands_print_goes_where_a_full_disk_and_a_closed_pipe_are_noticed() {
    for side in ["client/src/cli", "server/src/cli"] {
        for file in files_below(&root().join(side)) {
            let text = text_of(&file).unwrap_or_default();
            let asks = file.ends_with("secret.rs") || file.ends_with("prompt.rs");
            for word in ["println!(", " print!("] {
                let found = text.contains(word) && !asks;
                assert!(!found, "{} prints by {word}", file.display());
            }
        }
    }
}

#[test]
fn the_two_commands_of_a_newcomer_stand_alone_in_the_readme() {
    let commands: Vec<Vec<String>> = example_lines();
    for command in [&["cargo", "demo"][..], &["cargo", "test", "--workspace"]] {
        assert!(commands.iter().any(|words| words == command), "README.md does not give {command:?}");
    }
}

#[test]
fn every_command_line_in_the_readme_is_one_that_the_programs_take() {
    let lines = example_lines();
    assert!(lines.len() >= 9, "README.md has fewer examples than it had: {lines:?}");
    for words in lines.iter().chain(&inline_cargo_lines()) {
        let (program, words) = words.split_first().expect("a line has a first word");
        let name = program.strip_prefix("target/release/").unwrap_or(program);
        let taken = match name {
            "cargo" => cargo_takes(words),
            "waybill-server" => parses(waybill_server::cli::command(), name, words),
            "waybill" => parses(waybill_client::cli::command(), name, words),
            other => Err(format!("nobody here knows the program {other}")),
        };
        assert_eq!(taken, Ok(()), "README.md: {program} {}", words.join(" "));
    }
}

/// The lines of its code blocks, in words, without their comments.
fn example_lines() -> Vec<Vec<String>> {
    let readme = read("README.md");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            lines.push(words_of(line));
        }
    }
    lines.retain(|words| !words.is_empty());
    lines
}

/// What its sentences name as a command.
fn inline_cargo_lines() -> Vec<Vec<String>> {
    let readme = read("README.md");
    let quoted = readme.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with("cargo ") && !text.contains('\n')).map(words_of).collect()
}

fn words_of(line: &str) -> Vec<String> {
    split(line).into_iter().take_while(|word| !word.starts_with('#')).collect()
}

fn parses(command: clap::Command, name: &str, words: &[String]) -> Result<(), String> {
    let line = std::iter::once(name.to_owned()).chain(words.iter().cloned());
    command.try_get_matches_from(line).map(drop).map_err(|error| error.to_string())
}

/// By its alias, with the parser of the binary that it runs; or by cargo itself.
fn cargo_takes(words: &[String]) -> Result<(), String> {
    let (alias, words) = words.split_first().ok_or("cargo alone does nothing")?;
    let aliases = read(".cargo/config.toml");
    let Some(line) = aliases.lines().find(|line| line.starts_with(&format!("{alias} ="))) else {
        return takes(&std::env::var("CARGO").map_err(|error| error.to_string())?, &[alias], words);
    };
    let (_, binary) = line.split_once("--bin ").ok_or("the alias runs no binary")?;
    match binary.split_whitespace().next() {
        Some("demo") => {
            let (command, words) = waybill_tests::demo::parser(words);
            command.try_get_matches_from(words).map(drop).map_err(|error| error.to_string())
        }
        Some("simulate") => takes(env!("CARGO_BIN_EXE_simulate"), &[], words),
        Some("bench") => takes(env!("CARGO_BIN_EXE_bench"), &[], words),
        other => Err(format!("cargo {alias} runs {other:?}, which is not here")),
    }
}

/// Asked for help behind the words, a program reads them and does nothing.
fn takes(program: &str, before: &[&str], words: &[String]) -> Result<(), String> {
    let output = Command::new(program).args(before).args(words).arg("-h").output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn the_links_and_short_commands_of_the_readme_lead_somewhere() {
    let readme = read("README.md");
    let aliases = read(".cargo/config.toml");
    for (alias, binary) in [("demo", "demo"), ("simulate", "simulate"), ("bench-waybill", "bench")] {
        let line = aliases.lines().find(|line| line.starts_with(&format!("{alias} =")));
        let line = line.unwrap_or_else(|| panic!("“cargo {alias}” is no alias"));
        assert!(line.contains(&format!("--bin {binary} ")), "“cargo {alias}” does not run {binary}: {line}");
        assert!(readme.contains(&format!("cargo {alias}")), "README.md does not tell of “cargo {alias}”");
    }
    for (at, _) in readme.match_indices("](") {
        let target = readme[at + 2..].split(')').next().unwrap_or_default();
        if !target.starts_with("http") && !target.starts_with('#') {
            assert!(root().join(target).exists(), "README.md points to {target}, which is not there");
        }
    }
}

#[test]
fn the_protocol_lists_the_frames_that_there_are() {
    let protocol = read("PROTOCOL.md");
    let listed = |side: &str| -> BTreeSet<String> {
        let line = protocol.lines().find(|line| line.starts_with(side));
        let line = line.unwrap_or_else(|| panic!("PROTOCOL.md has no line “{side}”"));
        line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(listed("Frames from a client:"), names(ClientFrame::NAMES));
    assert_eq!(listed("Frames from the server:"), names(ServerFrame::NAMES));
}

#[test]
fn every_test_that_is_named_in_the_threat_model_exists() {
    let sources: String = ["shared", "server", "client", "tests"]
        .iter()
        .flat_map(|package| files_below(&root().join(package)))
        .filter_map(|file| text_of(&file))
        .collect();
    let text = read("SECURITY.md");
    let named: Vec<&str> =
        text.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() > 2).collect();
    assert!(named.len() > 20, "{named:?}");
    let missing: Vec<&&str> = named.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "SECURITY.md names tests that do not exist: {missing:?}");
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    // Put together here, so that this file does not hold them.
    let words: Vec<String> =
        [("/wo", "rk/"), ("/ro", "ot/"), ("/home/ru", "nner"), ("CARGO_REGIST", "RIES_")]
            .iter()
            .map(|(one, two)| format!("{one}{two}"))
            .collect();
    let mut found = Vec::new();
    for file in files_below(&root()) {
        let Some(text) = text_of(&file) else { continue };
        for word in &words {
            if text.contains(word.as_str()) {
                found.push(format!("{} holds {word}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The names in every table of dependencies in a package's manifest, those of its tests left out.
fn dependencies(package: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in read(&format!("{package}/Cargo.toml")).lines() {
        let line = line.trim();
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_end_matches(']');
            inside = table.ends_with("dependencies") && !table.ends_with("dev-dependencies");
        } else if inside && let Some((key, _)) = line.split_once('=') {
            names.insert(key.split('.').next().unwrap_or(key).trim().to_owned());
        }
    }
    names
}

/// What a checkout holds, without what is built or kept by git.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        let entries =
            fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        for entry in entries {
            let path = entry.expect("a directory can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name == "target" || name == ".git" {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// `None` for what is no text, as a font.
fn text_of(file: &Path) -> Option<String> {
    String::from_utf8(fs::read(file).ok()?).ok()
}
