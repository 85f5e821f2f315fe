//! What waits to be sent, and what needs its user's attention.

use rusqlite::Row;
use waybill_shared::{
    doc::Hash,
    edit::{Edit, Verdict},
    erasure,
    finding::{Finding, Rule},
    id::EditId,
    kind::{DocAddr, DocKind},
    session::store::{EditState, StoreError, StoredEdit},
    texts,
    time::Timestamp,
};

use super::Reader;
use crate::store::{FileHere, attachments, damage, read, sum};

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

impl Attention {
    /// It was erased here, and stands as it was before that on a server that was put back without the list of erasures:
    /// there is nothing in it that somebody could decide.
    pub fn is_back_on_the_server(&self) -> bool {
        let in_use = |finding: &Finding| finding.rule == Rule::IdInUse;
        self.words.starts_with(erasure::ERASED) && self.verdict.findings().iter().any(in_use)
    }
}

/// What is said of all of those at once.
pub fn back_words(count: usize) -> String {
    format!(
        "{} of erased customers: the server was put back from a backup without the list of erasures, and has them as \
         they were",
        entries(count)
    )
}

pub const BACK_REMEDY: &str = "Whoever runs the server erases those customers again (waybill-server erase NUMBER --yes); \
    here nothing is to be entered again: give the entries up (waybill attention discard erased).";

pub fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// An entry that is not what was entered any more, with what can be read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Damaged {
    /// `None`: it is set aside when Waybill next works with the file.
    pub nth: Option<i64>,
    pub words: Option<String>,
    pub since: Option<Timestamp>,
    pub docs: Vec<DocAddr>,
    /// The server had it before.
    pub sent: bool,
}

impl Damaged {
    /// As the list names it.
    pub fn name(&self) -> String {
        self.nth.map_or_else(|| "damaged".to_owned(), |nth| format!("damaged-{nth}"))
    }

    /// What it was, as far as it can be read.
    pub fn told(&self) -> String {
        match &self.words {
            Some(words) => format!("Damaged on this device; as far as it can be read: “{words}”"),
            None => "Damaged on this device; what it was cannot be read".to_owned(),
        }
    }

    /// What became of it, and what to do.
    pub const fn advice(&self) -> &'static str {
        if self.sent {
            "The server had it before that, so nothing is lost by it, and nothing is to be done."
        } else {
            "It was not sent. Look whether what it says is there, and enter it again if it is not."
        }
    }
}

/// Entries whose bytes do not matter any more are not among them.
const DAMAGED: &str = "SELECT nth, words, since, state, docs FROM damaged_edit WHERE NOT struck ORDER BY nth";

/// The first moment that an entry can be of, and one after the last.
const TIMES: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

impl Reader {
    pub fn waiting(&self, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT id, words, since FROM edit WHERE state = 'pending' AND sum IS {} ORDER BY counter LIMIT ?1",
            sum::EDIT
        );
        read::rows(&self.conn, &sql, [limit], |row| {
            Ok(Waiting {
                id: EditId::new(uuid::Uuid::from_bytes(row.get(0)?)),
                words: row.get(1)?,
                since: Timestamp::from_unix_ms(row.get(2)?),
            })
        })
    }

    pub fn count_waiting(&self) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM edit WHERE state = 'pending' AND sum IS {}", sum::EDIT);
        let count = read::rows(&self.conn, &sql, [], |row| row.get(0))?;
        Ok(count.first().copied().unwrap_or(0))
    }

    /// Since when the oldest waits.
    pub fn waiting_since(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.waiting(1)?.first().map(|waiting| waiting.since))
    }

    /// Oldest first.
    pub fn attention(&self) -> Result<Vec<Attention>, StoreError> {
        let (found, _) = read::edits(&self.conn, "WHERE state = 'attention' ORDER BY since, counter", [])?;
        Ok(found.into_iter().filter_map(attention).collect())
    }

    /// Damaged entries that their user has not read of, also those that are still where they were.
    pub fn damaged(&self) -> Result<Vec<Damaged>, StoreError> {
        let mut all = read::rows(&self.conn, DAMAGED, [], damaged)?;
        let here = format!(
            "SELECT NULL, words, since, state, x'' FROM edit NOT INDEXED WHERE sum IS NOT {} \
             AND state IS NOT 'discarded'",
            sum::EDIT
        );
        all.extend(read::rows(&self.conn, &here, [], damaged)?);
        Ok(all)
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
        let (mut found, _) = read::edits(&self.conn, "WHERE id = ?1", [uuid::Uuid::from(id).into_bytes()])?;
        Ok(found.pop())
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

fn damaged(row: &Row<'_>) -> rusqlite::Result<Damaged> {
    let words = String::from_utf8(damage::bytes(row, 1)?).ok().filter(|words| !words.is_empty());
    let since = row.get_ref(2)?.as_i64().ok().filter(|ms| TIMES.contains(ms));
    let state = damage::bytes(row, 3)?;
    let docs = damage::bytes(row, 4)?;
    let doc = |bytes: &[u8]| {
        let (kind, id) = bytes.split_first()?;
        Some(DocAddr::new(DocKind::from(*kind), uuid::Uuid::from_slice(id).ok()?))
    };
    Ok(Damaged {
        nth: row.get(0)?,
        words: words.map(|words| texts::clean(&words).into_owned()),
        since: since.map(Timestamp::from_unix_ms),
        docs: docs.chunks_exact(17).filter_map(doc).collect(),
        sent: state == b"accepted" || state == b"rewritten",
    })
}
