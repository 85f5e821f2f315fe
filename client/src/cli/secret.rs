//! What is typed without being shown: from the terminal, or a line from a pipe.

use std::io::{BufRead, BufReader, IsTerminal, Write, stderr, stdin};
use std::path::Path;
use std::process::Command;

use super::outcome::Failure;

pub fn read(what: &str) -> Result<String, Failure> {
    let terminal = stdin().is_terminal();
    let echo = |on: bool| {
        if terminal && cfg!(unix) {
            let _ = Command::new("stty").arg(if on { "echo" } else { "-echo" }).status();
        }
    };
    if terminal {
        let _ = write!(stderr(), "{what}: ").and_then(|()| stderr().flush());
    }
    echo(false);
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    echo(true);
    if terminal {
        let _ = writeln!(stderr());
    }
    match read {
        Ok(n) if n > 0 => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => Err(Failure::Usage(match what {
            "Code" => {
                "Give the code on standard input, and the new password in the line after it.".to_owned()
            }
            _ if what.starts_with("PIN") || what == "New PIN" => {
                "Give the PIN with --pin-file, or as a line of standard input.".to_owned()
            }
            _ => "Give the password with --password, or on standard input.".to_owned(),
        })),
    }
}

pub fn read_new_password() -> Result<String, Failure> {
    read_new("password")
}

/// Asked for twice where a person types it.
pub fn read_new(what: &str) -> Result<String, Failure> {
    let first = read(&format!("New {what}"))?;
    if stdin().is_terminal() && read("Once more")? != first {
        return Err(Failure::Usage(format!("The two {what}s are not the same; nothing was changed.")));
    }
    Ok(first)
}

pub fn first_line(file: &Path) -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::fs::File::open(file).and_then(|file| BufReader::new(file).read_line(&mut line));
    read.map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
