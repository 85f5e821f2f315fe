//! Many devices on sockets, in a process of their own, so that what the server needs for them can be told apart. They
//! keep nothing but where they stand.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::{sync::Semaphore, task::JoinSet};
use uuid::Uuid;
use waybill_shared::{
    chain::Cursor,
    id::LocationId,
    protocol::{
        self, ClientFrame, ServerFrame, batch,
        frame::{Entry, Hello},
    },
    scope::{Scope, Scopes},
};

use crate::wire::Wire;

/// Devices of one place, with one person who sells there.
pub const AT_A_PLACE: usize = 20;

/// Sockets that are being opened at once.
const OPENING: usize = 100;

/// What a crowd is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    pub address: String,
    pub devices: usize,
    /// Where they all stand; `None`: they are new.
    pub cursor: Option<Cursor>,
    /// The version of the names that they know.
    pub names: u64,
    /// They say when each entry arrived, and go on until they are ended; else they end when all are at the head.
    pub stay: bool,
}

/// What a crowd says, a line each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Said {
    /// A device has everything, so long after the crowd set out.
    Live { after_ms: f64 },
    /// An entry came to a device, at this time in microseconds.
    Arrived { edit: Uuid, at: u64 },
}

pub fn place(nth: usize) -> LocationId {
    LocationId::new(Uuid::from_u128(0x91ac_e000_0000 + (nth / AT_A_PLACE) as u128))
}

pub fn micros() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

/// Their accounts, as if all had signed in: so many passwords are not checked in a bench. The version of all their names.
pub async fn enrol(pool: &PgPool, devices: usize) -> anyhow::Result<u64> {
    let places = devices.div_ceil(AT_A_PLACE);
    let ids: Vec<Uuid> = (0..places).map(|nth| place(nth * AT_A_PLACE).into()).collect();
    sqlx::query(
        "insert into account.person (id, name, name_key, display_name, password_hash, roles, locations)
         select gen_random_uuid(), 'p' || nth, 'p' || nth, 'p' || nth, 'none', '{shop}', array[place]
         from unnest($1::uuid[]) with ordinality as at (place, nth)",
    )
    .bind(ids)
    .execute(pool)
    .await?;
    sqlx::query(
        "with made as (
             insert into account.device (id, name) select gen_random_uuid(), 'd' || nth
             from generate_series(0, $1::integer - 1) nth returning id, substr(name, 2)::integer as nth
         )
         insert into account.enrolment (token_hash, person, device)
         select sha256(decode(lpad(to_hex(made.nth), 64, '0'), 'hex')), p.id, made.id
         from made join account.person p on p.name = 'p' || (made.nth / $2::integer + 1)",
    )
    .bind(i32::try_from(devices)?)
    .bind(i32::try_from(AT_A_PLACE)?)
    .execute(pool)
    .await?;
    sqlx::query("analyze").execute(pool).await?;
    let version: i64 =
        sqlx::query_scalar("select version from account.names_version").fetch_one(pool).await?;
    Ok(version.unsigned_abs())
}

/// A crowd in a process of its own.
pub struct Crowd {
    child: Child,
    said: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Crowd {
    pub fn sets_out(orders: &Orders) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["crowd", "--orders", &serde_json::to_string(orders)?])
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        Ok(Self { child, said })
    }

    /// The next thing that it says; `None` when it has ended.
    pub fn says(&mut self) -> anyhow::Result<Option<Said>> {
        self.said.next().map(|line| Ok(serde_json::from_str(&line?)?)).transpose()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the process of a crowd does.
pub fn run(orders: &str) -> anyhow::Result<()> {
    let orders: Arc<Orders> = Arc::new(serde_json::from_str(orders)?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let opening = Arc::new(Semaphore::new(OPENING));
        let began = tokio::time::Instant::now();
        let mut all = JoinSet::new();
        for nth in 0..orders.devices {
            let (orders, opening) = (Arc::clone(&orders), Arc::clone(&opening));
            all.spawn(async move { device(nth, &orders, &opening, began).await });
        }
        while let Some(ended) = all.join_next().await {
            ended??;
        }
        Ok(())
    })
}

async fn device(
    nth: usize,
    orders: &Orders,
    opening: &Semaphore,
    began: tokio::time::Instant,
) -> anyhow::Result<()> {
    let place = opening.acquire().await?;
    let mut wire = Wire::open(&orders.address).await?;
    wire.send(&hello(nth, orders)).await?;
    let Some(ServerFrame::Welcome(_)) = wire.next().await else { bail!("device {nth} is not welcome") };
    drop(place);
    let mut live = false;
    loop {
        let Some(frame) = wire.next().await else { bail!("device {nth} was hung up on") };
        let ServerFrame::Entries { entries, digests, .. } = frame else {
            ensure!(!matches!(frame, ServerFrame::Fault(_)), "device {nth}: {frame:?}");
            continue;
        };
        let at = micros();
        let entries = batch::unpack::<Entry>(&entries).map_err(|bad| anyhow::anyhow!("{bad}"))?;
        if live {
            entries.iter().for_each(|entry| tell(&Said::Arrived { edit: entry.edit.into(), at }));
        } else if digests.is_some() {
            live = true;
            tell(&Said::Live { after_ms: ms(began.elapsed()) });
            if !orders.stay {
                return Ok(());
            }
        }
    }
}

fn hello(nth: usize, orders: &Orders) -> ClientFrame {
    let mut token = vec![0; 24];
    token.extend((nth as u64).to_be_bytes());
    let scopes = Scopes::from(vec![Scope::Everyone, Scope::Shops, Scope::Location(place(nth))]);
    ClientFrame::Hello(Hello {
        protocol: protocol::VERSION,
        version: "bench".to_owned(),
        token,
        company: None,
        cursor: orders.cursor,
        proof: None,
        loaded: None,
        scopes: if orders.cursor.is_some() { scopes } else { Scopes::NONE },
        gaining: None,
        unsure: 0,
        keeps: true,
        counter: 0,
        names: orders.names,
        waiting: 0,
        commands: 1,
        clock: None,
    })
}

fn tell(said: &Said) {
    if let Ok(line) = serde_json::to_string(said) {
        // Whoever listened has gone, and ends this process.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
