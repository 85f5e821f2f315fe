//! Asking for a password: unseen in a terminal, the first line of standard input otherwise.

use std::io::{BufRead, IsTerminal, Write, stdin, stdout};

use anyhow::{Context, bail};

/// A new password, asked for twice where a person types it.
pub fn new_password(from_stdin: bool) -> anyhow::Result<String> {
    if from_stdin || !stdin().is_terminal() {
        return line();
    }
    let first = unseen("Password: ")?;
    if unseen("Once more: ")? != first {
        bail!("the two passwords are not the same; nothing was changed");
    }
    Ok(first)
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line).context("reading the password from standard input")?;
    if read == 0 {
        bail!("no password was given on standard input");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_string())
}

#[cfg(unix)]
fn unseen(question: &str) -> anyhow::Result<String> {
    use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
    write!(stdout(), "{question}").and_then(|()| stdout().flush())?;
    let before = tcgetattr(stdin()).context("asking the terminal")?;
    let mut silent = before.clone();
    silent.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(stdin(), SetArg::TCSAFLUSH, &silent).context("switching off the terminal's echo")?;
    let answer = line();
    tcsetattr(stdin(), SetArg::TCSAFLUSH, &before).context("switching the terminal's echo on again")?;
    let _ = writeln!(stdout());
    answer
}

#[cfg(not(unix))]
fn unseen(question: &str) -> anyhow::Result<String> {
    write!(stdout(), "{question}").and_then(|()| stdout().flush())?;
    line()
}
