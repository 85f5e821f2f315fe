//! Where several people work on one device it holds what all of them may see together, and each is shown their own.
//! Every question of the reader goes through here, so that none can show more: while it is somebody's turn who may
//! not see all, views of this connection stand before the tables.

use std::cell::RefCell;

use rusqlite::Connection;
use waybill_shared::{
    kind::DocKind,
    scope::{Scope, Scopes},
    session::store::StoreError,
};

use crate::store::{local, read, rows, words::told};

#[derive(Debug, Default)]
pub(super) struct Own {
    looked: RefCell<Looked>,
}

#[derive(Debug, Default)]
struct Looked {
    /// The commit after which was looked who works here.
    revision: Option<u64>,
    /// What is shown; `None`: everything here.
    shown: Option<Shown>,
}

#[derive(Debug, PartialEq)]
enum Shown {
    Nothing,
    Of(Scopes),
}

impl Own {
    /// Puts the right views up, if something was committed since.
    pub fn see_to(&self, conn: &Connection) -> Result<(), StoreError> {
        let revision = super::revision(conn)?;
        let mut looked = self.looked.borrow_mut();
        if looked.revision == Some(revision) {
            return Ok(());
        }
        let shown = shown(conn)?;
        if shown != looked.shown {
            put_up(conn, shown.as_ref()).map_err(told)?;
            looked.shown = shown;
        }
        looked.revision = Some(revision);
        Ok(())
    }
}

/// What whoever works here now may see, where the device holds more than that; nothing while it is locked.
fn shown(conn: &Connection) -> Result<Option<Shown>, StoreError> {
    let here = read::names(conn)?.here;
    let local = local::read(conn)?;
    if local.is_locked(&here) {
        return Ok(Some(Shown::Nothing));
    }
    let Some(person) = local.person else { return Ok(None) };
    let (own, others): (Vec<_>, Vec<_>) = here.into_iter().partition(|grant| grant.person == person);
    let own = Scopes::held_by(&own).with(&Scope::Everyone.into());
    let more = !Scopes::held_by(&others).without(&own).is_empty();
    Ok(more.then_some(Shown::Of(own)))
}

/// Before the documents and every list; indexes and what stands beside rows are only ever read together with these.
fn put_up(conn: &Connection, shown: Option<&Shown>) -> rusqlite::Result<()> {
    let lists = || rows::ALL.iter().map(|list| list.table);
    let mut sql = String::from("PRAGMA query_only = FALSE; DROP VIEW IF EXISTS temp.document;");
    for list in lists() {
        sql.push_str(&format!("DROP VIEW IF EXISTS temp.{list};"));
    }
    if let Some(shown) = shown {
        let seen = match shown {
            // What the window is called, and how days are counted in it.
            Shown::Nothing => format!("kind = {}", u8::from(DocKind::Settings)),
            Shown::Of(scopes) => {
                // What only waits here has no scopes yet: whoever works on the device sees it.
                let mut seen = vec!["scopes = ''".to_owned()];
                seen.extend(scopes.iter().map(|scope| format!("instr(' ' || scopes || ' ', ' {scope} ')")));
                seen.join(" OR ")
            }
        };
        sql.push_str(&format!("CREATE TEMP VIEW document AS SELECT * FROM main.document WHERE {seen};"));
        for list in lists() {
            sql.push_str(&format!(
                "CREATE TEMP VIEW {list} AS SELECT * FROM main.{list} WHERE row IN \
                (SELECT row FROM main.document WHERE {seen});"
            ));
        }
    }
    sql.push_str("PRAGMA query_only = TRUE;");
    conn.execute_batch(&sql)
}
