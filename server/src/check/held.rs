//! The report rows of what is held against the held edits themselves.

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use waybill_shared::{
    edit::Edit,
    protocol::{decode, limits},
};

use super::{CheckError, Checked};
use crate::reports::HeldRows;

pub async fn check(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), CheckError> {
    let there = HeldRows::read(conn).await?;
    checked.rows += there.len() as u64;
    let right = fresh(conn).await?;
    right.differences(&there).iter().for_each(|difference| checked.wrong(difference));
    Ok(())
}

/// From the held edits as they are stored. One whose words were erased has no rows.
pub async fn fresh(conn: &mut PgConnection) -> Result<HeldRows, CheckError> {
    let mut bodies = sqlx::query_scalar(
        "select body from sync.edit where verdict = 'held' and body is not null order by id",
    )
    .fetch(conn);
    let mut rows = HeldRows::default();
    while let Some(body) = bodies.try_next().await? {
        let body: Vec<u8> = body;
        if let Ok(edit) = decode::<Edit>(&body, limits::CLIENT_FRAME) {
            rows.extend(HeldRows::of(&edit));
        }
    }
    Ok(rows)
}
