//! A server in this process, on a private PostgreSQL and a socket of its own. Everything goes when it ends.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;
use waybill_server::{
    accounts::{self, NewPerson},
    intake::{Handed, Settled, Submission, Submitted, Turn},
    postgres::{EmbeddedPostgres, Options},
    server::Server,
    settings::{Flags, Settings},
};
use waybill_shared::{
    id::{LocationId, PersonId},
    location,
    protocol::PATH,
    rules::roles::Role,
};

use crate::scribe::{Page, Scribe};

pub const PASSWORD: &str = "a long and quiet road";

/// A place that there is on each of them: the first entry of the log.
pub const PLACE: LocationId = LocationId::new(Uuid::from_u128(0x91ac_e000_0000_7000_8000_0000_0000_0001));

pub struct Serving {
    pub server: Server,
    // After the server, which must have stopped when its files go.
    _dir: TempDir,
}

impl Serving {
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// With these settings beside those it needs.
    pub async fn start_with(settings: &[(&'static str, &str)]) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let data_dir = dir.path().to_str().context("a temporary directory whose name is no text")?.to_owned();
        let free = "127.0.0.1:0".to_owned();
        let values = [("listen", free.clone()), ("metrics_listen", free), ("data_dir", data_dir)];
        let given = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let flags = Flags { config: None, values: values.into_iter().chain(given).collect() };
        let settings = Settings::from_sources(&flags, &|_| None)?;
        let serving = Self { server: Server::start(settings).await?, _dir: dir };
        serving.make_place().await?;
        Ok(serving)
    }

    async fn make_place(&self) -> anyhow::Result<()> {
        let create = location::Create {
            code: "HS".to_owned(),
            name: "Harbour shop".to_owned(),
            kind: location::LocationKind::Shop,
            address: Default::default(),
        };
        let edit = Scribe::any(waybill_server::sync::now(), 3).edit(&mut Page::blank(PLACE), create);
        let handed = Handed {
            edit: Arc::new(edit),
            roles: Some([Role::Admin].into()),
            approver: Arc::default(),
            looked_up: Default::default(),
        };
        let (answer, mut answers) = mpsc::unbounded_channel();
        let submitted = Submitted { what: Submission::Edit(handed), turn: Turn::new(answer) };
        self.server.app().hub.intake.submit(submitted).await?;
        let (_, settled) = answers.recv().await.context("the server stopped")?;
        anyhow::ensure!(matches!(settled, Settled::Judged { .. }), "the place was not made: {settled:?}");
        Ok(())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub fn socket(&self) -> String {
        format!("ws://{}{PATH}", self.server.address())
    }

    pub async fn add_person(&self, name: &str, role: Role) -> anyhow::Result<PersonId> {
        let new = NewPerson {
            id: PersonId::new(Uuid::now_v7()),
            name: name.to_owned(),
            display_name: None,
            password: PASSWORD.to_owned(),
            roles: vec![role],
            locations: Vec::new(),
        };
        Ok(accounts::create_person(&self.server.app().pool, new).await?)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.server.drain(std::future::pending()).await
    }
}

/// A private PostgreSQL; where there is none, the test says how to get it. Its programs may be in an unusual place.
pub fn start_postgres(data_dir: &Path) -> EmbeddedPostgres {
    let bin_dir = std::env::var_os("WAYBILL_POSTGRES_BIN").map(PathBuf::from);
    let options = Options { bin_dir, ..Options::default() };
    EmbeddedPostgres::start(data_dir, options).unwrap_or_else(|error| panic!("{error}"))
}
