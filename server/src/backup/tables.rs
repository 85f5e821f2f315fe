//! Which tables there are, those first that others refer to.

use std::collections::BTreeSet;

use sqlx::PgConnection;

#[derive(Debug)]
pub struct Table {
    oid: i64,
    /// With its schema, quoted.
    pub name: String,
    pub columns: Vec<String>,
}

/// Those of Waybill that outlive a fall of the database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Table>, sqlx::Error> {
    let rows: Vec<(i64, String, Vec<String>)> = sqlx::query_as(
        "select c.oid::bigint, format('%I.%I', n.nspname, c.relname),
                array_agg(format('%I', a.attname) order by a.attnum)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
         where n.nspname in ('account', 'sync', 'report') and c.relkind = 'r' and c.relpersistence = 'p'
         group by 1, 2 order by 2",
    )
    .fetch_all(&mut *conn)
    .await?;
    let refers: Vec<(i64, i64)> = sqlx::query_as(
        "select conrelid::bigint, confrelid::bigint from pg_constraint where contype = 'f' and conrelid <> confrelid",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut left: Vec<Table> =
        rows.into_iter().map(|(oid, name, columns)| Table { oid, name, columns }).collect();
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waiting: BTreeSet<i64> = left.iter().map(|table| table.oid).collect();
        let free =
            |table: &Table| !refers.iter().any(|(from, to)| *from == table.oid && waiting.contains(to));
        let (now, later): (Vec<Table>, Vec<Table>) = left.into_iter().partition(free);
        if now.is_empty() {
            // Tables that refer to each other in a ring: none of ours do, and their order does not help.
            sorted.extend(later);
            break;
        }
        sorted.extend(now);
        left = later;
    }
    Ok(sorted)
}
