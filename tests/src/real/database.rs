//! What stands in the server's PostgreSQL, asked by a connection of the test's own.

use std::{collections::BTreeMap, path::Path};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::runtime::Runtime;
use uuid::Uuid;
use waybill_server::{database::NAME, postgres};
use waybill_shared::id::EditId;

pub struct Database {
    conn: PgConnection,
    runtime: Runtime,
}

impl Database {
    /// `None` while PostgreSQL does not answer.
    pub fn open(data_dir: &Path) -> Option<Database> {
        let options = postgres::running(data_dir, NAME)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let conn = runtime.block_on(PgConnection::connect_with(&options)).ok()?;
        Some(Database { conn, runtime })
    }

    /// The one value of a query, as text.
    pub fn ask(&mut self, sql: &str) -> Option<String> {
        let asked =
            sqlx::query_scalar(AssertSqlSafe(format!("select ({sql})::text"))).fetch_one(&mut self.conn);
        self.runtime.block_on(asked).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Carries statements out.
    pub fn does(&mut self, sql: &str) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.conn);
        self.runtime.block_on(done).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub fn number(&mut self, sql: &str) -> u64 {
        self.ask(sql).unwrap_or_default().parse().unwrap_or_else(|_| panic!("{sql} gives no number"))
    }

    /// How many edits have a verdict.
    pub fn judged(&mut self) -> u64 {
        self.number("select count(*) from sync.edit")
    }

    /// Every one of these edits stands, once; what else the database makes of them, `check` has to say.
    pub fn has_accepted(&mut self, edits: &[EditId]) {
        let ids: Vec<Uuid> = edits.iter().map(|edit| Uuid::from(*edit)).collect();
        let missing = sqlx::query_scalar(
            "select id from unnest($1::uuid[]) as wanted (id)
             where not exists (select from sync.edit e where e.id = wanted.id and e.verdict in ('accepted', 'rewritten'))",
        )
        .bind(ids);
        let missing: Vec<Uuid> = self.runtime.block_on(missing.fetch_all(&mut self.conn)).unwrap();
        assert!(missing.is_empty(), "{missing:?} were said to be saved and are not there");
    }

    /// Heads of every document, by kind and id, with its scope.
    pub fn heads(&mut self) -> BTreeMap<String, (String, String)> {
        let rows = sqlx::query_as(
            "select kind || ':' || replace(id::text, '-', '') || ':' || generation, scope, encode(heads, 'hex')
             from sync.document",
        );
        let rows: Vec<(String, String, String)> =
            self.runtime.block_on(rows.fetch_all(&mut self.conn)).expect("the documents are listed");
        rows.into_iter().map(|(addr, scope, heads)| (addr, (scope, heads))).collect()
    }
}
