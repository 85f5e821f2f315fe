//! Several server processes on one database: each takes its own edits as fast as it can, beside the others.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::{runtime::Runtime, sync::mpsc};
use waybill_server::{
    check,
    database::Database,
    intake::{Intake, Options, Turn},
    log::postgres::PostgresLog,
    settings::{Flags, Settings},
};

use super::{Report, intake, life, now};
use crate::serving::Serving;

const SUSTAINED: Duration = Duration::from_secs(15);
/// Of each process; enough for 13,000 edits a second.
const ORDERS: usize = 20_000;

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let mut alone = None;
    for nodes in 1..=3 {
        // A database of its own, so that none finds what another left.
        let serving = runtime.block_on(Serving::start())?;
        let cluster = serving.server.database().private().context("the server has its own PostgreSQL")?;
        let url = cluster.url(waybill_server::database::NAME);
        let rate = together(nodes, &url, report.size(ORDERS))?;
        report.figure(&format!("{nodes} processes"), rate, "edits/s");
        report.figure(&format!("{nodes} processes to one"), rate / *alone.get_or_insert(rate), "times");
        runtime.block_on(is_right(&serving))?;
        runtime.block_on(serving.stop())?;
    }
    Ok(())
}

/// All begin at the same moment; the edits of all in the time of the slowest.
fn together(nodes: u64, url: &str, orders: usize) -> anyhow::Result<f64> {
    let mut all = Vec::new();
    for nth in 0..nodes {
        all.push(Node::starts(url, orders, nth)?);
    }
    for node in &mut all {
        node.is_ready()?;
    }
    for node in &mut all {
        node.begins()?;
    }
    let (mut edits, mut longest) = (0.0, 0.0_f64);
    for node in &mut all {
        let (count, seconds) = node.ends()?;
        edits += count;
        longest = longest.max(seconds);
    }
    Ok(edits / longest)
}

async fn is_right(serving: &Serving) -> anyhow::Result<()> {
    let pool = &serving.server.app().pool;
    let others: i64 = sqlx::query_scalar("select count(*) from sync.edit where verdict <> 'accepted'")
        .fetch_one(pool)
        .await?;
    ensure!(others == 0, "{others} edits were not accepted as they were made");
    let checked = check::check(pool).await?;
    ensure!(checked.wrong.is_empty(), "{checked}");
    Ok(())
}

struct Node {
    child: Child,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Node {
    fn starts(url: &str, orders: usize, nth: u64) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["node", "--orders", &format!("{orders} {nth} {url}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        Ok(Self { child, said })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        Ok(self.said.next().context("a node ended")??)
    }

    fn is_ready(&mut self) -> anyhow::Result<()> {
        let line = self.line()?;
        ensure!(line == "ready", "a node said {line}");
        Ok(())
    }

    fn begins(&mut self) -> anyhow::Result<()> {
        let stdin = self.child.stdin.as_mut().context("its input is piped")?;
        Ok(writeln!(stdin, "go")?)
    }

    fn ends(&mut self) -> anyhow::Result<(f64, f64)> {
        let line = self.line()?;
        let (edits, seconds) = line.split_once(' ').context("a node says how many in how long")?;
        Ok((edits.parse()?, seconds.parse()?))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the process of a node does: the intake of a server, and edits of its own for it.
pub fn node(orders: &str) -> anyhow::Result<()> {
    let mut words = orders.splitn(3, ' ');
    let mut next = || words.next().context("orders, number and database are given");
    let (orders, nth, url): (usize, u64, &str) = (next()?.parse()?, next()?.parse()?, next()?);
    let edits = life::edits(orders, 10 + nth, now().plus_ms(-24 * 60 * 60 * 1000));
    let values = [("database_url", url.to_owned())].into_iter().collect();
    let settings = Settings::from_sources(&Flags { config: None, values }, &|_| None)?;
    Runtime::new()?.block_on(async {
        let database = Database::open(&settings.database).await?;
        let log = Arc::new(PostgresLog::new(database.pool().clone()));
        let (door, working) = Intake::start(log, Options::usual()).await?;
        println!("ready");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        if line.trim() != "go" {
            bail!("it was said “{line}”");
        }
        let (answer, answers) = mpsc::unbounded_channel();
        let turn = Turn::new(answer);
        let counting = tokio::spawn(intake::count(answers));
        let (roles, began) = (intake::roles(), Instant::now());
        for edit in edits.iter().take_while(|_| began.elapsed() < SUSTAINED) {
            intake::hand_in(&door, edit, &roles, &turn).await?;
        }
        drop(turn);
        let answered = counting.await??;
        println!("{answered} {}", began.elapsed().as_secs_f64());
        drop(door);
        working.await?;
        database.close().await
    })
}
