//! What the session says to write, into the tables.

use rusqlite::{Connection, OptionalExtension, params};
use waybill_shared::{
    doc::Doc,
    erasure,
    kind::{DocAddr, DocKind},
    protocol::codec::encode,
    session::store::{EditState, StoredEdit, Write},
    view::View,
};

use super::{
    attachments, damage,
    prepare::{self, Prepared},
    read::whole,
    rows, spare,
};

pub fn all(conn: &Connection, writes: &[Write]) -> rusqlite::Result<()> {
    let mut epoch = epoch(conn)?;
    prepare::each(writes, |write, prepared| match (write, prepared) {
        (Write::Document(_), Some(prepared)) => document(conn, &prepared, epoch),
        // Every document comes prepared.
        (Write::Document(_), None) => Ok(()),
        (Write::Meta(meta), _) => spare::write(conn, spare::META, meta.as_ref()),
        (Write::Names(names), _) => spare::write(conn, spare::NAMES, names),
        (Write::Edit(stored), _) => edit(conn, stored),
        (Write::MarkStale, _) => {
            epoch += 1;
            conn.execute("UPDATE revision SET epoch = ?1", [epoch]).map(drop)
        }
        (Write::Forget(addr), _) => forget(conn, *addr),
    })?;
    // Otherwise its words would stay in the index until that is next merged.
    if writes.iter().any(leaves_nothing) {
        for write in writes.iter().filter(|write| leaves_nothing(write)) {
            if let Write::Document(erased) = write {
                attachments::refers_to_none(conn, erased.addr)?;
                damage::erase(conn, erased.addr)?;
            }
        }
        attachments::drop_unseen(conn)?;
        rows::wipe(conn)?;
    }
    Ok(())
}

/// What it was is to be nowhere in the file any more.
pub fn leaves_nothing(write: &Write) -> bool {
    match write {
        Write::Forget(_) => true,
        Write::Document(doc) => {
            doc.replaced && (doc.addr.kind.hides_its_past() || erasure::is_erased(&doc.view))
        }
        Write::Meta(_) | Write::Names(_) | Write::Edit(_) | Write::MarkStale => false,
    }
}

/// List rows and search index made anew from the shown documents.
pub fn rebuild(conn: &Connection) -> rusqlite::Result<()> {
    rows::clear(conn)?;
    let mut documents =
        conn.prepare("SELECT row, kind, id, coalesce(shown, confirmed), shown IS NOT NULL FROM document")?;
    let mut found = documents.query([])?;
    while let Some(document) = found.next()? {
        let (row, kind): (i64, u8) = (document.get(0)?, document.get(1)?);
        let (id, saved): ([u8; 16], Vec<u8>) = (document.get(2)?, document.get(3)?);
        let Ok(view) = Doc::load(DocKind::from(kind), &saved).and_then(|doc| View::read(&doc)) else {
            continue;
        };
        if let Some(entry) = rows::entry(uuid::Uuid::from_bytes(id), &view, document.get(4)?) {
            entry.write(conn, row)?;
        }
    }
    Ok(())
}

fn epoch(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("SELECT epoch FROM revision")?.query_row([], |row| row.get(0))
}

fn document(conn: &Connection, prepared: &Prepared<'_>, epoch: i64) -> rusqlite::Result<()> {
    let addr = prepared.doc.addr;
    let row: i64 = conn.prepare_cached(PUT_DOCUMENT)?.query_row(
        params![
            u8::from(addr.kind),
            addr.id.into_bytes(),
            prepared.doc.scopes.to_string(),
            epoch,
            prepared.on_server,
            prepared.heads,
            prepared.confirmed,
            prepared.shown,
            prepared.doc.replaced,
        ],
        |row| row.get(0),
    )?;
    prepared.row.as_ref().map_or(Ok(()), |entry| entry.write(conn, row))
}

// What the server did not have when everything was marked stale is not stale when it has it.
const PUT_DOCUMENT: &str = "INSERT INTO document (kind, id, scopes, epoch, on_server, heads, \
    confirmed, shown, sum, shown_sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
    sum_of(?1, ?2, ?3, ?5, ?6, ?7), sum_of(?1, ?2, ?8)) ON CONFLICT (kind, id) DO UPDATE \
    SET scopes = excluded.scopes, epoch = iif(?9 OR NOT document.on_server, excluded.epoch, document.epoch), \
    on_server = excluded.on_server, heads = excluded.heads, \
    confirmed = excluded.confirmed, shown = excluded.shown, sum = excluded.sum, \
    shown_sum = excluded.shown_sum RETURNING row";

fn forget(conn: &Connection, addr: DocAddr) -> rusqlite::Result<()> {
    let at: Option<i64> = conn
        .prepare_cached("SELECT row FROM document WHERE kind = ?1 AND id = ?2")?
        .query_row(params![u8::from(addr.kind), addr.id.into_bytes()], |row| row.get(0))
        .optional()?;
    at.map_or(Ok(()), |at| forget_row(conn, at))
}

/// Whatever it says of itself.
pub fn forget_row(conn: &Connection, at: i64) -> rusqlite::Result<()> {
    rows::forget(conn, at)?;
    conn.prepare_cached("DELETE FROM document WHERE row = ?1")?.execute([at]).map(drop)
}

pub fn edit(conn: &Connection, stored: &StoredEdit) -> rusqlite::Result<()> {
    let verdict = match &stored.state {
        EditState::Attention { verdict } => Some(encode(verdict)),
        _ => None,
    };
    let row: i64 = conn.prepare_cached(PUT_EDIT)?.query_row(
        params![
            uuid::Uuid::from(stored.edit.id).into_bytes(),
            whole(stored.edit.counter),
            stored.state.name(),
            matches!(stored.state, EditState::Discarded { told: true }),
            stored.since.ms(),
            stored.pos.map(whole),
            stored.resend,
            stored.words,
            encode(&stored.edit),
            verdict,
        ],
        |row| row.get(0),
    )?;
    conn.prepare_cached("DELETE FROM edit_part WHERE edit = ?1")?.execute([row])?;
    if matches!(stored.state, EditState::Pending | EditState::Attention { .. }) {
        let mut put = conn.prepare_cached("INSERT OR IGNORE INTO edit_part VALUES (?1, ?2, ?3)")?;
        for addr in stored.edit.docs() {
            put.execute(params![row, u8::from(addr.kind), addr.id.into_bytes()])?;
        }
    }
    Ok(())
}

const PUT_EDIT: &str = "INSERT INTO edit (id, counter, state, told, since, pos, resend, words, body, verdict, sum) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, sum_of(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)) ON CONFLICT (id) DO UPDATE SET counter = excluded.counter, \
    state = excluded.state, told = excluded.told, since = excluded.since, pos = excluded.pos, resend = excluded.resend, \
    words = excluded.words, body = excluded.body, verdict = excluded.verdict, sum = excluded.sum RETURNING row";
