//! The server's HTTP routes.

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
        .route("/metrics", get(metrics::render))
        .route(PATH, any(sync::enter))
        .with_state(app)
}
