//! Whether lists tell the truth of what is saved here and not yet accepted.

use std::collections::BTreeSet;

use rusqlite::Connection;
use waybill_shared::{
    kind::DocAddr,
    session::store::{StoreError, StoredEdit},
};

use super::{
    read::{addr, meta, rows, waiting_on},
    rows as lists,
};

/// Documents that a list calls not yet sent though nothing entered on them waits, or the other way round. While all of
/// them are being replaced nobody can say.
pub fn wrongly_told(conn: &Connection) -> Result<BTreeSet<DocAddr>, StoreError> {
    let mut wrong = BTreeSet::new();
    if meta(conn)?.is_loading() {
        return Ok(wrong);
    }
    for list in lists::ALL.iter().map(|list| list.table) {
        let none_waits = format!(
            "SELECT document.kind, document.id FROM {list} AS list JOIN document ON document.row = list.row \
             WHERE list.pending = 1 AND NOT EXISTS (SELECT 1 FROM edit_part JOIN edit ON edit.row = edit_part.edit \
             WHERE edit_part.kind = document.kind AND edit_part.id = document.id AND edit.state = 'pending')"
        );
        wrong.extend(rows(conn, &none_waits, [], addr)?);
        let one_waits = format!(
            "SELECT DISTINCT document.kind, document.id FROM edit JOIN edit_part ON edit_part.edit = edit.row \
             JOIN document ON document.kind = edit_part.kind AND document.id = edit_part.id \
             JOIN {list} AS list ON list.row = document.row WHERE edit.state = 'pending' AND list.pending = 0"
        );
        for doc in rows(conn, &one_waits, [], addr)? {
            // What cannot be run on what is here is sent and not shown.
            let shows = |stored: &StoredEdit| {
                stored.edit.parts.iter().any(|part| part.doc == doc && part.made.is_some())
            };
            if waiting_on(conn, doc)?.iter().any(shows) {
                wrong.insert(doc);
            }
        }
    }
    Ok(wrong)
}
