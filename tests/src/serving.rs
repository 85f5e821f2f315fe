//! A server in this process, on a private PostgreSQL and a socket of its own. Everything goes when it ends.

use anyhow::Context;
use tempfile::TempDir;
use uuid::Uuid;
use waybill_server::{
    accounts::{self, NewPerson},
    server::Server,
    settings::{Flags, Settings},
};
use waybill_shared::{id::PersonId, protocol::PATH, rules::roles::Role};

pub const PASSWORD: &str = "a long and quiet road";

pub struct Serving {
    pub server: Server,
    // After the server, which must have stopped when its files go.
    _dir: TempDir,
}

impl Serving {
    pub async fn start() -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let data_dir = dir.path().to_str().context("a temporary directory whose name is no text")?.to_owned();
        let values = [("listen", "127.0.0.1:0".to_owned()), ("data_dir", data_dir)];
        let flags = Flags { config: None, values: values.into_iter().collect() };
        let settings = Settings::from_sources(&flags, &|_| None)?;
        Ok(Self { server: Server::start(settings).await?, _dir: dir })
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
