//! The bytes of photos and papers on this device: those attached here until the server has them, and those that were
//! looked at, as long as a document here refers to them and there is room.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use waybill_shared::{
    attachment,
    doc::Hash,
    id::EditId,
    kind::DocAddr,
    protocol::limits,
    session::store::{EditState, StoreError, Write},
    time::Timestamp,
};

use super::{Store, read, words::told, write};

/// Bytes of photos and papers that a device keeps.
pub const MOST: i64 = 512 * 1024 * 1024;

/// What is attached with an edit.
#[derive(Debug)]
pub struct NewFile {
    pub doc: DocAddr,
    pub content: Hash,
    pub bytes: Arc<[u8]>,
}

/// What the server does not have yet by this edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub content: Hash,
    pub edit: EditId,
    pub size: i64,
}

/// Where a content is to be fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetches {
    Here,
    /// From this chunk on.
    From(u32),
    /// What the server lacks takes all the room there is.
    NoRoom,
}

/// How a content stands on this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileHere {
    pub whole: bool,
    /// Attached here, and the server does not have it yet.
    pub waits: bool,
    /// The server does not take it.
    pub stuck: bool,
    /// The server did not have it when it was asked for.
    pub missing: bool,
}

/// What may not go: the server lacks it, and an entry that is not given up attaches it.
const OWN: &str = "EXISTS (SELECT 1 FROM attachment_by b WHERE b.content = attachment.content AND NOT b.sent \
    AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.id = b.edit AND e.state = 'discarded'))";

/// What is kept for an entry alone that was found damaged waits for nothing.
const BY_WHOLE: &str = "EXISTS (SELECT 1 FROM attachment_by b WHERE b.content = attachment.content AND NOT b.sent \
    AND b.edit NOT IN (SELECT id FROM damaged_edit WHERE id IS NOT NULL))";

impl Store {
    /// An edit with what it attaches, all or nothing.
    pub fn commit_with(
        &mut self,
        writes: &[Write],
        edit: EditId,
        files: &[NewFile],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if files.is_empty() {
            return self.commit(writes);
        }
        self.transaction(|conn| {
            write::all(conn, writes)?;
            files.iter().try_for_each(|file| attach(conn, edit, file, now))
        })
    }

    /// Whether there is room for so many bytes more, if everything goes that the server has, too.
    pub fn has_room_for_files(&self, bytes: usize) -> Result<bool, StoreError> {
        let sql = format!("SELECT coalesce(sum(size), 0) FROM attachment WHERE {OWN}");
        let own: i64 = read::prepare(&self.conn, &sql)?.query_row([], |row| row.get(0)).map_err(told)?;
        Ok(own.saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX)) <= MOST)
    }

    /// The oldest that was attached here by an edit that the server has judged, and that it does not have; but for
    /// these. An edit that is not here any more was accepted long ago.
    pub fn next_unsent(&self, except: &[(Hash, EditId)]) -> Result<Option<Unsent>, StoreError> {
        let sql = "SELECT a.content, b.edit, a.size FROM attachment_by b JOIN attachment a USING (content) \
            WHERE NOT b.sent AND NOT a.stuck AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.id = b.edit \
                AND e.state IN ('pending', 'discarded')) \
                AND b.edit NOT IN (SELECT id FROM damaged_edit WHERE id IS NOT NULL) \
            ORDER BY a.at, a.content, b.edit";
        let all = read::rows(&self.conn, sql, [], |row| {
            let (content, edit): ([u8; 32], [u8; 16]) = (row.get(0)?, row.get(1)?);
            let edit = EditId::new(Uuid::from_bytes(edit));
            Ok(Unsent { content: Hash(content), edit, size: row.get(2)? })
        })?;
        Ok(all.into_iter().find(|unsent| !except.contains(&(unsent.content, unsent.edit))))
    }

    pub fn count_unsent(&self) -> Result<u32, StoreError> {
        count_unsent(&self.conn)
    }

    /// `None`: it is not here.
    pub fn file_chunk(&self, content: Hash, nth: u32) -> Result<Option<Vec<u8>>, StoreError> {
        read::prepare(&self.conn, "SELECT bytes FROM attachment_chunk WHERE content = ?1 AND nth = ?2")?
            .query_row(params![content.0, nth], |row| row.get(0))
            .optional()
            .map_err(told)
    }

    /// The server has it, and knows that this edit attaches it.
    pub fn file_sent(&mut self, content: Hash, edit: EditId) -> Result<(), StoreError> {
        self.transaction(|conn| {
            conn.execute(
                "UPDATE attachment_by SET sent = 1 WHERE content = ?1 AND edit = ?2",
                params![content.0, Uuid::from(edit).into_bytes()],
            )?;
            drop_unseen(conn)
        })
    }

    /// The server does not take it. It is kept, and not offered again.
    pub fn file_stuck(&mut self, content: Hash) -> Result<(), StoreError> {
        self.mark("UPDATE attachment SET stuck = 1 WHERE content = ?1", content)
    }

    /// The server was asked for it, and does not have it.
    pub fn file_missing(&mut self, content: Hash) -> Result<(), StoreError> {
        self.mark("UPDATE attachment SET missing = 1 WHERE content = ?1", content)
    }

    fn mark(&mut self, sql: &str, content: Hash) -> Result<(), StoreError> {
        self.transaction(|conn| conn.execute(sql, [content.0]).map(drop))
    }

    /// The server's log is another one, which may lack what was sent.
    pub fn offer_files_again(&mut self) -> Result<(), StoreError> {
        self.transaction(|conn| {
            conn.execute_batch(
                "UPDATE attachment_by SET sent = 0; UPDATE attachment SET stuck = 0, missing = 0;",
            )
        })
    }

    /// What is looked at from this document is to be fetched.
    pub fn fetches_file(
        &mut self,
        doc: DocAddr,
        content: Hash,
        size: i64,
        now: Timestamp,
    ) -> Result<Fetches, StoreError> {
        let mut fetches = Fetches::NoRoom;
        self.transaction(|conn| {
            if !is_whole_in(conn, content)? && !make_room(conn, size, content)? {
                return Ok(());
            }
            conn.execute(
                "INSERT INTO attachment (content, size, whole, at) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING",
                params![content.0, size, now.ms()],
            )?;
            refer(conn, doc, content)?;
            let (whole, count): (bool, u32) = conn.query_row(
                "SELECT whole, (SELECT count(*) FROM attachment_chunk c WHERE c.content = a.content) \
                 FROM attachment a WHERE content = ?1",
                [content.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            fetches = if whole { Fetches::Here } else { Fetches::From(count) };
            Ok(())
        })?;
        Ok(fetches)
    }

    /// One more chunk of what is fetched; `true`: it is whole now. Bytes that are not those of the content are thrown
    /// away, all of them.
    pub fn file_fetched(&mut self, content: Hash, nth: u32, bytes: &[u8]) -> Result<bool, StoreError> {
        let mut whole = false;
        self.transaction(|conn| {
            let size: Option<i64> = conn
                .query_row("SELECT size FROM attachment WHERE content = ?1", [content.0], |row| row.get(0))
                .optional()?;
            // Its document has left this device meanwhile.
            let Some(size) = size else { return Ok(()) };
            conn.execute(
                "INSERT OR REPLACE INTO attachment_chunk (content, nth, bytes) VALUES (?1, ?2, ?3)",
                params![content.0, nth, bytes],
            )?;
            if nth + 1 < attachment::chunks(size) {
                return Ok(());
            }
            whole = attachment::hash(&bytes_of(conn, content)?) == content;
            match whole {
                true => conn
                    .execute("UPDATE attachment SET whole = 1, missing = 0 WHERE content = ?1", [content.0]),
                false => conn.execute("DELETE FROM attachment_chunk WHERE content = ?1", [content.0]),
            }
            .map(drop)
        })?;
        Ok(whole)
    }
}

pub fn count_unsent(conn: &Connection) -> Result<u32, StoreError> {
    let sql = format!("SELECT count(*) FROM attachment WHERE NOT stuck AND {OWN} AND {BY_WHOLE}");
    read::prepare(conn, &sql)?.query_row([], |row| row.get(0)).map_err(told)
}

/// All of it, if it is here whole.
pub fn whole(conn: &Connection, content: Hash) -> Result<Option<Vec<u8>>, StoreError> {
    if !is_whole(conn, content)? {
        return Ok(None);
    }
    let bytes = bytes_of(conn, content).map_err(told)?;
    Ok((attachment::hash(&bytes) == content).then_some(bytes))
}

/// Those of which bytes rotted.
pub fn rotten(conn: &Connection) -> rusqlite::Result<Vec<Hash>> {
    let mut all = conn.prepare("SELECT content FROM attachment WHERE whole")?;
    let mut found = all.query([])?;
    let mut rotten = Vec::new();
    while let Some(row) = found.next()? {
        let content = Hash(row.get(0)?);
        if attachment::hash(&bytes_of(conn, content)?) != content {
            rotten.push(content);
        }
    }
    Ok(rotten)
}

/// It is fetched anew by whoever looks; what the server does not have is kept as it is, and not offered.
pub fn rots(conn: &Connection, content: Hash) -> rusqlite::Result<()> {
    let stuck =
        conn.execute(&format!("UPDATE attachment SET stuck = 1 WHERE content = ?1 AND {OWN}"), [content.0])?;
    if stuck == 0 {
        conn.execute("DELETE FROM attachment_chunk WHERE content = ?1", [content.0])?;
        conn.execute("UPDATE attachment SET whole = 0 WHERE content = ?1", [content.0])?;
    }
    Ok(())
}

pub fn is_whole(conn: &Connection, content: Hash) -> Result<bool, StoreError> {
    is_whole_in(conn, content).map_err(told)
}

pub fn here(conn: &Connection, content: Hash) -> Result<FileHere, StoreError> {
    let sql = format!("SELECT whole, {OWN}, stuck, missing FROM attachment WHERE content = ?1");
    let here = read::prepare(conn, &sql)?.query_row([content.0], |row| {
        Ok(FileHere { whole: row.get(0)?, waits: row.get(1)?, stuck: row.get(2)?, missing: row.get(3)? })
    });
    Ok(here.optional().map_err(told)?.unwrap_or_default())
}

/// A document is as if nothing had been attached to it.
pub fn refers_to_none(conn: &Connection, doc: DocAddr) -> rusqlite::Result<()> {
    let doc = params![u8::from(doc.kind), doc.id.into_bytes()];
    let alone = "DELETE FROM attachment WHERE content IN (SELECT content FROM attachment_of WHERE kind = ?1 AND id = ?2) \
        AND NOT EXISTS (SELECT 1 FROM attachment_of o WHERE o.content = attachment.content \
            AND NOT (o.kind = ?1 AND o.id = ?2))";
    conn.execute(alone, doc)?;
    conn.execute("DELETE FROM attachment_of WHERE kind = ?1 AND id = ?2", doc).map(drop)
}

/// Documents have left this device: what nothing here refers to any more goes, unless the server still lacks it.
pub fn drop_unseen(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(&format!(
        "DELETE FROM attachment_of WHERE NOT EXISTS (
             SELECT 1 FROM document d WHERE d.kind = attachment_of.kind AND d.id = attachment_of.id);
         DELETE FROM attachment WHERE NOT {OWN}
             AND NOT EXISTS (SELECT 1 FROM attachment_of o WHERE o.content = attachment.content);",
    ))
}

/// What edits attached that never refer to it any more: they were given up before this time, and the server knows, or
/// were changed so that they attach it no more.
pub fn orphans(conn: &Connection, before: i64) -> Result<Vec<(Hash, EditId)>, StoreError> {
    let settled = "WHERE since < ?1 AND state NOT IN ('pending', 'attention') AND id IN (SELECT edit FROM attachment_by)";
    let mut orphans = Vec::new();
    for stored in read::edits(conn, settled, [before])?.0 {
        let edit = stored.edit.id;
        let sql = "SELECT content FROM attachment_by WHERE edit = ?1";
        let attached = read::rows(conn, sql, [Uuid::from(edit).into_bytes()], |row| row.get(0).map(Hash))?;
        let refers = |content: &Hash| match stored.state {
            EditState::Discarded { told } => !told,
            _ => attachment::of_edit(&stored.edit).any(|(_, attach)| attach.content == *content),
        };
        orphans
            .extend(attached.into_iter().filter(|content| !refers(content)).map(|content| (content, edit)));
    }
    Ok(orphans)
}

/// What no other edit of this device attaches goes; where a document refers to it all the same, it is fetched again by
/// whoever looks.
pub fn drop_orphans(conn: &Connection, orphans: &[(Hash, EditId)]) -> rusqlite::Result<()> {
    for (content, edit) in orphans {
        let by = params![content.0, Uuid::from(*edit).into_bytes()];
        conn.execute("DELETE FROM attachment_by WHERE content = ?1 AND edit = ?2", by)?;
        conn.execute(
            "DELETE FROM attachment WHERE content = ?1 \
             AND NOT EXISTS (SELECT 1 FROM attachment_by b WHERE b.content = attachment.content)",
            [content.0],
        )?;
    }
    Ok(())
}

fn attach(conn: &Connection, edit: EditId, file: &NewFile, now: Timestamp) -> rusqlite::Result<()> {
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    // Whoever asks looks first whether there is room.
    make_room(conn, size, file.content)?;
    conn.execute(
        "INSERT INTO attachment (content, size, whole, at) VALUES (?1, ?2, 1, ?3) \
         ON CONFLICT (content) DO UPDATE SET whole = 1, stuck = 0, missing = 0",
        params![file.content.0, size, now.ms()],
    )?;
    conn.execute(
        "INSERT INTO attachment_by (content, edit) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![file.content.0, Uuid::from(edit).into_bytes()],
    )?;
    let mut put = conn.prepare_cached(
        "INSERT OR REPLACE INTO attachment_chunk (content, nth, bytes) VALUES (?1, ?2, ?3)",
    )?;
    for (nth, bytes) in (0_u32..).zip(file.bytes.chunks(limits::ATTACHMENT_CHUNK)) {
        put.execute(params![file.content.0, nth, bytes])?;
    }
    refer(conn, file.doc, file.content)
}

fn refer(conn: &Connection, doc: DocAddr, content: Hash) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR IGNORE INTO attachment_of (content, kind, id) VALUES (?1, ?2, ?3)",
        params![content.0, u8::from(doc.kind), doc.id.into_bytes()],
    )
    .map(drop)
}

/// What the server has goes first, the oldest before; whether there is room then.
fn make_room(conn: &Connection, size: i64, but: Hash) -> rusqlite::Result<bool> {
    loop {
        let used: i64 = conn.query_row(
            "SELECT coalesce(sum(size), 0) FROM attachment WHERE content <> ?1",
            [but.0],
            |row| row.get(0),
        )?;
        if used.saturating_add(size) <= MOST {
            return Ok(true);
        }
        let oldest = format!(
            "DELETE FROM attachment WHERE content = (SELECT content FROM attachment \
             WHERE content <> ?1 AND NOT {OWN} ORDER BY at LIMIT 1)"
        );
        if conn.execute(&oldest, [but.0])? == 0 {
            return Ok(false);
        }
    }
}

fn is_whole_in(conn: &Connection, content: Hash) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM attachment WHERE content = ?1 AND whole)")?
        .query_row([content.0], |row| row.get(0))
}

fn bytes_of(conn: &Connection, content: Hash) -> rusqlite::Result<Vec<u8>> {
    let mut chunks =
        conn.prepare_cached("SELECT bytes FROM attachment_chunk WHERE content = ?1 ORDER BY nth")?;
    let all: Vec<Vec<u8>> = chunks.query_map([content.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(all.concat())
}
