//! Completions and manual pages, made of the same definitions by which the command line is read.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

use super::{
    command,
    outcome::{self, Failure},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prints what a shell completes this program's commands by.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Prints the manual page, or writes one of every command into a directory.
    Man {
        /// The directory, which must be there.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

pub fn run(of: &Command) -> Result<(), Failure> {
    let mut program = command();
    let mut page = Vec::new();
    let made = match of {
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut program, "waybill", &mut page);
            Ok(())
        }
        Command::Man { to: None } => clap_mangen::Man::new(program).render(&mut page),
        Command::Man { to: Some(dir) } => clap_mangen::generate_to(program, dir),
    };
    made.map_err(|error| Failure::Usage(format!("The manual pages cannot be written: {error}.")))?;
    outcome::print(String::from_utf8_lossy(&page));
    Ok(())
}
