//! How a command ends: what it prints, and with which exit code.

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use serde_json::{Value, json};
use waybill_shared::{finding::Finding, session::store::StoreError, texts};

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
            NotDone::Failed(words) => Self::File(words),
        }
    }
}

impl Failure {
    pub fn tell(self, out: Out) -> ExitCode {
        let (kind, code) = match &self {
            Self::Refused(_) => ("refused", 1),
            Self::Usage(_) => ("usage", 2),
            Self::File(_) => ("file", 3),
            Self::Connection(_) => ("connection", 4),
        };
        if out.json {
            let error = match &self {
                Self::Refused(findings) => json!({ "kind": kind, "findings": findings }),
                Self::Usage(words) | Self::File(words) | Self::Connection(words) => {
                    json!({ "kind": kind, "words": words })
                }
            };
            out.print(&json!({ "error": error }).to_string());
        } else {
            match &self {
                Self::Refused(findings) => {
                    for finding in findings {
                        complain(&format!("{} {}", finding.what, finding.remedy));
                    }
                }
                Self::Usage(words) | Self::File(words) | Self::Connection(words) => complain(words),
            }
        }
        ExitCode::from(code)
    }
}

fn complain(words: &str) {
    eprintln!("{}", texts::printable(words));
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

    /// Whoever reads may have gone, as `head` does: that is no failure of the command.
    pub fn print(self, text: &str) {
        let mut out = stdout().lock();
        let _ = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
    }
}
