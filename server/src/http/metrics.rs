//! `/metrics`: the process's figures in Prometheus' text format.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::app::App;

pub async fn render(State(app): State<Arc<App>>) -> impl IntoResponse {
    let idle = u32::try_from(app.pool.num_idle()).unwrap_or(u32::MAX);
    let busy = app.pool.size().saturating_sub(idle);
    metrics::gauge!("waybill_database_connections", "state" => "idle").set(idle);
    metrics::gauge!("waybill_database_connections", "state" => "busy").set(busy);
    metrics::gauge!("waybill_draining").set(u32::from(app.draining.is_cancelled()));
    app.figures.0.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], app.figures.0.render())
}
