//! What opening a document's next generation does to what is stored of the earlier ones.

use sqlx::PgConnection;
use uuid::Uuid;
use waybill_shared::generation::Leaves;

use super::shape::{self, Addrs};
use crate::log::Batch;

/// In the transaction of the batch, behind everything that it writes.
pub async fn open(conn: &mut PgConnection, batch: &Batch) -> Result<(), sqlx::Error> {
    for entry in &batch.entries {
        let (Some(leaves), Some(opening)) = (&entry.opens, entry.changes.first()) else { continue };
        let addrs = Addrs::of([&opening.doc]);
        sqlx::query(
            "update sync.change set bytes = '' where kind = any ($1) and id = any ($2) and pos < $3 and bytes <> ''",
        )
        .bind(&addrs.kinds)
        .bind(&addrs.ids)
        .bind(shape::number(entry.cursor.pos)?)
        .execute(&mut *conn)
        .await?;
        let archived = match leaves {
            Leaves::Archived(archived) if archived.is_empty() => continue,
            Leaves::Archived(archived) => archived,
            Leaves::Nothing => {
                sqlx::query("delete from sync.archive where kind = $1 and id = $2")
                    .bind(shape::kind(&opening.doc))
                    .bind(opening.doc.id)
                    .execute(&mut *conn)
                    .await?;
                continue;
            }
        };
        let [rooms, keys]: [Vec<&str>; 2] = [
            archived.iter().map(|old| old.room).collect(),
            archived.iter().map(|old| old.key.as_str()).collect(),
        ];
        let times: Vec<i64> = archived.iter().map(|old| old.at.ms()).collect();
        let values: Vec<&[u8]> = archived.iter().map(|old| old.value.as_slice()).collect();
        sqlx::query(
            "insert into sync.archive (kind, id, generation, room, key, at, value)
             select $1, $2, $3, room, key, to_timestamp(at / 1000.0), value
             from unnest($4::text[], $5::text[], $6::bigint[], $7::bytea[]) as new (room, key, at, value)
             on conflict (kind, id, room, key) do nothing",
        )
        .bind(shape::kind(&opening.doc))
        .bind::<Uuid>(opening.doc.id)
        .bind(shape::small(opening.generation)?)
        .bind(rooms)
        .bind(keys)
        .bind(times)
        .bind(values)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
