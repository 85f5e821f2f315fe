//! What is typed without being shown: from the terminal, or a line from a pipe.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
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
        eprint!("{what}: ");
        let _ = stderr().flush();
    }
    echo(false);
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    echo(true);
    if terminal {
        eprintln!();
    }
    match read {
        Ok(n) if n > 0 => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => Err(Failure::Usage(match what {
            "Code" => {
                "Give the code on standard input, and the new password in the line after it.".to_owned()
            }
            _ => "Give the password with --password, or on standard input.".to_owned(),
        })),
    }
}

/// Asked for twice where a person types it.
pub fn read_new_password() -> Result<String, Failure> {
    let first = read("New password")?;
    if stdin().is_terminal() && read("Once more")? != first {
        return Err(Failure::Usage("The two passwords are not the same; nothing was changed.".to_owned()));
    }
    Ok(first)
}
