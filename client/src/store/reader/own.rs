//! Where several people work on one device it holds what all of them may see together, and each is shown their own.
//! Every question of the reader goes through here, so that none can show more: while it is somebody's turn who may
//! not see all, views of this connection stand before the tables.

use std::cell::RefCell;

use rusqlite::Connection;
use waybill_shared::{
    scope::{Scope, Scopes},
    session::store::StoreError,
};

use crate::store::{local, read, words::told};

/// Lists and what each row is of; the search indexes and barcodes are only ever read together with them.
const LISTS: [&str; 4] = ["order_row", "customer_row", "product_row", "location_row"];

#[derive(Debug, Default)]
pub(super) struct Own {
    looked: RefCell<Looked>,
}

#[derive(Debug, Default)]
struct Looked {
    /// The commit after which was looked who works here.
    revision: Option<u64>,
    /// What is shown; `None`: everything here.
    scopes: Option<Scopes>,
}

impl Own {
    /// Puts the right views up, if something was committed since.
    pub fn see_to(&self, conn: &Connection) -> Result<(), StoreError> {
        let revision = super::revision(conn)?;
        let mut looked = self.looked.borrow_mut();
        if looked.revision == Some(revision) {
            return Ok(());
        }
        let scopes = scopes(conn)?;
        if scopes != looked.scopes {
            put_up(conn, scopes.as_ref()).map_err(told)?;
            looked.scopes = scopes;
        }
        looked.revision = Some(revision);
        Ok(())
    }
}

/// What whoever works here now may see, where the device holds more than that.
fn scopes(conn: &Connection) -> Result<Option<Scopes>, StoreError> {
    let here = read::names(conn)?.here;
    let Some(person) = local::read(conn).map_err(told)?.person else { return Ok(None) };
    let (own, others): (Vec<_>, Vec<_>) = here.into_iter().partition(|grant| grant.person == person);
    let own = Scopes::held_by(&own).with(&Scope::Everyone.into());
    let more = !Scopes::held_by(&others).without(&own).is_empty();
    Ok(more.then_some(own))
}

fn put_up(conn: &Connection, scopes: Option<&Scopes>) -> rusqlite::Result<()> {
    let mut sql = String::from("PRAGMA query_only = FALSE; DROP VIEW IF EXISTS temp.document;");
    for list in LISTS {
        sql.push_str(&format!("DROP VIEW IF EXISTS temp.{list};"));
    }
    if let Some(scopes) = scopes {
        // What only waits here has no scopes yet: whoever works on the device sees it.
        let mut seen = vec!["scopes = ''".to_owned()];
        seen.extend(scopes.iter().map(|scope| format!("instr(' ' || scopes || ' ', ' {scope} ')")));
        let seen = seen.join(" OR ");
        sql.push_str(&format!("CREATE TEMP VIEW document AS SELECT * FROM main.document WHERE {seen};"));
        for list in LISTS {
            sql.push_str(&format!(
                "CREATE TEMP VIEW {list} AS SELECT * FROM main.{list} WHERE row IN \
                (SELECT row FROM main.document WHERE {seen});"
            ));
        }
    }
    sql.push_str("PRAGMA query_only = TRUE;");
    conn.execute_batch(&sql)
}
