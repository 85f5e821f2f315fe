//! What every request and connection of the running server shares.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Accounts;
use crate::settings::Settings;
use crate::sync::Hub;
use crate::tls::Certificates;

#[derive(Debug)]
pub struct App {
    pub settings: Settings,
    pub pool: PgPool,
    pub accounts: Accounts,
    pub figures: Figures,
    pub hub: Hub,
    /// What devices are shown; none where they connect without TLS.
    pub certificates: Option<Arc<Certificates>>,
    /// Cancelled when the server begins to stop: finish what was begun, take nothing new.
    pub draining: CancellationToken,
    /// Everything that a stop waits for, such as the connections of devices.
    pub tasks: TaskTracker,
}

/// The figures of `/metrics`.
#[derive(Clone)]
pub struct Figures(pub PrometheusHandle);

impl std::fmt::Debug for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Figures")
    }
}
