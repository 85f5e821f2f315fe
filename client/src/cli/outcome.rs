//! How a command ends: what it prints, and with which exit code.

use std::{
    fmt,
    io::{ErrorKind, Write, stderr, stdout},
    process::ExitCode,
    sync::OnceLock,
};

use serde_json::{Value, json};
use waybill_shared::{
    exit::Exit,
    finding::{Finding, Rule, sentences},
    session::store::StoreError,
    texts,
};

use crate::{engine::NotDone, store::OpenError};

/// Why a command was not carried out. Each has its exit code.
#[derive(Debug)]
pub enum Failure {
    /// Nothing was saved: this speaks against it.
    Refused(Vec<Finding>),
    /// What was asked for cannot be meant; one sentence that says what can.
    Usage(String),
    File(String),
    Connection(String),
    /// The server answered, and does not take it.
    Declined(String),
    /// The server does not let in who asks.
    TurnedAway(String),
    /// Whether it was done is not known here.
    Unknown(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::File(error.0)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::File(error.to_string())
    }
}

impl From<NotDone> for Failure {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Refused(findings) => Self::Refused(findings),
            NotDone::Failed(words) | NotDone::Unusable(words) => Self::File(words),
            NotDone::Away(words) => Self::Connection(words),
            NotDone::Declined(words) => Self::Declined(words),
            NotDone::TurnedAway(words) => Self::TurnedAway(words),
            NotDone::Unknown(words) => Self::Unknown(words),
        }
    }
}

impl Failure {
    pub fn tell(self, out: Out) -> ExitCode {
        let exit = self.exit();
        let words = match &self {
            Self::Refused(findings) => sentences(findings),
            Self::Usage(words)
            | Self::File(words)
            | Self::Connection(words)
            | Self::Declined(words)
            | Self::TurnedAway(words)
            | Self::Unknown(words) => vec![words.clone()],
        };
        if out.json {
            let error = match &self {
                Self::Refused(findings) => json!({ "kind": exit.name(), "findings": findings }),
                _ => json!({ "kind": exit.name(), "words": words.concat() }),
            };
            out.print(&json!({ "error": error }).to_string());
        } else {
            words.iter().for_each(|words| complain(words));
        }
        code(exit)
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Refused(findings) => {
                let not_allowed = |finding: &Finding| finding.rule == Rule::NotPermitted;
                let all = !findings.is_empty() && findings.iter().all(not_allowed);
                if all { Exit::NotAllowed } else { Exit::Failed }
            }
            Self::Usage(_) => Exit::Usage,
            Self::File(_) => Exit::Unusable,
            Self::Connection(_) => Exit::NotReachable,
            Self::Declined(_) => Exit::Failed,
            Self::TurnedAway(_) => Exit::NotAllowed,
            Self::Unknown(_) => Exit::Unknown,
        }
    }
}

/// What could not be printed. Kept here, because a command has done its work by then: it is told at its end.
static UNWRITTEN: OnceLock<ErrorKind> = OnceLock::new();

/// The code of a command that ended so, if what it printed arrived.
pub fn code(exit: Exit) -> ExitCode {
    let Some(kind) = UNWRITTEN.get() else { return ExitCode::from(exit.code()) };
    // Whoever reads has seen enough, as `head` has.
    if *kind != ErrorKind::BrokenPipe {
        complain(&format!(
            "What was to be printed could not be written ({kind}). What was entered stands: look before you enter it \
             again."
        ));
    }
    let exit = if exit == Exit::Done { Exit::Unknown } else { exit };
    ExitCode::from(exit.code())
}

/// Nobody wants colours, wherever it is shown.
fn plain() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// What clap says, in colours where a person may see them.
pub fn shown(said: &clap::Error, on_a_terminal: bool) -> String {
    let said = said.render();
    if on_a_terminal && !plain() { said.ansi().to_string() } else { said.to_string() }
}

/// To standard error, which may be gone as well.
pub fn complain(words: &str) {
    say_raw(&texts::printable(words));
}

/// The same with its colours.
pub fn say_raw(words: &str) {
    let _ = writeln!(stderr().lock(), "{words}");
}

/// Standard output, as text or as JSON.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    pub json: bool,
}

impl Out {
    pub fn say(self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        // What others entered must not steer the terminal.
        let said = if self.json {
            texts::printable_json(&json().to_string())
        } else {
            texts::printable(&text()).into_owned()
        };
        self.print(&said);
    }

    pub fn print(self, text: &str) {
        print(format_args!("{}\n", text.trim_end_matches('\n')));
    }
}

/// As it is.
pub fn print(text: impl fmt::Display) {
    let mut out = stdout().lock();
    if let Err(error) = write!(out, "{text}").and_then(|()| out.flush()) {
        let _ = UNWRITTEN.set(error.kind());
    }
}
