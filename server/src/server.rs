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
use crate::attachments;
use crate::backup;
use crate::database::Database;
use crate::settings::Settings;
use crate::sync::Hub;
use crate::tls::Certificates;
use crate::{http, listener, telemetry};

#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    metrics_address: SocketAddr,
    database: Database,
    listening: JoinHandle<()>,
    measuring: JoinHandle<()>,
}

impl Server {
    /// Starts the database, brings its tables up to date, and listens.
    pub async fn start(settings: Settings) -> anyhow::Result<Server> {
        // The addresses first: that one is taken is known at once, a database's start takes a moment.
        let (listener, address) = bind(settings.listen, "--listen").await?;
        let (metrics_listener, metrics_address) = bind(settings.metrics_listen, "--metrics-listen").await?;
        let certificates = settings.tls.clone().map(Certificates::open).transpose()?;
        let acceptor = certificates.as_ref().map(Certificates::acceptor).transpose()?;
        let database = Database::start(&settings.database).await?;
        let app = Arc::new(App {
            accounts: Accounts::new(database.pool().clone(), &settings.limits),
            pool: database.pool().clone(),
            hub: Hub::start(database.pool().clone(), &settings.limits).await?,
            figures: Figures(telemetry::figures()),
            draining: CancellationToken::new(),
            tasks: TaskTracker::new(),
            certificates,
            settings,
        });
        backup::refuse(&app.pool).await?;
        attachments::orphans::keep_clean(app.pool.clone(), &app.tasks, app.draining.clone());
        if let Some(certificates) = &app.certificates {
            tokio::spawn(Arc::clone(certificates).follow(app.draining.clone()));
        }
        let routes = http::router(Arc::clone(&app));
        let listening = tokio::spawn(listener::listen(listener, routes, acceptor, app.draining.clone()));
        // Not stopped by draining: that is when somebody looks.
        let routes = http::figures(Arc::clone(&app));
        let measuring =
            tokio::spawn(listener::listen(metrics_listener, routes, None, CancellationToken::new()));
        tracing::info!(%address, tls = app.certificates.is_some(), %metrics_address, "listening");
        Ok(Server { app, address, metrics_address, database, listening, measuring })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As a device is told it.
    pub fn url(&self) -> String {
        let scheme = if self.app.certificates.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where `/metrics` is.
    pub fn metrics_address(&self) -> SocketAddr {
        self.metrics_address
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
        self.measuring.abort();
        self.database.close().await?;
        tracing::info!("stopped");
        Ok(())
    }
}

async fn bind(wanted: SocketAddr, flag: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("cannot listen on {wanted}; choose another with {flag}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
