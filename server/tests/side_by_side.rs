//! Servers of different versions on one database: who may bring the tables up to date, and who works on them then.

mod common;

use common::TestDatabase;
use sqlx::{Connection, Executor, PgConnection, PgPool, raw_sql};
use waybill_migrations::{LAST, LEAST};
use waybill_server::{database, log::postgres::LOCK};

/// Everything that steps have made goes, and they are made again as far as this one.
async fn tables_of(pool: &PgPool, version: i64) {
    pool.execute(raw_sql("drop schema account, sync, report cascade; delete from _sqlx_migrations"))
        .await
        .unwrap();
    database::migrate_to(pool, version).await.unwrap();
}

/// A server at work, as the database sees it.
async fn at_work(database: &TestDatabase) -> PgConnection {
    let mut server = PgConnection::connect(&database.url).await.unwrap();
    server
        .execute(raw_sql("insert into sync.server (key) values (7); select pg_advisory_lock_shared(7)"))
        .await
        .unwrap();
    server
}

async fn refused(pool: &PgPool) -> String {
    database::migrate(pool).await.unwrap_err().to_string()
}

async fn version(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn tables_are_changed_only_when_no_server_needs_them_as_they_were() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let before = waybill_migrations::POSTGRES.iter().map(|step| step.version).filter(|step| *step < LEAST);
    tables_of(pool, before.max().unwrap()).await;
    let server = at_work(&database).await;
    let words = refused(pool).await;
    assert!(words.contains("a server of an earlier Waybill still works on this database"), "{words}");
    assert!(version(pool).await < LEAST, "nothing was changed");
    server.close().await.unwrap();
    database::migrate(pool).await.unwrap();
    assert_eq!(version(pool).await, LAST);

    // One that still works on them is not waited for.
    tables_of(pool, LEAST).await;
    let _server = at_work(&database).await;
    database::migrate(pool).await.unwrap();
    assert_eq!(version(pool).await, LAST);
    assert!(database::is_ready(pool).await.unwrap());
}

#[tokio::test]
async fn what_is_being_written_is_waited_for_before_the_tables_change() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let before = waybill_migrations::POSTGRES.iter().map(|step| step.version).filter(|step| *step < LAST);
    let before = before.max().unwrap();
    tables_of(pool, before).await;
    let mut writes = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut writes).await.unwrap();
    let starts = tokio::spawn({
        let pool = pool.clone();
        async move { database::migrate(&pool).await }
    });
    let waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database()))";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(pool).await.unwrap() {
        assert!(!starts.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    assert_eq!(version(pool).await, before);
    writes.close().await.unwrap();
    starts.await.unwrap().unwrap();
    assert_eq!(version(pool).await, LAST);
    // Who comes to tables that are up to date waits for nobody.
    let mut writes = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut writes).await.unwrap();
    database::migrate(pool).await.unwrap();
    writes.close().await.unwrap();
}

#[tokio::test]
async fn a_server_works_on_the_tables_of_a_newer_one_that_says_so_and_on_no_others() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    let newer = format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values ({0}, 'of a newer one', true, '', 0);
         update sync.tables set version = {0}, least = {LAST}",
        LAST + 5
    );
    pool.execute(raw_sql(sqlx::AssertSqlSafe(newer))).await.unwrap();
    database::migrate(pool).await.unwrap();
    assert!(database::is_ready(pool).await.unwrap());

    pool.execute("update sync.tables set least = version").await.unwrap();
    let words = refused(pool).await;
    let expected =
        format!("its tables are at version {0}, and this program would have to know {0}", LAST + 5);
    assert!(words.contains(&expected), "{words}");
    assert!(!database::is_ready(pool).await.unwrap());
}
