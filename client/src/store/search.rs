//! Search: the words under which a document is found, and the query for what a person typed.

use rusqlite::{Connection, OptionalExtension, params};

/// The words of one document, its name apart; hashed to know when they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    name: String,
    others: String,
}

impl Words {
    pub fn of<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Self {
        let others: Vec<&str> = others.into_iter().filter(|part| !part.is_empty()).collect();
        Self { name: name.to_owned(), others: others.join(" ") }
    }

    /// FNV-1a.
    pub fn hash(&self) -> i64 {
        let bytes = self.name.bytes().chain([0]).chain(self.others.bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash.cast_signed()
    }
}

/// The table in which the words of a list are found.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    pub table: &'static str,
    /// Names stand apart in it.
    pub named: bool,
}

impl Index {
    /// Before the row itself is written: the index is left alone when the words are the same.
    pub fn put(&self, conn: &Connection, rows: &str, row: i64, words: &Words) -> rusqlite::Result<()> {
        let old = format!("SELECT search FROM {rows} WHERE row = ?1");
        let old: Option<i64> = conn.prepare_cached(&old)?.query_row([row], |row| row.get(0)).optional()?;
        if old == Some(words.hash()) {
            return Ok(());
        }
        let (columns, values) = if self.named { ("name, words", "?2, ?3") } else { ("words", "?2 || ?3") };
        let put = format!("INSERT OR REPLACE INTO {} (rowid, {columns}) VALUES (?1, {values})", self.table);
        conn.prepare_cached(&put)?.execute(params![row, words.name, words.others]).map(drop)
    }

    pub fn drop(&self, conn: &Connection, row: i64) -> rusqlite::Result<()> {
        let gone = format!("DELETE FROM {} WHERE rowid = ?1", self.table);
        conn.prepare_cached(&gone)?.execute([row]).map(drop)
    }

    /// Merges the index: what was dropped from it is then no longer in the file.
    pub fn wipe(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.tell(conn, "optimize")
    }

    /// Takes everything out of it.
    pub fn clear(&self, conn: &Connection) -> rusqlite::Result<()> {
        self.tell(conn, "delete-all")
    }

    fn tell(&self, conn: &Connection, what: &str) -> rusqlite::Result<()> {
        let Self { table, .. } = self;
        conn.prepare_cached(&format!("INSERT INTO {table} ({table}) VALUES (?1)"))?.execute([what]).map(drop)
    }
}

/// What was typed, as queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Every word must begin a word of the document.
    pub all: String,
    /// How well a name fits, the best first: it begins with the words that were typed; they all stand in it; it
    /// begins with what was typed so far; that stands in it as it was typed; each word begins one of its words.
    pub name: [String; 5],
}

/// `None` when nothing that can be searched for was typed.
pub fn query(typed: &str) -> Option<Typed> {
    let letters = |word: &str| -> Vec<String> {
        let parts = word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let words: Vec<String> = typed
        .split_whitespace()
        .map(|word| letters(word).join(" "))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return None;
    }
    let each =
        |star: &str| words.iter().map(|word| format!("\"{word}\"{star}")).collect::<Vec<_>>().join(" ");
    let phrase = words.join(" ");
    Some(Typed {
        all: each("*"),
        name: [
            format!("name : ^ \"{phrase}\""),
            format!("name : ({})", each("")),
            format!("name : ^ \"{phrase}\" *"),
            format!("name : \"{phrase}\" *"),
            format!("name : ({})", each("*")),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_query_that_cannot_be_malformed() {
        for (typed, expected) in [
            ("oak ch", Some("\"oak\"* \"ch\"*")),
            ("T1-10", Some("\"T1 10\"*")),
            ("  \"NEAR( ", Some("\"NEAR\"*")),
            (" - \" ", None),
            ("", None),
        ] {
            assert_eq!(query(typed).map(|typed| typed.all).as_deref(), expected, "{typed:?}");
        }
    }
}
