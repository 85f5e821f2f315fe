//! For supervisors and load balancers: `/healthz` says that the process lives, `/readyz` that it may be sent work.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::database;

const LONGEST_CHECK: Duration = Duration::from_secs(2);

pub async fn alive() -> &'static str {
    "alive\n"
}

pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.draining.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(LONGEST_CHECK, database::is_ready(&app.pool)).await {
        Ok(Ok(true)) => (StatusCode::OK, "ready\n"),
        Ok(Ok(false)) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the database's tables are not those of this version\n")
        }
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
