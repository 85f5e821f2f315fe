//! The demo company on the disk: made once, found again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, bail};

use super::processes::server;

const MAKING: &str = "making\n";
const MADE: &str = "made\n";

pub struct Place {
    pub dir: PathBuf,
}

impl Place {
    /// Whether the company is there already. What an interrupted start left is removed.
    pub fn is_ready(&self) -> anyhow::Result<bool> {
        let state = fs::read_to_string(self.mark()).unwrap_or_default();
        if state == MADE {
            return Ok(true);
        }
        for part in ["postgres", "devices"] {
            let part = self.dir.join(part);
            if !part.exists() {
                continue;
            }
            if state != MAKING {
                let dir = self.dir.display();
                bail!("{dir} holds data that is not the demo's; give another directory with --data-dir");
            }
            fs::remove_dir_all(&part).with_context(|| format!("removing {}", part.display()))?;
        }
        Ok(false)
    }

    /// An error it has told itself.
    pub async fn make(&self, program: &Path, seed: u64) -> anyhow::Result<Result<(), ExitStatus>> {
        fs::create_dir_all(&self.dir).with_context(|| format!("making {}", self.dir.display()))?;
        fs::write(self.mark(), MAKING).with_context(|| format!("writing in {}", self.dir.display()))?;
        let mut command = server(program, &self.dir);
        command.args(["demo-data", "--seed", &seed.to_string()]).stdout(Stdio::null()).kill_on_drop(true);
        let status = command.status().await.context("starting the server")?;
        if !status.success() {
            return Ok(Err(status));
        }
        fs::write(self.mark(), MADE).with_context(|| format!("writing in {}", self.dir.display()))?;
        Ok(Ok(()))
    }

    /// The files of one device of it.
    pub fn device(&self, name: &str) -> PathBuf {
        self.dir.join("devices").join(name)
    }

    fn mark(&self) -> PathBuf {
        self.dir.join("demo-company")
    }
}
