//! The server's HTTP routes: those for devices and supervisors, and those that are only for who runs it.

mod health;
mod metrics;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use waybill_shared::protocol::PATH;

use crate::app::App;
use crate::sync;

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route(PATH, any(sync::enter))
        .with_state(app)
}

/// On a listener of its own: how much a business does is nothing that devices, or who finds their port, should
/// read.
pub fn figures(app: Arc<App>) -> Router {
    Router::new().route("/metrics", get(metrics::render)).with_state(app)
}
