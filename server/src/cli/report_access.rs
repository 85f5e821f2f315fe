//! `waybill-server report-access`: how a tool for reports reads them, and the login that it does it with.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, PgPool};

use super::out::say;
use super::prompt::new_password;
use crate::{
    postgres::{READER, running},
    settings::DatabasePlace,
};

#[derive(Debug, Args)]
pub struct ReportAccessArgs {
    /// Give the login another password, which is printed once; the one before counts no more
    #[arg(long)]
    new_password: bool,
    /// Take the password from the first line of standard input, instead of making one up
    #[arg(long)]
    password_stdin: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Where PostgreSQL can be reached.
struct Where {
    database: String,
    /// Of the private one: the directory of its socket.
    socket: Option<PathBuf>,
    port: String,
    /// By network; `None`: it listens on none.
    host: Option<String>,
}

pub async fn run(args: &ReportAccessArgs, place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let to = reach(place, pool).await?;
    let known: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
        .bind(READER)
        .fetch_one(pool)
        .await?;
    let password = match (args.password_stdin, args.new_password || !known) {
        (true, _) => Some(new_password(true)?),
        (false, true) => Some(made_up()?),
        (false, false) => None,
    };
    make_reader(pool, &to.database, known, to.socket.is_some(), password.as_deref()).await.with_context(
        || format!("the login {READER} could not be made; an administrator of this PostgreSQL can"),
    )?;
    // Who typed it knows it.
    let password = password.filter(|_| !args.password_stdin);
    let said = if args.json { to.json(password.as_deref()) } else { to.words(password.as_deref()) };
    say!("{said}");
    Ok(ExitCode::SUCCESS)
}

async fn reach(place: &DatabasePlace, pool: &PgPool) -> anyhow::Result<Where> {
    let (database, port, listens): (String, String, String) = sqlx::query_as(
        "select current_database()::text, current_setting('port'), current_setting('listen_addresses')",
    )
    .fetch_one(pool)
    .await?;
    Ok(match place {
        DatabasePlace::Private { data_dir, .. } => {
            let socket = running(data_dir, &database).and_then(|options| options.get_socket().cloned());
            let host = (!listens.is_empty()).then(|| "127.0.0.1".to_owned());
            Where { database, socket, port, host }
        }
        DatabasePlace::Url(url) => {
            let (host, port) = (url.get_host().to_owned(), url.get_port().to_string());
            Where { database, socket: None, port, host: Some(host) }
        }
    })
}

/// A login that may read the schema of reports, and has no other right. Said again it is as it should be.
async fn make_reader(
    pool: &PgPool,
    database: &str,
    known: bool,
    own: bool,
    password: Option<&str>,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    if !known {
        tx.execute(AssertSqlSafe(format!("create role {READER} login in role waybill_report"))).await?;
    }
    // Statements about roles take no arguments: PostgreSQL itself quotes what is put in.
    let quoted = async |text: &str, how: &str| -> Result<String, sqlx::Error> {
        sqlx::query_scalar(AssertSqlSafe(format!("select {how}($1)"))).bind(text).fetch_one(pool).await
    };
    if let Some(password) = password {
        let password = quoted(password, "quote_literal").await?;
        // Hashed as the network's side asks for it, whatever this PostgreSQL does by itself.
        tx.execute("set local password_encryption = 'scram-sha-256'").await?;
        tx.execute(AssertSqlSafe(format!("alter role {READER} password {password}"))).await?;
    }
    let database = quoted(database, "quote_ident").await?;
    for statement in [
        format!("alter role {READER} connection limit 20"),
        format!("alter role {READER} in database {database} set default_transaction_read_only = on"),
        format!("alter role {READER} in database {database} set search_path = report"),
        format!("grant waybill_report to {READER}"),
        format!("grant connect on database {database} to {READER}"),
    ] {
        tx.execute(AssertSqlSafe(statement)).await?;
    }
    if own {
        // Whoever connects may make tables that end with the connection, unless it is taken from all.
        tx.execute(AssertSqlSafe(format!("revoke temporary on database {database} from public"))).await?;
    }
    tx.commit().await
}

/// 24 signs that no tool has to quote.
fn made_up() -> anyhow::Result<String> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 24];
    getrandom::fill(&mut random).context("the operating system gives no randomness")?;
    Ok(random
        .iter()
        .filter_map(|byte| SIGNS.get(usize::from(byte % 32)))
        .map(|sign| char::from(*sign))
        .collect())
}

impl Where {
    /// By network.
    fn psql(&self, host: &str) -> String {
        format!("psql \"host={host} port={} dbname={} user={READER}\"", self.port, self.database)
    }

    fn jdbc(&self, host: &str) -> String {
        format!("jdbc:postgresql://{host}:{}/{}?user={READER}", self.port, self.database)
    }

    fn odbc(&self, host: &str) -> String {
        format!(
            "Driver={{PostgreSQL Unicode}};Server={host};Port={};Database={};Uid={READER};",
            self.port, self.database
        )
    }

    fn words(&self, password: Option<&str>) -> String {
        let mut lines = vec![
            format!("The reports stand in the schema report of the database {}.", self.database),
            format!("The login {READER} may read them, and nothing else."),
        ];
        lines.push(match password {
            Some(password) => format!("Its password, which is not shown again: {password}"),
            None => "Its password is the one that was given to it; --new-password gives another.".to_owned(),
        });
        match &self.host {
            Some(host) => lines.extend([
                String::new(),
                format!("psql   {}", self.psql(host)),
                format!("JDBC   {}", self.jdbc(host)),
                format!("ODBC   {}", self.odbc(host)),
            ]),
            None => lines.extend([
                String::new(),
                "The private PostgreSQL listens on no network. So that tools on this machine reach it, start the server"
                    .to_owned(),
                "with a port for them, --report-port 5433 (or report_port = 5433 in its file), and say this again."
                    .to_owned(),
            ]),
        }
        if let Some(socket) = &self.socket {
            let socket = socket.display();
            lines.extend([
                String::new(),
                "Without a port, for whoever the private PostgreSQL runs as:".to_owned(),
                format!("socket {}", self.psql(&socket.to_string())),
            ]);
        }
        lines.join("\n")
    }

    fn json(&self, password: Option<&str>) -> String {
        let host = self.host.as_deref();
        let told = json!({
            "database": self.database,
            "schema": "report",
            "user": READER,
            "password": password,
            "host": host,
            "port": host.map(|_| &self.port),
            "socket": self.socket,
            "psql": host.map(|host| self.psql(host)),
            "jdbc": host.map(|host| self.jdbc(host)),
            "odbc": host.map(|host| self.odbc(host)),
        });
        format!("{told:#}")
    }
}
