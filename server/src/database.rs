//! The server's PostgreSQL, private or named by a URL: opened, brought up to date, closed.

use anyhow::{Context, anyhow};
use sqlx::migrate::{MigrateError, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, SqlSafeStr};
use std::time::Duration;

use crate::log::postgres::give_scopes;
use crate::postgres::{self, EmbeddedPostgres, Options};
use crate::settings::{DatabasePlace, DatabaseSettings};

/// The database's name in a private cluster.
pub const NAME: &str = "waybill";

#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    private: Option<EmbeddedPostgres>,
}

impl Database {
    /// For the server itself: starts the private PostgreSQL, or connects to the named one, and brings the tables
    /// up to date.
    pub async fn start(settings: &DatabaseSettings) -> anyhow::Result<Database> {
        match &settings.place {
            DatabasePlace::Url(url) => Database::connected(settings, url.as_ref().clone(), None).await,
            DatabasePlace::Private { data_dir, postgres_bin } => {
                let data_dir = data_dir.clone();
                // Beside the server's own connections there is room for reporting tools and the other commands.
                let room = settings.connections.saturating_add(84).to_string();
                let options = Options {
                    bin_dir: postgres_bin.clone(),
                    settings: vec![("max_connections".into(), room)],
                };
                let started =
                    tokio::task::spawn_blocking(move || EmbeddedPostgres::start(&data_dir, options));
                let private = started.await.context("starting PostgreSQL was interrupted")??;
                let options = private.create_database(NAME).await.context("making the database")?;
                Database::connected(settings, options, Some(private)).await
            }
        }
    }

    /// For the other commands: also works beside a running server on the same data directory.
    pub async fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
        if let DatabasePlace::Private { data_dir, .. } = &settings.place
            && let Some(beside) = postgres::running(data_dir, NAME)
        {
            return Database::connected(settings, beside, None).await;
        }
        Database::start(settings).await
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The private cluster, where there is one.
    pub fn private(&self) -> Option<&EmbeddedPostgres> {
        self.private.as_ref()
    }

    /// Gives connections back, then stops the private PostgreSQL.
    pub async fn close(self) -> anyhow::Result<()> {
        // A request that was cut off may hold a connection that never comes back; PostgreSQL's stop ends it.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.pool.close()).await;
        if let Some(private) = self.private {
            tokio::task::spawn_blocking(move || private.stop()).await.context("stopping PostgreSQL")?;
        }
        Ok(())
    }

    async fn connected(
        settings: &DatabaseSettings,
        options: PgConnectOptions,
        private: Option<EmbeddedPostgres>,
    ) -> anyhow::Result<Database> {
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(Duration::from_secs(10))
            // Every statement here is short: compiled, as it is when the tables were never analysed, it takes 70 ms
            // instead of one.
            .connect_with(options.application_name("waybill-server").options([("jit", "off")]))
            .await
            .context("PostgreSQL cannot be reached; check --database-url")?;
        migrate(&pool).await?;
        warn_if_not_durable(&pool).await?;
        Ok(Database { pool, private })
    }
}

/// Brings the tables up to date, and what in them no step of SQL can. Servers that start together on one database
/// wait for each other here.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    migrate_to(pool, i64::MAX).await?;
    give_scopes(pool).await.context("bringing the documents up to date")
}

/// No further than to this version.
pub async fn migrate_to(pool: &PgPool, version: i64) -> anyhow::Result<()> {
    let steps = waybill_migrations::POSTGRES.iter().filter(|migration| migration.version <= version);
    let migrations = steps.map(|migration| {
        let kind = MigrationType::Simple;
        sqlx::migrate::Migration::new(
            migration.version,
            migration.name.into(),
            kind,
            migration.sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect()).run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => anyhow!(
            "the database was made by a newer Waybill (its tables are at version {version}); run that version or a \
             newer one"
        ),
        MigrateError::VersionMismatch(version) => anyhow!(
            "the database's tables were made by a changed step {version}; run the Waybill that made them"
        ),
        other => anyhow!(other).context("bringing the database's tables up to date"),
    })
}

/// Whether the database answers and its tables have what this program needs. A newer server that began beside this one
/// may have added to them: what is there is changed only once no server needs it.
pub async fn is_ready(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let version: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(pool).await?;
    Ok(version >= waybill_migrations::POSTGRES.last().map(|migration| migration.version))
}

async fn warn_if_not_durable(pool: &PgPool) -> anyhow::Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String =
            sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(pool).await?;
        if value == "off" {
            tracing::warn!(setting, "PostgreSQL runs with this off: a crash may lose what was acknowledged");
        }
    }
    Ok(())
}
