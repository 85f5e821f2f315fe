//! Watching whether people, devices or enrolments changed, for all connections at once.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const LOOK_AGAIN: Duration = Duration::from_secs(2);

pub async fn follow(
    pool: PgPool,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Result<watch::Receiver<u64>, sqlx::Error> {
    let (version, seen) = watch::channel(read(&pool).await?);
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            if let Ok(now) = read(&pool).await {
                version.send_if_modified(|known| std::mem::replace(known, now) != now);
            }
        }
    });
    Ok(seen)
}

async fn read(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let version: i64 =
        sqlx::query_scalar("select version from account.names_version").fetch_one(pool).await?;
    Ok(version.unsigned_abs())
}
