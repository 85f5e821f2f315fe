//! The running server: its database, its listener, and an orderly stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Accounts;
use crate::app::{App, Figures};
use crate::database::Database;
use crate::settings::Settings;
use crate::sync::Hub;
use crate::{http, listener, telemetry};

#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    database: Database,
    listening: JoinHandle<()>,
}

impl Server {
    /// Starts the database, brings its tables up to date, and listens.
    pub async fn start(settings: Settings) -> anyhow::Result<Server> {
        // The address first: that it is taken is known at once, a database's start takes a moment.
        let listener = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("cannot listen on {}; choose another with --listen", settings.listen))?;
        let address = listener.local_addr()?;
        let database = Database::start(&settings.database).await?;
        let app = Arc::new(App {
            accounts: Accounts::new(database.pool().clone(), &settings.limits),
            pool: database.pool().clone(),
            hub: Hub::start(database.pool().clone(), settings.limits.connections).await?,
            figures: Figures(telemetry::figures()),
            draining: CancellationToken::new(),
            tasks: TaskTracker::new(),
            settings,
        });
        let routes = http::router(Arc::clone(&app));
        let listening = tokio::spawn(listener::listen(listener, routes, app.draining.clone()));
        tracing::info!(%address, "listening");
        Ok(Server { app, address, database, listening })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Takes nothing new, lets what was begun end, and stops the database. After the grace of the settings, or
    /// when `hurry` ends, what is still open is cut off; nothing acknowledged is lost by that.
    pub async fn drain(self, hurry: impl Future<Output = ()>) -> anyhow::Result<()> {
        tracing::info!("stopping");
        self.app.draining.cancel();
        self.app.tasks.close();
        let mut listening = self.listening;
        let all_ended = async {
            let ended = (&mut listening).await;
            self.app.tasks.wait().await;
            self.app.hub.stop().await;
            ended
        };
        let ended = tokio::select! {
            ended = all_ended => Some(ended),
            () = tokio::time::sleep(self.app.settings.shutdown_grace) => None,
            () = hurry => None,
        };
        match ended {
            Some(ended) => ended.context("the listener failed")?,
            None => {
                tracing::warn!(open = self.app.tasks.len(), "not everything ended in time; cutting it off");
                listening.abort();
            }
        }
        self.database.close().await?;
        tracing::info!("stopped");
        Ok(())
    }
}
