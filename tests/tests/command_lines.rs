//! What holds for both command lines: help, README, exit codes, and what they print to.
#![cfg(unix)]

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
};

use clap::Arg;
use waybill_shared::exit::Exit;
use waybill_tests::real::{Company, Device, program, split};

const DEMO: &str = env!("CARGO_BIN_EXE_demo");

fn programs() -> [clap::Command; 2] {
    let mut programs = [waybill_client::cli::command(), waybill_server::cli::command()];
    programs.iter_mut().for_each(clap::Command::build);
    programs
}

/// Every command below this one with its whole name.
fn commands(of: &clap::Command, named: &str, found: &mut Vec<(String, clap::Command)>) {
    for command in of.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{named} {}", command.get_name());
        found.push((name.clone(), command.clone()));
        commands(command, &name, found);
    }
}

fn all() -> Vec<(String, clap::Command)> {
    let mut found = Vec::new();
    for program in programs() {
        found.push((program.get_name().to_owned(), program.clone()));
        commands(&program, program.get_name(), &mut found);
    }
    found
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap()
}

#[test]
fn every_command_and_every_argument_has_a_line_of_help() {
    let mut silent = Vec::new();
    for (name, command) in all() {
        if command.get_about().is_none() {
            silent.push(name.clone());
        }
        let tells =
            |arg: &&Arg| arg.get_help().is_none() && !["help", "version"].contains(&arg.get_id().as_str());
        silent.extend(command.get_arguments().filter(tells).map(|arg| format!("{name}: {}", arg.get_id())));
    }
    assert!(silent.is_empty(), "without a word of help:\n{}", silent.join("\n"));
}

#[test]
fn the_readme_names_every_command_and_every_exit_code() {
    let readme = readme();
    let mut missing = Vec::new();
    for (name, command) in all() {
        let inner: Vec<&str> =
            command.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect();
        let Some(row) = readme.lines().find(|line| line.starts_with(&format!("| `{name}` |"))) else {
            if !inner.is_empty() {
                missing.push(name);
            }
            continue;
        };
        missing.extend(
            inner
                .iter()
                .filter(|inner| !row.contains(&format!("`{inner}`")))
                .map(|inner| format!("{name} {inner}")),
        );
    }
    assert!(missing.is_empty(), "README.md does not name:\n{}", missing.join("\n"));
    for exit in Exit::ALL {
        let row = format!("| {} | {} |", exit.code(), exit.means());
        assert!(readme.contains(&row), "README.md lacks {row}");
    }
    for role in ["client", "server"] {
        let help = output(program(Path::new(DEMO), role).arg("--help"));
        assert!(help.1.contains(&waybill_shared::exit::table()), "{}", help.1);
    }
}

#[test]
fn every_list_takes_all() {
    let lists: Vec<_> = all().into_iter().filter(|(name, _)| name.ends_with(" list")).collect();
    assert!(lists.len() > 10);
    for (name, list) in lists {
        assert!(list.get_arguments().any(|arg| arg.get_id() == "all"), "{name}");
    }
}

/// What a script does next hangs on it: with 4 it tries again later, with the others it does not.
#[test]
fn a_server_that_answers_is_not_called_not_reachable() {
    let mut company = Company::opens(DEMO);
    let tim = company.hires("tim", "shop");
    tim.orders("--channel shop");
    let url = company.server.url();
    let stranger = Device::new(DEMO);
    let ends = |device: &Device, line: &str, code: Exit, words: &str| {
        let told = device.tries(line).expect_err(line);
        assert_eq!(told.code, i32::from(code.code()), "{line}: {told:?}");
        assert!(told.said.to_string().contains(words), "{line}: {told:?}");
    };
    ends(&stranger, &format!("login {url} tim --password wrong"), Exit::NotAllowed, "name or the password");
    for line in ["order list", "product list", "order create", "sync", "held list"] {
        ends(&stranger, line, Exit::NotAllowed, "Nobody is signed in on this device");
    }
    ends(&stranger, "login ftp://shop.example tim --password wrong", Exit::Usage, "not a way to a server");

    company.server.does("session end tim T2");
    ends(&tim, "sync", Exit::NotAllowed, "Your sign-in on this device was ended");
    ends(&tim, "sync", Exit::NotAllowed, "Nobody is signed in");
    assert_eq!(tim.does("order list")["count"], 1, "what is here stays");

    ends(
        &company.office,
        "held show 0190a8f2-0000-7000-8000-000000000000",
        Exit::Failed,
        "no entry with this id",
    );
    company.server.kill_9();
    ends(&company.office, "sync", Exit::NotReachable, "cannot be reached");
    ends(&company.office, "held list", Exit::NotReachable, "This needs the server");
    ends(&stranger, &format!("login {url} tim --password wrong"), Exit::NotReachable, "cannot be reached");
}

#[test]
fn what_goes_with_every_command_does_not_drown_its_own() {
    for (role, line, own) in [("server", "user add -h", "--role"), ("client", "order sell -h", "--given")] {
        let (_, help) = output(program(Path::new(DEMO), role).args(split(line)));
        assert!(help.contains(own), "{help}");
        for other in ["--limits-connections", "--tls-cert", "--pin-file"] {
            assert!(!help.contains(other), "{line}: {help}");
        }
    }
    let (_, help) = output(program(Path::new(DEMO), "server").args(["serve", "--help"]));
    assert!(help.contains("--limits-connections") && help.contains("--tls-cert"), "{help}");
}

#[test]
fn shells_complete_and_man_tells_what_the_programs_take() {
    for (role, word) in [("client", "hand-over"), ("server", "report-access")] {
        for shell in ["bash", "zsh", "fish"] {
            let (code, said) = output(program(Path::new(DEMO), role).args(["completions", shell]));
            assert!(code == Some(0) && said.contains(word), "{role} {shell}: {said}");
        }
        let dir = tempfile::tempdir().unwrap();
        let written = output(program(Path::new(DEMO), role).args(["man", "--to"]).arg(dir.path()));
        assert_eq!(written.0, Some(0), "{}", written.1);
        let pages = fs::read_dir(dir.path()).unwrap().flatten();
        let names: Vec<String> = pages.map(|page| page.file_name().to_string_lossy().into_owned()).collect();
        assert!(names.iter().any(|name| name.contains(word)), "{names:?}");
    }
}

#[test]
fn a_mistyped_directory_is_told_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let typo = dir.path().join("typo");
    for (role, flag, line) in [
        ("server", "--data-dir", "check"),
        ("server", "--data-dir", "user list"),
        ("server", "--data-dir", "backup --to copy"),
        ("server", "--data-dir", "trim --keep-days 3"),
        ("client", "--data", "order list"),
        ("client", "--data", "sync"),
        ("client", "--data", "lock"),
        ("client", "--data", "watch --seconds 1"),
    ] {
        let mut command = program(Path::new(DEMO), role);
        let (code, said) = output(command.args(split(line)).arg(flag).arg(&typo).current_dir(dir.path()));
        assert_eq!(code, Some(i32::from(Exit::Unusable.code())), "{line}: {said}");
        assert!(said.contains("typo") && !typo.exists(), "{line}: {said}");
    }
}

#[test]
fn a_closed_pipe_and_a_full_disk_are_neither_panics_nor_successes() {
    let company = Company::opens(DEMO);
    let device = |line: &str| {
        let mut command = program(Path::new(DEMO), "client");
        command.args(split(line)).arg("--data").arg(company.office.path());
        command
    };
    let server = |line: &str| {
        let mut command = program(Path::new(DEMO), "server");
        command.args(split(line)).arg("--data-dir").arg(company.server.data_dir());
        command
    };
    let lines =
        [device("order create --customer Orion"), device("--help"), server("user list"), server("--help")];
    for mut command in lines {
        let told = format!("{command:?}");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(i32::from(Exit::Unknown.code())), "{told}: {said}");
        assert!(said.contains("could not be written") && !said.contains("panicked"), "{told}: {said}");
    }
    // What was entered stands.
    assert_eq!(company.office.does("order list")["count"], 1);

    for mut command in [device("completions bash"), server("completions bash")] {
        let told = format!("{command:?}");
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `head -1`: more than a pipe holds is not read.
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), said.as_str()),
            (Some(i32::from(Exit::Unknown.code())), ""),
            "{told}"
        );
    }
    // Standard error may be gone as well.
    for mut command in [device("order show NOBODYS"), server("held show nothing")] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(i32::from(Exit::Failed.code())));
    }
}

#[test]
fn a_list_says_how_much_it_leaves_out() {
    let company = Company::opens(DEMO);
    for nth in 0..3 {
        company.office.does(&format!("product create \"Stool {nth}\""));
    }
    let list = |line: &str| {
        let mut command = program(Path::new(DEMO), "client");
        output(command.args(split(line)).arg("--data").arg(company.office.path())).1
    };
    assert!(list("product list --limit 2").ends_with("2 of 5 products; --all shows all of them.\n"));
    assert!(list("product list --limit 2").lines().count() == 4);
    assert!(list("product list --all").ends_with("5 products.\n"));
    assert!(list("customer list").ends_with("1 customer.\n"));
}

/// With its code, and all that it said.
fn output(command: &mut Command) -> (Option<i32>, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}
