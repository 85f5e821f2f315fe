//! What stands in the server's PostgreSQL, asked by a connection of the test's own.

use std::{collections::BTreeMap, path::Path};

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::runtime::Runtime;
use uuid::Uuid;
use waybill_server::{database::NAME, log::postgres::LOCK, postgres};
use waybill_shared::id::EditId;

const OF_EACH_TABLE: &str = "for t in
    select format('%I.%I', n.nspname, c.relname) as name, string_agg(quote_ident(a.attname), ', ') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where n.nspname in ('account', 'sync', 'report') and c.relkind = 'r' and c.relpersistence = 'p'
    group by 1 loop";

pub struct Database {
    conn: PgConnection,
    runtime: Runtime,
}

impl Database {
    /// `None` while PostgreSQL does not answer.
    pub fn open(data_dir: &Path) -> Option<Database> {
        Self::connect(&postgres::running(data_dir, NAME)?)
    }

    pub fn at(url: &str) -> Option<Database> {
        Self::connect(&url.parse().unwrap())
    }

    fn connect(options: &PgConnectOptions) -> Option<Database> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let conn = runtime.block_on(PgConnection::connect_with(options)).ok()?;
        Some(Database { conn, runtime })
    }

    /// The one value of a query, as text.
    pub fn ask(&mut self, sql: &str) -> Option<String> {
        let asked =
            sqlx::query_scalar(AssertSqlSafe(format!("select ({sql})::text"))).fetch_one(&mut self.conn);
        self.runtime.block_on(asked).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Notes all that Waybill holds as it is now.
    pub fn is_noted(&mut self) {
        self.does(&format!(
            "create schema noted; do $$ declare t record; begin {OF_EACH_TABLE}
                 execute format('create table noted.%I as select %s from %s', t.name, t.columns, t.name);
             end loop; end $$"
        ));
    }

    /// Under the server's feet it is as it was noted, as when a replica without the last commits took over.
    pub fn is_as_noted(&mut self) {
        self.does(&format!(
            "set session_replication_role = replica;
             do $$ declare t record; begin perform pg_advisory_xact_lock({LOCK}); {OF_EACH_TABLE}
                 execute format('delete from %s', t.name);
                 execute format('insert into %s (%s) select %s from noted.%I', t.name, t.columns, t.columns, t.name);
             end loop; end $$; set session_replication_role = origin"
        ));
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

    /// Heads of every document, by kind and id, with its scopes.
    pub fn heads(&mut self) -> BTreeMap<String, (String, String)> {
        let rows = sqlx::query_as(
            "select kind || ':' || replace(id::text, '-', ''), array_to_string(scopes, ' '), encode(heads, 'hex')
             from sync.document",
        );
        let rows: Vec<(String, String, String)> =
            self.runtime.block_on(rows.fetch_all(&mut self.conn)).expect("the documents are listed");
        rows.into_iter().map(|(addr, scopes, heads)| (addr, (scopes, heads))).collect()
    }
}
