//! The server's PostgreSQL, private or named by a URL: opened, brought up to date, closed.

use anyhow::{Context, anyhow, bail};
use sqlx::migrate::{MigrateError, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool, Row, SqlSafeStr};
use std::time::Duration;
use waybill_migrations::{LAST, LEAST};

use crate::backup::{self, Refused};
use crate::log::postgres::{LOCK, give_scopes};
use crate::postgres::{self, EmbeddedPostgres, Options};
use crate::settings::{DatabasePlace, DatabaseSettings};
use crate::sides::{self, Stand};

/// The database's name in a private cluster.
pub const NAME: &str = "waybill";

/// What a database is opened to do.
#[derive(Clone, Copy)]
enum To {
    Work,
    Restore,
}

#[derive(Debug)]
pub struct Database {
    pool: PgPool,
    private: Option<EmbeddedPostgres>,
}

impl Database {
    /// For the server itself: starts the private PostgreSQL, or connects to the named one, and brings the tables
    /// up to date.
    pub async fn start(settings: &DatabaseSettings) -> anyhow::Result<Database> {
        Database::started(settings, To::Work).await
    }

    async fn started(settings: &DatabaseSettings, to: To) -> anyhow::Result<Database> {
        match &settings.place {
            DatabasePlace::Url(url) => Database::connected(settings, url.as_ref().clone(), None, to).await,
            DatabasePlace::Private { data_dir, postgres_bin, report_port } => {
                let data_dir = data_dir.clone();
                // Beside the server's own connections there is room for reporting tools and the other commands.
                let room = settings.connections.saturating_add(84).to_string();
                let options = Options {
                    bin_dir: postgres_bin.clone(),
                    settings: vec![("max_connections".into(), room)],
                    report_port: *report_port,
                };
                let started =
                    tokio::task::spawn_blocking(move || EmbeddedPostgres::start(&data_dir, options));
                let private = started.await.context("starting PostgreSQL was interrupted")??;
                let options = private.create_database(NAME).await.context("making the database")?;
                Database::connected(settings, options, Some(private), to).await
            }
        }
    }

    /// For the other commands: also works beside a running server on the same data directory.
    pub async fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
        Database::opened(settings, To::Work).await
    }

    /// For the one command that works on what another of its kind left unfinished.
    pub async fn open_to_restore(settings: &DatabaseSettings) -> anyhow::Result<Database> {
        Database::opened(settings, To::Restore).await
    }

    async fn opened(settings: &DatabaseSettings, to: To) -> anyhow::Result<Database> {
        if let DatabasePlace::Private { data_dir, .. } = &settings.place
            && let Some(beside) = postgres::running(data_dir, NAME)
        {
            return Database::connected(settings, beside, None, to).await;
        }
        Database::started(settings, to).await
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
        to: To,
    ) -> anyhow::Result<Database> {
        let pool = PgPoolOptions::new()
            .after_release(|conn, _| Box::pin(is_free(conn)))
            .max_connections(settings.connections)
            .acquire_timeout(Duration::from_secs(10))
            // Every statement here is short: compiled, as it is when the tables were never analysed, it takes 70 ms
            // instead of one.
            .connect_with(options.application_name("waybill-server").options([("jit", "off")]))
            .await
            .context("PostgreSQL cannot be reached; check --database-url")?;
        match (backup::refuse(&pool).await, to) {
            (Ok(()), _) => migrate(&pool).await?,
            // Its tables are at whatever step it was cut off, and go.
            (Err(Refused::Unfinished(_)), To::Restore) => {}
            (Err(refused), _) => return Err(refused.into()),
        }
        warn_if_not_durable(&pool).await?;
        Ok(Database { pool, private })
    }
}

/// Brings the tables up to date, and what in them no step of SQL can. Tables that a newer server made are left as they
/// are, if this one still works on them.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    if sides::is_settled(pool).await.context("reading the version of the tables")? {
        // Most who come look in beside a server at work: nobody waits for them.
        up_to_date(pool).await?;
    } else {
        // Servers that start together wait for each other here, and whoever writes waits too: it looks then, before
        // anything else, whether these are its tables still.
        tracing::info!("bringing the tables up to date, once nobody writes");
        let writes = alone(pool).await.context("waiting until nobody writes")?;
        let outcome = up_to_date(pool).await;
        writes.close().await.context("letting the others write")?;
        outcome?;
    }
    give_scopes(pool).await.context("bringing the documents up to date")
}

/// Holds the lock of those who write, and is none of the pool's connections, which may be but one.
async fn alone(pool: &PgPool) -> Result<PgConnection, sqlx::Error> {
    let mut conn = pool.connect_options().connect().await?;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    Ok(conn)
}

async fn up_to_date(pool: &PgPool) -> anyhow::Result<()> {
    match sides::stand(pool).await.context("reading the version of the tables")? {
        Stand::Newer { least, .. } if least <= LAST => {
            tracing::info!("the tables are a newer Waybill's, and still serve this one");
            return Ok(());
        }
        Stand::Newer { version, least } => bail!(
            "the database was made by a newer Waybill (its tables are at version {version}, and this program would \
             have to know {least}); run that version or a newer one"
        ),
        Stand::Older { servers } if servers.iter().any(|knows| *knows < LEAST) => bail!(
            "a server of an earlier Waybill still works on this database and would not understand its tables any \
             more; stop it first, or bring it up to date by way of a version in between"
        ),
        Stand::Older { .. } | Stand::Same => {}
    }
    migrate_to(pool, i64::MAX).await?;
    sides::settled(pool).await.context("noting the version of the tables")
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
/// may have added to them.
pub async fn is_ready(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let (version, least): (i64, i64) =
        sqlx::query_as("select version, least from sync.tables").fetch_one(pool).await?;
    Ok(version >= LAST && least <= LAST)
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

/// A `begin` whose caller went meanwhile, as with the socket that asked, leaves a transaction of which nothing here knows,
/// and whoever got the connection next would work in it. Such a connection is closed.
async fn is_free(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // In one message, so that both are the same moment, unless a transaction began before it.
    let row = conn.fetch_one(sqlx::raw_sql("select now() = statement_timestamp()")).await?;
    row.try_get(0)
}
