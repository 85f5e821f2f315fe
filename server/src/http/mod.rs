//! The server's HTTP routes.

mod health;
mod metrics;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::render))
        .with_state(app)
}
