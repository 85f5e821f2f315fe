//! What waits to be sent, and what needs its user's attention.

use waybill_shared::{
    doc::Hash,
    edit::{Edit, Verdict},
    id::EditId,
    session::store::{EditState, StoreError, StoredEdit},
    time::Timestamp,
};

use super::Reader;
use crate::store::{FileHere, attachments, read};

/// An entry that waits to be sent or judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub id: EditId,
    pub words: String,
    pub since: Timestamp,
}

/// An entry of the needs-attention list.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    pub edit: Edit,
    pub verdict: Verdict,
    pub words: String,
    pub since: Timestamp,
}

impl Reader {
    pub fn waiting(&self, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = "SELECT id, words, since FROM edit WHERE state = 'pending' ORDER BY counter LIMIT ?1";
        read::rows(&self.conn, sql, [limit], |row| {
            Ok(Waiting {
                id: EditId::new(uuid::Uuid::from_bytes(row.get(0)?)),
                words: row.get(1)?,
                since: Timestamp::from_unix_ms(row.get(2)?),
            })
        })
    }

    pub fn count_waiting(&self) -> Result<u32, StoreError> {
        read::count_pending(&self.conn)
    }

    /// Since when the oldest waits.
    pub fn waiting_since(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.waiting(1)?.first().map(|waiting| waiting.since))
    }

    /// Oldest first.
    pub fn attention(&self) -> Result<Vec<Attention>, StoreError> {
        let found = read::edits(&self.conn, "WHERE state = 'attention' ORDER BY since, counter", [])?;
        Ok(found.into_iter().filter_map(attention).collect())
    }

    pub fn count_attention(&self) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM edit WHERE state = 'attention'";
        let count = read::rows(&self.conn, sql, [], |row| row.get(0))?;
        Ok(count.first().copied().unwrap_or(0))
    }

    /// A photo or paper is on this device.
    pub fn has_file(&self, content: Hash) -> Result<bool, StoreError> {
        attachments::is_whole(&self.conn, content)
    }

    /// How it stands on this device.
    pub fn file_here(&self, content: Hash) -> Result<FileHere, StoreError> {
        attachments::here(&self.conn, content)
    }

    /// Its bytes, if they are all here.
    pub fn file(&self, content: Hash) -> Result<Option<Vec<u8>>, StoreError> {
        attachments::whole(&self.conn, content)
    }

    pub fn edit(&self, id: EditId) -> Result<Option<StoredEdit>, StoreError> {
        Ok(read::edits(&self.conn, "WHERE id = ?1", [uuid::Uuid::from(id).into_bytes()])?.pop())
    }
}

fn attention(stored: StoredEdit) -> Option<Attention> {
    match stored.state {
        EditState::Attention { verdict } => {
            Some(Attention { edit: stored.edit, verdict, words: stored.words, since: stored.since })
        }
        _ => None,
    }
}
