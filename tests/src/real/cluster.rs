//! A PostgreSQL of the test's own, for servers that share one database.

use tempfile::TempDir;
use tokio::runtime::Runtime;
use waybill_server::{
    database::NAME,
    postgres::{EmbeddedPostgres, Options},
};

use super::Server;

pub struct Cluster {
    postgres: Option<EmbeddedPostgres>,
    url: String,
    /// In which the connections of its making live.
    _runtime: Runtime,
    _dir: TempDir,
}

impl Cluster {
    pub fn start() -> Cluster {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let postgres = EmbeddedPostgres::start(dir.path(), Options::default()).unwrap();
        runtime.block_on(postgres.create_database(NAME)).unwrap();
        Cluster { url: postgres.url(NAME), postgres: Some(postgres), _runtime: runtime, _dir: dir }
    }

    /// One more server on the one database.
    pub fn serves(&self, program: &str) -> Server {
        Server::start_on(program, &self.url)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(postgres) = self.postgres.take() {
            postgres.stop();
        }
    }
}
