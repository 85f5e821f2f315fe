//! What the machine itself can do: pgbench on the same cluster, a bare commit of SQLite, a bare fdatasync.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rusqlite::Connection;

/// TPC-B as pgbench runs it, 8 clients, scale 10, 10 seconds: transactions per second.
pub fn pgbench(url: &str) -> anyhow::Result<f64> {
    let program = pgbench_program()?;
    run(Command::new(&program).args(["-i", "-s", "10", "-q", url]))?;
    let said = run(Command::new(&program).args(["-c", "8", "-j", "2", "-T", "10", url]))?;
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split(' ').next()).context("pgbench gave no tps")?;
    Ok(tps.parse()?)
}

fn pgbench_program() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let beside = installed.map(|version| version.path().join("bin"));
    std::env::split_paths(&path)
        .chain(beside)
        .map(|dir| dir.join("pgbench"))
        .find(|program| program.is_file())
        .context("pgbench is not installed; it comes with PostgreSQL (Debian: postgresql-contrib)")
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One row of so many bytes a commit, with the settings of the local file.
pub fn sqlite_commits(dir: &Path, count: usize, bytes: usize) -> anyhow::Result<Vec<Duration>> {
    let db = Connection::open(dir.join("bare.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (row INTEGER PRIMARY KEY, body BLOB)",
    )?;
    let body = vec![7_u8; bytes];
    let mut insert = db.prepare("INSERT INTO bare (body) VALUES (?1)")?;
    timed(count, || insert.execute([&body]).map(drop).map_err(Into::into))
}

/// So many rows in commits of a thousand, as a first sync has to write at the least.
pub fn sqlite_rows(dir: &Path, rows: usize, bytes: usize) -> anyhow::Result<Duration> {
    let mut db = Connection::open(dir.join("rows.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (row INTEGER PRIMARY KEY, body BLOB)",
    )?;
    let body = vec![7_u8; bytes];
    let began = Instant::now();
    for from in (0..rows).step_by(1000) {
        let tx = db.transaction()?;
        for _ in from..(from + 1000).min(rows) {
            tx.prepare_cached("INSERT INTO bare (body) VALUES (?1)")?.execute([&body])?;
        }
        tx.commit()?;
    }
    Ok(began.elapsed())
}

pub fn fdatasyncs(dir: &Path, count: usize) -> anyhow::Result<Vec<Duration>> {
    let mut file = File::create(dir.join("bare"))?;
    let page = [7_u8; 4096];
    timed(count, || {
        file.write_all(&page)?;
        Ok(file.sync_data()?)
    })
}

fn timed(count: usize, mut once: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Vec<Duration>> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        once()?;
        all.push(began.elapsed());
    }
    Ok(all)
}
