//! Every edit is exactly one thing: what was last said of it in the log.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::{CheckError, Checked};

const QUESTIONS: &[(&str, &str)] = &[
    (
        "select e.id from sync.edit e left join sync.feed f on f.pos = e.pos and f.edit = e.id
         where f.pos is null and e.pos > (select pos from sync.trimmed)",
        "its verdict is not in the log",
    ),
    (
        "select e.id from sync.edit e join sync.feed f on f.pos = e.pos and f.edit = e.id
         where (f.verdict, f.attempt, f.device) <> (e.verdict, e.attempt, e.device)",
        "the log says another thing of it than is stored with it",
    ),
    (
        "select e.id from sync.edit e join (select edit, max(pos) as pos from sync.feed group by edit) f
             on f.edit = e.id
         where f.pos > e.pos",
        "the log has a later word on it than is stored with it",
    ),
    (
        "select f.edit from sync.feed f where not exists (select from sync.edit e where e.id = f.edit)",
        "the log speaks of it, but it is not stored",
    ),
    (
        "select f.edit from sync.feed f where f.verdict in ('accepted', 'rewritten')
         group by f.edit having count(*) > 1",
        "it was accepted more than once",
    ),
    (
        "select f.edit from sync.feed f join sync.edit e on e.id = f.edit and e.attempt = f.attempt
         where f.verdict = 'held' and e.verdict <> 'held'
           and not exists (select from sync.review r where r.edit = e.id and r.pos = e.pos)",
        "it was held, and is not any more without a manager's word",
    ),
    (
        "select r.edit from sync.review r left join sync.edit e on e.id = r.edit and e.pos = r.pos
         where e.id is null or (r.decision = 'discard') <> (e.verdict = 'discarded')
            or e.verdict not in ('accepted', 'rewritten', 'discarded')",
        "a manager decided something else of it",
    ),
];

pub async fn check(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), CheckError> {
    let edits: i64 = sqlx::query_scalar("select count(*) from sync.edit").fetch_one(&mut *conn).await?;
    checked.edits = edits.unsigned_abs();
    for (question, what) in QUESTIONS {
        for row in sqlx::query(*question).fetch_all(&mut *conn).await? {
            let id: Uuid = row.try_get(0)?;
            checked.wrong(format!("edit {}: {what}", id.simple()));
        }
    }
    Ok(())
}
