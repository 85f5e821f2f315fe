//! The bytes of photos and papers on this device: those attached here until the server has them, and those that were
//! looked at, as long as a document here refers to them and there is room.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use waybill_shared::{
    attachment,
    doc::Hash,
    id::EditId,
    kind::DocAddr,
    protocol::limits,
    session::store::{StoreError, Write},
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
    pub bytes: Vec<u8>,
}

/// What the server does not have yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub content: Hash,
    pub edit: EditId,
}

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
        let sql = "SELECT coalesce(sum(size), 0) FROM attachment WHERE edit IS NOT NULL AND NOT sent";
        let own: i64 = read::prepare(&self.conn, sql)?.query_row([], |row| row.get(0)).map_err(told)?;
        Ok(own.saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX)) <= MOST)
    }

    /// The oldest that was attached here by an edit that the server has judged, and that it does not have; but for
    /// these.
    pub fn next_unsent(&self, except: &[Hash]) -> Result<Option<Unsent>, StoreError> {
        let sql = "SELECT content, edit FROM attachment a WHERE edit IS NOT NULL AND NOT sent AND NOT stuck \
            AND EXISTS (SELECT 1 FROM edit e WHERE e.id = a.edit AND e.state NOT IN ('pending', 'discarded')) \
            ORDER BY at, content";
        let all = read::rows(&self.conn, sql, [], |row| {
            let (content, edit): ([u8; 32], [u8; 16]) = (row.get(0)?, row.get(1)?);
            Ok(Unsent { content: Hash(content), edit: EditId::new(Uuid::from_bytes(edit)) })
        })?;
        Ok(all.into_iter().find(|unsent| !except.contains(&unsent.content)))
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

    /// The server has it.
    pub fn file_sent(&mut self, content: Hash) -> Result<(), StoreError> {
        self.transaction(|conn| {
            conn.execute("UPDATE attachment SET sent = 1 WHERE content = ?1", [content.0])?;
            drop_unseen(conn)
        })
    }

    /// The server does not take it. It is kept, and not offered again.
    pub fn file_stuck(&mut self, content: Hash) -> Result<(), StoreError> {
        self.transaction(|conn| {
            conn.execute("UPDATE attachment SET stuck = 1 WHERE content = ?1", [content.0]).map(drop)
        })
    }

    /// The server's log is another one, which may lack what was sent.
    pub fn offer_files_again(&mut self) -> Result<(), StoreError> {
        self.transaction(|conn| {
            conn.execute("UPDATE attachment SET sent = 0, stuck = 0 WHERE edit IS NOT NULL", []).map(drop)
        })
    }

    /// What is looked at from this document is to be fetched: from which chunk on; `None`: it is here.
    pub fn fetches_file(
        &mut self,
        doc: DocAddr,
        content: Hash,
        size: i64,
        now: Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        let mut next = None;
        self.transaction(|conn| {
            make_room(conn, size)?;
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
            next = (!whole).then_some(count);
            Ok(())
        })?;
        Ok(next)
    }

    /// One more chunk of what is fetched; `true`: it is whole now. Bytes that are not those of the content are thrown
    /// away, all of them.
    pub fn file_fetched(&mut self, content: Hash, nth: u32, bytes: &[u8]) -> Result<bool, StoreError> {
        let mut whole = false;
        self.transaction(|conn| {
            conn.execute(
                "INSERT OR REPLACE INTO attachment_chunk (content, nth, bytes) VALUES (?1, ?2, ?3)",
                params![content.0, nth, bytes],
            )?;
            let size: i64 =
                conn.query_row("SELECT size FROM attachment WHERE content = ?1", [content.0], |row| {
                    row.get(0)
                })?;
            if nth + 1 < attachment::chunks(size) {
                return Ok(());
            }
            whole = attachment::hash(&bytes_of(conn, content)?) == content;
            match whole {
                true => conn.execute("UPDATE attachment SET whole = 1 WHERE content = ?1", [content.0]),
                false => conn.execute("DELETE FROM attachment_chunk WHERE content = ?1", [content.0]),
            }
            .map(drop)
        })?;
        Ok(whole)
    }
}

pub fn count_unsent(conn: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM attachment a WHERE edit IS NOT NULL AND NOT sent AND NOT stuck \
        AND EXISTS (SELECT 1 FROM edit e WHERE e.id = a.edit AND e.state <> 'discarded')";
    read::prepare(conn, sql)?.query_row([], |row| row.get(0)).map_err(told)
}

/// All of it, if it is here whole.
pub fn whole(conn: &Connection, content: Hash) -> Result<Option<Vec<u8>>, StoreError> {
    let here: Option<bool> = read::prepare(conn, "SELECT whole FROM attachment WHERE content = ?1")?
        .query_row([content.0], |row| row.get(0))
        .optional()
        .map_err(told)?;
    match here {
        Some(true) => bytes_of(conn, content).map(Some).map_err(told),
        _ => Ok(None),
    }
}

pub fn is_whole(conn: &Connection, content: Hash) -> Result<bool, StoreError> {
    read::prepare(conn, "SELECT EXISTS (SELECT 1 FROM attachment WHERE content = ?1 AND whole)")?
        .query_row([content.0], |row| row.get(0))
        .map_err(told)
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
    conn.execute_batch(
        "DELETE FROM attachment_of WHERE NOT EXISTS (
             SELECT 1 FROM document d WHERE d.kind = attachment_of.kind AND d.id = attachment_of.id);
         DELETE FROM attachment WHERE (edit IS NULL OR sent)
             AND NOT EXISTS (SELECT 1 FROM attachment_of o WHERE o.content = attachment.content);
         DELETE FROM attachment WHERE edit IN (SELECT id FROM edit WHERE state = 'discarded');",
    )
}

fn attach(conn: &Connection, edit: EditId, file: &NewFile, now: Timestamp) -> rusqlite::Result<()> {
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    make_room(conn, size)?;
    conn.execute(
        "INSERT INTO attachment (content, size, whole, edit, at) VALUES (?1, ?2, 1, ?3, ?4) \
         ON CONFLICT (content) DO UPDATE SET whole = 1, edit = excluded.edit, sent = 0, stuck = 0",
        params![file.content.0, size, Uuid::from(edit).into_bytes(), now.ms()],
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

/// What the server has goes first, the oldest before.
fn make_room(conn: &Connection, size: i64) -> rusqlite::Result<()> {
    loop {
        let used: i64 =
            conn.query_row("SELECT coalesce(sum(size), 0) FROM attachment", [], |row| row.get(0))?;
        if used.saturating_add(size) <= MOST {
            return Ok(());
        }
        let gone = conn.execute(
            "DELETE FROM attachment WHERE content = (
                 SELECT content FROM attachment WHERE edit IS NULL OR sent ORDER BY at LIMIT 1)",
            [],
        )?;
        if gone == 0 {
            return Ok(());
        }
    }
}

fn bytes_of(conn: &Connection, content: Hash) -> rusqlite::Result<Vec<u8>> {
    let mut chunks =
        conn.prepare_cached("SELECT bytes FROM attachment_chunk WHERE content = ?1 ORDER BY nth")?;
    let all: Vec<Vec<u8>> = chunks.query_map([content.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(all.concat())
}
