//! 10,000 orders of five lines onto a new device, by its real engine, through real sockets, into its file.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};
use tokio::runtime::Runtime;
use waybill_client::{
    engine::{self, Answer, Config, EngineHandle, LinkState, Request, SignIn, Trust},
    store::{OrderQuery, Reader},
};
use waybill_shared::rules::roles::Role;

use super::{Report, intake::fill, machine, now, proxy::Proxy};
use crate::serving::{PASSWORD, Serving};

pub const ORDERS: usize = 10_000;

pub fn run(report: &Report) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let orders = report.size(ORDERS);
    let serving = runtime.block_on(filled(orders))?;
    let dir = tempfile::tempdir()?;
    let proxy = Proxy::to(serving.server.address())?;
    let engine = signed_in(dir.path(), &format!("http://{}", proxy.address))?;
    let began = Instant::now();
    live(&engine)?;
    let reader = Reader::open(dir.path())?;
    let query =
        OrderQuery { typed: format!("B-{}", orders - 1), ..OrderQuery::all(now().utc().date_naive()) };
    let found = reader.orders(&query)?.len();
    let took = began.elapsed();
    let saved = reader.count_orders()?;
    ensure!(saved == orders && found == 1, "{saved} orders are saved, {found} found by their number");
    engine.stop();
    let (up, down) = proxy.passed();
    report.figure("orders saved and searchable", saved as f64, "orders");
    report.figure("received", down as f64 / 1e6, "MB");
    report.figure("sent", up as f64, "bytes");
    report.figure("time", took.as_secs_f64(), "s");
    let bare = machine::sqlite_rows(dir.path(), orders, 4096)?;
    report.figure("bare SQLite, 10,000 rows of 4 kB", bare.as_secs_f64(), "s");
    runtime.block_on(serving.stop())
}

pub(super) async fn filled(orders: usize) -> anyhow::Result<Serving> {
    let serving = Serving::start().await?;
    serving.add_person("ida", Role::Manager).await?;
    fill(&serving, orders).await?;
    sqlx::query("analyze").execute(&serving.server.app().pool).await?;
    Ok(serving)
}

/// An engine on a new file, its person signed in; what the server has begins to arrive.
pub(super) fn signed_in(dir: &Path, server: &str) -> anyhow::Result<EngineHandle> {
    let engine = engine::start(Config { dir: dir.to_owned(), online: true, listen: false })?;
    let sign_in = SignIn {
        server: server.to_owned(),
        name: "ida".to_owned(),
        password: PASSWORD.to_owned(),
        new_password: None,
        device: "Till 1".to_owned(),
        trust: Trust::AsBefore,
        pin: None,
    };
    match engine.ask(Request::SignIn(sign_in)).wait() {
        Answer::SignedIn { .. } => Ok(engine),
        other => bail!("signing in: {other:?}"),
    }
}

/// Waits until everything is here.
pub(super) fn live(engine: &EngineHandle) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(300);
    loop {
        let status = engine.status();
        if status.link == LinkState::Live && status.complete {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "it never arrived: {status:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
