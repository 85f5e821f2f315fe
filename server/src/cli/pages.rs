//! Completions and manual pages, made of the same definitions by which the command line is read.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Subcommand;
use clap_complete::Shell;

use super::{command, out};

#[derive(Debug, Subcommand)]
pub enum PagesCommand {
    /// Print what a shell completes this program's commands by
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write one of every command into a directory
    Man {
        /// The directory, which must be there
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
}

impl PagesCommand {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let mut program = command();
        let mut page = Vec::new();
        match self {
            Self::Completions { shell } => {
                clap_complete::generate(*shell, &mut program, "waybill-server", &mut page);
            }
            Self::Man { to: None } => {
                clap_mangen::Man::new(program).render(&mut page).context("making the manual page")?;
            }
            Self::Man { to: Some(dir) } => {
                clap_mangen::generate_to(program, dir)
                    .with_context(|| format!("the pages cannot be written into {}", dir.display()))?;
            }
        }
        out::print(String::from_utf8_lossy(&page));
        Ok(ExitCode::SUCCESS)
    }
}
