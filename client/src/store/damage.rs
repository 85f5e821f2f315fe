//! What rotted in the file, found by the sums: entries are set aside as they are, documents that the server has are left
//! to be fetched anew, and the rest is made again from what is whole. Nothing is deleted that was not set aside.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params, types::ValueRef};
use uuid::Uuid;
use waybill_shared::{
    doc::Hash,
    edit::Edit,
    erasure,
    kind::{DocAddr, DocKind},
    session::store::{EditState, StoreError, StoredEdit, Write},
    time::Timestamp,
};

use super::{Store, attachments, read, spare, sum, words::told, write};

/// What was found, by the rows in which it lies.
#[derive(Debug, Default)]
pub struct Damage {
    edits: Vec<Hurt>,
    /// Entries that are whole and not listed under the documents that they work on.
    unlisted: Vec<StoredEdit>,
    /// Documents that are not what the server gave.
    lost: Vec<i64>,
    /// Photos and papers that are not what their name says.
    files: Vec<Hash>,
    /// Documents to be shown anew from what is confirmed and what waits.
    pub again: BTreeSet<DocAddr>,
    /// Something that stands twice is not twice the same.
    copies: bool,
    /// An index does not agree with its table.
    indexes: bool,
}

#[derive(Debug)]
struct Hurt {
    row: i64,
    docs: BTreeSet<DocAddr>,
}

impl Damage {
    pub fn is_none(&self) -> bool {
        self.edits.is_empty()
            && self.unlisted.is_empty()
            && self.lost.is_empty()
            && self.again.is_empty()
            && self.files.is_empty()
            && !self.copies
            && !self.indexes
    }

    /// How many entries are to be set aside.
    pub fn entries(&self) -> usize {
        self.edits.len()
    }

    /// How many documents are to be fetched anew.
    pub fn documents(&self) -> usize {
        self.lost.len()
    }
}

/// States in which nothing of an entry is to be shown any more as its own.
const SETTLED: [&[u8]; 4] = [b"accepted", b"rewritten", b"discarded", b"attention"];

impl Store {
    /// Something that was read did not hold since this was asked last.
    pub fn take_doubt(&self) -> bool {
        self.doubt.replace(false)
    }

    /// While it is so, what rotted is read as if it were not there.
    pub fn leniently(&self, lenient: bool) {
        self.lenient.set(lenient);
    }

    /// Looks at every entry, and `wholly` at all else as well.
    pub fn look_for_damage(&self, wholly: bool) -> Result<Damage, StoreError> {
        let mut damage = Damage::default();
        self.look_at_edits(&mut damage)?;
        for row in spare::ALL {
            damage.copies |= spare::is_damaged(&self.conn, row)?;
        }
        if wholly {
            self.look_at_parts(&mut damage)?;
            self.look_at_documents(&mut damage)?;
            damage.files = self.rotten_files()?;
            let checked: Vec<String> =
                read::rows(&self.conn, "PRAGMA integrity_check('edit')", [], |row| row.get(0))?;
            damage.indexes = checked.iter().any(|line| line != "ok");
        }
        Ok(damage)
    }

    /// One that could not be sent before for what rotted in it is not told of again.
    fn rotten_files(&self) -> Result<Vec<Hash>, StoreError> {
        let mut rotten = Vec::new();
        for content in attachments::rotten(&self.conn).map_err(told)? {
            if !attachments::here(&self.conn, content)?.stuck {
                rotten.push(content);
            }
        }
        Ok(rotten)
    }

    fn look_at_edits(&self, damage: &mut Damage) -> Result<(), StoreError> {
        // Along the table itself: an index may lead past a row.
        let sql = format!("SELECT row, state, body FROM edit NOT INDEXED WHERE sum IS NOT {}", sum::EDIT);
        let hurt = read::rows(&self.conn, &sql, [], |row| {
            Ok((row.get::<_, i64>(0)?, bytes(row, 1)?, bytes(row, 2)?))
        })?;
        for (row, state, body) in hurt {
            let listed = "SELECT kind, id FROM edit_part WHERE edit = ?1";
            let mut docs: BTreeSet<DocAddr> =
                read::rows(&self.conn, listed, [row], addr)?.into_iter().flatten().collect();
            docs.extend(edit(&body).iter().flat_map(|edit| edit.docs().collect::<Vec<_>>()));
            if !SETTLED.contains(&state.as_slice()) {
                damage.again.extend(&docs);
            }
            damage.edits.push(Hurt { row, docs });
        }
        Ok(())
    }

    fn look_at_parts(&self, damage: &mut Damage) -> Result<(), StoreError> {
        let (open, _) = read::edits(&self.conn, "WHERE state IN ('pending', 'attention')", [])?;
        let sql = "SELECT p.kind, p.id, e.id FROM edit_part p JOIN edit e ON e.row = p.edit";
        let listed = read::rows(&self.conn, sql, [], |row| Ok((addr(row)?, bytes(row, 2)?)))?;
        let listed: BTreeSet<(Option<DocAddr>, Vec<u8>)> = listed.into_iter().collect();
        for stored in open {
            let id = Uuid::from(stored.edit.id).into_bytes().to_vec();
            if stored.edit.docs().any(|doc| !listed.contains(&(Some(doc), id.clone()))) {
                if stored.state == EditState::Pending {
                    damage.again.extend(stored.edit.docs());
                }
                damage.unlisted.push(stored);
            }
        }
        Ok(())
    }

    fn look_at_documents(&self, damage: &mut Damage) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT kind, id, row, sum IS {}, on_server IS 0 AND scopes IS '' FROM document NOT INDEXED \
             WHERE sum IS NOT {} OR shown_sum IS NOT {}",
            sum::DOCUMENT,
            sum::DOCUMENT,
            sum::SHOWN
        );
        let hurt = read::rows(&self.conn, &sql, [], |row| {
            Ok((addr(row)?, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?, row.get::<_, bool>(4)?))
        })?;
        for (addr, row, confirmed, only_here) in hurt {
            if confirmed || only_here {
                damage.again.extend(addr);
            } else if let Some(addr) = addr {
                // What waits on it waits on, as it is: it is shown when the document is here again.
                damage.again.remove(&addr);
            }
            if !confirmed {
                damage.lost.push(row);
            }
        }
        Ok(())
    }

    /// Puts away what rotted and writes what was made again in its place, in one transaction.
    pub fn put_right(&mut self, damage: &Damage, writes: &[Write], now: Timestamp) -> Result<(), StoreError> {
        let mut copies = Vec::new();
        for row in spare::ALL.into_iter().filter(|_| damage.copies) {
            copies.extend(spare::whole(&self.conn, row)?.map(|body| (row, body)));
        }
        self.transaction(|conn| {
            copies.iter().try_for_each(|(row, body)| spare::put(conn, *row, body))?;
            // A row whose indexed column rotted is not found by its index, and would not go.
            if damage.indexes || !damage.edits.is_empty() {
                conn.execute_batch("REINDEX edit")?;
            }
            if !damage.unlisted.is_empty() || !damage.edits.is_empty() {
                conn.execute_batch("REINDEX edit_part")?;
            }
            if !damage.lost.is_empty() {
                conn.execute_batch("REINDEX document")?;
            }
            damage.edits.iter().try_for_each(|hurt| set_aside(conn, hurt, now))?;
            damage.unlisted.iter().try_for_each(|stored| write::edit(conn, stored))?;
            damage.lost.iter().try_for_each(|row| write::forget_row(conn, *row))?;
            damage.files.iter().try_for_each(|content| attachments::rots(conn, *content))?;
            write::all(conn, writes)
        })
    }

    /// Its user has read of it; `false`: there is none under this number.
    pub fn strike(&mut self, nth: i64) -> Result<bool, StoreError> {
        let mut struck = 0;
        self.transaction(|conn| {
            struck =
                conn.execute("UPDATE damaged_edit SET struck = 1 WHERE nth = ?1 AND struck = 0", [nth])?;
            Ok(())
        })?;
        Ok(struck > 0)
    }
}

/// What is deleted is the very row that was put by.
fn set_aside(conn: &Connection, hurt: &Hurt, now: Timestamp) -> rusqlite::Result<()> {
    let docs: Vec<u8> = hurt
        .docs
        .iter()
        .flat_map(|doc| std::iter::once(u8::from(doc.kind)).chain(doc.id.into_bytes()))
        .collect();
    let put = conn.execute(
        "INSERT INTO damaged_edit (found, struck, docs, id, counter, state, told, since, pos, resend, words, body, \
             verdict) \
         SELECT ?2, state IS 'discarded', ?3, id, counter, state, told, since, pos, resend, words, body, verdict \
         FROM edit WHERE row = ?1",
        params![hurt.row, now.ms(), docs],
    )?;
    if put == 1 {
        conn.execute("DELETE FROM edit WHERE row = ?1", [hurt.row])?;
    }
    Ok(())
}

/// What is damaged, set aside or not yet, tells nothing any more of a document that was erased.
pub fn erase(conn: &Connection, addr: DocAddr) -> rusqlite::Result<()> {
    let id = addr.id.into_bytes();
    conn.execute(
        "UPDATE damaged_edit SET words = ?2, body = x'', verdict = NULL \
         WHERE instr(docs, ?1) OR instr(CAST(body AS BLOB), ?1)",
        params![id, erasure::ERASED],
    )?;
    let here = format!(
        "UPDATE edit SET words = ?2, body = x'', verdict = NULL WHERE sum IS NOT {} AND (instr(CAST(body AS BLOB), ?1) \
         OR row IN (SELECT edit FROM edit_part WHERE id = ?1))",
        sum::EDIT
    );
    conn.execute(&here, params![id, erasure::ERASED]).map(drop)
}

/// A document, photo or paper is not what was written. Of entries that is known from the beginning.
pub fn is_any(conn: &Connection) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM document NOT INDEXED WHERE sum IS NOT {} OR shown_sum IS NOT {})",
        sum::DOCUMENT,
        sum::SHOWN
    );
    Ok(conn.query_row(&sql, [], |row| row.get(0))? || !attachments::rotten(conn)?.is_empty())
}

/// As it was written, if it reads.
pub fn edit(body: &[u8]) -> Option<Edit> {
    ciborium::from_reader(body).ok()
}

/// Whatever kind of value rotted into it.
pub fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Vec::new(),
    })
}

/// The first two columns, if they are one.
fn addr(row: &Row<'_>) -> rusqlite::Result<Option<DocAddr>> {
    let kind = row.get_ref(0)?.as_i64().ok().and_then(|kind| u8::try_from(kind).ok());
    let id = Uuid::from_slice(&bytes(row, 1)?).ok();
    Ok(kind.zip(id).map(|(kind, id)| DocAddr::new(DocKind::from(kind), id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, file};

    #[test]
    fn what_was_damaged_tells_nothing_of_who_was_erased() {
        let dir = tempfile::tempdir().expect("a directory");
        let now = Timestamp::from_unix_ms(1_763_600_000_000);
        let mut store = Store::open(dir.path(), now).expect("opens");
        let addr = DocAddr::new(DocKind::Customer, Uuid::from_u128(7));
        let id = addr.id.into_bytes();
        let mut body = b"Lund".to_vec();
        body.extend(id);
        for (nth, body) in (0_i64..).zip([&body[..], b"Lund alone", b"somebody else"]) {
            let put = "INSERT INTO edit (row, id, counter, state, told, since, resend, words, body, sum) \
                VALUES (?1, ?2, ?1, 'pending', 0, 0, 0, 'Lund', ?3, 0)";
            store.conn.execute(put, params![nth, [u8::try_from(nth).expect("few")], body]).expect("is put");
        }
        store.conn.execute("INSERT INTO edit_part VALUES (1, 2, ?1)", [id]).expect("is put");
        let told = |store: &Store, table: &str| -> i64 {
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE words = 'Lund' OR instr(CAST(body AS BLOB), 'Lund')"
            );
            store.conn.query_row(&sql, [], |row| row.get(0)).expect("counts")
        };
        assert_eq!(told(&store, "edit"), 3);
        let damage = store.look_for_damage(true).expect("is looked at");
        assert_eq!((damage.entries(), damage.documents()), (3, 0));
        erase(&store.conn, addr).expect("is erased where it stands");
        assert_eq!(told(&store, "edit"), 1, "of what names it nothing is left");
        store.put_right(&damage, &[], now).expect("is set aside");
        assert_eq!((told(&store, "edit"), told(&store, "damaged_edit")), (0, 1));
        erase(&store.conn, addr).expect("is erased where it was put");
        let path = file(dir.path());
        store.close().expect("closes");
        assert!(path.exists());
    }
}
