//! What the commands print. Whoever reads may have gone, and a disk may be full: that is no panic, and no success.

use std::{
    fmt,
    io::{ErrorKind, Write, stderr, stdout},
    process::ExitCode,
    sync::OnceLock,
};

use waybill_shared::exit::Exit;

/// A line on standard output.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::out::print(format_args!("{}\n", format_args!($($words)*))) };
}
pub(super) use say;

/// What could not be printed. Kept here, because a command has done its work by then: it is told at its end.
static UNWRITTEN: OnceLock<ErrorKind> = OnceLock::new();

/// As it is.
pub fn print(text: impl fmt::Display) {
    let mut out = stdout().lock();
    if let Err(error) = write!(out, "{text}").and_then(|()| out.flush()) {
        let _ = UNWRITTEN.set(error.kind());
    }
}

/// What clap says, in colours where a person may see them and wants them.
pub fn shown(said: &clap::Error, on_a_terminal: bool) -> String {
    let said = said.render();
    let plain = !on_a_terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain { said.to_string() } else { said.ansi().to_string() }
}

/// To standard error, which may be gone as well.
pub fn complain(words: &str) {
    let _ = writeln!(stderr().lock(), "{words}");
}

/// The code of a command that ended so, if what it printed arrived.
pub fn code(exit: Exit) -> ExitCode {
    let Some(kind) = UNWRITTEN.get() else { return ExitCode::from(exit.code()) };
    // Whoever reads has seen enough, as `head` has.
    if *kind != ErrorKind::BrokenPipe {
        complain(&format!(
            "waybill-server: what was to be printed could not be written ({kind}); what was done stands, look before \
             you do it again"
        ));
    }
    let exit = if exit == Exit::Done { Exit::Unknown } else { exit };
    ExitCode::from(exit.code())
}
