//! For supervisors and load balancers: `/healthz` says that the process lives, `/readyz` that it may be sent work.

use std::borrow::Cow;
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

/// It serves all the same; somebody should look.
fn trouble(app: &App) -> String {
    let words = app.certificates.as_ref().and_then(|certificates| certificates.trouble());
    words.map_or_else(
        || "ready\n".to_owned(),
        |words| format!("ready\nthe certificate was not renewed: {words}\n"),
    )
}

pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Cow<'static, str>) {
    let not = |words: &'static str| (StatusCode::SERVICE_UNAVAILABLE, Cow::Borrowed(words));
    if app.draining.is_cancelled() {
        return not("stopping\n");
    }
    match tokio::time::timeout(LONGEST_CHECK, database::is_ready(&app.pool)).await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => return not("the database's tables are not those of this version\n"),
        Ok(Err(_)) | Err(_) => return not("the database does not answer\n"),
    }
    match app.hub.log.defect() {
        None => (StatusCode::OK, trouble(&app).into()),
        Some(state) => {
            let words = format!("the database does not take what this version writes (SQLSTATE {state})\n");
            (StatusCode::SERVICE_UNAVAILABLE, words.into())
        }
    }
}
